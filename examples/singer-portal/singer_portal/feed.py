"""The feed: when the engine runs, what it reads, and what the admin is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from prm_harness.adapter import Notification, SyncStatus

from .engine import Engine, EngineFailed, selected
from .replica import RECORD_TYPE, Replica

DISCOVER_EVERY: Final = timedelta(days=1)
"""The catalog of the CRM's objects and fields is read again once a day, and after a run that failed."""


class Feed:
    """One way: from the CRM into the replica.

    Args:
        engine: tap-salesforce.
        replica: where it loads into.
        kinds: objects to read.
    """

    def __init__(self, engine: Engine, replica: Replica, kinds: set[str]) -> None:
        self.engine = engine
        self.kinds = kinds
        self.mails: list[Notification] = []
        self.last_ok: datetime | None = None
        self.last_error = ""
        self._replica = replica
        self._catalog: dict[str, Any] = {"streams": []}
        self._discovered: datetime | None = None
        self._state: dict[str, Any] = {}

    def discover(self, at: datetime, now: datetime | None) -> None:
        """Read the catalog again.

        Raises:
            EngineFailed: the CRM could not be asked.
        """
        self._catalog = self.engine.discover(now)
        self._discovered = at

    def schema(self, kind: str) -> dict[str, Any]:
        """The object's fields as the engine describes them: name → JSON schema; empty for an unknown object."""
        for stream in self._catalog["streams"]:
            if stream["stream"] == kind:
                return dict(stream["schema"]["properties"])
        return {}

    def objects(self) -> list[str]:
        """Objects that the engine could read."""
        return [stream["stream"] for stream in self._catalog["streams"]]

    def forget_bookmark(self, kind: str) -> None:
        """Have the next run read the whole object."""
        self._state.get("bookmarks", {}).pop(kind, None)

    def run(self, at: datetime, now: datetime | None) -> bool:
        """One load; returns whether it went through. ``now`` moves the engine's clock."""
        try:
            if self._discovered is None or at - self._discovered >= DISCOVER_EVERY:
                self.discover(at, now)
            self._load(now)
        except EngineFailed as failed:
            self._trouble(at, str(failed))
            # A field may be gone: the next run starts from a fresh catalog.
            self._discovered = None
            return False
        if self.last_error:
            self._mail(at, "Loads work again", "")
        self.last_ok, self.last_error = at, ""
        return True

    def status(self, *, connected: bool) -> SyncStatus:
        """For the admin's screen."""
        state = "disconnected" if not connected else "error" if self.last_error else "active"
        return SyncStatus(state=state, last_ok=self.last_ok, last_error=self.last_error)  # type: ignore[arg-type]

    def _load(self, now: datetime | None) -> None:
        run = self.engine.sync(selected(self._catalog, self.kinds | {RECORD_TYPE}), self._state, now)
        # What a failed run sent is taken as well, with its bookmarks: that is what bookmarks are for.
        self._state = self._replica.load(run.messages) or self._state
        if run.trouble:
            raise EngineFailed(run.trouble)

    def _trouble(self, at: datetime, message: str) -> None:
        if message != self.last_error:
            self._mail(at, "A load failed", message)
        self.last_error = message

    def _mail(self, at: datetime, subject: str, body: str) -> None:
        self.mails.append(Notification(at=at, channel="email", subject=subject, body=body))
