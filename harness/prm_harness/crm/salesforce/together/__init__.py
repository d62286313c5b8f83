"""Several records or several requests in one: collections, composites, batches, graphs and trees (contract §8)."""
