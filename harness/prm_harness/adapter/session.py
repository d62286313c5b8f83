"""Calling an adapter safely: every call has a time limit, every result is what the contract says, or AdapterFault."""

from __future__ import annotations

import queue
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .codec import STREAMING, CodecError, bind, checked_result
from .contract import NotReached, NotSupported, PrmAdapter, argument_too_new_for, too_new_for
from .faults import AdapterFault, AdapterHung, described
from .masking import masked
from .records import AdapterInfo, Record

__all__ = ["DEFAULT_LIMIT", "LONG_LIMIT", "LONG_OPERATIONS", "AdapterFault", "OperationStats", "Session"]

DEFAULT_LIMIT: Final = 60.0
"""Seconds allowed to an operation."""

LONG_LIMIT: Final = 900.0
"""Seconds allowed to an operation that may load or compare everything."""

PERSON_LIMIT: Final = 12 * 3600.0
"""Seconds allowed to an operation that a person carries out."""

MOST_RECORDS: Final = 1_000_000
"""Records of one list; more is taken for pages without an end."""

LONG_OPERATIONS: Final = frozenset({
    "connect", "elapse", "sync_now", "list", "list_as", "run_step", "add_field", "add_type", "refresh_schema",
    "backfill", "set_filter", "rollback", "health_check", "cleanup", "seed", "resume", "set_mapping", "import_config",
})  # fmt: skip


@dataclass(slots=True)
class OperationStats:
    """How an operation was used in this session."""

    calls: int = 0
    faults: int = 0
    refused: int = 0
    """Answers "not supported"."""
    seconds: float = 0.0
    slowest: float = 0.0


