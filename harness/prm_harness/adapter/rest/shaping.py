"""Names from the CRM's to the product's and back; values stay what they are, but for the maps in the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prm_harness.adapter.faults import AdapterFault
from prm_harness.adapter.records import Record

from .paths import MISSING, found, put
from .spec import Kind, Operation, Place


def as_payload(
    spec: Kind, values: Mapping[str, Any], partner: str | None, *, constants: bool
) -> dict[str, Any]:
    """What is sent for a record. Fields without a place are left out: the portal has none of them.

    Raises:
        AdapterFault: two places of the file contradict each other.
    """
    payload: dict[str, Any] = {}
    try:
        if constants:
            for path, value in spec.constants.items():
                put(payload, path, value)
        for name, value in values.items():
            place = spec.fields.get(name)
            if place is not None and place.write:
                put(payload, place.path, _to_product(place, value))
            elif place is None and spec.same_names_at is not None:
                _same_names(payload, spec.same_names_at)[name] = value
        if spec.partner is not None and partner is not None:
            put(payload, spec.partner.path, partner)
    except ValueError as error:
        raise AdapterFault("submit", f"the file's places do not fit together: {error}") from None
    return payload


def left_out(spec: Kind, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Fields of ``values`` that the product has no place for."""
    if spec.same_names_at is not None:
        return tuple(name for name in values if name in spec.fields and not spec.fields[name].write)
    return tuple(name for name in values if name not in spec.fields or not spec.fields[name].write)


def as_record(operation: str, kind: str, spec: Kind, row: Any) -> Record:
    """A record as the product shows it.

    Raises:
        AdapterFault: it is no object, or has no id.
    """
    prm_id = found(row, spec.id) if isinstance(row, dict) else MISSING
    if prm_id in (MISSING, None, ""):
        what = (
            f"{kind} without {spec.id!r}"
            if isinstance(row, dict)
            else f"{kind} that is a {type(row).__name__}"
        )
        raise AdapterFault(operation, f"the product shows a {what}: {str(row)[:120]}")
    crm_id = found(row, spec.crm_id) if spec.crm_id else None
    rest = MISSING if spec.same_names_at is None else found(row, spec.same_names_at)
    fields = (
        {name: value for name, value in rest.items() if name not in spec.fields}
        if isinstance(rest, dict)
        else {}
    )
    for name, place in spec.fields.items():
        value = found(row, place.path) if place.read else MISSING
        if value is not MISSING:
            fields[name] = _from_product(place, value)
    return Record(
        kind=kind,
        prm_id=str(prm_id),
        crm_id=str(crm_id) if crm_id not in (None, MISSING, "") else None,
        fields=fields,
        raw=row,
    )


def as_result(spec: Operation, payload: Any) -> Any:
    """An answer as the members of the contract's record, ready to be validated."""
    if spec.records is not None:
        rows = found(payload, spec.records)
        return [_one(spec, row) for row in rows] if isinstance(rows, list) else rows
    return _one(spec, payload)


def _one(spec: Operation, payload: Any) -> Any:
    if spec.result is None and not spec.constants:
        return payload
    if isinstance(spec.result, Place):
        value = found(payload, spec.result.path)
        return None if value is MISSING else _from_product(spec.result, value)
    members = dict(spec.constants)
    for name, place in (spec.result or {}).items():
        value = found(payload, place.path)
        if value is not MISSING:
            members[name] = _from_product(place, value)
    return members


def _same_names(payload: dict[str, Any], path: str) -> dict[str, Any]:
    here = found(payload, path)
    if not isinstance(here, dict):
        here = {}
        put(payload, path, here)
    return here


def _to_product(place: Place, value: Any) -> Any:
    if isinstance(value, str) and value in place.values:
        return place.values[value]
    return place.notation.written(value) if place.notation else value


def _from_product(place: Place, value: Any) -> Any:
    for ours, theirs in place.values.items():
        if theirs == value and type(theirs) is type(value):
            return ours
    return place.notation.read(value) if place.notation else value
