"""Formula fields: their value for a row, for ``get`` and for queries alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from prm_harness.crm.org.schema import Field, Schema, SObjectType

FetchParent = Callable[[str, str], Mapping[str, Any] | None]


def evaluate(
    schema: Schema, sobject_type: SObjectType, field: Field, row: Mapping[str, Any], fetch_parent: FetchParent
) -> Any:
    raise NotImplementedError
