"""A record as clients get it: describe order, compound fields and formulas included (contract §4, §5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prm_harness.crm.org.computed import evaluate
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.errors import NotFoundError
from prm_harness.crm.org.ids import is_id, to18
from prm_harness.crm.org.saves.payload import no_such_column, no_such_key
from prm_harness.crm.org.schema import Field, FieldType, Schema, SObjectType
from prm_harness.crm.store.values import decode

_ADDRESS_KEYS = (
    "City",
    "Country",
    "GeocodeAccuracy",
    "Latitude",
    "Longitude",
    "PostalCode",
    "State",
    "Street",
)


def get(
    core: Core, sobject: str, record_id: str, fields: Sequence[str] | None, seen: Schema
) -> dict[str, Any]:
    """See Org.get."""
    obj = core.object(sobject)
    visible = seen.objects[obj.name].fields
    if not is_id(record_id):
        raise no_such_key(record_id)
    row = core.store.fetch(obj.name, to18(record_id))
    if row is None or row.get("IsDeleted"):
        raise NotFoundError.of("NOT_FOUND", "The requested resource does not exist")
    plain = core.plan(obj.name).plain
    wanted = visible.values() if fields is None else _chosen(core, obj, fields, visible)
    return {f.name: row[f.name] if f.name in plain else read_field(core, obj, f, row) for f in wanted}


def _chosen(core: Core, obj: SObjectType, names: Sequence[str], visible: Mapping[str, Field]) -> list[Field]:
    plan = core.plan(obj.name)
    chosen = {"Id": obj.fields["Id"]}
    for name in names:
        field = plan.field(name.strip())
        if field is None or field.name not in visible:
            raise no_such_column(obj, name.strip())
        chosen[field.name] = field
    return list(chosen.values())


def read_field(
    core: Core, obj: SObjectType, field: Field, row: Mapping[str, Any], user: str | None = None
) -> Any:
    """One field's wire value from a stored row."""
    if field.calculated:
        return evaluate(core.schema, obj, field, row, core.fetch, user_id=user, now=core.now)
    if field.type is FieldType.ADDRESS:
        return address(obj, field, row)
    if field.type is FieldType.LOCATION:
        return location(obj, field, row)
    if field.type is FieldType.BASE64:
        return blob_path(obj.name, row["Id"], field.name) if row[field.name] else None
    return decode(field, row[field.name])


def blob_path(sobject: str, record_id: str, field: str) -> str:
    """What a record shows for a blob: where it is, at the version that callers without one get (contract §4)."""
    return f"/services/data/v60.0/sobjects/{sobject}/{record_id}/{field}"


def address(obj: SObjectType, field: Field, row: Mapping[str, Any]) -> dict[str, Any] | None:
    """The compound over an address's parts: null when all are null; codes only when the object has them."""
    prefix = field.name.removesuffix("Address")
    parts = {f.name.removeprefix(prefix): row.get(f.name) for f in _parts(obj, field)}
    if all(value is None for value in parts.values()):
        return None
    keys = sorted({*_ADDRESS_KEYS, *parts})
    return {key[0].lower() + key[1:]: parts.get(key) for key in keys}


def location(obj: SObjectType, field: Field, row: Mapping[str, Any]) -> dict[str, Any] | None:
    """The compound over a geolocation's two parts; null when both are null."""
    found = {"latitude" if "Latitude" in f.name else "longitude": row.get(f.name) for f in _parts(obj, field)}
    return None if all(value is None for value in found.values()) else found


def _parts(obj: SObjectType, field: Field) -> list[Field]:
    return [f for f in obj.fields.values() if f.compound == field.name]
