"""An adapter's traffic with its PRM: recorded once with a tenant, replayed as often as one likes without."""
