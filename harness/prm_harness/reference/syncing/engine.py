"""One sync: look at the schema, read what changed in the CRM, follow what became something else, send what is pending."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from prm_harness.adapter import Filter, MappingRow, SyncStatus
from prm_harness.reference.clock import Clock
from prm_harness.reference.logbook import Logbook
from prm_harness.reference.policy import Policy
from prm_harness.reference.shape.fields import TypeSpec
from prm_harness.reference.store import Pending, PortalRecord, Store

from .crm_client import CrmClient
from .meter import CEILING, Meter
from .problems import CrmProblem

UNREACHABLE_AFTER: Final = 3
"""Failed syncs in a row before the admin is told that the CRM cannot be reached."""


@dataclass(slots=True)
class Carried:
    """An object that the product carries."""

    spec: TypeSpec
    watermark: datetime | None = None
    """SystemModstamp of the newest row read; None: nothing was read yet."""
    reload: bool = False
    """Read everything again at the next sync."""
    reload_from: datetime | None = None
    """Of that only what was last changed then or later; None: everything."""
    filter: Filter | None = None
    rows: dict[str, MappingRow] = field(default_factory=dict)
    """Mapping rows that somebody has changed; a field without one crosses both ways."""
    winner: Literal["crm", "prm"] = "crm"
    """Whose value stands when both sides changed a field."""

    def read_again(self, since: datetime | None = None) -> None:
        """Read again at the next sync; whoever wants more than was asked for already gets it."""
        whole = since is None or self.watermark is None or (self.reload and self.reload_from is None)
        asked = [one for one in (since, self.reload_from) if one is not None]
        self.reload, self.reload_from = True, None if whole else min(asked)

    def was_read(self) -> None:
        """Nothing has to be read again any more."""
        self.reload, self.reload_from = False, None


@dataclass(slots=True)
class Core:
    """What the parts of the product share."""

    policy: Policy
    clock: Clock
    store: Store
    log: Logbook
    wake: Callable[[float], None]
    crm: CrmClient
    types: dict[str, Carried]
    meter: Meter
    run_id: str = ""
    taken: int = 0
    """Rows that were news since the last look."""
    sent_at: dict[str, datetime] = field(default_factory=dict)
    """When each record was last written to the CRM, by portal id."""
    to_follow: list[str] = field(default_factory=list)
    """Portal ids of records that became other ones since the last look."""

    def queue(self, record: PortalRecord, changes: dict[str, object], actor: str) -> None:
        """Have an update sent at the next sync, merged into what is pending."""
        pending = self.store.pending(record.prm_id)
        if pending is None:
            pending = Pending(record.prm_id, record.kind, "update", {})
        pending.changes = self.policy.merge_edits(pending.changes, changes)
        pending.actor, pending.attempts, pending.due = actor, 0, 0.0
        self.store.put_pending(pending)


class Engine:
    """Runs syncs and keeps the connection's state.

    Args:
        core: what is shared.
        look: brings the schema up to date before a regular read.
        refresh: reads one object's schema again, after the CRM said that a field is gone.
        pull: reads one object.
        follow: moves what is pending of converted and merged records.
        push: sends what is pending.
        files: carries files both ways, once records have crossed.
    """

    def __init__(
        self,
        core: Core,
        *,
        look: Callable[[], None],
        refresh: Callable[[str], None],
        pull: Callable[[str], None],
        follow: Callable[[], None],
        push: Callable[[], None],
        files: Callable[[], None] = lambda: None,
    ) -> None:
        self._core = core
        self._look, self._refresh, self._pull, self._follow, self._push = look, refresh, pull, follow, push
        self._files = files
        self._failures = 0
        self._read_due = False
        self._backlog = 0
        self._blocked_until = 0.0
        self.state: Literal["active", "paused", "error", "disconnected", "reauth_required"] = "disconnected"
        self.last_ok: datetime | None = None
        self.last_error = ""

    def sync(self, regular: bool = True) -> None:
        """One sync; never raises for what the CRM refuses. ``regular`` False only repeats what had failed."""
        if self._core.clock.mono() < self._blocked_until:
            return
        self._core.meter.look_again()
        try:
            if self._core.policy.push_first:
                self._push()
            if regular or self._read_due:
                self._read_due = True
                self._read()
                self._read_due = False
            if not self._busy():
                self._push()
            if regular:
                self._files()
        except CrmProblem as problem:
            self._trouble(problem)
        else:
            self._well()

    def _busy(self) -> bool:
        """Whether what was read keeps what waits to be sent from its turn."""
        if self._core.policy.works_off is None:
            return False
        self._backlog = max(self._backlog + self._core.taken - self._core.policy.works_off, 0)
        self._core.taken = 0
        return self._backlog > 0

    def status(self) -> SyncStatus:
        """For the admin's screen."""
        backlog = len(self._core.store.all_pending())
        return SyncStatus(state=self.state, last_ok=self.last_ok, last_error=self.last_error, backlog=backlog)

    def unblock(self) -> None:
        """Somebody has changed the credentials: try at once."""
        self._blocked_until = 0.0

    def _read(self) -> None:
        self._look()
        kinds = list(self._core.types)
        for kind in reversed(kinds) if self._core.policy.reads_children_first else kinds:
            try:
                self._pull_surviving(kind)
            except CrmProblem as problem:
                if problem.passing or problem.stops_all or self._core.policy.daily_limit(problem):
                    raise
                self._kind_stopped(kind, problem)
            else:
                self._core.log.solved(f"kind:{kind}")
        self._follow()

    def _pull_surviving(self, kind: str) -> None:
        try:
            self._pull(kind)
        except CrmProblem as problem:
            if problem.code != "INVALID_FIELD" or not self._core.policy.survives_lost_field:
                raise
            self._refresh(kind)
            if self._core.policy.skips_broken_read:
                self._core.types[kind].watermark = self._core.clock.wall()
                return
            self._pull(kind)

    def _kind_stopped(self, kind: str, problem: CrmProblem) -> None:
        now = self._core.clock.wall()
        if self._core.log.broken(now, f"kind:{kind}", problem, kind=kind):
            self._core.log.tell(
                now, "object", f"{kind} is no longer read", f"{problem.code}: {problem.message}"
            )

    def _well(self) -> None:
        now = self._core.clock.wall()
        if self.state not in {"active", "disconnected"}:
            self._core.log.tell(now, "connection", "The CRM connection works again")
        for key in ("quota", "ceiling", "login", "connection"):
            self._core.log.solved(key)
        self.state, self.last_ok, self.last_error, self._failures = "active", now, "", 0

    def _trouble(self, problem: CrmProblem) -> None:
        now, mono = self._core.clock.wall(), self._core.clock.mono()
        self.last_error = f"{problem.code}: {problem.message}"
        if self._core.policy.daily_limit(problem):
            self._blocked_until = mono + self._core.policy.probe_seconds
            self._alert(
                now, "quota", "paused", "Syncing is paused: the CRM's daily API calls are used up", problem
            )
        elif problem.code == CEILING:
            self._blocked_until = mono + self._core.policy.probe_seconds
            self._alert(
                now, "ceiling", "paused", "Syncing is paused: our ceiling of API calls is reached", problem
            )
        elif problem.login_refused:
            self._blocked_until = mono + self._core.policy.probe_seconds
            self._alert(
                now, "login", "reauth_required", "The CRM refuses our login: please authorise again", problem
            )
        else:
            self._failures += 1
            if gap := self._core.policy.gaps.passing(self._failures):
                self._core.wake(mono + gap)
            if self._failures >= UNREACHABLE_AFTER:
                self._alert(now, "connection", "error", "The CRM cannot be reached", problem)

    def _alert(
        self,
        now: datetime,
        key: str,
        state: Literal["paused", "error", "reauth_required"],
        subject: str,
        problem: CrmProblem,
    ) -> None:
        self.state = state
        if self._core.log.broken(now, key, problem):
            self._core.log.tell(now, key, subject, f"{problem.code}: {problem.message}")
