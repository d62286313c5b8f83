"""What an org says about its own make-up in rows: EntityDefinition, FieldDefinition and their kin."""
