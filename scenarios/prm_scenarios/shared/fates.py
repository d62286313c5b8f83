"""What became of something that a partner submitted. Four outcomes of a bad submission are honest, one is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from prm_harness import Crm, ErrorEntry, Portal, Row, Submission

State = Literal["arrived", "refused", "shown as failed", "held", "lost"]


@dataclass(frozen=True, slots=True)
class Fate:
    """Where a submission is now.

    ``refused`` the portal said no, with a reason · ``shown as failed`` an entry of its error log names the record, or a
    message does where there is no such log ·
    ``held`` it still waits in the portal, as announced · ``lost`` the partner believes in it and nobody can find it.
    """

    state: State
    rows: tuple[Row, ...] = ()
    said: str = ""
    at: datetime | None = None
    """When the error became visible; None for what was said at once."""

    @property
    def honest(self) -> bool:
        """Whether somebody can know where it is."""
        return self.state != "lost"


def fate_of(crm: Crm, prm: Portal, deal: Submission) -> Fate:
    """Look on both sides."""
    if rows := in_crm(crm, deal):
        return Fate("arrived", tuple(rows))
    if deal.outcome.state == "rejected":
        said = "; ".join(deal.outcome.messages)
        return Fate("refused", said=said) if said else Fate("lost", said="refused without a reason")
    if entry := error_about(prm, deal):
        return Fate("shown as failed", said=f"{entry.code or ''} {entry.message}".strip(), at=entry.at)
    if deal.outcome.state == "held" and prm.read(deal) is not None:
        return Fate("held")
    return Fate("lost")


def in_crm(crm: Crm, deal: Submission) -> list[Row]:
    """The CRM records made of a submission, found by its name, which occurs nowhere else."""
    field = "LastName" if "LastName" in deal.values else "Name"
    return crm.named(deal.kind, deal.name, field)


def arrived_once(crm: Crm, deals: Sequence[Submission]) -> tuple[list[Row], int, int]:
    """(records, how many deals are lost, how many extra copies there are)."""
    found = [in_crm(crm, deal) for deal in deals]
    lost = sum(not rows for rows in found)
    copies = sum(max(len(rows) - 1, 0) for rows in found)
    return [rows[0] for rows in found if rows], lost, copies


def error_about(prm: Portal, deal: Submission) -> ErrorEntry | None:
    """The entry of the portal's error log that names the submission; without an error log, the message that does."""
    if not prm.offers("errors"):
        return _message_about(prm, deal)
    for entry in prm.list_errors():
        named = (
            deal.name in {entry.name, *([] if entry.name else [entry.message])} or deal.name in entry.message
        )
        if named or (entry.prm_id is not None and entry.prm_id == deal.outcome.prm_id):
            found: ErrorEntry = entry
            return found
    return None


def _message_about(prm: Portal, deal: Submission) -> ErrorEntry | None:
    """A load report, say: failures that are not listed may be told."""
    for note in prm.notifications() if prm.offers("notify") else ():
        for line in (note.subject, *note.body.splitlines()):
            if deal.name in line:
                return ErrorEntry(id="message", at=note.at, message=line)
    return None
