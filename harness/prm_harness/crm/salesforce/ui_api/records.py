"""``records`` and ``record-ui``: rows whose values carry what a screen shows beside what is stored."""

from __future__ import annotations

from typing import Any, Final

from prm_harness.crm.org.ids import is_id, to18
from prm_harness.crm.org.schema import Field, FieldType, SObjectType
from prm_harness.crm.salesforce import rows
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import not_found, request_error
from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.salesforce.picklists import PICKLISTS
from prm_harness.crm.salesforce.ui_api.object_info import info_of, tagged

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


def read(call: Call) -> Response:
    """``GET /ui-api/records/<id>?fields=Account.Name,…`` (``optionalFields`` may name what is not there)."""
    return json_response(_record(call, call.args["id"]))


def create(call: Call) -> Response:
    """``POST /ui-api/records``: 201 with the record."""
    body = call.json_object()
    sobject = call.sobject(_text(body, "apiName"))
    record_id = rows.insert(call, sobject, _fields(body))
    return json_response(_record(call, record_id), 201)


def update(call: Call) -> Response:
    """``PATCH /ui-api/records/<id>``: 200 with the record."""
    sobject, record_id = _located(call, call.args["id"])
    rows.save(call, sobject, record_id, _fields(call.json_object()))
    return json_response(_record(call, record_id))


def delete(call: Call) -> Response:
    """``DELETE /ui-api/records/<id>``: 204."""
    sobject, record_id = _located(call, call.args["id"])
    rows.remove(call, sobject, record_id)
    return Response(204)


def record_ui(call: Call) -> Response:
    """``GET /ui-api/record-ui/<ids>``: records with the schema that shows them; the layouts' map is empty."""
    ids = [one.strip() for one in call.args["ids"].split(",") if one.strip()]
    found = [_record(call, one) for one in ids]
    records = {record["id"]: record for record in found}
    sobjects = {record["apiName"]: call.sobject(record["apiName"]) for record in records.values()}
    infos = {name: info_of(call, sobject) for name, sobject in sobjects.items()}
    return json_response(
        tagged({"layoutUserStates": {}, "layouts": {}, "objectInfos": infos, "records": records})
    )


def _located(call: Call, record_id: str) -> tuple[SObjectType, str]:
    """The object that an id belongs to, by its key prefix."""
    if is_id(record_id):
        for sobject in call.org.schema.objects.values():
            if sobject.key_prefix == record_id[:3]:
                return sobject, to18(record_id)
    raise not_found()


def _record(call: Call, record_id: str) -> dict[str, Any]:
    sobject, record_id = _located(call, record_id)
    wanted = [*_chosen(call, sobject, "fields"), *_chosen(call, sobject, "optionalFields", optional=True)]
    row = call.org.get(sobject.name, record_id)
    call.tally.rows_out += 1
    fields = wanted or list(sobject.fields.values())
    type_id = row.get("RecordTypeId")
    return tagged(
        {
            "apiName": sobject.name,
            "childRelationships": {},
            "fields": {
                f.name: {"displayValue": _display(f, row[f.name]), "value": row[f.name]} for f in fields
            },
            "id": record_id,
            "lastModifiedById": row.get("LastModifiedById"),
            "lastModifiedDate": row.get("LastModifiedDate"),
            "recordTypeId": type_id,
            "recordTypeInfo": None,
            "systemModstamp": row.get("SystemModstamp"),
            "weakEtag": 0,
        }
    )


def _chosen(call: Call, sobject: SObjectType, parameter: str, *, optional: bool = False) -> list[Field]:
    found = []
    for name in filter(None, (part.strip() for part in call.params.get(parameter, "").split(","))):
        prefix, _, bare = name.partition(".")
        field = sobject.field(bare) if prefix.lower() == sobject.name.lower() else None
        if field is None and not optional:
            raise request_error(
                400, "INVALID_FIELD", f"No such column '{bare}' on sobject of type {sobject.name}"
            )
        if field is not None:
            found.append(field)
    return found


def _display(field: Field, value: Any) -> str | None:
    if value is None:
        return None
    if field.type in PICKLISTS:
        labels = {one.value: one.label or one.value for one in field.picklist}
        return ";".join(labels.get(part, part) for part in str(value).split(";"))
    return str(value) if field.type in _SHOWN_AS_TEXT else None


def _fields(body: dict[str, Any]) -> dict[str, Any]:
    fields = body.get("fields")
    if not isinstance(fields, dict):
        raise request_error(400, "JSON_PARSER_ERROR", "fields has to be an object")
    return fields


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise request_error(400, "JSON_PARSER_ERROR", f"{name} has to be a text")
    return value
