"""SOSL and parameterizedSearch: from words to rows (contract §7.2)."""
