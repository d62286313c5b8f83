"""``records`` and ``record-ui``: rows whose values carry what a screen shows beside what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from prm_harness.crm.org.errors import NotFoundError
from prm_harness.crm.org.ids import is_id, to18
from prm_harness.crm.org.schema import Field, FieldType, SObjectType
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.describing.picklists import PICKLISTS
from prm_harness.crm.salesforce.errors import WireError, gap, not_found, request_error
from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.salesforce.records import rows
from prm_harness.crm.salesforce.ui_api import layouts
from prm_harness.crm.salesforce.ui_api.object_info import info_of, tagged

Path = tuple[Field, ...]
"""References that are followed, and the field at the end."""

_SHOWN_AS_TEXT: Final = frozenset(
    {
        FieldType.CURRENCY,
        FieldType.DOUBLE,
        FieldType.PERCENT,
        FieldType.INT,
        FieldType.DATE,
        FieldType.DATETIME,
    }
)
_DEEPEST: Final = 5
"""Parents that a field may be away."""


def read(call: Call) -> Response:
    """``GET /ui-api/records/<id>?fields=Account.Name,…``: also of parents; ``layoutTypes`` and ``modes`` stand for a layout's."""
    return json_response(record_of(call, call.args["id"]))


def create(call: Call) -> Response:
    """``POST /ui-api/records``: 201 with the record."""
    body = call.json_object()
    sobject = call.sobject(_text(call, body, "apiName"))
    record_id = rows.insert(call, sobject, _fields(call, body))
    return json_response(record_of(call, record_id), 201)


def update(call: Call) -> Response:
    """``PATCH /ui-api/records/<id>``: 200 with the record."""
    sobject, record_id = located(call, call.args["id"])
    rows.save(call, sobject, record_id, _fields(call, call.json_object()))
    return json_response(record_of(call, record_id))


def delete(call: Call) -> Response:
    """``DELETE /ui-api/records/<id>``: 204."""
    sobject, record_id = located(call, call.args["id"])
    rows.remove(call, sobject, record_id)
    return Response(204)


def record_ui(call: Call) -> Response:
    """``GET /ui-api/record-ui/<ids>``: records with the schema and the layouts that show them, by object, record type, type and mode."""
    ids = [one.strip() for one in call.args["ids"].split(",") if one.strip()]
    kinds = _several(call, "layoutTypes", layouts.TYPES)
    modes = _several(call, "modes", layouts.MODES)
    found = [record_of(call, one) for one in ids]
    records = {record["id"]: record for record in found}
    sobjects = {record["apiName"]: call.sobject(record["apiName"]) for record in records.values()}
    infos = {name: info_of(call, sobject) for name, sobject in sobjects.items()}
    shown: dict[str, dict[str, Any]] = {name: {} for name, sobject in sobjects.items() if sobject.layoutable}
    for record in found:
        sobject = sobjects[record["apiName"]]
        type_id = layouts.record_type(call, sobject, record["recordTypeId"] or "")
        if sobject.layoutable and type_id not in shown[sobject.name]:
            shown[sobject.name][type_id] = {
                kind: {mode: layouts.layout_of(call, sobject, type_id, kind, mode) for mode in modes}
                for kind in kinds
            }
    return json_response(
        tagged({"layoutUserStates": {}, "layouts": shown, "objectInfos": infos, "records": records})
    )


def located(call: Call, record_id: str) -> tuple[SObjectType, str]:
    """The object that an id belongs to, by its key prefix.

    Raises:
        WireError: 404; no object has it.
    """
    if is_id(record_id):
        for sobject in call.org.schema.objects.values():
            if sobject.key_prefix == record_id[:3]:
                return sobject, to18(record_id)
    raise not_found()


def record_of(call: Call, record_id: str) -> dict[str, Any]:
    """A record with the fields that the request asks for, or all of its own."""
    sobject, record_id = located(call, record_id)
    if call.params.get("childRelationships"):
        raise gap("child relationships of records in the User Interface API")
    asked = choose(call, sobject, "fields")
    paths = [*asked, *choose(call, sobject, "optionalFields", optional=True)]
    row = call.org.get(sobject.name, record_id)
    call.tally.rows_out += 1
    if call.params.get("layoutTypes"):
        type_id = layouts.record_type(call, sobject, row.get("RecordTypeId") or "")
        for kind in _several(call, "layoutTypes", layouts.TYPES):
            for mode in _several(call, "modes", layouts.MODES):
                found = layouts.layout_of(call, layouts.supported(call, sobject), type_id, kind, mode)
                paths += [(sobject.fields[name],) for name in layouts.names_of(found)]
    return _shown(call, sobject, row, paths or [(field,) for field in sobject.fields.values()])


