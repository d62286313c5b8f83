"""Share rows: the owner's follows the record, manual ones are written by clients and end with a change of owner (contract §11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.plan import Plan
from prm_harness.crm.org.schema import parent_field
from prm_harness.crm.org.sharing import share_level, share_name
from prm_harness.crm.store.store import StoredRow, quote


def check(_core: Core, row: StoredRow, given: Mapping[str, Any], old: StoredRow | None) -> None:
    """Clients write manual shares only, of reading or editing."""
    cause = (old or row).get("RowCause")
    if old is not None and cause != "Manual":
        raise SaveError.of("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
    if cause != "Manual":
        raise SaveError.of(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"RowCause: bad value for restricted picklist field: {cause}",
            "RowCause",
        )
    for name, value in given.items():
        if name.endswith("AccessLevel") and value == "All":
            raise SaveError.of(
                "FIELD_INTEGRITY_EXCEPTION", f"{name}: bad value for restricted picklist field: All", name
            )


def follow(core: Core, plan: Plan, row: StoredRow, old: StoredRow | None, user: str) -> None:
    """A new record gets its owner's share; another owner's replaces it, and ends manual shares."""
    if old is not None and old.get("OwnerId") == row.get("OwnerId"):
        return
    name, parent = share_name(plan.obj.name), parent_field(plan.obj.name)
    if old is not None:
        ended = core.store.connection.execute(
            f"SELECT \"Id\" FROM {quote(name)} WHERE {quote(parent)} = ? AND \"RowCause\" IN ('Owner', 'Manual')",
            (row["Id"],),
        ).fetchall()
        for (share_id,) in ended:
            core.store.remove(name, share_id)
            core.journal.note(core.journal.moment()[0], user, name, share_id, "delete", {})
    own(core, plan, row["Id"], row["OwnerId"], user)


def own(core: Core, plan: Plan, record_id: str, owner: str, user: str) -> None:
    """The share row of an owner."""
    name = share_name(plan.obj.name)
    shares = core.plan(name)
    levels = {field: "All" for field in shares.obj.fields if field.endswith("AccessLevel")}
    at, stamp = core.journal.moment()
    row: StoredRow = {
        "Id": core.mint.next(shares.obj.key_prefix or "02c"),
        parent_field(plan.obj.name): record_id,
        "UserOrGroupId": owner,
        **levels,
        share_level(plan.obj.name): "All",
        "RowCause": "Owner",
        "LastModifiedDate": stamp,
        "LastModifiedById": user,
        "IsDeleted": 0,
    }
    core.store.insert(name, row)
    core.journal.note(at, user, name, row["Id"], "create", shares.created(row))
