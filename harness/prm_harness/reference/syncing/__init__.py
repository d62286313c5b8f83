"""One sync: what is read from the CRM and what is written to it, and what can go wrong between."""
