"""Field history: a row for each tracked field that a save changed (contract §11).

A reference writes two rows, one with ids and one with names; long texts leave their values out; a new record is told by
one row, ``created``. Rows of a record that is deleted for good go with it.
"""

from __future__ import annotations

from typing import Any

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.org.schema import Field, FieldType, SObjectType, parent_field, parent_reference
from prm_harness.crm.store.store import StoredRow, quote
from prm_harness.crm.store.values import TRUTHS, any_value, decode

MOST_TRACKED = 20
"""Fields of one object that can be tracked."""
PREFIX = "017"

_LONG = 255
_DATA_TYPES = {
    FieldType.STRING: "Text",
    FieldType.TEXTAREA: "TextArea",
    FieldType.PICKLIST: "DynamicEnum",
    FieldType.MULTIPICKLIST: "MultiEnum",
    FieldType.REFERENCE: "EntityId",
    FieldType.BOOLEAN: "Boolean",
    FieldType.CURRENCY: "Currency",
    FieldType.DOUBLE: "Double",
    FieldType.INT: "Integer",
    FieldType.PERCENT: "Percent",
    FieldType.DATE: "DateOnly",
    FieldType.DATETIME: "DateTime",
    FieldType.EMAIL: "EmailAddress",
    FieldType.PHONE: "PhoneNumber",
    FieldType.URL: "Url",
}


def history_name(sobject: str) -> str:
    """The object that keeps an object's history."""
    if sobject.endswith("__c"):
        return f"{sobject[:-1]}History"
    return "OpportunityFieldHistory" if sobject == "Opportunity" else f"{sobject}History"


def history_object(parent: SObjectType) -> SObjectType:
    """The history object of an object, with the fields that it has in Salesforce."""
    fixed: dict[str, Any] = {"createable": False, "updateable": False}
    always = {"nillable": False, "defaulted_on_create": True, **fixed}
    fields = (
        Field("Id", FieldType.ID, label=f"{parent.label} History ID", length=18, id_lookup=True, **always),
        Field("IsDeleted", FieldType.BOOLEAN, label="Deleted", default=False, **always),
        parent_reference(parent, "Histories", createable=False),
        Field(
            "CreatedById",
            FieldType.REFERENCE,
            label="Created By ID",
            length=18,
            reference_to=("User",),
            relationship_name="CreatedBy",
            **always,
        ),
        Field("CreatedDate", FieldType.DATETIME, label="Created Date", **always),
        Field(
            "Field",
            FieldType.PICKLIST,
            label="Changed Field",
            length=255,
            restricted=True,
            nillable=False,
            **fixed,
        ),
        Field("DataType", FieldType.PICKLIST, label="Datatype", length=40, restricted=True, **fixed),
        Field("OldValue", FieldType.ANY, label="Old Value", **fixed),
        Field("NewValue", FieldType.ANY, label="New Value", **fixed),
    )
    return SObjectType(
        history_name(parent.name),
        f"{parent.label} History" if parent.name != "Opportunity" else "Opportunity Field History",
        f"{parent.label} History",
        None,
        fields={field.name: field for field in fields},
        createable=False,
        updateable=False,
        deletable=False,
        undeletable=False,
        replicateable=True,
        layoutable=False,
    )


def track(core: Core, plan: Plan, row: StoredRow, old: StoredRow | None, user: str) -> None:
    """Write the rows that a save leaves behind."""
    if old is None:
        write(core, plan.obj.name, row["Id"], "created", user)
        return
    for name in plan.obj.fields:
        if name in plan.tracked and row.get(name) != old.get(name):
            _changed(core, plan, plan.obj.fields[name], row["Id"], old.get(name), row.get(name), user)


def write(
    core: Core,
    sobject: str,
    record_id: str,
    field: str,
    user: str,
    *,
    values: tuple[Any, Any] = (None, None),
    data_type: str | None = None,
) -> None:
    """One row of history, if the object has any."""
    name = history_name(sobject)
    if name not in core.schema.objects:
        return
    at, stamp = core.journal.moment()
    row = {
        "Id": core.mint.next(PREFIX),
        "IsDeleted": 0,
        parent_field(sobject): record_id,
        "CreatedById": user,
        "CreatedDate": stamp,
        "Field": field,
        "DataType": data_type,
        "OldValue": values[0],
        "NewValue": values[1],
    }
    core.store.insert(name, row)
    shown = row | {"OldValue": any_value(values[0]), "NewValue": any_value(values[1])}
    core.journal.note(at, user, name, row["Id"], "create", core.plan(name).created(shown))


def _changed(core: Core, plan: Plan, field: Field, record_id: str, old: Any, new: Any, user: str) -> None:
    shown = "Owner" if field.name == "OwnerId" else field.name
    kind = _DATA_TYPES.get(field.type, "Text")
    long = (
        field.type is FieldType.TEXTAREA and field.length > _LONG
    ) or field.type is FieldType.MULTIPICKLIST
    before, after = (None, None) if long else (_shown(field, old), _shown(field, new))
    if field.type is FieldType.REFERENCE:
        names = (_name(core, field, old), _name(core, field, new))
        write(core, plan.obj.name, record_id, shown, user, values=names, data_type="Text")
    write(core, plan.obj.name, record_id, shown, user, values=(before, after), data_type=kind)


def _shown(field: Field, stored: Any) -> Any:
    if stored is not None and field.type is FieldType.BOOLEAN:
        return TRUTHS[bool(stored)]
    return None if stored is None else decode(field, stored)


def _name(core: Core, field: Field, record_id: str | None) -> str | None:
    target = core.target_of(field.reference_to, record_id or "")
    row = core.fetch(target.name, record_id) if target is not None and record_id else None
    return core.record_name(target, row) if target is not None and row is not None else None


def forget(core: Core, sobject: str, record_id: str) -> None:
    """A record is gone for good, and so is its history."""
    name = history_name(sobject)
    if name in core.schema.objects:
        core.store.connection.execute(
            f"DELETE FROM {quote(name)} WHERE {quote(parent_field(sobject))} = ?", (record_id,)
        )