def _shown(call: Call, sobject: SObjectType, row: dict[str, Any], paths: Iterable[Path]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    beyond: dict[str, list[Path]] = {}
    for path in paths:
        first = path[0]
        if len(path) == 1:
            fields[first.name] = {"displayValue": display(first, row[first.name]), "value": row[first.name]}
        else:
            beyond.setdefault(first.name, []).append(path[1:])
    for name, further in beyond.items():
        fields[sobject.fields[name].relationship_name] = _parent(call, row[name], further)
    return tagged(
        {
            "apiName": sobject.name,
            "childRelationships": {},
            "fields": fields,
            "id": row["Id"],
            "lastModifiedById": row.get("LastModifiedById"),
            "lastModifiedDate": row.get("LastModifiedDate"),
            "recordTypeId": row.get("RecordTypeId"),
            "recordTypeInfo": None,
            "systemModstamp": row.get("SystemModstamp"),
            "weakEtag": 0,
        }
    )


def _parent(call: Call, record_id: str | None, paths: Sequence[Path]) -> dict[str, Any]:
    """A parent's record; what leads to other objects than it is of is left out."""
    if record_id is None:
        return {"displayValue": None, "value": None}
    sobject, record_id = located(call, record_id)
    try:
        row = call.org.get(sobject.name, record_id)
    except NotFoundError:
        return {"displayValue": None, "value": None}
    own = [(field, *path[1:]) for path in paths if (field := sobject.fields.get(path[0].name)) is not None]
    shown = sobject.name_field
    return {
        "displayValue": row.get(shown.name) if shown else None,
        "value": _shown(call, sobject, row, own),
    }


def choose(call: Call, sobject: SObjectType, parameter: str, *, optional: bool = False) -> list[Path]:
    """The fields that a parameter names, as ``Opportunity.Account.Name``; unknown optional ones are passed over.

    Raises:
        WireError: 400; an unknown one.
    """
    found = []
    for name in filter(None, (part.strip() for part in call.params.get(parameter, "").split(","))):
        first, *parts = name.split(".")
        path = _path(call, sobject, parts) if first.lower() == sobject.name.lower() else None
        if path is not None:
            found.append(path)
        elif not optional and first.lower() not in _others(call):
            raise request_error(
                400, "INVALID_FIELD", f"No such column '{'.'.join(parts)}' on sobject of type {sobject.name}"
            )
    return found


def _others(call: Call) -> set[str]:
    """Objects of further records of the request: their fields stand in the same parameter."""
    listed = call.args.get("ids", "").split(",")
    prefixes = {one.strip()[:3] for one in listed}
    return {o.name.lower() for o in call.org.schema.objects.values() if o.key_prefix in prefixes}


def _path(call: Call, sobject: SObjectType, names: Sequence[str]) -> Path | None:
    """The way that the names tell; a reference to several objects may lead on in any of them."""
    if not 1 <= len(names) <= _DEEPEST + 1:
        return None
    path: list[Field] = []
    objects = [sobject]
    for name in names[:-1]:
        fields = (field for one in objects for field in one.fields.values())
        reference = next((f for f in fields if f.relationship_name.lower() == name.lower() != ""), None)
        if reference is None:
            return None
        path.append(reference)
        objects = [t for n in reference.reference_to if (t := call.org.schema.get(n)) is not None]
    last = next((field for one in objects if (field := one.field(names[-1])) is not None), None)
    return None if last is None else (*path, last)


def _several(call: Call, parameter: str, known: tuple[str, ...]) -> list[str]:
    given = [one.strip() for one in call.params.get(parameter, "").split(",") if one.strip()]
    return [layouts.chosen(parameter, one, known) for one in given] or [known[0]]


def display(field: Field, value: Any) -> str | None:
    """What a screen shows, null where that is the value itself."""
    if value is None:
        return None
    if field.type in PICKLISTS:
        labels = {one.value: one.label or one.value for one in field.picklist}
        return ";".join(labels.get(part, part) for part in str(value).split(";"))
    return str(value) if field.type in _SHOWN_AS_TEXT else None


def _fields(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    fields = body.get("fields")
    if not isinstance(fields, dict):
        raise _wrong(call, body, "fields")
    return fields


def _text(call: Call, body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise _wrong(call, body, name)
    return value


def _wrong(call: Call, body: dict[str, Any], name: str) -> WireError:
    if body.get(name):
        return call.unexpected(name)
    return request_error(400, "MISSING_ARGUMENT", f"{name} is required")
