"""The wire: how Salesforce's API looks from outside."""
