"""Settings of the whole test suite: a failing property prints the same example everywhere."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")
