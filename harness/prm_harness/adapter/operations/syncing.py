"""When and what is synced: control, schedule, filters, history, and time itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from prm_harness.adapter.records import BackfillStatus, Filter, Schedule, StepLog, SyncStatus

from .base import NotSupported


class VirtualTime(Protocol):
    """The product's scheduler can be driven (reference PRMs, a vendor's own test build)."""

    def elapse(self, seconds: float, now: datetime) -> None:
        """Let ``seconds`` pass on the product's side, ending at ``now``: run what its scheduler would have run.

        Without it the harness waits in real time.
        """
        raise NotSupported("elapse")


class SyncControl(Protocol):
    """The admin sees how the sync is doing, and can start and hold it."""

    def sync_now(self) -> None:
        """The admin's "sync now" button."""
        raise NotSupported("sync_now")

    def sync_status(self) -> SyncStatus:
        """Health of the connection as an admin sees it."""
        raise NotSupported("sync_status")

    def pause(self) -> StepLog:
        """Hold the sync; what happens meanwhile is caught up on after ``resume``."""
        raise NotSupported("pause")

    def resume(self) -> StepLog:
        """Let a held sync go on."""
        raise NotSupported("resume")


class Scheduling(Protocol):
    """The sync interval can be looked at, and perhaps changed."""

    def get_schedule(self) -> Schedule:
        """The interval in force."""
        raise NotSupported("get_schedule")

    def set_schedule(self, cycle_seconds: float) -> StepLog:
        """Change the interval the way the buyer's admin would."""
        raise NotSupported("set_schedule")


class Filters(Protocol):
    """Only records that meet a criterion are synced."""

    def get_filter(self, kind: str) -> Filter | None:
        """The sync filter in force, or None."""
        raise NotSupported("get_filter")

    def set_filter(self, kind: str, rule: Filter | None) -> StepLog:
        """Set or remove the sync filter by the admin's path."""
        raise NotSupported("set_filter")


class History(Protocol):
    """Values that were there before a field was added can be loaded."""

    def backfill(self, kind: str, fields: Sequence[str], since: datetime | None = None) -> StepLog:
        """Load the history of fields that were added later.

        ``since``: only of records that were last changed then or later; None: of all of them.
        """
        raise NotSupported("backfill")

    def backfill_status(self, kind: str) -> BackfillStatus:
        """How far the last backfill of the object has come; ``idle`` when there was none."""
        raise NotSupported("backfill_status")
