"""Orgs as files: what one says, reading and writing it, making the org of it, and importing orgs from elsewhere."""
