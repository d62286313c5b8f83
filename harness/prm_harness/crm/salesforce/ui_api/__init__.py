"""The User Interface API: schema and records as a user interface wants them (contract §3.4)."""
