"""Bulk API 2.0 ingest: create a job, upload its file once, close it, read its results (contract §9.1)."""

from __future__ import annotations

import email.policy
from email.parser import BytesParser
from typing import Any, Final

import orjson

from prm_harness.crm.org.schema import SObjectType
from prm_harness.crm.salesforce.bulk import results
from prm_harness.crm.salesforce.bulk.collector import collection_paused
from prm_harness.crm.salesforce.bulk.handling import (
    check_abortable,
    dialect_of,
    found,
    invalid_job,
    listing,
    remove,
    wrong_state,
)
from prm_harness.crm.salesforce.bulk.jobs import IngestJob, Jobs
from prm_harness.crm.salesforce.bulk.loader import NO_HARD_DELETE, NULL, WRITES, Loader
from prm_harness.crm.salesforce.bulk.sheet import JobFault, check_line_ending, decoded, read
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import request_error, routing_error
from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.salesforce.json_faults import message_of

CSV: Final = "text/csv"
LARGEST_UPLOAD: Final = 150_000_000
"""Bytes of a job's file (contract §9.1); the refusal is worded as version 1.0 words it."""
LARGEST_PART: Final = 100_000
"""Characters of a file that comes with the job's description, as a multipart request."""


def create(call: Call) -> Response:
    """``POST /jobs/ingest``: a description, or a multipart of it and the file."""
    upload: bytes | None = None
    if call.request.header("content-type").lower().startswith("multipart/"):
        body, upload = _parts(call)
    else:
        body = call.json_object()
    job = _described(call, body)
    _jobs(call).add(job)
    if upload is None:
        return json_response(_opened(call, job))
    job.upload = upload
    _close(call, job)
    return json_response({**job.info(), **job.form()})


def info(call: Call) -> Response:
    """``GET /jobs/ingest/<id>``."""
    job = found(call, _jobs(call))
    job.step()
    if job.state == "Open":
        return json_response({**_opened(call, job), **_progress(job)})
    return json_response(_with_progress(job))


def upload(call: Call) -> Response:
    """``PUT /jobs/ingest/<id>/batches``: the whole file, once."""
    job = found(call, _jobs(call))
    if job.state != "Open":
        raise wrong_state(f"Upload is not allowed for a Job in state {job.state}")
    kind = call.request.header("content-type").partition(";")[0].strip().lower()
    if kind not in {CSV, ""}:
        message = f"Content-Type {kind} is not supported for this resource; it takes {CSV}"
        raise request_error(415, "UNSUPPORTED_MEDIA_TYPE", message)
    if job.upload is not None:
        message = (
            f"Found multiple contents for job: <{job.id}>, please 'Close' / 'Abort' / 'Delete' the current Job "
            "then create a new Job and make sure you only do 'PUT' once on a given Job."
        )
        raise routing_error(400, "CLIENT_ERROR", message)
    if len(call.request.body) > LARGEST_UPLOAD:
        message = f"Failed to read request. Exceeded max size limit of {LARGEST_UPLOAD}"
        raise routing_error(413, "CLIENT_ERROR", message)
    job.upload = call.request.body
    job.changed_at = call.wire.clock.now()
    return Response(201)


def change(call: Call) -> Response:
    """``PATCH /jobs/ingest/<id>``: UploadComplete sets the job to work, Aborted gives it up."""
    job = found(call, _jobs(call))
    state = call.json_object().get("state")
    if state == "Aborted":
        check_abortable(job)
        job.state = job.outcome = "Aborted"
        job.changed_at = call.wire.clock.now()
    elif state == "UploadComplete":
        if job.state != "Open":
            raise wrong_state(f"Closing a Job in state {job.state} is not allowed")
        _close(call, job)
    else:
        raise invalid_job(f"state {state!r} is not one a client can set: UploadComplete or Aborted")
    return json_response(job.info())


def delete(call: Call) -> Response:
    """``DELETE /jobs/ingest/<id>``."""
    return remove(call, _jobs(call))


def list_all(call: Call) -> Response:
    """``GET /jobs/ingest``."""
    return listing(call, _jobs(call).all(), "ingest")


def successful(call: Call) -> Response:
    """``GET …/successfulResults``."""
    return _csv(results.successful(found(call, _jobs(call))))


def failed(call: Call) -> Response:
    """``GET …/failedResults``."""
    return _csv(results.failed(found(call, _jobs(call))))


def unprocessed(call: Call) -> Response:
    """``GET …/unprocessedrecords``."""
    return _csv(results.unprocessed(found(call, _jobs(call))))


# -- the job ------------------------------------------------------------------------------------------------------


def _jobs(call: Call) -> Jobs[IngestJob]:
    return call.wire.bulk.ingest


