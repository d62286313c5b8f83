"""The standard objects every org starts with, as compact tables."""

from __future__ import annotations

from prm_harness.crm.org.schema import Schema


def standard_schema() -> Schema:
    """A fresh schema holding the standard objects."""
    raise NotImplementedError
