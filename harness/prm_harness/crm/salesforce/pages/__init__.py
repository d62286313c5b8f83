"""What Salesforce's own pages are made of, as far as clients ask for it: list views and quick actions."""
