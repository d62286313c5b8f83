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
from typing import Any, Literal, Protocol

from prm_harness.crm.trouble import FaultSpec, Firing, RequestMatch

__all__ = [
    "Clock", "Crm", "CrmRefusal", "Exchange", "FaultSpec", "Faults", "Firing", "Gaps", "Hooks", "Logins", "OrgFacts", "Power",
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


class CrmRefusal(Exception):  # noqa: N818 - named after what happened
    """The CRM refused what a *check* asked of it: the check's arrangement is wrong for this org."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request as the CRM saw it. Bodies are kept bounded and redacted."""

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
        """Requests that the sandbox could not answer (501 SANDBOX_GAP)."""
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


class SchemaChanges(Protocol):
    """What an org admin does while everything is running."""

    def add_field(self, sobject: str, name: str, type: str, **properties: Any) -> None:  # noqa: A002
        """Create a custom field, visible to the integration user."""
        ...

    def drop_field(self, sobject: str, name: str) -> None:
        """Delete a custom field."""
        ...

    def change_field(self, sobject: str, name: str, **properties: Any) -> None:
        """Change properties (nillable, length, picklist …)."""
        ...

    def add_object(self, name: str, label: str, fields: Sequence[Mapping[str, Any]]) -> None:
        """Create a custom object."""
        ...

    def add_validation_rule(
        self, sobject: str, name: str, formula: str, message: str, display_field: str = ""
    ) -> None:
        """Create and activate a validation rule."""
        ...

    def drop_validation_rule(self, sobject: str, name: str) -> None:
        """Remove a validation rule."""
        ...

    def rename_field(self, sobject: str, name: str, new_name: str) -> None:
        """Give a custom field another API name; records keep their values. ``change_field(type=…)`` retypes."""
        ...

    def track_history(self, sobject: str, fields: Sequence[str]) -> None:
        """Keep the history of these fields, and of no others, from now on."""
        ...

    def add_picklist_value(
        self,
        sobject: str,
        field: str,
        value: str,
        *,
        label: str = "",
        record_types: Sequence[str] | None = None,
    ) -> None:
        """Append a value, offered by these record types (developer names) or by all."""
        ...

    def change_picklist_value(
        self,
        sobject: str,
        field: str,
        value: str,
        *,
        label: str | None = None,
        rename: str | None = None,
        active: bool | None = None,
    ) -> None:
        """Relabel, give another API name (records follow, no date moves), deactivate or reactivate a value."""
        ...

    def drop_picklist_value(
        self, sobject: str, field: str, value: str, *, replacement: str | None = None
    ) -> None:
        """Delete a value; records that have it get the replacement, or lose it."""
        ...

    def offer_picklist_values(
        self, sobject: str, record_type: str, field: str, values: Sequence[str] | None
    ) -> None:
        """Choose the values that a record type has of a picklist; None: all of them."""
        ...

    def set_dependency(
        self, sobject: str, field: str, controller: str, valid_for: Mapping[str, Sequence[str]]
    ) -> None:
        """Make a picklist depend on another or on a checkbox: controlling value -> values it allows."""
        ...

    def add_duplicate_rule(
        self,
        sobject: str,
        name: str,
        fields: Sequence[str],
        *,
        action: str = "block",
        message: str | None = None,
        **properties: Any,
    ) -> None:
        """Activate a duplicate rule: records that agree in all fields. ``action``: block, alert or allow."""
        ...

    def drop_duplicate_rule(self, sobject: str, name: str) -> None:
        """Remove a duplicate rule."""
        ...

    def add_flow(
        self,
        sobject: str,
        name: str,
        *,
        timing: str = "after_save",
        condition: str = "",
        updates: Mapping[str, str] | None = None,
        fails: str = "",
        **properties: Any,
    ) -> None:
        """Activate automation: field -> formula of its new value, or a failure.

        ``timing``: before_save, after_save, workflow, assignment or before_delete.
        """
        ...

    def drop_flow(self, sobject: str, name: str) -> None:
        """Remove automation."""
        ...

    def close_field(self, sobject: str, name: str) -> None:
        """Field-level security: take a field from the integration user; it can be neither seen nor written."""
        ...

    def open_field(self, sobject: str, name: str) -> None:
        """Undo ``close_field``."""
        ...

    def describe(self, sobject: str) -> Mapping[str, Mapping[str, Any]]:
        """Field API name -> {type, length, precision, scale, nillable, values, reference_to …}."""
        ...


class People(Protocol):
    """Who works in the org and what they may, as an admin sets it up; ids have 18 characters."""

    def user(self, username: str) -> str:
        """The id of the user with that name."""
        ...

    def create_user(
        self,
        username: str,
        *,
        first_name: str = "",
        last_name: str = "User",
        profile: str = "Standard User",
        contact: str | None = None,
    ) -> str:
        """A new user; with a contact of a partner account, a partner user of that account."""
        ...

    def create_queue(self, name: str, objects: Sequence[str], members: Sequence[str] = ()) -> str:
        """A queue that may own records of these objects."""
        ...

    def create_role(self, name: str, parent: str = "") -> str:
        """A role below another one."""
        ...

    def assign_role(self, user: str, role: str | None) -> None:
        """Put a user into a role: whoever stands above sees what the user owns."""
        ...

    def create_permission_set(
        self, name: str, *, assignees: Sequence[str] = (), permissions: Sequence[str] = ()
    ) -> str:
        """A permission set of these users; ``permissions`` such as ViewAllData and ModifyAllData."""
        ...

    def close_object(self, sobject: str) -> None:
        """Close an object to everyone without a grant."""
        ...

    def grant_object(self, permission_set: str, sobject: str, rights: Sequence[str]) -> None:
        """Set what a permission set allows: Read, Create, Edit, Delete, ViewAllRecords, ModifyAllRecords."""
        ...

    def close_field(self, sobject: str, field: str) -> None:
        """Close a field to everyone without a grant."""
        ...

    def grant_field(self, permission_set: str, sobject: str, field: str, *, edit: bool = False) -> None:
        """Let a permission set read a closed field, or edit it, too."""
        ...

    def set_sharing(self, sobject: str, internal: str, external: str | None = None) -> None:
        """Set who sees and changes records of others: private, read, read_write or controlled_by_parent."""
        ...

    def share(self, sobject: str, record: str, with_whom: str, level: str = "Read") -> str:
        """Share a record with a user or group by hand; returns the share's id."""
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

    def late(self, seconds: float) -> AbstractContextManager[None]:
        """What is saved inside is stamped so many seconds ago: a transaction that began then commits only now."""
        ...

    def delete(self, sobject: str, record_id: str) -> None:
        """Delete (soft)."""
        ...

    def merge(self, sobject: str, winner_id: str, loser_ids: Sequence[str]) -> None:
        """Merge one or two duplicates into a winner as a CRM user."""
        ...

    def get(self, sobject: str, record_id: str) -> Row | None:
        """All fields of a live record, or None."""
        ...

    def query(self, soql: str) -> list[Row]:
        """Run SOQL as an admin; all rows."""
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
