"""SOQL: grammar to tree to SQL."""
