"""One row at a time: create, read, update, delete, upsert (contract §5)."""

from __future__ import annotations

import base64
from typing import Any

import orjson

from prm_harness.crm.org.errors import MultipleMatchesError
from prm_harness.crm.org.files import BLOBS
from prm_harness.crm.org.ids import is_id, to18
from prm_harness.crm.org.schema import Field, FieldType, SObjectType
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import not_found, refuse_key_field, request_error
from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.salesforce.multipart import is_multipart, parts_of
from prm_harness.crm.salesforce.records.conditional import demand_unchanged, headers_of, not_wanted
from prm_harness.crm.salesforce.streaming.channels import published

NO_ROW = (
    "Json Deserialization failed on token 'null' and has left off in the middle of parsing a row. "
    "Will go to end of row to begin parsing the next row"
)
"""A body that is JSON and no object, a list of rows above all (OpenFn/adaptors' recorded answers; life-improver.com on v41)."""
UPSERT_ANSWERS_SINCE = 46.0
"""From v46 an upsert that updates answers 200 with a body; before, 204 (contract §5)."""


def create(call: Call) -> Response:
    """``POST /sobjects/X``: 201 with ``Location``."""
    sobject = call.sobject()
    record_id = insert(call, sobject, values_of(call))
    errors = published(record_id) if sobject.name.endswith("__e") else []
    return _created(call, sobject, record_id, {"id": record_id, "success": True, "errors": errors})


def read(call: Call) -> Response:
    """``GET /sobjects/X/<id>``, with ``fields`` as a comma-separated choice; honours conditional headers."""
    sobject = call.sobject()
    return read_one(call, sobject, own_id(call.args["id"]))


def update(call: Call) -> Response:
    """``PATCH /sobjects/X/<id>``: 204."""
    sobject, record_id = call.sobject(), own_id(call.args["id"])
    demand_unchanged(call, sobject, record_id)
    save(call, sobject, record_id, values_of(call))
    return Response(204)


def delete(call: Call) -> Response:
    """``DELETE /sobjects/X/<id>``: 204."""
    remove(call, call.sobject(), own_id(call.args["id"]))
    return Response(204)


def read_by_key(call: Call) -> Response:
    """``GET /sobjects/X/<key field>/<value>``."""
    sobject = call.sobject()
    return read_one(call, sobject, _one(call, sobject))


def update_by_key(call: Call) -> Response:
    """``PATCH /sobjects/X/<key field>/<value>``: upsert."""
    sobject = call.sobject()
    key = _key(call, sobject)
    values = values_of(call, key)
    record_id, created = upsert(
        call, sobject, key, call.args["value"], values, update_only=call.flag("updateOnly")
    )
    body = {"id": record_id, "success": True, "errors": []}
    answers = float(call.version) >= UPSERT_ANSWERS_SINCE
    if answers:
        body["created"] = created
    if created:
        return _created(call, sobject, record_id, body)
    if not answers:
        return Response(204)
    return json_response(body, 200, {"Location": call.record_url(sobject.name, record_id)})


def delete_by_key(call: Call) -> Response:
    """``DELETE /sobjects/X/<key field>/<value>``: 204."""
    sobject = call.sobject()
    remove(call, sobject, _one(call, sobject))
    return Response(204)


def create_by_id_key(call: Call) -> Response:
    """``POST /sobjects/X/Id``: an upsert without a key creates."""
    sobject = call.sobject()
    record_id = insert(call, sobject, values_of(call))
    return _created(
        call, sobject, record_id, {"id": record_id, "success": True, "errors": [], "created": True}
    )


# -- shared with collections --------------------------------------------------------------------------------------


def insert(call: Call, sobject: SObjectType, values: dict[str, Any]) -> str:
    """Insert as the caller; returns the id."""
    call.tally.rows_in += 1
    return call.org.insert(sobject.name, values, user=call.user)


def save(call: Call, sobject: SObjectType, record_id: str, values: dict[str, Any]) -> None:
    """Update as the caller."""
    call.tally.rows_in += 1
    call.org.update(sobject.name, record_id, values, user=call.user)


def remove(call: Call, sobject: SObjectType, record_id: str) -> None:
    """Delete as the caller."""
    call.tally.rows_in += 1
    call.org.delete(sobject.name, record_id, user=call.user)


