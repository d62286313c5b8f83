"""Benchmarks: each hot path beside its peer or its raw limit in one run. ``python -m bench`` prints the table."""
