"""What may be asked about a query beside its rows: its columns, and how it would be run."""
