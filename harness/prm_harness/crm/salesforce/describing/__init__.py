"""What objects, fields, layouts and choices there are, as describes tell it (contract §3)."""
