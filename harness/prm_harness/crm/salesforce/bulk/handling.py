"""What handlers of ingest and of query jobs share: reading a job's description, finding jobs, listing them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from prm_harness.crm.org.ids import is_id, to18
from prm_harness.crm.salesforce.bulk.jobs import ENDED, Job, Jobs
from prm_harness.crm.salesforce.bulk.sheet import DELIMITERS, LINE_ENDINGS, Dialect
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import WireError, not_found, routing_error
from prm_harness.crm.salesforce.http import Response, json_response

_LISTED: Final = 1000
_NUMBER: Final = re.compile(r"[0-9]{1,9}")

Kind = TypeVar("Kind", bound=Job)
Thing = TypeVar("Thing")


def found(call: Call, jobs: Jobs[Kind]) -> Kind:
    """The job of the address.

    Raises:
        WireError: 404.
    """
    job = jobs.get(call.args["job"])
    if job is None:
        raise not_found()
    return job


def invalid_job(message: str) -> WireError:
    """A job description that makes no sense."""
    return routing_error(400, "INVALIDJOB", message)


def wrong_state(message: str) -> WireError:
    """Something that the job's state does not allow; the text of a completed job's abort is from a public report."""
    return routing_error(400, "INVALIDJOBSTATE", message)


def dialect_of(body: dict[str, Any]) -> Dialect:
    """How a job's files are written.

    Raises:
        WireError: an unknown delimiter, line ending or content type.
    """
    delimiter = str(body.get("columnDelimiter") or "COMMA").upper()
    line_ending = str(body.get("lineEnding") or "LF").upper()
    if delimiter not in DELIMITERS:
        raise invalid_job(f"Unsupported columnDelimiter: {delimiter}")
    if line_ending not in LINE_ENDINGS:
        raise invalid_job(f"Unsupported lineEnding: {line_ending}")
    if str(body.get("contentType") or "CSV").upper() != "CSV":
        raise invalid_job(f"Unsupported contentType: {body['contentType']}")
    return Dialect(delimiter, line_ending)


def check_abortable(job: Job) -> None:
    """Refuse to abort what has ended.

    Raises:
        WireError: INVALIDJOBSTATE.
    """
    job.step()
    if job.state in ENDED:
        ended = {"JobComplete": "Completed"}.get(job.state, job.state)
        raise wrong_state(f"Aborting already {ended} Job not allowed")


def remove(call: Call, jobs: Jobs[Kind]) -> Response:
    """``DELETE`` of a job that is not being filled or worked on."""
    job = found(call, jobs)
    if job.state == "Open":
        raise wrong_state(f"Deleting a Job in state {job.state} is not allowed")
    jobs.remove(job)
    return Response(204)


def listing(call: Call, jobs: Sequence[Job], name: str) -> Response:
    """All jobs, a thousand a page, narrowed by ``jobType``, ``concurrencyMode`` and ``isPkChunkingEnabled``."""
    wanted = call.params.get("jobType", "").lower()
    shown = [job for job in jobs if wanted in {"", "all", job.kind.lower()}]
    if call.params.get("isPkChunkingEnabled", "").lower() == "true":
        shown = []
    if call.params.get("concurrencyMode", "parallel").lower() != "parallel":
        shown = []
    start = from_locator(call.params.get("queryLocator", ""))
    end = start + _LISTED
    done = end >= len(shown)
    more = None if done else f"{call.base}/jobs/{name}?queryLocator={to_locator(end)}"
    records = [{**job.info(), "jobType": job.kind} for job in shown[start:end]]
    return json_response({"done": done, "records": records, "nextRecordsUrl": more})


def to_locator(start: int) -> str:
    """An opaque locator of a row, in the manner of the real ones (``MTAwMDA``)."""
    return base64.urlsafe_b64encode(str(start).encode()).decode().rstrip("=")


def from_locator(locator: str) -> int:
    """The row behind a locator; 0 for none.

    Raises:
        WireError: 400, it is not one of ours.
    """
    if not locator:
        return 0
    try:
        text = base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)).decode()
    except (binascii.Error, ValueError):
        text = ""
    if not _NUMBER.fullmatch(text):
        raise routing_error(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return int(text)


def find_async(kept: dict[str, Thing], given: str) -> Thing | None:
    """A job or batch of version 1.0 by its 15- or 18-character id."""
    return kept.get(to18(given)) if is_id(given) else None
