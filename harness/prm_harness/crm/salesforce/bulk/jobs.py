"""Bulk API 2.0 jobs and what is known about them, for as long as Salesforce keeps them (contract §9.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from prm_harness.crm.backend import Clock
from prm_harness.crm.org.ids import IdMint, is_id, to18
from prm_harness.crm.salesforce.bulk.async_jobs import AsyncJob
from prm_harness.crm.salesforce.bulk.sheet import CHUNK, Dialect
from prm_harness.crm.store.values import as_datetime

KEPT: Final = timedelta(days=7)
ENDED: Final = frozenset({"JobComplete", "Failed", "Aborted"})


@dataclass(slots=True)
class Job:
    """What ingest and query jobs have in common.

    A job runs at once, inside the request that starts it. ``state`` is what has been shown of it: clients see
    UploadComplete first, InProgress at their first look when it has more rows than one internal batch, and then
    ``outcome``, the state it has ended in.
    """

    id: str
    kind: str
    operation: str
    sobject: str
    user: str
    created_at: datetime
    changed_at: datetime
    version: str
    dialect: Dialect
    state: str = "Open"
    outcome: str = ""
    error: str = ""
    processed: int = 0

    def step(self) -> None:
        """Show the next state: what a client that looks again would see."""
        if self.state == "UploadComplete" and self.outcome == "JobComplete" and self.processed > CHUNK:
            self.state = "InProgress"
        elif self.state in {"UploadComplete", "InProgress"} and self.outcome:
            self.state = self.outcome

    def info(self) -> dict[str, Any]:
        """The keys of every answer about the job, in the recorded order."""
        key_field = getattr(self, "key_field", "")
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.sobject,
            "createdById": self.user,
            "createdDate": as_datetime(self.created_at),
            "systemModstamp": as_datetime(self.changed_at),
            "state": self.state,
            **({"externalIdFieldName": key_field} if key_field else {}),
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
        }

    def form(self) -> dict[str, Any]:
        """How its files are written."""
        return {"lineEnding": self.dialect.line_ending, "columnDelimiter": self.dialect.delimiter}


@dataclass(slots=True)
class IngestJob(Job):
    """Rows to be written. ``saved`` and ``refused`` are its result files without headings, chunk by chunk.

    The upload is kept until the job is complete: what was not processed can be had back from it.
    """

    key_field: str = ""
    assignment_rule: str = ""
    upload: bytes | None = None
    header: list[str] = field(default_factory=list)
    saved: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    failed: int = 0


@dataclass(slots=True)
class QueryJob(Job):
    """Rows to be read: the file as it was when the query ran, in chunks of (number of rows, text)."""

    soql: str = ""
    header: str = ""
    chunks: list[tuple[int, str]] = field(default_factory=list)


Kind = TypeVar("Kind", bound=Job)


class Jobs(Generic[Kind]):
    """The jobs of one kind by id, oldest first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jobs: dict[str, Kind] = {}

    def add(self, job: Kind) -> None:
        """Keep a new job."""
        self._jobs[job.id] = job

    def get(self, job_id: str) -> Kind | None:
        """A job by its 15- or 18-character id; None when unknown or older than seven days."""
        self._forget()
        return self._jobs.get(to18(job_id)) if is_id(job_id) else None

    def remove(self, job: Kind) -> None:
        """Forget a job and its data."""
        del self._jobs[job.id]

    def all(self) -> list[Kind]:
        """Every job, oldest first."""
        self._forget()
        return list(self._jobs.values())

    def _forget(self) -> None:
        oldest = self._clock.now() - KEPT
        for job_id in [i for i, job in self._jobs.items() if job.created_at < oldest]:
            del self._jobs[job_id]


class BulkState:
    """Everything that the Bulk APIs of one org remember."""

    def __init__(self, seed: int, clock: Clock) -> None:
        self.mint = IdMint(seed)
        self.ingest: Jobs[IngestJob] = Jobs(clock)
        self.query: Jobs[QueryJob] = Jobs(clock)
        self.asynchronous: dict[str, AsyncJob] = {}
