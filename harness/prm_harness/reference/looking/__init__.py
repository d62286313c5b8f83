"""A product without a store of its own: every look is a query, every change a write."""
