"""What a check is handed: both sides with a line of evidence for every touch, records and chance drawn from the seed, powers over the CRM."""
