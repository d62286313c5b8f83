"""``query``, ``queryAll`` and their further pages (contract §7.1)."""

from __future__ import annotations

import re
from typing import Any, Final

from prm_harness.crm.org.errors import QueryError
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.cursors import Cursor, page_size
from prm_harness.crm.salesforce.errors import gap, request_error
from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.salesforce.query_info.columns import columns_of
from prm_harness.crm.salesforce.query_info.plan import plans_of
from prm_harness.crm.soql import QueryResult, parse

_ADDRESS: Final = re.compile(r"([0-9A-Za-z]{18})-([0-9]{1,9})")
"""A locator and the offset of the page."""
_SUB_SELECT: Final = re.compile(r"\(\s*select\s", re.IGNORECASE)
"""Cheap to look for; only such a query's rows have to be searched for child lists."""


def query(call: Call) -> Response:
    """Live rows."""
    return _run(call, include_deleted=False)


def query_all(call: Call) -> Response:
    """Deleted rows, too."""
    return _run(call, include_deleted=True)


def more(call: Call) -> Response:
    """A further page. The locator alone counts; a stale ``q`` beside it is ignored."""
    address = _ADDRESS.fullmatch(call.args["locator"])
    cursor = call.wire.cursors.get(address[1]) if address else None
    if address is None or cursor is None or int(address[2]) >= len(cursor.records):
        raise request_error(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(call, cursor, address[1], int(address[2]))


def _run(call: Call, *, include_deleted: bool) -> Response:
    explain = call.params.get("explain", "")
    soql = explain or call.params.get("q", "")
    if not soql.strip():
        raise request_error(400, "MALFORMED_QUERY", "SOQL statements cannot be empty or null")
    call.tally.soql.append(soql)
    try:
        result = call.org.query(
            soql, user=call.user, include_deleted=include_deleted, as_text=True, url_for=call.record_url
        )
    except QueryError as error:
        return _of_definitions(call, soql, error)
    if explain:
        return _explain(call, explain, result)
    if call.flag("columns"):
        return json_response(columns_of(parse(soql), call.org.schema))
    size = page_size(call.request.header("sforce-query-options"))
    nested = _SUB_SELECT.search(soql) is not None
    if nested:
        _page_children(call, result.records[:size], size)
    return _first_page(call, result, size, nested=nested)


def _of_definitions(call: Call, soql: str, refusal: QueryError) -> Response:
    """The answer where the unknown object is one of those that tell the org's own make-up, all rows on one page.

    Change events and some lists have no rows to ask for (answers quoted in public backup tools).
    """
    from prm_harness.crm.salesforce.definitions.asking import (
        asked_of,
        is_definition,
        is_unqueryable,
        query_definitions,
    )
    from prm_harness.crm.salesforce.definitions.tables import definitions_of

    asked = asked_of(soql)
    if refusal.faults[0].code != "INVALID_TYPE":
        raise refusal
    if is_unqueryable(asked, call.org.schema):
        raise request_error(400, "INVALID_TYPE_FOR_OPERATION", f"entity type {asked} does not support query")
    if not is_definition(asked):
        raise refusal
    if call.params.get("explain"):
        raise gap("explain of definitions")
    result = query_definitions(call, soql)
    if call.flag("columns"):
        return json_response(columns_of(parse(soql), definitions_of(call).schema))
    call.tally.rows_out += len(result.records)
    return json_response({"totalSize": result.total, "done": True, "records": result.records})


def answer_query(call: Call, soql: str) -> Response:
    """What a query without sub-selects answers, for addresses that mean one."""
    call.tally.soql.append(soql)
    result = call.org.query(soql, user=call.user, as_text=True, url_for=call.record_url)
    return _first_page(call, result, page_size(call.request.header("sforce-query-options")), nested=False)


def _first_page(call: Call, result: QueryResult, size: int, *, nested: bool) -> Response:
    if len(result.records) <= size:
        call.tally.rows_out += len(result.records)
        return json_response({"totalSize": result.total, "done": True, "records": result.records})
    locator = call.wire.cursors.open(result.records, result.total, size)
    cursor = call.wire.cursors.get(locator)
    assert cursor is not None
    cursor.nested = nested
    return _page(call, cursor, locator, 0)


def _page(call: Call, cursor: Cursor, locator: str, start: int) -> Response:
    end = start + cursor.page
    rows = cursor.records[start:end]
    if cursor.nested:
        _page_children(call, rows, cursor.page)
    call.tally.rows_out += len(rows)
    body: dict[str, Any] = {"totalSize": cursor.total, "done": end >= len(cursor.records)}
    if not body["done"]:
        body["nextRecordsUrl"] = f"{call.base}/query/{locator}-{end}"
    return json_response({**body, "records": rows})


def _page_children(call: Call, rows: list[Any], size: int) -> None:
    """Child lists longer than a page become a page with an address of its own for the rest (contract §7.1)."""
    for row in rows:
        if not isinstance(row, dict):  # a row of plain fields is text already: the sub-select was a filter's
            continue
        for child in row.values():
            if not isinstance(child, dict) or len(child.get("records", ())) <= size:
                continue
            whole = child["records"]
            locator = call.wire.cursors.open(whole, child["totalSize"], size)
            child.pop("records")
            child |= {
                "done": False,
                "nextRecordsUrl": f"{call.base}/query/{locator}-{size}",
                "records": whole[:size],
            }


def _explain(call: Call, soql: str, result: QueryResult) -> Response:
    count = f"SELECT COUNT() FROM {result.sobject}"
    rows = call.org.query(count, user=call.user, url_for=call.record_url).total
    return json_response(plans_of(parse(soql), call.org.schema, matching=result.total, rows=rows))
