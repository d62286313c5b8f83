"""A field's value on the wire (JSON) and in its column, and the way between them (contract §4)."""

from __future__ import annotations

from typing import Any

from prm_harness.crm.org.schema import Field


def encode(field: Field, value: Any) -> Any:
    """The column's form of a JSON value; raises SaveError."""
    raise NotImplementedError


def decode(field: Field, stored: Any) -> Any:
    """The JSON form of a column's value."""
    raise NotImplementedError
