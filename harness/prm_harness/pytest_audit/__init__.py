"""An audit under pytest: one item a check, one campaign for all of them, the harness's own words for how they end."""
