"""``eventSchema``: an event's fields as an Avro schema, by the event's name or the schema's id (REST API guide)."""

from __future__ import annotations

from typing import Any, Final

from prm_harness.crm.org.event_channels import capturable, event_object
from prm_harness.crm.org.schema import Field, FieldType, SObjectType
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import not_found, request_error
from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.salesforce.metadata.components import component_id
from prm_harness.crm.salesforce.streaming.change_events import schema_id
from prm_harness.crm.salesforce.streaming.change_schemas import change_fields

_CHOICE_SINCE: Final = 43.0
"""From v43 on a client chooses the format; before, it was the compact one."""
_NUMBERS: Final = frozenset({FieldType.DOUBLE, FieldType.CURRENCY, FieldType.PERCENT, FieldType.INT})
_MOMENTS: Final = frozenset({FieldType.DATE, FieldType.DATETIME})
_WORDS: Final = {
    FieldType.BOOLEAN: "CheckBox",
    FieldType.DATE: "DateOnly",
    FieldType.DATETIME: "DateTime",
    FieldType.REFERENCE: "EntityId",
} | dict.fromkeys(_NUMBERS, "Double")


def by_name(call: Call) -> Response:
    """``GET sobjects/<event>/eventSchema``."""
    asked = call.args["sobject"].lower()
    for obj in call.org.schema.objects.values():
        if asked == _event_name(obj).lower():
            return _schema(call, obj)
    raise not_found()


def by_id(call: Call) -> Response:
    """``GET event/eventSchema/<id>``: the id is what every event names as its ``schema``."""
    for obj in call.org.schema.objects.values():
        if schema_id(obj) == call.args["schema"]:
            return _schema(call, obj)
    raise not_found()


def _event_name(obj: SObjectType) -> str:
    """The event that tells of the object: a platform event is one itself; empty where nothing does."""
    if obj.name.endswith("__e"):
        return obj.name
    return event_object(obj.name) if capturable(obj) else ""


def _schema(call: Call, event: SObjectType) -> Response:
    chosen = call.params.get("payloadFormat")
    choosing = float(call.version) >= _CHOICE_SINCE
    if chosen not in {None, "EXPANDED", "COMPACT"} or (chosen and not choosing):
        message = f"The payloadFormat parameter is not valid: {chosen}"
        raise request_error(400, "INVALID_PARAMETER", message)
    compact = chosen == "COMPACT" or not choosing
    head = {"name": _event_name(event), "namespace": "com.sforce.eventbus"}
    moment = "long" if compact else "string"
    fields = _fields(event, moment) if event.name.endswith("__e") else change_fields(event, moment)
    if compact:
        return json_response({**head, "type": "record", "fields": fields, "uuid": schema_id(event)})
    payload = {"type": "record", "name": "Payload", "doc": "", "fields": fields}
    told = {"type": "record", "name": "Event", "fields": [{"name": "replayId", "type": "long"}]}
    data = [
        {"name": "schema", "type": "string"},
        {"name": "payload", "type": payload},
        {"name": "event", "type": told},
    ]
    whole = [
        {"name": "data", "type": {"type": "record", "name": "Data", "namespace": "", "fields": data}},
        {"name": "channel", "type": "string"},
    ]
    return json_response({**head, "type": "expanded-record", "fields": whole})


def _fields(event: SObjectType, moment: str) -> list[dict[str, Any]]:
    """The payload's fields; moments are texts in JSON and numbers in Avro's own form."""
    return [
        {"name": "CreatedDate", "type": moment, "doc": "CreatedDate:DateTime"},
        {"name": "CreatedById", "type": "string", "doc": "CreatedBy:EntityId"},
        *(_field(event, field, moment) for field in event.fields.values() if field.custom),
    ]


def _field(event: SObjectType, field: Field, moment: str) -> dict[str, Any]:
    kind = (
        "boolean"
        if field.type is FieldType.BOOLEAN
        else "double"
        if field.type in _NUMBERS
        else moment
        if field.type in _MOMENTS
        else "string"
    )
    own = component_id("00N", f"{event.name}.{field.name}")[:15]
    entry = {"name": field.name, "doc": f"Data:{_WORDS.get(field.type, 'Text')}:{own}"}
    if not field.nillable or field.type is FieldType.BOOLEAN:
        return {**entry, "type": kind}
    return {"name": field.name, "type": ["null", kind], "doc": entry["doc"], "default": None}
