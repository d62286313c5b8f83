"""Which record types a user may give to records, and which one new records of the user get.

A profile offers some of an object's record types and has one of them as its default; permission sets add to them. What is
offered is asked for new records and changed record types only: anyone may see and change records of the others. Source:
Salesforce Help, "How Is Record Type Access Specified?"; refusal: contract §6. A profile that says nothing offers all.
"""

from __future__ import annotations

from collections.abc import Sequence

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.ids import MASTER_RECORD_TYPE
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.org.schema import SObjectType
from prm_harness.crm.store.store import StoredRow

_HOLDERS = """
SELECT "Id", "ProfileId" IS NOT NULL FROM "PermissionSet"
WHERE "ProfileId" IN (SELECT "ProfileId" FROM "User" WHERE "Id" = :user)
   OR "Id" IN (SELECT "PermissionSetId" FROM "PermissionSetAssignment" WHERE "AssigneeId" = :user)
"""


def offer(core: Core, holder: str, sobject: str, names: Sequence[str]) -> None:
    """See Org.offer_record_types."""
    obj = core.object(sobject)
    known = {"Master": MASTER_RECORD_TYPE} | {rt.developer_name: rt.id for rt in obj.record_types.values()}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SaveError.of(
            "INVALID_CROSS_REFERENCE_KEY",
            f"{obj.name} has no record type {', '.join(unknown)}; it has {', '.join(known)}",
        )
    if core.fetch("PermissionSet", holder) is None:
        raise SaveError.of("INVALID_CROSS_REFERENCE_KEY", f"{holder} is no permission set")
    own = core.schema.record_types.setdefault(holder, {})
    if names:
        own[obj.name] = tuple(known[name] for name in names)
    else:
        own.pop(obj.name, None)
    core.schema.version += 1


def offered(core: Core, obj: SObjectType, user: str) -> tuple[frozenset[str] | None, str | None]:
    """Ids of the record types that a user may give (None: all), and the id of the default (None: Master)."""
    active = {rt.id: rt.default for rt in obj.record_types.values() if rt.active}
    usual = next((one for one, default in active.items() if default), None)
    if not core.schema.record_types:
        return None, usual
    own: tuple[str, ...] = ()
    added: set[str] = set()
    for holder, is_profile in core.store.connection.execute(_HOLDERS, {"user": user}):
        given = core.schema.record_types.get(holder, {}).get(obj.name, ())
        own, added = (given, added) if is_profile else (own, added.union(given))
    if not own:
        return None, usual
    first = own[0] if own[0] in active else None
    return frozenset(added.union(own)) & active.keys(), first


def settle(
    core: Core, plan: Plan, row: StoredRow, user: str, *, creating: bool, before: str | None = None
) -> None:
    """Default the record type, and refuse one that is not this object's or not the user's to give.

    Raises:
        SaveError: INVALID_CROSS_REFERENCE_KEY.
    """
    if "RecordTypeId" not in plan.obj.fields:
        return
    chosen = row.get("RecordTypeId")
    if chosen is None:
        row["RecordTypeId"] = offered(core, plan.obj, user)[1] if creating else None
    elif chosen == MASTER_RECORD_TYPE:
        row["RecordTypeId"] = None
    elif plan.record_type(chosen) is None or (
        chosen != before and not may_give(offered(core, plan.obj, user)[0], chosen)
    ):
        raise SaveError.of(
            "INVALID_CROSS_REFERENCE_KEY",
            f"Record Type ID: this ID value isn't valid for the user: {chosen}",
            "RecordTypeId",
        )


def may_give(available: frozenset[str] | None, record_type: str) -> bool:
    """Whether a record type is among those offered."""
    return available is None or record_type in available
