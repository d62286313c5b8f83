"""What a check may ask of a CRM, whichever CRM it is, and the powers that only some have.

The sandbox has all powers. A real sandbox org has fewer; a check that needs a missing one is *not run*, with that
reason. Everything here acts as the CRM's own people (admins, sales users), never as the PRM's integration user.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal, Protocol

from prm_harness.crm.admins import People, SchemaChanges
from prm_harness.crm.trouble import FaultSpec, Firing, RequestMatch

__all__ = [
    "BUG", "GAP", "Clock", "Crm", "CrmRefusal", "Exchange", "FaultSpec", "Faults", "Firing", "Gaps", "Hooks", "Logins", "OrgFacts", "People", "Power",
    "Quota", "RequestLog", "RequestMatch", "Row", "RowChange", "SchemaChanges", "Usage",
]  # fmt: skip

Row = dict[str, Any]


class Power(StrEnum):
    """What a backend can do beyond reading and writing records."""

    REQUEST_LOG = "request_log"
    FAULTS = "faults"
    QUOTA = "quota"
    CLOCK = "clock"
    SCHEMA_CHANGE = "schema_change"
    LOGINS = "logins"
    HOOKS = "hooks"
    RECORD_IDS = "record_ids"


GAP: Final = "SANDBOX_GAP"
"""Error code of what the CRM in the middle does not implement."""
BUG: Final = "SANDBOX_BUG"
"""Error code of a request that the CRM in the middle crashed on."""


class CrmRefusal(Exception):  # noqa: N818 - named after what happened
    """The CRM refused what a *check* asked of it: the check's arrangement is wrong for this org."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request as the CRM saw it. Bodies are kept bounded and redacted.

    ``refusals`` are the error codes of single rows anywhere in the answer to a write, or among a load's failed rows.
    """

    number: int
    at: datetime
    user: str
    client: str
    method: str
    path: str
    route: str
    status: int
    error_code: str
    rows_in: int
    rows_out: int
    bytes_in: int
    bytes_out: int
    seconds: float
    fault: str = ""
    soql: str = ""
    request_excerpt: str = ""
    response_excerpt: str = ""
    refusals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowChange:
    """One committed change of one row: ``fields`` maps a field to (old, new)."""

    number: int
    at: datetime
    user: str
    sobject: str
    record_id: str
    operation: str
    fields: Mapping[str, tuple[Any, Any]]
    exchange: int | None = None


@dataclass(frozen=True, slots=True)
class Gaps:
    """Seconds of the org's clock between one request and the next."""

    count: int
    median: float
    p95: float
    longest: float


@dataclass(frozen=True, slots=True)
class Usage:
    """What a stretch of the log amounts to.

    ``batch_sizes`` maps rows in a writing request to the number of such requests; ``writes`` maps a user to
    ``Object.Field`` and how often it was written; ``changes`` are the row changes that the requests' users committed.
    """

    calls: int
    rows_in: int
    rows_out: int
    changes: int
    calls_per_1000_changes: float | None
    batch_sizes: Mapping[int, int]
    gaps: Gaps
    by_route: Mapping[str, int]
    by_client: Mapping[str, int]
    by_user: Mapping[str, int]
    by_status: Mapping[str, int]
    by_error: Mapping[str, int]
    by_fault: Mapping[str, int]
    writes: Mapping[str, Mapping[str, int]]


class RequestLog(Protocol):
    """The CRM's own account of what the PRM asked."""

    def exchanges(
        self, *, since: int = 0, user: str | None = None, route: str | None = None
    ) -> Sequence[Exchange]:
        """Requests after number ``since``, oldest first."""
        ...

    def changes(
        self,
        *,
        since: int = 0,
        user: str | None = None,
        sobject: str | None = None,
        record_id: str | None = None,
    ) -> Sequence[RowChange]:
        """Committed row changes after number ``since``, oldest first."""
        ...

    def mark(self) -> tuple[int, int]:
        """(last exchange number, last change number): pass them as ``since`` later."""
        ...

    def usage(self, *, since: tuple[int, int] = (0, 0), user: str | None = None) -> Usage:
        """What was asked and written after a ``mark``, counted; quick at a million entries."""
        ...

    def gaps(self, *, since: int = 0) -> Sequence[Exchange]:
        """Requests that the sandbox could not answer (501 SANDBOX_GAP), or crashed on (500 SANDBOX_BUG)."""
        ...


class Faults(Protocol):
    """Switching trouble on and off."""

    def inject(self, spec: FaultSpec) -> None:
        """Switch a fault on."""
        ...

    def heal(self, name: str | None = None) -> None:
        """Switch one fault (or all) off."""
        ...

    def fired(self, name: str) -> int:
        """How often it has hit: a check that saw 0 exercised nothing."""
        ...

    def switched_on(self) -> Sequence[FaultSpec]:
        """The faults that can still hit."""
        ...

    def firings(self, *, since: int = 0) -> Sequence[Firing]:
        """Every hit after number ``since``, oldest first."""
        ...


