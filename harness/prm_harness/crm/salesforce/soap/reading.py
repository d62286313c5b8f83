"""Operations that change nothing: queries, retrieve, change ranges, describes."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import orjson

from prm_harness.crm.org.errors import NotFoundError, SandboxGapError
from prm_harness.crm.org.ids import is_id
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.cursors import page_size
from prm_harness.crm.salesforce.describing import describe
from prm_harness.crm.salesforce.records import changes
from prm_harness.crm.salesforce.searching import search as sosl
from prm_harness.crm.salesforce.soap.envelope import Envelope, SoapFault
from prm_harness.crm.salesforce.soap.records import object_named

LARGEST_DESCRIBE = 100
LARGEST_RETRIEVE = 2000


def query(call: Call, given: dict[str, Any], asked: Envelope) -> dict[str, Any]:
    """``query``."""
    return _run(call, given, asked, include_deleted=False)


def query_all(call: Call, given: dict[str, Any], asked: Envelope) -> dict[str, Any]:
    """``queryAll``."""
    return _run(call, given, asked, include_deleted=True)


def _run(call: Call, given: dict[str, Any], asked: Envelope, *, include_deleted: bool) -> dict[str, Any]:
    soql = given["queryString"] or ""
    if not soql.strip():
        raise SoapFault("MALFORMED_QUERY", "SOQL statements cannot be empty or null")
    call.tally.soql.append(soql)
    result = call.org.query(soql, user=call.user, include_deleted=include_deleted, url_for=call.record_url)
    size = page_size(f"batchSize={asked.header('QueryOptions', 'batchSize')}")
    if len(result.records) <= size:
        call.tally.rows_out += len(result.records)
        return {"done": True, "queryLocator": None, "records": result.records, "size": result.total}
    locator = call.wire.cursors.open(result.records, result.total, size)
    return _page(call, locator, 0)


def query_more(call: Call, given: dict[str, Any], _asked: Envelope) -> dict[str, Any]:
    """``queryMore``: a locator is the cursor's id and the offset of the page."""
    locator, _, start = (given["queryLocator"] or "").partition("-")
    if not start.isdecimal() or len(start) > 9:
        raise SoapFault("INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(call, locator, int(start))


def _page(call: Call, locator: str, start: int) -> dict[str, Any]:
    cursor = call.wire.cursors.get(locator)
    if cursor is None or start >= len(cursor.records):
        raise SoapFault("INVALID_QUERY_LOCATOR", "invalid query locator")
    end = start + cursor.page
    rows = cursor.records[start:end]
    call.tally.rows_out += len(rows)
    done = end >= len(cursor.records)
    return {
        "done": done,
        "queryLocator": None if done else f"{locator}-{end}",
        "records": rows,
        "size": cursor.total,
    }


def search(call: Call, given: dict[str, Any], _: Envelope) -> dict[str, Any]:
    """``search``: a SOSL statement; each record found is wrapped."""
    statement = given["searchString"] or ""
    call.tally.soql.append(statement)
    wanted = sosl.read_sosl(statement)
    if wanted.asked.highlight or wanted.asked.labels:
        raise SandboxGapError("SOSL: WITH HIGHLIGHT and WITH METADATA over SOAP")
    records = sosl.hits(call, wanted)
    # The id names the search in the org's own statistics; no operation takes it.
    return {
        "queryId": sha256(statement.encode()).hexdigest()[:32],
        "searchRecords": [{"record": record} for record in records],
    }


def retrieve(call: Call, given: dict[str, Any], _: Envelope) -> list[dict[str, Any] | None]:
    """``retrieve``: rows in the order of the ids, nil where there is none."""
    sobject = object_named(call, given["sObjectType"] or "")
    names = [name.strip() for name in (given["fieldList"] or "").split(",") if name.strip()]
    if not names:
        raise SoapFault("MALFORMED_QUERY", "The field list is empty")
    if len(given["ids"]) > LARGEST_RETRIEVE:
        raise SoapFault(
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {LARGEST_RETRIEVE} records into this call",
        )
    rows: list[dict[str, Any] | None] = []
    for record_id in given["ids"]:
        if not record_id or not is_id(record_id):
            raise SoapFault("MALFORMED_ID", f"malformed id {record_id}")
        try:
            row = call.org.get(sobject.name, record_id, fields=names)
        except NotFoundError:
            rows.append(None)
        else:
            rows.append({"attributes": {"type": sobject.name}, **row})
            call.tally.rows_out += 1
    return rows


def updated(call: Call, given: dict[str, Any], _: Envelope) -> Any:
    """``getUpdated``."""
    return _range(call, given, changes.updated)


def deleted(call: Call, given: dict[str, Any], _: Envelope) -> Any:
    """``getDeleted``."""
    return _range(call, given, changes.deleted)


def _range(call: Call, given: dict[str, Any], rest: Any) -> Any:
    call.args["sobject"] = object_named(call, given["sObjectType"] or "").name
    call.params = {"start": given["startDate"] or "", "end": given["endDate"] or ""}
    return orjson.loads(rest(call).body)


def describe_global(call: Call, _given: dict[str, Any], _: Envelope) -> Any:
    """``describeGlobal``: the REST describe in SOAP's order."""
    return orjson.loads(describe.global_describe(call).body)


def describe_one(call: Call, given: dict[str, Any], _: Envelope) -> Any:
    """``describeSObject``."""
    return _described(call, given["sObjectType"] or "")


def describe_many(call: Call, given: dict[str, Any], _: Envelope) -> Any:
    """``describeSObjects``: up to 100 objects, in the order asked."""
    if len(given["sObjectType"]) > LARGEST_DESCRIBE:
        raise SoapFault(
            "EXCEEDED_ID_LIMIT", f"cannot describe more than {LARGEST_DESCRIBE} objects in one call"
        )
    return [_described(call, name) for name in given["sObjectType"]]


def _described(call: Call, name: str) -> dict[str, Any]:
    call.args["sobject"] = object_named(call, name).name
    body: dict[str, Any] = orjson.loads(describe.describe(call).body)
    urls = body["urls"]
    pages = {"urlDetail": "uiDetailTemplate", "urlEdit": "uiEditTemplate", "urlNew": "uiNewRecord"}
    return {**body, **{name: urls.get(key) for name, key in pages.items()}}
