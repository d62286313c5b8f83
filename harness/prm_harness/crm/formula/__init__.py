"""The formula language: grammar to tree to value."""
