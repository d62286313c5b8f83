"""``record-defaults`` and ``defaultValues``: what a new record, or a copy of one, starts with (User Interface API guide)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prm_harness.crm.org.ids import MASTER_RECORD_TYPE
from prm_harness.crm.org.schema import Field, FieldType, SObjectType
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.describing.picklists import PICKLISTS, offered, record_type_of
from prm_harness.crm.salesforce.errors import request_error
from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.salesforce.ui_api.layouts import layout_of, names_of, record_type, supported
from prm_harness.crm.salesforce.ui_api.object_info import info_of, tagged
from prm_harness.crm.salesforce.ui_api.records import choose, display, located


def create(call: Call) -> Response:
    """``GET /ui-api/record-defaults/create/X``: layout, metadata and values; ``template/create/X`` without a layout."""
    sobject = supported(call, call.sobject())
    type_id = record_type(call, sobject)
    return json_response(_defaults(call, sobject, type_id, _values(call, sobject, type_id), "Create"))


def clone(call: Call) -> Response:
    """``GET /ui-api/record-defaults/clone/<id>``: the same with the values of the record that is copied."""
    sobject, record_id = located(call, call.args["id"])
    supported(call, sobject)
    row = call.org.get(sobject.name, record_id)
    call.tally.rows_out += 1
    type_id = record_type(call, sobject, call.params.get("recordTypeId") or row.get("RecordTypeId") or "")
    copied = {
        field.name: row[field.name]
        for field in sobject.fields.values()
        if field.createable and not field.unique and field.name != "OwnerId"
    }
    values = _values(call, sobject, type_id) | copied
    body = _defaults(call, sobject, type_id, values, "Create")
    body["record"]["cloneSourceId"] = record_id
    return json_response(body)


def default_values(call: Call) -> Response:
    """``GET /sobjects/X/defaultValues?recordTypeId&fields``: the values by name, as quick actions tell theirs (quick_actions-001)."""
    sobject = call.sobject()
    if not sobject.createable:
        raise request_error(400, "INVALID_TYPE", f"{sobject.name} records cannot be created")
    type_id = record_type(call, sobject)
    values = _values(call, sobject, type_id)
    wanted = [name.strip() for name in call.params.get("fields", "").split(",") if name.strip()]
    if wanted:
        found = {name: sobject.field(name) for name in wanted}
        unknown = next((name for name, field in found.items() if field is None), None)
        if unknown is not None:
            message = f"No such column '{unknown}' on sobject of type {sobject.name}"
            raise request_error(400, "INVALID_FIELD", message)
        values = {field.name: values.get(field.name) for field in found.values() if field}
    else:
        values = {name: value for name, value in values.items() if sobject.fields[name].createable}
    return json_response({"attributes": {"type": sobject.name}, **values})


def _defaults(
    call: Call, sobject: SObjectType, type_id: str, values: dict[str, Any], mode: str
) -> dict[str, Any]:
    """The whole answer. A template has the fields that are asked for, the others those of the layout besides."""
    is_template = "template" in call.request.path.lower()
    layout = layout_of(call, sobject, type_id, "Full", mode)
    asked = choose(call, sobject, "optionalFields", optional=True)
    shown = [] if is_template else [sobject.fields[name] for name in names_of(layout)]
    fields = {field.name: field for field in (*shown, *(path[0] for path in asked if len(path) == 1))}
    record = tagged(
        {
            "apiName": sobject.name,
            "childRelationships": {},
            "fields": {
                name: {"displayValue": display(field, values.get(name)), "value": values.get(name)}
                for name, field in fields.items()
            },
            "id": None,
            "lastModifiedById": None,
            "lastModifiedDate": None,
            "recordTypeId": type_id,
            "recordTypeInfo": None,
            "systemModstamp": None,
        }
    )
    infos = {one.name: info_of(call, one) for one in _told(call, sobject, fields.values())}
    if is_template:
        return {"objectInfos": infos, "record": record}
    return {"layout": layout, "objectInfos": infos, "record": record}


def _told(call: Call, sobject: SObjectType, fields: Iterable[Field]) -> list[SObjectType]:
    """The object, and those that its fields lead to."""
    names = [sobject.name, *(name for field in fields for name in field.reference_to)]
    found = (call.org.schema.get(name) for name in dict.fromkeys(names))
    return [one for one in found if one is not None]


def _values(call: Call, sobject: SObjectType, type_id: str) -> dict[str, Any]:
    kind = None if type_id == MASTER_RECORD_TYPE else type_id
    values = call.org.starting_values(sobject.name, user=call.user, record_type=kind)
    chosen = record_type_of(sobject, type_id)
    return {
        name: value if _is_offered(field, value, chosen) else None
        for name, field in sobject.fields.items()
        if (value := values.get(name)) is not None or field.createable
        if field.type is not FieldType.ID
    }


def _is_offered(field: Field, value: Any, chosen: Any) -> bool:
    if value is None or chosen is None or field.type not in PICKLISTS:
        return True
    return value in {one.value for one in offered(field, chosen)}
