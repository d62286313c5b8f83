"""What may be entered in a portal, and how a record is shown: rules that need no store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic_core import to_jsonable_python

from prm_harness.adapter import Outcome, Record

from .policy import Policy, Values
from .shape.fields import RECORD_TYPE_NAME, TypeSpec
from .store import PortalRecord

SAME: Final = {
    "Opportunity": ("Name", "AccountId"), "Account": ("Name",), "Contact": ("Email",), "Lead": ("Email", "Company"),
}  # fmt: skip
"""Fields by which a second registration of the same thing is recognised."""


def checked(policy: Policy, spec: TypeSpec, values: Mapping[str, Any], permission: str) -> tuple[Values, str]:
    """The values to keep, and a complaint if the portal cannot take them.

    Args:
        policy: the product's decisions.
        spec: the object.
        values: as they were entered.
        permission: "createable" or "updateable", which each field has to be.
    """
    wanted: Values = to_jsonable_python(dict(values))
    for name in list(wanted):
        field = spec.fields.get(name)
        if field is None:
            if not policy.unknown_field(wanted, name, wanted[name]):
                return {}, f"the portal has no field {name} on {spec.kind}"
            wanted.pop(name, None)
        elif not getattr(field, permission):
            return {}, f"{name} cannot be changed here"
    if policy.checks_dependencies and (complaint := _disagreeing(spec, wanted)):
        return {}, complaint
    chosen = wanted.pop(RECORD_TYPE_NAME, None)
    if chosen is not None:
        if chosen not in spec.record_types:
            return {}, f"{spec.kind} has no record type {chosen}"
        wanted["RecordTypeId"] = spec.record_types[chosen]
    return wanted, ""


def _disagreeing(spec: TypeSpec, values: Mapping[str, Any]) -> str:
    """A complaint about a dependent value that its controlling value, entered with it, does not allow."""
    for name, value in values.items():
        field = spec.fields[name]
        if not value or not field.controller or field.controller not in values:
            continue
        chosen = values[field.controller]
        key = str(chosen).lower() if isinstance(chosen, bool) else chosen
        if value not in field.allowed.get(key, ()):
            return f"{name} cannot be {value!r} when {field.controller} is {chosen!r}"
    return ""


def offered(spec: TypeSpec, name: str, given: Mapping[str, Any], by_type: Sequence[str] | None) -> list[str]:
    """The choices of a picklist's form: those of the record type (None: of any), and of the controlling value."""
    field = spec.fields[name]
    values = [value for value in field.values if by_type is None or value in by_type]
    if field.controller in given:
        chosen = given[field.controller]
        key = str(chosen).lower() if isinstance(chosen, bool) else chosen
        values = [value for value in values if value in field.allowed.get(key, ())]
    return values


def public(record: PortalRecord, spec: TypeSpec) -> Record:
    """The record with the object's fields."""
    return Record(
        kind=record.kind,
        prm_id=record.prm_id,
        crm_id=record.crm_id,
        fields={name: record.shown.get(name) for name in spec.fields},
        raw={"id": record.prm_id, "object": record.kind, "data": record.shown},
    )


def refused(message: str, prm_id: str | None = None) -> Outcome:
    """The portal's no."""
    return Outcome(state="rejected", prm_id=prm_id, messages=(message,))
