"""Certificates: keys, the rule by which one may be issued, the signed bundle, and its verification. Runs no adapter, no CRM."""
