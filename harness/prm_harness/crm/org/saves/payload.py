"""Reading a row as a client sent it: names, types, what may be written, parents named by their external ID."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.errors import Fault, NotFoundError, PayloadError, SaveError, UnreadableError
from prm_harness.crm.org.ids import is_id, to18
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.org.schema import Field, FieldType, SObjectType
from prm_harness.crm.store.values import encode


def read(
    core: Core, plan: Plan, values: Mapping[str, Any], *, creating: bool
) -> tuple[dict[str, Any], list[Fault]]:
    """The row in stored form, and what is wrong with single values.

    Raises:
        PayloadError: an unknown field, or a value that is not of its field's type.
        SaveError: read-only fields, all named at once; a parent that cannot be found.
    """
    stored: dict[str, Any] = {}
    faults: list[Fault] = []
    closed: list[str] = []
    writable = plan.createable if creating else plan.updateable
    for name, value in values.items():
        ready = writable.get(name)
        given = value
        if ready is None:
            found, given = _resolved(core, plan, name, value)
            if found is None:
                continue
            ready = writable.get(found.name)
            if ready is None:
                closed.append(found.name)
                continue
        field, encoder = ready
        try:
            stored[field.name] = encode(field, None) if given is None else encoder(field, given)
        except UnreadableError as problem:
            problem.key = name
            raise
        except SaveError as problem:
            faults.extend(problem.faults)
    if closed:
        raise read_only(closed)
    return stored, faults


def _resolved(core: Core, plan: Plan, name: str, value: Any) -> tuple[Field | None, Any]:
    """The field a key means and the value for it; no field for keys that carry no data."""
    field = plan.field(name)
    if field is not None:
        if field.name == "Id":
            raise PayloadError.of(
                "INVALID_FIELD", "The Id field should not be specified in the sobject data."
            )
        return field, value
    if name == "attributes":
        return None, None
    reference = plan.reference(name)
    if reference is not None and (value is None or isinstance(value, Mapping)):
        return (None, None) if value is None else (reference, _parent_id(core, reference, value))
    raise no_such_column(plan.obj, name)


def read_only(names: Sequence[str]) -> SaveError:
    """The refusal of fields that may be seen but not written."""
    return SaveError.of(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {', '.join(names)}. Please check the security settings of this "
        "field and verify that it is read/write for your profile or permission set.",
        *names,
    )


def no_such_column(obj: SObjectType, name: str) -> PayloadError:
    """The refusal of a field the object does not have."""
    return PayloadError.of("INVALID_FIELD", f"No such column '{name}' on sobject of type {obj.name}")


def _parent_id(core: Core, reference: Field, parent: Mapping[str, Any]) -> str:
    """The id behind ``{"External_Id__c": "v"}``."""
    key = {name: value for name, value in parent.items() if name != "attributes"}
    target = _parent_object(core, reference, parent)
    if len(key) != 1:
        raise PayloadError.of(
            "INVALID_FIELD", f"The {reference.relationship_name} relationship needs exactly one key"
        )
    ((name, value),) = key.items()
    field = core.plan(target.name).field(name)
    if field is None:
        raise no_such_column(target, name)
    if not is_key(field):
        raise SaveError.of(
            "INVALID_FIELD",
            f"Field name provided, {name} does not match an External ID, Salesforce Id, or indexed field "
            f"for {target.name}",
        )
    found = find(core, target, field, value)
    if not found:
        raise SaveError.of(
            "INVALID_FIELD",
            f"Foreign key external ID: {value} not found for field {field.name} in entity {target.name}",
        )
    if len(found) > 1:
        raise SaveError.of(
            "DUPLICATE_EXTERNAL_ID",
            f"{field.name}: more than one record found for external id field: [{', '.join(found)}]",
        )
    return found[0]


def _parent_object(core: Core, reference: Field, parent: Mapping[str, Any]) -> SObjectType:
    known = [name for name in reference.reference_to if name in core.schema.objects]
    named = parent.get("attributes")
    if isinstance(named, Mapping) and isinstance(named.get("type"), str):
        target = core.object(named["type"])
        if target.name in known:
            return target
        raise SaveError.of("INVALID_FIELD", f"{reference.relationship_name} cannot refer to {target.name}")
    if len(reference.reference_to) > 1 or not known:
        raise PayloadError.of(
            "JSON_PARSER_ERROR",
            "Nested object for polymorphic foreign key must have an attributes field before any other fields.",
        )
    return core.object(known[0])


def key_of(plan: Plan, name: str) -> Field:
    """The field of that name, to look records up by.

    Raises:
        NotFoundError: the object has no such field.
    """
    field = plan.field(name)
    if field is None:
        raise no_such_key(name)
    return field


def no_such_key(name: str) -> NotFoundError:
    """The refusal of an address whose key field identifies nothing."""
    return NotFoundError.of(
        "NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {name}"
    )


def is_key(field: Field) -> bool:
    """Whether records can be addressed by the field's value (contract §3.2)."""
    return field.external_id or field.id_lookup or field.type is FieldType.ID


def find(core: Core, obj: SObjectType, field: Field, value: Any) -> list[str]:
    """Ids of the live records with that value, oldest first."""
    if field.type is FieldType.ID:
        if not isinstance(value, str) or not is_id(value):
            return []
        row = core.fetch(obj.name, to18(value))
        return [] if row is None or row.get("IsDeleted") else [row["Id"]]
    stored = encode(field, value)
    if stored is None:
        return []
    return core.live_ids(obj, field.name, stored, exactly=field.case_sensitive)
