"""How an admin learns what the integration did, what it failed at, and what it used up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from prm_harness.adapter.records import (
    ApiUsage,
    ErrorEntry,
    Notification,
    NotificationSink,
    Outcome,
    Ref,
    StepLog,
    SyncEntry,
)

from .base import NotSupported


class Errors(Protocol):
    """Failed syncs are listed, and can be tried again."""

    def list_errors(self, since: datetime | None = None) -> Sequence[ErrorEntry]:
        """Failed syncs as an admin finds them."""
        raise NotSupported("list_errors")

    def retry(self, error_id: str) -> Outcome:
        """The admin's "retry" on one failed sync."""
        raise NotSupported("retry")

    def acknowledge(self, error_id: str) -> None:
        """Take note of one failed sync: it alerts no more, and stays in the list as acknowledged until mended."""
        raise NotSupported("acknowledge")


class Notify(Protocol):
    """The product says something on its own accord: in a mailbox of the adapter's, or at an address of the harness's."""

    def notifications(self, since: datetime | None = None) -> Sequence[Notification]:
        """What the product sent on its own accord."""
        raise NotSupported("notifications")

    def notification_sink(self, sink: NotificationSink) -> None:
        """From now on POST every message to ``sink.url`` as well, as the JSON of a Notification.

        What arrives there the product sent; what only ``notifications`` hands over, the adapter says that it sent.
        """
        raise NotSupported("notification_sink")


class Audit(Protocol):
    """The integration keeps a history of what it did."""

    def list_sync_history(self, since: datetime | None = None, ref: Ref | None = None) -> Sequence[SyncEntry]:
        """The sync history: from a time on, or of one record, or both."""
        raise NotSupported("list_sync_history")


class Health(Protocol):
    """Both sides can be compared on demand."""

    def health_check(self) -> StepLog:
        """Compare both sides and repair."""
        raise NotSupported("health_check")


class Rollback(Protocol):
    """What the integration did can be undone."""

    def checkpoint(self) -> str:
        """Name a point in time that ``rollback`` can return to."""
        raise NotSupported("checkpoint")

    def rollback(self, checkpoint: str) -> StepLog:
        """Undo what the *integration* wrote to the CRM since the checkpoint; later edits by people are kept."""
        raise NotSupported("rollback")


class Usage(Protocol):
    """The product counts its own CRM calls, and may keep to a ceiling so that others are left some."""

    def api_usage(self) -> ApiUsage:
        """CRM calls by the product's own count, and the ceiling in force."""
        raise NotSupported("api_usage")

    def set_ceiling(self, share: float | None) -> StepLog:
        """Stop syncing once ``share`` (0 to 1) of the org's daily calls is used up, by anyone; None: no ceiling."""
        raise NotSupported("set_ceiling")
