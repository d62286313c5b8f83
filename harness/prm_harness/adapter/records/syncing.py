"""The sync as an admin sees it: its state, schedule, filters, failures, alerts, history and consumption."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from .base import Model


class SyncStatus(Model):
    """Health of the connection as shown to an admin."""

    state: Literal["active", "paused", "error", "disconnected", "reauth_required", "unknown"]
    last_ok: datetime | None = None
    last_error: str = ""
    backlog: int | None = None


class Schedule(Model):
    """The sync interval, and whether the buyer's admin may change it."""

    cycle_seconds: float = Field(gt=0)
    settable: bool


class Filter(Model):
    """A sync filter: only records of ``kind`` for which ``field op value`` holds may cross."""

    kind: str
    field: str
    op: Literal["eq", "ne", "in", "gt", "lt"]
    value: Any


class BackfillStatus(Model):
    """How far loading the history of an object has come."""

    state: Literal["idle", "running", "done", "failed"]
    loaded: int | None = Field(default=None, ge=0, description="records so far")
    expected: int | None = Field(default=None, ge=0, description="records in all, where the product says")
    message: str = ""


class ErrorEntry(Model):
    """A failed sync, as a portal admin can find it."""

    id: str
    at: datetime
    kind: str | None = None
    prm_id: str | None = None
    crm_id: str | None = None
    name: str | None = Field(default=None, description="the record's name where the entry shows it")
    field: str | None = None
    code: str | None = Field(default=None, description="the CRM's error code, if shown")
    message: str = ""
    direction: Literal["to_crm", "to_prm"] | None = None
    retriable: bool = False
    acknowledged: bool = Field(default=False, description="somebody has taken note; it is not thereby mended")


class Notification(Model):
    """A message that the PRM sent on its own accord (mail, webhook, in-app alert)."""

    at: datetime
    channel: str
    subject: str
    body: str = ""


class NotificationSink(Model):
    """Where the harness takes messages: a web address on this machine, of one run."""

    url: str = Field(description="takes POST of a Notification as JSON, and answers 204")


class SyncEntry(Model):
    """One line of the sync history."""

    at: datetime
    kind: str
    prm_id: str | None = None
    crm_id: str | None = None
    direction: Literal["to_crm", "to_prm"]
    field: str | None = None
    old: Any = None
    new: Any = None
    actor: str = ""


class ApiUsage(Model):
    """The CRM calls that the product says it made, and the ceiling that it keeps to."""

    calls: int = Field(
        ge=0, description="calls of the CRM's API within the window, by the product's own count"
    )
    window_seconds: float = Field(gt=0, description="length of the window that ends now")
    ceiling: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="share of the org's daily calls at which it stops; None: it has none",
    )
    paused: bool = Field(default=False, description="it has stopped at its ceiling")
