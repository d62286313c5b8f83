"""Bulk API 1.0 below ``/services/async``: sessions, formats, jobs and batches (contract §9.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Final

import orjson

from prm_harness.crm.salesforce.bulk import async_batches
from prm_harness.crm.salesforce.bulk.async_files import local, parsed
from prm_harness.crm.salesforce.bulk.async_jobs import (
    JSON,
    AsyncJob,
    Batch,
    batch_info,
    in_json,
    in_xml,
    job_info,
    xml_list,
)
from prm_harness.crm.salesforce.bulk.handling import find_async
from prm_harness.crm.salesforce.bulk.loader import NO_HARD_DELETE, WRITES
from prm_harness.crm.salesforce.call import Call, Handler
from prm_harness.crm.salesforce.http import Request, Response

_READS: Final = ("query", "queryAll")
_MODES: Final = {"0": "Parallel", "1": "Serial", "parallel": "Parallel", "serial": "Serial"}
_CONTENT: Final = {"XML", "CSV", "JSON"}
_CHUNK_SIZE: Final = re.compile(r"chunkSize\s*=\s*([0-9]{1,6})", re.IGNORECASE)
_DEFAULT_CHUNK: Final = 100_000
_LARGEST_CHUNK: Final = 250_000
LARGEST_BATCH: Final = 10_000_000
"""Characters of a batch (the vendor's Bulk API limits; the text of the refusal is from a public report)."""


class AsyncError(Exception):
    """A request that this API refuses, by its own exception codes."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(f"{code}: {message}")


def asynchronous(handler: Callable[[Call], Response]) -> Handler:
    """A handler behind this API's own session header, call counter and error shape."""

    def handle(call: Call) -> Response:
        try:
            _admit(call)
            return handler(call)
        except AsyncError as error:
            return refusal(call.request, error.code, error.message)

    return handle


def refusal(request: Request, code: str, message: str, *, status: int = 400) -> Response:
    """An error of this API, as JSON or XML: whichever the request asks for."""
    shown = {"exceptionCode": code, "exceptionMessage": message}
    answer = (in_json if wants_json(request) else partial(in_xml, "error"))(shown, status=status)
    answer.error_code = code
    return answer


def _admit(call: Call) -> None:
    session = call.request.header("x-sfdc-session").strip()
    scheme, _, token = call.request.header("authorization").partition(" ")
    if not session and scheme.lower() in {"bearer", "oauth"}:
        session = token.strip()
    user = call.wire.sessions.user_of(session)
    if user is None:
        raise AsyncError("InvalidSessionId", "Invalid session id")
    call.user = user
    if not call.wire.quota.take():
        raise AsyncError("ExceededQuota", "TotalRequests Limit exceeded.")


def wants_json(request: Request) -> bool:
    """Job addresses answer in the format that the request says it has itself."""
    kind = request.header("content-type").partition(";")[0].strip().lower()
    return kind == JSON or (not kind and JSON in request.header("accept").lower())


@asynchronous
def create_job(call: Call) -> Response:
    """``POST /job``."""
    given = _description(call)
    now = call.wire.clock.now()
    operation, content = given.get("operation", ""), given.get("contentType", "XML").upper()
    if operation not in WRITES + _READS:
        raise AsyncError(
            "InvalidJob", f"Unknown operation: {operation}" if operation else "No operation found"
        )
    if operation == "hardDelete" and not call.org.access.permits(call.user, "PermissionsBulkApiHardDelete"):
        raise AsyncError("FeatureNotEnabled", NO_HARD_DELETE)
    if content not in _CONTENT:
        raise AsyncError("InvalidJob", f"Content type {content} is not supported")
    sobject = call.org.schema.get(given.get("object", ""))
    if sobject is None:
        raise AsyncError("InvalidJob", f"Unable to find object: {given.get('object', '')}")
    key = given.get("externalIdFieldName", "")
    field = sobject.field(key) if key else None
    if operation == "upsert" and not key:
        raise AsyncError("InvalidJob", "External ID was blank for the upsert operation")
    if operation == "upsert" and (field is None or not (field.external_id or field.id_lookup or key == "Id")):
        message = f"Field name provided, {key} does not match an External ID for {sobject.name}"
        raise AsyncError("InvalidJob", message)
    job = AsyncJob(
        id=call.wire.bulk.mint.next("750"),
        operation=operation,
        sobject=sobject.name,
        user=call.user,
        created_at=now,
        changed_at=now,
        version=call.version,
        content=content,
        concurrency=_MODES.get(given.get("concurrencyMode", "0").lower(), "Parallel"),
        key_field=key if operation == "upsert" else "",
        chunk_size=_chunk_size(call) if operation in _READS else 0,
    )
    call.wire.bulk.asynchronous[job.id] = job
    return _job_answer(call, job, status=201)


@asynchronous
def get_job(call: Call) -> Response:
    """``GET /job/<id>``."""
    return _job_answer(call, _job(call))


@asynchronous
def change_job(call: Call) -> Response:
    """``POST /job/<id>`` with the state Closed or Aborted."""
    job = _job(call)
    state = _description(call).get("state", "")
    if state not in {"Closed", "Aborted"}:
        raise AsyncError("InvalidJobState", f"Job state cannot be set to {state or 'nothing'}")
    if job.state == "Aborted" or (job.state == "Closed" and state == "Aborted" and _all_ended(job)):
        raise AsyncError("InvalidJobState", f"Aborting already {job.state} Job not allowed")
    job.state = state
    job.changed_at = call.wire.clock.now()
    return _job_answer(call, job)


@asynchronous
def add_batch(call: Call) -> Response:
    """``POST /job/<id>/batch``: answered as Queued, run at once."""
    if len(call.request.body) > LARGEST_BATCH:
        raise AsyncError(
            "ClientInputError", f"Failed to read request. Exceeded max size limit of {LARGEST_BATCH}"
        )
    job = _job(call)
    if job.state != "Open":
        raise AsyncError(
            "InvalidJobState", f"Batch can only be added to a job in state Open, not {job.state}"
        )
    batch = _new_batch(call, job, call.request.body)
    job.batches[batch.id] = batch
    if job.chunk_size:
        chunks = async_batches.pk_ranges(call.org, job)
        batch.state = "NotProcessed"
        for id_range in chunks:
            part = _new_batch(call, job, call.request.body)
            job.batches[part.id] = part
            async_batches.run(call, job, part, id_range=id_range)
    else:
        async_batches.run(call, job, batch)
    job.changed_at = call.wire.clock.now()
    shown = batch_info(batch, as_json=job.content == "JSON", state="Queued")
    answer = in_json(shown, status=201) if job.content == "JSON" else in_xml("batchInfo", shown, status=201)
    answer.headers["Location"] = f"/services/async/{call.version}/job/{job.id}/batch/{batch.id}"
    return answer


@asynchronous
def list_batches(call: Call) -> Response:
    """``GET /job/<id>/batch``."""
    job = _job(call)
    as_json = job.content == "JSON"
    entries = [batch_info(batch, as_json=as_json) for batch in job.batches.values()]
    return in_json({"batchInfo": entries}) if as_json else xml_list("batchInfoList", "batchInfo", entries)


@asynchronous
def get_batch(call: Call) -> Response:
    """``GET /job/<id>/batch/<id>``."""
    job = _job(call)
    as_json = job.content == "JSON"
    shown = batch_info(_batch(call, job), as_json=as_json)
    return in_json(shown) if as_json else in_xml("batchInfo", shown)


@asynchronous
def get_request(call: Call) -> Response:
    """``GET …/request``: the file as it was sent."""
    batch = _batch(call, _job(call))
    return Response(200, {"Content-Type": batch.content_type}, batch.body)


@asynchronous
def get_results(call: Call) -> Response:
    """``GET …/result``: a file of outcomes, or for a query the ids of its result files."""
    job = _job(call)
    batch = _batch(call, job)
    if batch.state != "Completed":
        raise AsyncError("InvalidBatch", "Batch not completed")
    if not job.is_query:
        return Response(200, {"Content-Type": async_batches.MEDIA[job.content]}, batch.result)
    if job.content == "JSON":
        return in_json([batch.result_id])
    return in_xml("result-list", {"result": batch.result_id})


@asynchronous
def get_result(call: Call) -> Response:
    """``GET …/result/<id>``: a query's file."""
    job = _job(call)
    batch = _batch(call, job)
    if call.args["result"] != batch.result_id or not batch.result_id:
        raise AsyncError("InvalidBatch", f"Result not found: {call.args['result']}")
    call.tally.rows_out += batch.processed
    return Response(200, {"Content-Type": async_batches.MEDIA[job.content]}, batch.result)


# -- details ------------------------------------------------------------------------------------------------------


def _description(call: Call) -> dict[str, str]:
    """A ``jobInfo`` in either format, as texts."""
    if wants_json(call.request):
        try:
            given = orjson.loads(call.request.body)
        except orjson.JSONDecodeError:
            given = None
        if not isinstance(given, dict):
            raise AsyncError("InvalidJob", "Unable to parse Job")
        return {key: str(value) for key, value in given.items() if value is not None}
    root = parsed(call.request.body)
    if root is None or local(root.tag) != "jobInfo":
        raise AsyncError("InvalidJob", "Unable to parse Job")
    return {local(child.tag): (child.text or "").strip() for child in root}


def _chunk_size(call: Call) -> int:
    """Rows of a chunk when PK chunking is asked for, else 0."""
    header = call.request.header("sforce-enable-pkchunking").strip()
    if not header or header.lower() == "false":
        return 0
    size = _CHUNK_SIZE.search(header)
    return max(1, min(int(size[1]), _LARGEST_CHUNK)) if size else _DEFAULT_CHUNK


def _new_batch(call: Call, job: AsyncJob, body: bytes) -> Batch:
    kind = call.request.header("content-type").partition(";")[0].strip() or async_batches.MEDIA[job.content]
    return Batch(call.wire.bulk.mint.next("751"), job.id, call.wire.clock.now(), body, kind)


def _job(call: Call) -> AsyncJob:
    job = find_async(call.wire.bulk.asynchronous, call.args["job"])
    if job is None:
        raise AsyncError("InvalidJob", f"Invalid job id: {call.args['job']}")
    return job


def _batch(call: Call, job: AsyncJob) -> Batch:
    batch = find_async(job.batches, call.args["batch"])
    if batch is None:
        raise AsyncError("InvalidBatch", f"Unable to find batch for id: {call.args['batch']}")
    return batch


def _all_ended(job: AsyncJob) -> bool:
    return all(batch.state in {"Completed", "Failed", "NotProcessed"} for batch in job.batches.values())


def _job_answer(call: Call, job: AsyncJob, *, status: int = 200) -> Response:
    if wants_json(call.request):
        return in_json(job_info(job, as_json=True), status=status)
    return in_xml("jobInfo", job_info(job, as_json=False), status=status)
