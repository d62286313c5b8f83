"""What the product knows of the CRM's objects and fields, and how they map to its own."""
