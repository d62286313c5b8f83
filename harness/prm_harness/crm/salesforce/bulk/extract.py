"""Bulk API 2.0 query: a job whose result is a CSV file, read in pages by locator (contract §9.1)."""

from __future__ import annotations

from typing import Final

from prm_harness.crm.org.errors import QueryError
from prm_harness.crm.salesforce.bulk.collector import collection_paused
from prm_harness.crm.salesforce.bulk.handling import (
    check_abortable,
    dialect_of,
    found,
    from_locator,
    invalid_job,
    listing,
    remove,
    to_locator,
    wrong_state,
)
from prm_harness.crm.salesforce.bulk.jobs import Jobs, QueryJob
from prm_harness.crm.salesforce.bulk.sheet import Dialect
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import of_org, routing_error
from prm_harness.crm.salesforce.http import Response, json_response

PAGE: Final = 50_000
"""Rows of a page when the client does not say how many."""
INCLUDES_DELETED: Final = {"query": False, "queryAll": True}


def create(call: Call) -> Response:
    """``POST /jobs/query``: the query runs at once; its rows are what they were then."""
    body = call.json_object()
    operation, soql = body.get("operation"), body.get("query")
    if operation not in INCLUDES_DELETED:
        raise invalid_job(f"Unsupported operation: {operation}; query or queryAll is expected")
    if not isinstance(soql, str) or not soql.strip():
        raise invalid_job("query is required to create a query Job")
    call.tally.soql.append(soql)
    now = call.wire.clock.now()
    job = QueryJob(
        id=call.wire.bulk.mint.next("750"),
        kind="V2Query",
        operation=str(operation),
        sobject="",
        user=call.user,
        created_at=now,
        changed_at=now,
        version=call.version,
        dialect=dialect_of(body),
        state="UploadComplete",
        soql=soql,
    )
    with collection_paused():
        _run(call, job)
    call.wire.bulk.query.add(job)
    return json_response({**job.info(), **job.form()})


def info(call: Call) -> Response:
    """``GET /jobs/query/<id>``."""
    job = found(call, _jobs(call))
    job.step()
    shown = {**job.info(), "jobType": job.kind, **job.form()}
    if job.state != "UploadComplete":
        shown |= {"numberRecordsProcessed": job.processed, "retries": 0, "totalProcessingTime": 0}
        shown["isPkChunkingSupported"] = True
    return json_response(shown)


def change(call: Call) -> Response:
    """``PATCH /jobs/query/<id>`` with Aborted."""
    job = found(call, _jobs(call))
    state = call.json_object().get("state")
    if state != "Aborted":
        raise invalid_job(f"state {state!r} is not one a client can set: Aborted")
    check_abortable(job)
    job.state = job.outcome = "Aborted"
    job.chunks.clear()
    return json_response(job.info())


def delete(call: Call) -> Response:
    """``DELETE /jobs/query/<id>``."""
    return remove(call, _jobs(call))


def list_all(call: Call) -> Response:
    """``GET /jobs/query``."""
    return listing(call, _jobs(call).all(), "query")


def results(call: Call) -> Response:
    """``GET /jobs/query/<id>/results``: a page, its locator and number of rows in the headers."""
    job = found(call, _jobs(call))
    if call.version != job.version:
        message = f"The results of a Job are read with the API version it was created with, {job.version}"
        raise routing_error(409, "API_ERROR", message)
    if job.outcome != "JobComplete":
        raise wrong_state(f"Results of a Job in state {job.outcome} are not available")
    wanted = call.params.get("maxRecords", "")
    if wanted and (not wanted.isdecimal() or int(wanted) < 1):
        raise routing_error(400, "API_ERROR", f"maxRecords has to be a positive number, not {wanted}")
    start = from_locator(call.params.get("locator", ""))
    end = min(start + (int(wanted) if wanted else PAGE), job.processed)
    count = max(0, end - start)
    call.tally.rows_out += count
    headers = {
        "Content-Type": "text/csv",
        "Sforce-NumberOfRecords": str(count),
        "Sforce-Locator": to_locator(end) if end < job.processed else "null",
    }
    return Response(200, headers, (job.header + _page(job, start, end)).encode())


def _jobs(call: Call) -> Jobs[QueryJob]:
    return call.wire.bulk.query


def _run(call: Call, job: QueryJob) -> None:
    try:
        table = call.org.query_table(job.soql, user=job.user, include_deleted=INCLUDES_DELETED[job.operation])
        job.sobject = table.sobject
        job.header = job.dialect.header(table.columns)
        for rows in table.chunks:
            job.chunks.append((len(rows), job.dialect.page(rows)))
            job.processed += len(rows)
    except QueryError as error:
        first = error.faults[0]
        # What bulk queries cannot do is an API_ERROR in 2.0 (public reports); the rest keeps its own code.
        if first.code == "FUNCTIONALITY_NOT_ENABLED":
            raise routing_error(400, "API_ERROR", first.message) from None
        raise of_org(error) from None
    job.outcome = "JobComplete"


def _page(job: QueryJob, start: int, end: int) -> str:
    """The rows from ``start`` up to ``end``: whole chunks as they are, only those at the edges are cut."""
    parts: list[str] = []
    first = 0
    for size, text in job.chunks:
        low, high = max(start - first, 0), min(end - first, size)
        if low < high:
            parts.append(text if (low, high) == (0, size) else _cut(job.dialect, text, low, high))
        first += size
    return "".join(parts)


def _cut(dialect: Dialect, text: str, low: int, high: int) -> str:
    return dialect.page(list(dialect.rows(text))[low:high])
