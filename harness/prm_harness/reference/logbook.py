"""What the product writes down for its admin: failed syncs, messages sent, and the sync history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any, Literal

from prm_harness.adapter import ErrorEntry, Notification, SyncEntry

from .policy import Policy
from .store import PortalRecord
from .syncing.problems import CrmProblem
from .webhook import posted


@dataclass(frozen=True, slots=True)
class Incident:
    """A failed sync that is still open: of one record, or (``key``) of a whole object or the connection."""

    key: str
    entry: ErrorEntry
    prm_id: str | None = None


class Logbook:
    """Errors are open until what failed succeeds; nothing is told twice."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._number = count(1)
        self._open: dict[str, Incident] = {}
        self._told: list[Notification] = []
        self._history: list[SyncEntry] = []
        self.webhook = ""
        """Where messages are sent besides; empty: nowhere."""

    # -- errors -------------------------------------------------------------------------------------------------

    def failed(
        self, at: datetime, record: PortalRecord, problem: CrmProblem, *, retriable: bool = True
    ) -> bool:
        """A record could not be written; returns whether that is news."""
        entry = ErrorEntry(
            id=self._id(record.prm_id),
            at=at,
            kind=record.kind,
            prm_id=record.prm_id,
            crm_id=record.crm_id,
            name=record.name,
            field=", ".join(problem.fields) or None,
            code=problem.code,
            message=problem.message,
            direction="to_crm",
            retriable=retriable,
        )
        return self._keep(Incident(record.prm_id, entry, record.prm_id))

    def conflict(self, at: datetime, record: PortalRecord, field: str, lost: Any, winner: str) -> None:
        """The same field was changed on both sides; ``winner``'s value ("CRM" or "portal") was kept."""
        other = "portal" if winner == "CRM" else "CRM"
        entry = ErrorEntry(
            id=f"E{next(self._number):05d}",
            at=at,
            kind=record.kind,
            prm_id=record.prm_id,
            crm_id=record.crm_id,
            name=record.name,
            field=field,
            code="CONFLICT",
            message=f"{field} was changed on both sides; the {winner}'s value was kept, the {other}'s {lost!r} was not",
            direction="to_crm",
        )
        self._keep(Incident(entry.id, entry))

    def broken(
        self, at: datetime, key: str, problem: CrmProblem, kind: str | None = None, field: str | None = None
    ) -> bool:
        """An object or the connection has stopped, or lost a field; returns whether that is news."""
        entry = ErrorEntry(
            id=self._id(key),
            at=at,
            kind=kind,
            field=field,
            code=problem.code,
            message=problem.message,
            direction="to_prm",
        )
        return self._keep(Incident(key, entry))

    def solved(self, key: str) -> None:
        """What had failed under this key (a portal id, or an incident's) has succeeded."""
        self._open.pop(key, None)

    def errors(self, since: datetime | None = None) -> list[ErrorEntry]:
        """Open errors, oldest first."""
        entries = [incident.entry for incident in self._open.values()]
        return [self._policy.error_shown(entry) for entry in entries if since is None or entry.at >= since]

    def incident(self, error_id: str) -> Incident | None:
        """The open error of that id."""
        return next((one for one in self._open.values() if one.entry.id == error_id), None)

    def acknowledge(self, error_id: str) -> None:
        """Somebody has taken note of it; it stays until it is mended."""
        if (found := self.incident(error_id)) is not None:
            noted = found.entry.model_copy(update={"acknowledged": True})
            self._open[found.key] = replace(found, entry=noted)

    def is_open(self, key: str) -> bool:
        """Whether there is an open error under this key."""
        return key in self._open

    # -- messages -----------------------------------------------------------------------------------------------

    def tell(self, at: datetime, topic: str, subject: str, body: str = "") -> None:
        """Send the admin a mail, unless the product does not do that for this topic."""
        if self._policy.tells(topic):
            mail = Notification(at=at, channel="email", subject=subject, body=body)
            self._told.append(mail)
            if self.webhook:
                posted(self.webhook, mail.model_copy(update={"channel": "webhook"}))

    def notifications(self, since: datetime | None = None) -> list[Notification]:
        """What was sent."""
        return [one for one in self._told if since is None or one.at >= since]

    # -- history ------------------------------------------------------------------------------------------------

    def wrote(
        self,
        at: datetime,
        record: PortalRecord,
        direction: Literal["to_crm", "to_prm"],
        changes: Iterable[tuple[str, Any, Any]],
        actor: str,
    ) -> None:
        """One line for each (field, old, new)."""
        for field, old, new in changes:
            entry = SyncEntry(
                at=at, kind=record.kind, prm_id=record.prm_id, crm_id=record.crm_id, direction=direction,
                field=field or None, old=old, new=new, actor=actor,
            )  # fmt: skip
            if self._policy.keeps_history(entry):
                self._history.append(entry)

    def history(self, since: datetime | None = None) -> list[SyncEntry]:
        """The sync history, oldest first."""
        return [entry for entry in self._history if since is None or entry.at >= since]

    def length(self) -> int:
        """Lines so far: a point in time that rollback can return to."""
        return len(self._history)

    def after(self, position: int) -> list[SyncEntry]:
        """Lines written since ``length`` said so."""
        return self._history[position:]

    def _keep(self, incident: Incident) -> bool:
        before = self._open.get(incident.key)
        if before is not None:
            same = (before.entry.code, before.entry.message) == (incident.entry.code, incident.entry.message)
            # The first time it was seen says how long it has been waiting.
            known = {"at": before.entry.at, "acknowledged": before.entry.acknowledged}
            kept = incident.entry.model_copy(update=known) if same else incident.entry
            incident = replace(incident, entry=kept)
        self._open[incident.key] = incident
        return before is None

    def _id(self, key: str) -> str:
        known = self._open.get(key)
        return known.entry.id if known else f"E{next(self._number):05d}"
