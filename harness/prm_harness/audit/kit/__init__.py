"""The contract kit: what is missing, wrong, slow or dishonest in an adapter, operation by operation, in under a minute."""
