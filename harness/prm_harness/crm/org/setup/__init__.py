"""What admins change while everything is running, and the people they set up."""