class Session:
    """An adapter under guard. ``info`` is what it said of itself when it was opened.

    All operations run on one daemon thread, so an adapter may hold on to things that belong to a thread. A call that
    exceeds its limit is abandoned with its thread, and the next call gets a fresh one.

    Args:
        adapter: the PRM.
        info: what it said of itself when it was opened; asked now when absent.
        limit: seconds for an ordinary operation.
        long_limit: seconds for those in LONG_OPERATIONS.

    Raises:
        AdapterFault: ``info`` was not given and the adapter could not say.
    """

    def __init__(
        self,
        adapter: PrmAdapter,
        info: AdapterInfo | None = None,
        *,
        limit: float = DEFAULT_LIMIT,
        long_limit: float = LONG_LIMIT,
    ) -> None:
        self._adapter = adapter
        self._limit = limit
        self._long_limit = long_limit
        self._worker: _Worker | None = None
        self._crm_secrets: tuple[str, ...] = ()
        self.stats: dict[str, OperationStats] = {}
        self.info: AdapterInfo = info or self.call("info")
        if self.info.operated_by == "person":
            self._limit = self._long_limit = max(PERSON_LIMIT, long_limit)

    def call(self, operation: str, /, *args: Any, **kwargs: Any) -> Any:
        """Do one operation.

        Raises:
            AdapterFault: it raised, hung, or returned something else than the contract says.
            NotSupported: the product does not do this.
            NotReached: the adapter does not reach it; one written for an older contract is not asked.
        """
        arguments = bind(operation, args, kwargs)
        if operation != "info" and (since := too_new_for(self.info.contract, operation)):
            raise NotReached(
                operation, f"it came with contract {since}, and the adapter speaks {self.info.contract}"
            )
        for name in [*arguments] if operation != "info" else ():
            if since := argument_too_new_for(self.info.contract, operation, name):
                if arguments[name] is not None:
                    raise NotReached(
                        operation,
                        f"its {name} came with contract {since}, and the adapter speaks {self.info.contract}",
                    )
                del arguments[name]
        if operation == "connect":
            self._crm_secrets = arguments["crm"].secrets
        stats = self.stats.setdefault(operation, OperationStats())
        stats.calls += 1
        started = time.perf_counter()
        try:
            return self._guarded(operation, arguments)
        except NotSupported:
            stats.refused += 1
            raise
        except AdapterFault:
            stats.faults += 1
            raise
        finally:
            took = time.perf_counter() - started
            stats.seconds += took
            stats.slowest = max(stats.slowest, took)

    def close(self) -> None:
        """Let the thread end once it is idle. The adapter itself is left alone: ``disconnect`` is an operation."""
        if self._worker is not None:
            self._worker.abandon()
            self._worker = None

    def _guarded(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        limit = self._long_limit if operation in LONG_OPERATIONS else self._limit
        worker = self._worker or _Worker()
        self._worker = worker
        job = worker.start(lambda job: _result(self._adapter, operation, arguments, job))
        try:
            answered = job.done.wait(limit)
        except BaseException:
            # Ctrl-C: whoever cleans up afterwards must not queue behind the call that was interrupted.
            self._leave(worker, job)
            raise
        if not answered:
            self._leave(worker, job)
            raise AdapterHung(operation, f"did not answer within {limit:g} seconds")
        if job.error is None:
            return job.value
        raise self._fault(operation, job.error) from None

    def _leave(self, worker: _Worker, job: _Job) -> None:
        self._worker = None
        job.abandoned = True
        worker.abandon()

    def _fault(self, operation: str, error: BaseException) -> Exception:
        """What is raised instead of what the adapter raised: never with a secret in it, nor in what it came from."""
        secrets = (*self._crm_secrets, *self.secrets())

        def clean(text: str) -> str:
            return masked(text, secrets)

        match error:
            case NotSupported():
                return type(error)(error.operation, clean(error.note))
            case AdapterHung():
                return AdapterHung(error.operation, clean(error.what))
            case AdapterFault():
                return AdapterFault(error.operation, clean(error.what))
            case _:
                return AdapterFault(operation, clean(f"raised {described(error)}{_place(error)}"))

    def secrets(self) -> tuple[str, ...]:
        """What the adapter says must never be written down; an adapter without a ``secrets`` method has none."""
        own = getattr(self._adapter, "secrets", None)
        if not callable(own):
            return ()
        try:
            return tuple(str(value) for value in own())
        except Exception:  # noqa: BLE001 - what it breaks is found by the operations, not here
            return ()


def _result(adapter: PrmAdapter, operation: str, arguments: Mapping[str, Any], job: _Job) -> Any:
    value = getattr(adapter, operation)(**arguments)
    try:
        if operation in STREAMING:
            return _records(operation, value, arguments["kind"], job)
        return checked_result(operation, value)
    except CodecError as error:
        raise AdapterFault(operation, f"returned the wrong type: {error}") from None


def _records(operation: str, items: Any, kind: str, job: _Job) -> list[Record]:
    """A list to its end: every record of the kind that was asked for, each once."""
    records: list[Record] = []
    numbers: dict[str, int] = {}
    for number, item in enumerate(items, 1):
        if job.abandoned:
            break
        if number > MOST_RECORDS:
            raise AdapterFault(operation, f"more than {MOST_RECORDS} records; the list has no end")
        record: Record = checked_result(operation, item)
        first = numbers.setdefault(record.prm_id, number)
        if first != number:
            raise AdapterFault(
                operation,
                f"record {record.prm_id!r} came twice, as number {first} and {number}: pages repeat, or ids are not unique",
            )
        if record.kind != kind:
            raise AdapterFault(operation, f"asked for {kind}, record {number} is a {record.kind[:60]}")
        records.append(record)
    return records


def _place(error: BaseException) -> str:
    """Where in the adapter it was raised: its author's first question."""
    frames = traceback.extract_tb(error.__traceback__)
    return f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if len(frames) > 2 else ""


class _Job:
    """One call under way."""

    def __init__(self, work: Callable[[_Job], Any]) -> None:
        self.work = work
        self.abandoned = False
        self.done = threading.Event()
        self.value: Any = None
        self.error: BaseException | None = None


class _Worker:
    """A daemon thread that does jobs in order; a hung one never keeps the process alive."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="prm-adapter", daemon=True).start()

    def start(self, work: Callable[[_Job], Any]) -> _Job:
        job = _Job(work)
        self._jobs.put(job)
        return job

    def abandon(self) -> None:
        """End the thread if it ever comes back."""
        self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job.value = job.work(job)
            except BaseException as error:  # noqa: BLE001 - an adapter that calls sys.exit() is a fault, not our end
                job.error = error
            job.done.set()
