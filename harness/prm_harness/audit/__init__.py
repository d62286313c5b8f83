"""A run: check registry, campaign, barriers, context, settling, evidence capture."""
