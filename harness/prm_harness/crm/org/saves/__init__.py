"""What happens when records are saved, loaded, converted, merged and deleted, in the order of a Salesforce save."""
