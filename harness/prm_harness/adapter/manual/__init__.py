"""An adapter for a product without an API: a person does each step in the portal. ``manual:`` and ``manual:FILE.yaml``."""