def _described(call: Call, body: dict[str, Any]) -> IngestJob:
    sobject, operation = _target(call, body), str(body["operation"])
    key_field = str(body.get("externalIdFieldName") or "")
    if operation == "upsert":
        _check_key(sobject, key_field)
    now = call.wire.clock.now()
    return IngestJob(
        id=call.wire.bulk.mint.next("750"),
        kind="V2Ingest",
        operation=operation,
        sobject=sobject.name,
        user=call.user,
        created_at=now,
        changed_at=now,
        version=call.version,
        dialect=dialect_of(body),
        key_field=key_field,
        assignment_rule=str(body.get("assignmentRuleId") or ""),
    )


def _target(call: Call, body: dict[str, Any]) -> SObjectType:
    operation = body.get("operation")
    if operation not in WRITES:
        raise invalid_job(f"Unsupported operation: {operation}; one of {', '.join(WRITES)} is expected")
    if operation == "hardDelete" and not call.org.access.permits(call.user, "PermissionsBulkApiHardDelete"):
        raise routing_error(400, "FEATURENOTENABLED", f"FeatureNotEnabled : {NO_HARD_DELETE}")
    name = body.get("object")
    if not isinstance(name, str) or not name:
        raise invalid_job("object is required to create a Job")
    sobject = call.org.schema.get(name)
    if sobject is None:
        raise invalid_job(f"InvalidJob : Unable to find object: {name}")
    return sobject


def _check_key(sobject: SObjectType, key_field: str) -> None:
    if not key_field:
        raise invalid_job("InvalidJob : External ID was blank for the upsert operation")
    field = sobject.field(key_field)
    if field is None or not (field.external_id or field.id_lookup or field.name == "Id"):
        raise invalid_job(
            f"InvalidJob : Field name provided, {key_field} does not match an External ID for {sobject.name}"
        )


def _close(call: Call, job: IngestJob) -> None:
    """Set the job to work: it has ended when this returns, though its states are shown one after the other."""
    job.state = "UploadComplete"
    call.tally.background = True
    try:
        with collection_paused():
            _run(call, job)
        job.outcome = "JobComplete"
    except JobFault as fault:
        job.outcome, job.error = "Failed", str(fault)
        call.tally.part_errors.append(job.error.partition(" :")[0])
    job.changed_at = call.wire.clock.now()


def _run(call: Call, job: IngestJob) -> None:
    if not (job.upload or b"").strip():
        return
    text = decoded(job.upload or b"")
    check_line_ending(text, job.dialect)
    header, chunks = read(text, job.dialect)
    loader = Loader(call.org, call.sobject(job.sobject), job.operation, job.key_field, user=job.user)
    job.header = header
    columns, clears = loader.columns(header), NULL in text
    for chunk in chunks:
        outcomes = loader.load(columns, chunk, clears=clears)
        results.account(job, outcomes, chunk)
        call.tally.rows_in += len(outcomes)
        call.tally.part_errors += dict.fromkeys(o.faults[0].code for o in outcomes if o.faults)
    job.upload = b""


def _parts(call: Call) -> tuple[dict[str, Any], bytes]:
    """The description and the file of a multipart request, whatever their parts are called."""
    head = f"Content-Type: {call.request.header('content-type')}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=email.policy.HTTP).parsebytes(head + call.request.body)
    found_parts = {part.get_content_type(): part.get_payload(decode=True) for part in message.iter_parts()}
    description, content = found_parts.get("application/json"), found_parts.get(CSV)
    if not isinstance(description, bytes) or not isinstance(content, bytes):
        raise invalid_job("A multipart request needs a part of application/json and one of text/csv")
    if len(content) > LARGEST_PART:
        raise invalid_job(f"The content of a multipart request has at most {LARGEST_PART} characters")
    try:
        body = orjson.loads(description)
    except orjson.JSONDecodeError as error:
        raise request_error(400, "JSON_PARSER_ERROR", message_of(description, error)) from None
    if not isinstance(body, dict):
        raise invalid_job("The description of a job is a JSON object")
    return body, content


# -- answers ------------------------------------------------------------------------------------------------------


def _opened(call: Call, job: IngestJob) -> dict[str, Any]:
    return {
        **job.info(),
        "contentUrl": f"{call.base.lstrip('/')}/jobs/ingest/{job.id}/batches",
        **job.form(),
    }


def _with_progress(job: IngestJob) -> dict[str, Any]:
    progress = _progress(job)
    return {**job.info(), "jobType": progress.pop("jobType"), **job.form(), **progress}


def _progress(job: IngestJob) -> dict[str, Any]:
    ran = job.state not in {"Open", "UploadComplete"}
    return {
        "jobType": job.kind,
        "numberRecordsProcessed": job.processed if ran else 0,
        "numberRecordsFailed": job.failed if ran else 0,
        "retries": 0,
        "totalProcessingTime": 0,
        "apiActiveProcessingTime": 0,
        "apexProcessingTime": 0,
        **({"errorMessage": job.error} if job.error and ran else {}),
    }


def _csv(text: str) -> Response:
    return Response(200, {"Content-Type": CSV}, text.encode())
