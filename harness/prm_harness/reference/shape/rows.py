"""Mapping rows at work: which way a field crosses, and as what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from prm_harness.adapter import MappingRow
from prm_harness.reference.policy import KEEP, OMIT, Policy

Rows = Mapping[str, MappingRow]


def crosses(row: MappingRow | None, way: Literal["to_crm", "to_prm"], *, new: bool) -> bool:
    """Whether a field goes that way when a record is created on the other side (``new``) or changed there."""
    if row is None:
        return True
    return (row.on_create if new else row.on_update) in {"both", way}


def held_back(policy: Policy, row: MappingRow | None, *, new: bool) -> bool:
    """Whether the portal does not send the field: another's, or one that was sent when the record was made."""
    if row is None or crosses(row, "to_crm", new=new):
        return False
    create_only = not new and row.on_create in {"both", "to_crm"}
    return policy.obeys_create_only if create_only else policy.obeys_owner


def let_in(policy: Policy, row: MappingRow | None, *, new: bool) -> bool:
    """Whether the CRM's value is taken."""
    return crosses(row, "to_prm", new=new) or not (new or policy.obeys_create_only)


def as_shown(row: MappingRow | None, value: Any) -> Any:
    """The CRM's value as the portal shows it, or KEEP."""
    if row is None:
        return value
    if value is None and row.when_empty == "keep":
        return KEEP
    return row.values.get(value, value) if isinstance(value, str) else value


def as_sent(row: MappingRow | None, value: Any, *, new: bool) -> Any:
    """The portal's value as the CRM is to get it, or OMIT."""
    if row is None:
        return value
    if row.fixed is not None:
        return row.fixed
    if value is None and row.when_empty == "keep" and not new:
        return OMIT
    back = {shown: crm for crm, shown in row.values.items()}
    return back.get(value, value) if isinstance(value, str) else value


def constants(rows: Rows, *, new: bool) -> dict[str, Any]:
    """What is sent whatever the portal holds."""
    return {
        row.field: row.fixed
        for row in rows.values()
        if row.fixed is not None and crosses(row, "to_crm", new=new)
    }


def not_ours(policy: Policy, rows: Rows, names: Mapping[str, Any], *, new: bool) -> str:
    """Why the portal's form does not take these fields; empty: it takes all."""
    for name in names:
        row = rows.get(name)
        owned = row is not None and (row.on_create if new else row.on_update) == "to_prm"
        if owned and held_back(policy, row, new=new):
            return f"{name} comes from the CRM and cannot be changed here"
    return ""
