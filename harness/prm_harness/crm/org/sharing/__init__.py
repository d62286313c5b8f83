"""Who sees and changes which rows: share objects, the groups that a user belongs to, conditions of SQL."""