def upsert(
    call: Call,
    sobject: SObjectType,
    key: Field,
    value: str,
    values: dict[str, Any],
    *,
    update_only: bool = False,
) -> tuple[str, bool]:
    """Insert or update by a key field; returns (id, created).

    Raises:
        MultipleMatchesError: more than one row has the key (300).
    """
    if key.type is FieldType.ID:
        record_id = own_id(value)
        save(call, sobject, record_id, values)
        return record_id, False
    if update_only and not call.org.find(sobject.name, key.name, value):
        raise not_found()
    call.tally.rows_in += 1
    return call.org.upsert(sobject.name, key.name, value, values, user=call.user)


def key_field(sobject: SObjectType, name: str) -> Field:
    """The field by which rows can be addressed: an external ID or another ``idLookup`` field."""
    found = sobject.field(name)
    if found is None or not (found.external_id or found.id_lookup or found.type is FieldType.ID):
        refuse_key_field(name)
    return found


def own_id(segment: str) -> str:
    """The 18-character id that an address names; anything else gets the refusal of an unknown key field."""
    if not is_id(segment):
        refuse_key_field(segment)
    return to18(segment)


def values_of(call: Call, key: Field | None = None) -> dict[str, Any]:
    """The fields that a request sends, as JSON or as a multipart of JSON and one blob.

    Raises:
        WireError: 400; the record's id, or the key of its address, is among them.
    """
    values = _sent(call)
    values.pop("attributes", None)
    for name in values:
        if name.lower() == "id" or (key is not None and name.lower() == key.name.lower()):
            shown = key.name if key is not None and name.lower() == key.name.lower() else "Id"
            raise request_error(
                400, "INVALID_FIELD", f"The {shown} field should not be specified in the sobject data."
            )
    return values


def read_one(call: Call, sobject: SObjectType, record_id: str) -> Response:
    """The answer to a ``GET`` of one record; honours ``fields`` and conditional headers."""
    wanted = [name.strip() for name in call.params.get("fields", "").split(",") if name.strip()]
    row = call.org.get(sobject.name, record_id)
    chosen = call.org.get(sobject.name, record_id, fields=wanted) if wanted else row
    call.tally.rows_out += 1
    blob = BLOBS.get(sobject.name)
    if blob and chosen.get(blob):
        chosen[blob] = f"{call.record_url(sobject.name, record_id)}/{blob}"
    headers = headers_of(sobject, row)
    unwanted = not_wanted(call, headers)
    if unwanted is not None:
        return unwanted
    attributes = {"type": sobject.name, "url": call.record_url(sobject.name, record_id)}
    return json_response({"attributes": attributes, **chosen}, 200, headers)


# -- details ------------------------------------------------------------------------------------------------------


def _sent(call: Call) -> dict[str, Any]:
    if not is_multipart(call.request):
        described = call.json()
        if not isinstance(described, dict):
            raise request_error(400, "INVALID_FIELD", NO_ROW)
        return described
    try:
        parts = parts_of(call.request)
        described = next(orjson.loads(part.content) for part in parts if part.media == "application/json")
    except (ValueError, StopIteration):  # a JSONDecodeError is a ValueError
        message = "Multipart message must include a non-binary part"
        raise request_error(400, "INVALID_MULTIPART_REQUEST", message) from None
    if not isinstance(described, dict):
        raise request_error(400, "INVALID_FIELD", NO_ROW)
    blobs = (part for part in parts if part.media != "application/json")
    return described | {part.name: base64.b64encode(part.content).decode() for part in blobs}


def _key(call: Call, sobject: SObjectType) -> Field:
    return key_field(sobject, call.args["field"])


def _one(call: Call, sobject: SObjectType) -> str:
    key, value = _key(call, sobject), call.args["value"]
    if key.type is FieldType.ID:
        return own_id(value)
    ids = call.org.find(sobject.name, key.name, value)
    if not ids:
        raise not_found()
    if len(ids) > 1:
        raise MultipleMatchesError(ids)
    return ids[0]


def _created(call: Call, sobject: SObjectType, record_id: str, body: dict[str, Any]) -> Response:
    return json_response(body, 201, {"Location": call.record_url(sobject.name, record_id)})
