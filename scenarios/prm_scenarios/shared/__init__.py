"""What checks of several areas have in common: drawn records and lives, values tried both ways, moments, fates."""
