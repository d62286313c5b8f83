"""Calling an adapter safely: every call has a time limit, every result is what the contract says, or AdapterFault."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .codec import STREAMING, CodecError, bind, checked_result
from .contract import NotReached, NotSupported, PrmAdapter, too_new_for
from .faults import AdapterFault, AdapterHung, described
from .records import AdapterInfo

__all__ = ["DEFAULT_LIMIT", "LONG_LIMIT", "LONG_OPERATIONS", "AdapterFault", "OperationStats", "Session"]

DEFAULT_LIMIT: Final = 60.0
"""Seconds allowed to an operation."""

LONG_LIMIT: Final = 900.0
"""Seconds allowed to an operation that may load or compare everything."""

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
        self.stats: dict[str, OperationStats] = {}
        self.info: AdapterInfo = info or self.call("info")

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
        job = worker.start(lambda: _result(self._adapter, operation, arguments))
        if not job.done.wait(limit):
            self._worker = None
            worker.abandon()
            raise AdapterHung(operation, f"did not answer within {limit:g} seconds")
        if job.error is None:
            return job.value
        if isinstance(job.error, NotSupported | AdapterFault):
            raise job.error
        raise AdapterFault(operation, f"raised {described(job.error)}") from job.error


def _result(adapter: PrmAdapter, operation: str, arguments: Mapping[str, Any]) -> Any:
    value = getattr(adapter, operation)(**arguments)
    try:
        if operation not in STREAMING:
            return checked_result(operation, value)
        return [checked_result(operation, item) for item in value]
    except CodecError as error:
        raise AdapterFault(operation, f"returned the wrong type: {error}") from None


class _Job:
    """One call under way."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.work = work
        self.done = threading.Event()
        self.value: Any = None
        self.error: BaseException | None = None


class _Worker:
    """A daemon thread that does jobs in order; a hung one never keeps the process alive."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="prm-adapter", daemon=True).start()

    def start(self, work: Callable[[], Any]) -> _Job:
        job = _Job(work)
        self._jobs.put(job)
        return job

    def abandon(self) -> None:
        """End the thread if it ever comes back."""
        self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job.value = job.work()
            except BaseException as error:  # noqa: BLE001 - an adapter that calls sys.exit() is a fault, not our end
                job.error = error
            job.done.set()
