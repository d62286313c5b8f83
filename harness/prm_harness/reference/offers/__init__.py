"""What a product offers besides carrying records, one capability a module; styles take those that they have."""
