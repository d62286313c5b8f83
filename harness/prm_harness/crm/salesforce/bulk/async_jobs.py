"""Bulk API 1.0 jobs and batches, and how they are shown as XML and JSON (recordings bulk1-001 to -014)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from xml.sax.saxutils import escape

import orjson

from prm_harness.crm.salesforce.bulk.loader import Outcome
from prm_harness.crm.salesforce.http import Response
from prm_harness.crm.store.values import as_datetime

NAMESPACE: Final = "http://www.force.com/2009/06/asyncapi/dataload"
XML: Final = "application/xml"
JSON: Final = "application/json"
_NO_TIMES: Final = {"totalProcessingTime": 0, "apiActiveProcessingTime": 0, "apexProcessingTime": 0}


@dataclass(slots=True)
class Batch:
    """One file of a job. It runs when it is added; ``state`` is shown from the first look on."""

    id: str
    job_id: str
    created_at: datetime
    body: bytes
    content_type: str
    state: str = "Queued"
    message: str = ""
    outcomes: list[Outcome] = field(default_factory=list)
    processed: int = 0
    result_id: str = ""
    result: bytes = b""

    @property
    def failed(self) -> int:
        """Rows that were refused."""
        return sum(1 for outcome in self.outcomes if outcome.faults)


@dataclass(slots=True)
class AsyncJob:
    """A job of version 1.0; ``content`` is XML, CSV or JSON."""

    id: str
    operation: str
    sobject: str
    user: str
    created_at: datetime
    changed_at: datetime
    version: str
    content: str
    concurrency: str
    key_field: str = ""
    state: str = "Open"
    chunk_size: int = 0
    batches: dict[str, Batch] = field(default_factory=dict)

    @property
    def is_query(self) -> bool:
        """Whether its batches are queries."""
        return self.operation in {"query", "queryAll"}


def job_info(job: AsyncJob, *, as_json: bool) -> dict[str, Any]:
    """What every answer about a job says."""
    states = [batch.state for batch in job.batches.values()]
    shown = {
        "id": job.id,
        "operation": job.operation,
        "object": job.sobject,
        "createdById": job.user,
        "createdDate": moment(job.created_at, as_json=as_json),
        "systemModstamp": moment(job.changed_at, as_json=as_json),
        "state": job.state,
        "externalIdFieldName": job.key_field or None,
        "concurrencyMode": job.concurrency,
        "contentType": job.content,
        "numberBatchesQueued": states.count("Queued"),
        "numberBatchesInProgress": 0,
        "numberBatchesCompleted": states.count("Completed"),
        "numberBatchesFailed": states.count("Failed"),
        "numberBatchesTotal": len(states),
        "numberRecordsProcessed": sum(batch.processed for batch in job.batches.values()),
        "numberRetries": 0,
        "apiVersion": float(job.version) if as_json else job.version,
        "numberRecordsFailed": sum(batch.failed for batch in job.batches.values()),
        **_NO_TIMES,
    }
    if as_json:
        return {**shown, "assignmentRuleId": None, "fastPathEnabled": False}
    return shown


def batch_info(batch: Batch, *, as_json: bool, state: str = "") -> dict[str, Any]:
    """What every answer about a batch says; keys of JSON stand in alphabetical order, as recorded."""
    fresh = state == "Queued"
    shown = {
        "id": batch.id,
        "jobId": batch.job_id,
        "state": state or batch.state,
        "stateMessage": batch.message if batch.message and not fresh else None,
        "createdDate": moment(batch.created_at, as_json=as_json),
        "systemModstamp": moment(batch.created_at, as_json=as_json),
        "numberRecordsProcessed": 0 if fresh else batch.processed,
        "numberRecordsFailed": 0 if fresh else batch.failed,
        **_NO_TIMES,
    }
    return dict(sorted(shown.items())) if as_json else shown


def moment(at: datetime, *, as_json: bool) -> str:
    """A datetime as this API writes it: with ``+0000`` in JSON, with ``Z`` in XML."""
    text = as_datetime(at)
    return text if as_json else text.replace("+0000", "Z")


def in_xml(name: str, values: Mapping[str, Any], *, status: int = 200) -> Response:
    """One object as an XML document; nulls are left out."""
    inner = elements(values, indent=" ")
    body = f'<?xml version="1.0" encoding="UTF-8"?><{name}\n   xmlns="{NAMESPACE}">\n{inner}</{name}>'
    return Response(status, {"Content-Type": XML}, body.encode())


def elements(values: Mapping[str, Any], *, indent: str) -> str:
    """Children, one a line."""
    return "".join(
        f"{indent}<{key}>{escape(str(value))}</{key}>\n" for key, value in values.items() if value is not None
    )


def in_json(value: Any, *, status: int = 200) -> Response:
    """Any value as JSON; clients compare this content type as a whole."""
    return Response(status, {"Content-Type": JSON}, orjson.dumps(value))


def xml_list(name: str, item: str, entries: list[dict[str, Any]]) -> Response:
    """A list of objects as an XML document; an empty one closes at once, as recorded."""
    head = f'<?xml version="1.0" encoding="UTF-8"?><{name}\n   xmlns="{NAMESPACE}"'
    inner = "".join(f" <{item}>\n{elements(entry, indent='  ')} </{item}>\n" for entry in entries)
    body = f"{head}>\n{inner}</{name}>" if entries else f"{head} />"
    return Response(200, {"Content-Type": XML}, body.encode())
