"""System validation: required fields, picklist membership, references, uniqueness (contract §4–§6)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.effects import persons
from prm_harness.crm.org.errors import Fault, SaveError
from prm_harness.crm.org.ids import to15
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.org.schema import Field, FieldType
from prm_harness.crm.store.store import StoredRow


def missing(
    core: Core,
    plan: Plan,
    row: StoredRow,
    touched: Collection[str] | None = None,
    refused: Collection[Fault] = (),
) -> list[Fault]:
    """One fault that names every required field without a value; only among ``touched`` ones on update.

    A field whose value was ``refused`` is not missing: the client is told about the value alone.
    """
    needed = [n for n in plan.required if row.get(n) is None]
    if plan.twins:
        needed += persons.missing(core, plan, row)
    names = [n for n in needed if touched is None or n in touched]
    if touched is not None:
        defaulted = (plan.field(n) for n in touched if n != "OwnerId" and row.get(n) is None)
        names += [f.name for f in defaulted if f and not f.nillable and f.name not in names]
    if refused:
        told = {name for fault in refused for name in fault.fields}
        names = [name for name in names if name not in told]
    if not names:
        return []
    return [
        Fault("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", tuple(names))
    ]


def picklists(plan: Plan, row: StoredRow, touched: Mapping[str, Any]) -> list[Fault]:
    """A fault for each written restricted picklist with a value its record type does not have."""
    faults = []
    for field in plan.restricted:
        name, value = field.name, touched.get(field.name)
        if value is None:
            continue
        allowed = plan.allowed(field, row.get("RecordTypeId"))
        chosen = value.split(";") if field.type is FieldType.MULTIPICKLIST else [value]
        faults += [
            Fault(
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                f"{field.label or name}: bad value for restricted picklist field: {one}",
                (name,),
            )
            for one in chosen
            if one not in allowed
        ]
    return faults


def references(core: Core, plan: Plan, touched: Mapping[str, Any]) -> list[Fault]:
    """A fault for each written reference that leads nowhere, to the wrong object, or to a deleted record."""
    faults = []
    for field in plan.references:
        if field.name not in touched:
            continue
        value = touched[field.name]
        if value is not None:
            fault = reference_fault(core, plan, field, value)
        elif field.name == "OwnerId":
            fault = Fault("INVALID_CROSS_REFERENCE_KEY", "Owner ID: owner cannot be blank", ("OwnerId",))
        else:
            fault = None
        if fault is not None:
            faults.append(fault)
    return faults


def reference_fault(core: Core, plan: Plan, field: Field, value: str) -> Fault | None:
    """What is wrong with pointing a reference field at a record; None when nothing is."""
    target = core.target_of(field.reference_to, value)
    if target is None:
        message = f"{field.label or field.name}: id value of incorrect type: {to15(value)}"
        return Fault("MALFORMED_ID", message, (field.name,))
    row = core.store.pick(target.name, value, core.plan(target.name).state)
    if row is None:
        return Fault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    if row.get("IsDeleted"):
        return Fault("ENTITY_IS_DELETED", "entity is deleted")
    if row.get("IsConverted") and target.name == "Lead":
        return Fault("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    if target.name == "Group" and field.name == "OwnerId" and not _takes(core, plan, row):
        message = "Queue not associated with this SObject type"
        return Fault("INVALID_OPERATION", message, ("OwnerId",))
    if field.name == "OwnerId" and row.get("IsActive") == 0:
        message = (
            f"operation performed with inactive user [{to15(value)}] as owner of {plan.obj.label.lower()}"
        )
        return Fault("INACTIVE_OWNER_OR_USER", message)
    return None


def _takes(core: Core, plan: Plan, group: StoredRow) -> bool:
    """Whether a group is a queue for records of this object."""
    sql = 'SELECT 1 FROM "QueueSobject" WHERE "QueueId" = ? AND "SobjectType" = ?'
    return (
        group.get("Type") == "Queue"
        and core.store.connection.execute(sql, (group["Id"], plan.obj.name)).fetchone() is not None
    )


def refuse_duplicates(core: Core, plan: Plan, row: StoredRow, touched: Collection[str]) -> None:
    """Unique fields hold each value once among live records.

    Raises:
        SaveError: DUPLICATE_VALUE, for the first such field.
    """
    for field in plan.unique:
        value = row.get(field.name)
        if value is None or field.name not in touched:
            continue
        for other in core.live_ids(plan.obj, field.name, value, exactly=field.case_sensitive):
            if other != row.get("Id"):
                raise SaveError.of(
                    "DUPLICATE_VALUE",
                    f"duplicate value found: {field.name} duplicates value on record with id: {to15(other)}",
                )
