"""Up to 200 rows a request: create, update, upsert, delete, retrieve (contract §8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from typing import Any, Final, NoReturn

from prm_harness.crm.org.errors import Fault, MultipleMatchesError, NotFoundError, OrgError, SaveError
from prm_harness.crm.org.ids import is_id, to18
from prm_harness.crm.org.schema import FieldType, SObjectType
from prm_harness.crm.org.standard.elsewhere import lacking
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import WireError, gap, item_errors, request_error
from prm_harness.crm.salesforce.http import JSON, Response, json_response
from prm_harness.crm.salesforce.json_faults import placed
from prm_harness.crm.salesforce.records import rows

NO_ATTRIBUTES: Final = (
    "Nested object for polymorphic foreign key must have an attributes field before any other fields."
)
LARGEST: Final = 200
LARGEST_READ: Final = 2000
ROLLED_BACK: Final = Fault(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)

Result = dict[str, Any]
Refusal = OrgError | WireError
Outcome = str | Result | Refusal
"""What became of a row: the id of one that was made is all there is to say about it."""


def create(call: Call) -> Response:
    """``POST /composite/sobjects``."""
    records, all_or_none = _records(call)

    return _answer(call, _inserted(call, records), all_or_none=all_or_none)


def update(call: Call) -> Response:
    """``PATCH /composite/sobjects``: each record names its ``id``."""
    records, all_or_none = _records(call)

    def one(record: dict[str, Any]) -> Result:
        sobject, values = _typed(call, record)
        record_id = _take_id(values)
        if not record_id:
            raise SaveError.of("MISSING_ARGUMENT", "Id not specified in an update call")
        rows.save(call, sobject, _checked_id(record_id), values)
        return _ok(to18(record_id))

    return _save_all(call, records, one, all_or_none=all_or_none)


def upsert(call: Call) -> Response:
    """``PATCH /composite/sobjects/X/<key field>``: one object, results say ``created``."""
    sobject = call.sobject()
    key = rows.key_field(sobject, call.args["field"])
    records, all_or_none = _records(call)

    def one(record: dict[str, Any]) -> Result:
        if "attributes" not in record:  # recorded, although the address names the object
            raise SaveError.of("JSON_PARSER_ERROR", NO_ATTRIBUTES)
        values = {name: value for name, value in record.items() if name != "attributes"}
        given = next((name for name in values if name.lower() == key.name.lower()), None)
        value = values.pop(given) if given is not None else None
        if key.type is FieldType.ID and not value:
            return {**_ok(rows.insert(call, sobject, values)), "created": True}
        if value is None or value == "":
            raise SaveError.of("MISSING_ARGUMENT", f"{key.name} not specified")
        if key.type is FieldType.ID:
            value = _checked_id(str(value))
        try:
            record_id, created = rows.upsert(call, sobject, key, value, values)
        except MultipleMatchesError as error:
            message = f"{key.name}: more than one record found for external id field: {list(error.ids)}"
            raise SaveError.of("DUPLICATE_EXTERNAL_ID", message) from None
        return {**_ok(record_id), "created": created}

    return _save_all(call, records, one, all_or_none=all_or_none, failure={"created": False})


def delete(call: Call) -> Response:
    """``DELETE /composite/sobjects?ids=…&allOrNone=``."""
    ids = [part.strip() for part in call.params.get("ids", "").split(",") if part.strip()]
    _check_size(ids, LARGEST)

    def one(record_id: str) -> Result:
        checked = _checked_id(record_id)
        sobject = _object_of(call, checked)
        rows.remove(call, sobject, checked)
        return _ok(checked)

    return _save_all(call, ids, one, all_or_none=call.flag("allOrNone"))


def retrieve(call: Call) -> Response:
    """``GET /composite/sobjects/X?ids&fields`` or ``POST`` with both in the body; null for an unknown id."""
    sobject = call.sobject()
    if call.request.method == "POST":
        body = call.json_object()
        ids, names = (_texts(body.get(name)) for name in ("ids", "fields"))
    else:
        ids, names = (
            [p.strip() for p in call.params.get(n, "").split(",") if p.strip()] for n in ("ids", "fields")
        )
    _check_size(ids, LARGEST_READ)
    if not names:
        raise request_error(400, "MISSING_ARGUMENT", "The fields parameter is required")
    return json_response([_retrieved(call, sobject, record_id, names) for record_id in ids])


# -- details ------------------------------------------------------------------------------------------------------


def _records(call: Call) -> tuple[list[dict[str, Any]], bool]:
    body = call.json_object()
    records = body.get("records")
    _check_size(records if isinstance(records, list) else [], LARGEST)
    assert isinstance(records, list)
    for place, record in enumerate(records):
        if not isinstance(record, dict):
            raise call.unexpected("records", place)
    return records, body.get("allOrNone") is True


def _check_size(items: Sequence[Any], largest: int) -> None:
    if not items:
        raise request_error(400, "REQUIRED_FIELD_MISSING", "At least 1 record is required")
    if len(items) > largest:
        message = f"record limit reached. cannot submit more than {largest} records into this call"
        raise request_error(400, "EXCEEDED_ID_LIMIT", message)


def _inserted(call: Call, records: Sequence[dict[str, Any]]) -> Iterator[Outcome]:
    """Neighbours of one object go in together."""
    for name, run in _by_object(records):
        sobject = call.org.schema.get(name) if isinstance(name, str) else None
        if sobject is None:
            yield from _each(run, lambda record: _refuse(call, record))
            continue
        call.tally.rows_in += len(run)
        yield from call.org.insert_records(sobject.name, run, user=call.user)


def _by_object(records: Sequence[dict[str, Any]]) -> Iterator[tuple[Any, Sequence[dict[str, Any]]]]:
    """Neighbours that say the same object; None for records that cannot go in with others."""
    said = [record.get("attributes") for record in records]
    first = said[0]
    if isinstance(first, dict) and said.count(first) == len(said) and not any(map(_has_id, records)):
        yield first.get("type"), records  # what almost every request is
        return
    for name, run in groupby(records, _object):
        yield name, list(run)


def _object(record: dict[str, Any]) -> Any:
    attributes = record.get("attributes")
    return attributes.get("type") if isinstance(attributes, dict) and not _has_id(record) else None


def _has_id(record: dict[str, Any]) -> bool:
    return "Id" in record or "id" in record or "ID" in record or "iD" in record


def _refuse(call: Call, record: dict[str, Any]) -> NoReturn:
    _typed(call, record)
    raise SaveError.of("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", "Id")


class _Undo(Exception):  # noqa: N818 - leaves a transaction so that nothing of it stays
    """One row was refused and the request wanted all or none."""


def _save_all(
    call: Call,
    items: Sequence[Any],
    one: Callable[[Any], Result],
    *,
    all_or_none: bool,
    failure: Result | None = None,
) -> Response:
    return _answer(call, _each(items, one), all_or_none=all_or_none, failure=failure)


def _each(items: Sequence[Any], one: Callable[[Any], Result]) -> Iterator[Outcome]:
    for item in items:
        try:
            yield one(item)
        except (OrgError, WireError) as error:
            yield error


def _answer(
    call: Call, outcomes: Iterator[Outcome], *, all_or_none: bool, failure: Result | None = None
) -> Response:
    """Let the outcomes happen in one transaction, which is undone if not all of what had to be saved was."""
    results: list[Result] = []
    with suppress(_Undo), call.org.transaction():
        happened = list(outcomes)
        made = [outcome for outcome in happened if isinstance(outcome, str)]
        if len(made) == len(happened):
            return Response(200, {"Content-Type": JSON}, _all_made(made))
        for place, outcome in enumerate(happened):
            if isinstance(outcome, str):
                results.append(_ok(outcome))
            elif isinstance(outcome, dict):
                results.append(outcome)
            else:
                errors = item_errors(placed(outcome, call.request.body, ("records", place)))
                call.tally.part_errors.append(errors[0]["statusCode"])
                results.append({"success": False, "errors": errors, **(failure or {})})
        if all_or_none and not all(result["success"] for result in results):
            undone = {"success": False, "errors": item_errors(OrgError(ROLLED_BACK)), **(failure or {})}
            results = [undone if result["success"] else result for result in results]
            raise _Undo
    return json_response(results)


def _all_made(ids: Sequence[str]) -> bytes:
    """The answer when every row was made. Ids need no escapes; two hundred results made one by one do take their time."""
    text = '","success":true,"errors":[]},{"id":"'.join(ids)
    return f'[{{"id":"{text}","success":true,"errors":[]}}]'.encode()


def _ok(record_id: str) -> Result:
    return {"id": record_id, "success": True, "errors": []}


def _typed(call: Call, record: dict[str, Any]) -> tuple[SObjectType, dict[str, Any]]:
    attributes = record.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(name, str) or not name:
        raise SaveError.of("INVALID_TYPE", "Each record needs attributes with a type")
    found = call.org.schema.get(name)
    if found is None:
        absent = lacking(name, call.org.schema)
        if absent:
            raise gap(f"the object {absent}")
        raise SaveError.of("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return found, {key: value for key, value in record.items() if key != "attributes"}


def _take_id(values: dict[str, Any]) -> str:
    given = next((name for name in values if name.lower() == "id"), None)
    return str(values.pop(given) or "") if given is not None else ""


def _checked_id(record_id: str) -> str:
    if not is_id(record_id):
        raise SaveError.of("MALFORMED_ID", f"malformed id {record_id}")
    return to18(record_id)


def _object_of(call: Call, record_id: str) -> SObjectType:
    prefix = record_id[:3]
    found = next((o for o in call.org.schema.objects.values() if o.key_prefix == prefix), None)
    if found is None:
        raise SaveError.of("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    return found


def _texts(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _retrieved(call: Call, sobject: SObjectType, record_id: str, names: list[str]) -> Result | None:
    try:
        row = call.org.get(sobject.name, record_id, fields=names)
    except NotFoundError:
        return None
    call.tally.rows_out += 1
    return {"attributes": {"type": sobject.name, "url": call.record_url(sobject.name, row["Id"])}, **row}