class Hooks(Protocol):
    """Arrangements that wait for the PRM: what a check does in the middle of a sync that it does not control."""

    def when(
        self, name: str, match: RequestMatch, act: Callable[[], object], *, answered: bool = False
    ) -> None:
        """Run ``act`` when a matching request of the integration user arrives, before it is handled.

        ``answered`` runs it right after the request was handled instead, before anything else is. ``act`` may use the
        whole backend. The same name replaces a hook and starts its count again.
        """
        ...

    def cancel(self, name: str | None = None) -> None:
        """Forget one hook, or all of them; counts stay readable."""
        ...

    def fired(self, name: str) -> int:
        """How often it ran: a check that saw 0 arranged nothing."""
        ...


class Logins(Protocol):
    """What admins do to the integration user's access."""

    def expire(self) -> None:
        """End every open session; tokens and passwords stay good."""
        ...

    def revoke(self) -> None:
        """Revoke the connected app's tokens: sessions end, refresh tokens are dead; passwords and keys stay good."""
        ...

    def lock(self) -> None:
        """Deactivate the integration user: sessions end, and no grant and no password opens another."""
        ...

    def restore(self) -> None:
        """Undo ``revoke`` and ``lock``: the credentials of the start are good again."""
        ...


class Quota(Protocol):
    """The org's daily API allowance."""

    @property
    def used(self) -> int:
        """Calls counted in the last 24 hours."""
        ...

    @property
    def maximum(self) -> int:
        """Calls allowed in 24 hours."""
        ...

    def set(
        self,
        *,
        used: int | None = None,
        maximum: int | None = None,
        resets: Literal["rolling", "midnight"] | None = None,
        concurrent: int | None = None,
        held: int | None = None,
    ) -> None:
        """Pretend that other applications used so many, or change what is allowed.

        ``resets`` says when the daily count begins anew, ``concurrent`` how many long requests may run at the same
        time, ``held`` how many of these other applications occupy.
        """
        ...

    def use(self, calls: int) -> None:
        """Another application makes so many calls now."""
        ...


class Clock(Protocol):
    """The CRM's clock. ``virtual`` means it stands still unless advanced."""

    virtual: bool

    def now(self) -> datetime:
        """Aware, UTC."""
        ...

    def advance(self, seconds: float) -> None:
        """Let time pass (virtual clocks only)."""
        ...


@dataclass(frozen=True, slots=True)
class OrgFacts:
    """What identifies and describes the org of this run."""

    id: str
    template: str
    seed: int
    integration_user: str
    version: str
    powers: frozenset[Power] = field(default_factory=frozenset)


class Crm(Protocol):
    """A CRM under the harness's control."""

    facts: OrgFacts
    clock: Clock
    log: RequestLog
    faults: Faults
    quota: Quota
    schema: SchemaChanges
    people: People
    hooks: Hooks
    logins: Logins

    def create(
        self, sobject: str, rows: Iterable[Mapping[str, Any]], *, audit: Mapping[str, Any] | None = None
    ) -> list[str]:
        """Insert as a CRM user; returns ids. ``audit`` may set CreatedDate/LastModifiedDate/SystemModstamp (history)."""
        ...

    def update(
        self, sobject: str, record_id: str, values: Mapping[str, Any], *, quietly: bool = False
    ) -> None:
        """Change as a CRM user. ``quietly`` leaves LastModifiedDate and SystemModstamp alone (silent corruption)."""
        ...

    def change(self, sobject: str, changes: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Change many records, given as id and values, as a CRM user: cheap for bursts of thousands."""
        ...

    def seed(self, profile: str) -> Mapping[str, int]:
        """Fill the org with ten years of records (small, medium, large, million); how many rows each object got."""
        ...

    def late(self, seconds: float) -> AbstractContextManager[None]:
        """What is saved inside is stamped so many seconds ago: a transaction that began then commits only now."""
        ...

    def delete(self, sobject: str, record_id: str) -> None:
        """Delete (soft)."""
        ...

    def merge(self, sobject: str, winner_id: str, loser_ids: Sequence[str]) -> None:
        """Merge one or two duplicates into a winner as a CRM user."""
        ...

    def content(self, version_id: str) -> bytes:
        """The bytes of a ContentVersion."""
        ...

    def get(self, sobject: str, record_id: str) -> Row | None:
        """All fields of a live record, or None."""
        ...

    def query(self, soql: str) -> list[Row]:
        """Run SOQL as an admin; all rows."""
        ...

    def hold_rows(self, record_ids: Sequence[str], seconds: float) -> None:
        """Hold rows for so many seconds of the CRM's clock: saves of them wait, then fail; 0 lets go.

        So do saves of rows that name them. A save waits ten seconds at most, then answers UNABLE_TO_LOCK_ROW.
        """
        ...

    def plan_twin(self, record_id: str) -> str:
        """Make the next new record of that object, whoever creates it, have an id that differs by case only."""
        ...

    def convert_lead(
        self,
        lead_id: str,
        *,
        account_id: str | None = None,
        contact_id: str | None = None,
        opportunity: bool = True,
    ) -> Row:
        """Convert as a CRM user; returns accountId, contactId, opportunityId."""
        ...
