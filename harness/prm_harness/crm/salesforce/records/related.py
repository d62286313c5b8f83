"""What lies below a record: its blobs, and the records that its relationships lead to (contract §4, §5).

``/sobjects/X/<id>/<name>`` shares its address with ``/sobjects/X/<key field>/<value>``; an id in the first place tells
them apart. Relationships follow the vendor's page on friendly URLs: up to five parents up or one list of children,
404 for a lookup that is empty, an empty list where no child is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from prm_harness.crm.org.files import content_of
from prm_harness.crm.org.ids import is_id
from prm_harness.crm.org.schema import Field, FieldType, SObjectType
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import not_found, request_error, routing_error
from prm_harness.crm.salesforce.http import Response
from prm_harness.crm.salesforce.query import answer_query
from prm_harness.crm.salesforce.records import rows

MOST_LEVELS: Final = 5
UNKNOWN_CONTENT: Final = "application/octetstream"
"""The content type of a blob that names none, in the vendor's own spelling."""


def read(call: Call) -> Response:
    """``GET``: a record by its key, a blob's bytes, a parent record, or a page of children."""
    if not _is_below(call):
        return rows.read_by_key(call)
    sobject = call.sobject()
    field = sobject.field(call.args["value"])
    if field is not None and field.type is FieldType.BASE64:
        return _blob(call, sobject, field)
    return read_along(call)


def read_along(call: Call) -> Response:
    """``GET`` of a parent, a parent's parent, or a list of children."""
    if not _is_below(call):
        raise not_found()
    sobject, record_id, child = _walk(call)
    if child is None:
        return rows.read_one(call, sobject, record_id)
    listed, lookup = child
    chosen = [name.strip() for name in call.params.get("fields", "").split(",") if name.strip()]
    names = chosen or [f.name for f in listed.fields.values()]
    for name in names:
        if listed.field(name) is None:
            message = f"No such column '{name}' on sobject of type {listed.name}"
            raise request_error(400, "INVALID_FIELD", message)
    names = list(dict.fromkeys(["Id", *(listed.fields[n].name if n in listed.fields else n for n in names)]))
    soql = f"SELECT {', '.join(names)} FROM {listed.name} WHERE {lookup.name} = '{record_id}'"
    return answer_query(call, soql)


def change(call: Call) -> Response:
    """``PATCH``: an upsert by key, or an update of a parent: 204."""
    if not _is_below(call):
        return rows.update_by_key(call)
    sobject, record_id = _one(call)
    rows.save(call, sobject, record_id, rows.values_of(call))
    return Response(204)


def remove(call: Call) -> Response:
    """``DELETE``: of a record by its key, or of a parent: 204."""
    if not _is_below(call):
        return rows.delete_by_key(call)
    sobject, record_id = _one(call)
    rows.remove(call, sobject, record_id)
    return Response(204)


# -- finding the way ----------------------------------------------------------------------------------------------


def _is_below(call: Call) -> bool:
    sobject, first = call.sobject(), call.args["field"]
    return sobject.field(first) is None and is_id(first)


def _one(call: Call) -> tuple[SObjectType, str]:
    sobject, record_id, child = _walk(call)
    if child is not None:
        message = f"HTTP Method '{call.request.method}' not allowed. Allowed are HEAD,GET"
        raise routing_error(405, "METHOD_NOT_ALLOWED", message)
    return sobject, record_id


def _walk(call: Call) -> tuple[SObjectType, str, tuple[SObjectType, Field] | None]:
    """Where the address leads: an object and a record, and for a list of that record's children object and lookup."""
    sobject, record_id = call.sobject(), rows.own_id(call.args["field"])
    place = call.request.segments.index(call.args["field"])
    names: Sequence[str] = call.request.segments[place + 1 :]
    if len(names) > MOST_LEVELS:
        raise not_found()
    for level, name in enumerate(names, 1):
        child = _children(call, sobject, name)
        if child is not None and level == 1 == len(names):
            call.org.get(sobject.name, record_id, fields=["Id"])
            return sobject, record_id, child
        sobject, record_id = _parent(call, sobject, record_id, name)
    return sobject, record_id, None


def _children(call: Call, sobject: SObjectType, name: str) -> tuple[SObjectType, Field] | None:
    low = name.lower()
    return next(
        ((o, f) for o, f in call.org.schema.children_of(sobject.name) if f.child_relationship.lower() == low),
        None,
    )


def _parent(call: Call, sobject: SObjectType, record_id: str, name: str) -> tuple[SObjectType, str]:
    low = name.lower()
    lookup = next((f for f in sobject.fields.values() if low and f.relationship_name.lower() == low), None)
    if lookup is None:
        raise not_found()
    parent_id = call.org.get(sobject.name, record_id, fields=[lookup.name])[lookup.name]
    if parent_id is None:
        raise not_found()
    objects = call.org.schema.objects
    found = next(
        (objects[n] for n in lookup.reference_to if n in objects and objects[n].key_prefix == parent_id[:3]),
        None,
    )
    if found is None:
        raise not_found()
    return found, parent_id


def _blob(call: Call, sobject: SObjectType, field: Field) -> Response:
    content = call.org.blob(sobject.name, rows.own_id(call.args["field"]), field.name)
    if content is None:
        raise not_found()
    text, media = content
    call.tally.rows_out += 1
    return Response(200, {"Content-Type": media or UNKNOWN_CONTENT}, content_of(text))
