"""One record at a time, what lies below it, and which records changed (contract §5, §10)."""
