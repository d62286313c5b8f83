"""Who may see and change what: users, permissions, record types by profile, access to objects, fields and rows."""
