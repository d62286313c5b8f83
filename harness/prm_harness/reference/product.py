"""A whole PRM behind the adapter contract: what every style shares. Styles add their schema, setup and limits."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from prm_harness.adapter import (
    CrmConnection,
    ErrorEntry,
    Filter,
    Notification,
    NotSupported,
    Outcome,
    PrmAdapter,
    Record,
    Ref,
    Rule,
    Schedule,
    Step,
    StepLog,
    SyncEntry,
    SyncStatus,
)

from .clock import Clock, RealClock, Scheduler, VirtualClock
from .crm_client import CrmClient
from .engine import Core, Engine
from .logbook import Logbook
from .policy import Policy
from .portal import Portal
from .problems import CrmProblem
from .pull import Puller
from .push import Follower, Pusher
from .segments import holds
from .store import Store

LOAD_STEP: Final = "first-load"
"""The automatic step that ends every setup."""


class Product(PrmAdapter):
    """State and operations of a running PRM. One lock: partners, admin and the sync worker take turns.

    Args:
        policy: its decisions.
        clock: "virtual" (driven by ``elapse``) or "real" (a thread of its own).
        cycle: seconds between two syncs, as declared.
    """

    def __init__(self, policy: Policy, clock: str, cycle: float) -> None:
        self._policy = policy
        self._declared_cycle = cycle
        self._clock: Clock = VirtualClock() if clock == "virtual" else RealClock()
        self._lock = threading.RLock()
        self._scheduler = Scheduler(self._clock, self._locked_sync, policy.cycle(cycle))
        self._core: Core | None = None
        self._engine: Engine | None = None
        self._done_steps: set[str] = set()
        self._rules: dict[str, Rule] = {}

    # -- what a style says and does -----------------------------------------------------------------------------

    @abstractmethod
    def _steps(self) -> tuple[Step, ...]:
        """Setup, without the final load."""

    @abstractmethod
    def _look(self) -> None:
        """Before each regular read: bring the schema up to date."""

    @abstractmethod
    def _refresh(self, kind: str) -> None:
        """The CRM said that a field of this object is gone: find out which."""

    @abstractmethod
    def _prepare_types(self) -> None:
        """Just before the first load: fix which objects and fields are carried."""

    # -- core ---------------------------------------------------------------------------------------------------

    def connect(self, crm: CrmConnection) -> None:
        """Log in; a second call is a new authorisation of the same portal.

        Raises:
            CrmProblem: the login was refused.
        """
        with self._lock:
            client = CrmClient(crm, self._clock.pause)
            client.login()
            if self._core is None or self._engine is None:
                self._core = Core(
                    policy=self._policy,
                    clock=self._clock,
                    store=Store(id_key=self._policy.id_key),
                    log=Logbook(self._policy),
                    wake=self._scheduler.wake_at,
                    crm=client,
                    types={},
                )
                self._engine = Engine(
                    self._core,
                    look=self._look,
                    refresh=self._refresh,
                    pull=Puller(self._core).pull,
                    follow=Follower(self._core).follow,
                    push=Pusher(self._core).push,
                )
            self._core.crm, self._core.run_id = client, crm.run_id
            self._engine.unblock()
            if LOAD_STEP in self._done_steps:
                self._scheduler.start()

    def disconnect(self) -> None:
        """Stop syncing; the portal keeps its records."""
        self._scheduler.stop()
        with self._lock:
            if self._engine is not None:
                self._engine.state = "disconnected"

    def submit(self, kind: str, values: Mapping[str, Any], *, as_partner: str | None = None) -> Outcome:
        """See the contract."""
        with self._lock:
            if self._core is None:
                return Outcome(state="rejected", messages=("the portal is not connected to a CRM yet",))
            return Portal(self._core).submit(kind, values, as_partner)

    def read(self, kind: str, ref: Ref) -> Record | None:
        """See the contract."""
        with self._lock:
            return None if self._core is None else Portal(self._core).read(kind, ref)

    def list(self, kind: str) -> Iterable[Record]:
        """See the contract."""
        with self._lock:
            return [] if self._core is None else [*Portal(self._core).list(kind)]

    def cleanup(self, run_id: str) -> None:
        """See the contract."""
        with self._lock:
            if self._core is not None:
                for prm_id in self._core.store.of_run(run_id):
                    self._core.store.forget(prm_id)

    # -- virtual_time, write, partner_view ----------------------------------------------------------------------

    def elapse(self, seconds: float, now: datetime) -> None:
        """See the contract."""
        if not isinstance(self._clock, VirtualClock):
            raise NotSupported("elapse", "this instance runs on the real clock")
        self._scheduler.run_until(self._clock, self._clock.anchor(seconds, now))

    def update(
        self, kind: str, ref: Ref, values: Mapping[str, Any], *, as_partner: str | None = None
    ) -> Outcome:
        """See the contract."""
        with self._lock:
            return Portal(self._connected("update")).update(kind, ref, values, as_partner)

    def delete(self, kind: str, ref: Ref) -> Outcome:
        """See the contract."""
        with self._lock:
            return Portal(self._connected("delete")).delete(kind, ref)

    def read_as(self, partner: str, kind: str, ref: Ref) -> Record | None:
        """See the contract."""
        with self._lock:
            return Portal(self._connected("read_as")).read(kind, ref, partner)

    def list_as(self, partner: str, kind: str) -> Iterable[Record]:
        """See the contract."""
        with self._lock:
            return [*Portal(self._connected("list_as")).list(kind, partner)]

    # -- sync_control, schedule ---------------------------------------------------------------------------------

    def sync_now(self) -> None:
        """See the contract."""
        self._connected("sync_now")
        self._locked_sync(True)

    def sync_status(self) -> SyncStatus:
        """See the contract."""
        with self._lock:
            return SyncStatus(state="disconnected") if self._engine is None else self._engine.status()

    def get_schedule(self) -> Schedule:
        """See the contract."""
        return Schedule(cycle_seconds=self._declared_cycle, settable=False)

    # -- filters ------------------------------------------------------------------------------------------------

    def get_filter(self, kind: str) -> Filter | None:
        """See the contract."""
        with self._lock:
            carried = self._connected("get_filter").types.get(kind)
            return carried.filter if carried else None

    def set_filter(self, kind: str, rule: Filter | None) -> StepLog:
        """Takes effect at the next sync, for records that are already in the portal too."""
        with self._lock:
            carried = self._connected("set_filter").types.get(kind)
            if carried is None or (rule is not None and rule.field not in carried.spec.fields):
                return StepLog(done=False, message=f"the portal has no such field on {kind}")
            carried.filter, carried.reload = rule, True
        step = Step(id="filter", title=f"Set the filter of {kind}", actor="admin", hands_on_minutes=2)
        return StepLog(done=True, steps=(step,))

    # -- errors, notify, audit ----------------------------------------------------------------------------------

    def list_errors(self, since: datetime | None = None) -> Sequence[ErrorEntry]:
        """See the contract."""
        with self._lock:
            return self._connected("list_errors").log.errors(since)

    def retry(self, error_id: str) -> Outcome:
        """Sent at once when it is due by the admin's wish."""
        with self._lock:
            core = self._connected("retry")
            incident = core.log.incident(error_id)
            pending = core.store.pending(incident.prm_id) if incident and incident.prm_id else None
            if pending is None:
                return Outcome(state="rejected", messages=("there is nothing to retry",))
            if core.policy.retries:
                pending.due, pending.attempts = 0.0, 0
                core.store.put_pending(pending)
                self._locked_sync(False)
            open_still = core.log.is_open(pending.prm_id) and core.policy.retries
            messages = ("the CRM refused it again",) if open_still else ()
            return Outcome(
                state="rejected" if open_still else "accepted", prm_id=pending.prm_id, messages=messages
            )

    def notifications(self, since: datetime | None = None) -> Sequence[Notification]:
        """See the contract."""
        with self._lock:
            return self._connected("notifications").log.notifications(since)

    def list_sync_history(self, since: datetime | None = None) -> Sequence[SyncEntry]:
        """See the contract."""
        with self._lock:
            return self._connected("list_sync_history").log.history(since)

    # -- logic --------------------------------------------------------------------------------------------------

    def create_rule(self, rule: Rule) -> str:
        """See the contract."""
        with self._lock:
            carried = self._connected("create_rule").types.get(rule.kind)
            if carried is None or rule.field not in carried.spec.fields:
                raise NotSupported("create_rule", f"the portal has no field {rule.field} on {rule.kind}")
            rule_id = f"segment-{len(self._rules) + 1}"
            self._rules[rule_id] = rule
            return rule_id

    def rule_members(self, rule_id: str) -> Sequence[str]:
        """See the contract."""
        with self._lock:
            core, rule = self._connected("rule_members"), self._rules[rule_id]
            if not core.policy.segments_on(rule.field):
                return []
            records = core.store.alive(rule.kind)
            return [record.crm_id for record in records if record.crm_id and holds(rule, record.shown)]

    def delete_rule(self, rule_id: str) -> None:
        """See the contract."""
        with self._lock:
            self._rules.pop(rule_id, None)

    # -- setup --------------------------------------------------------------------------------------------------

    def setup_steps(self) -> Sequence[Step]:
        """See the contract."""
        with self._lock:
            load = Step(id=LOAD_STEP, title="Load what is there", actor="automatic", waiting_minutes=1)
            return (*self._steps(), *self._policy.more_steps, load)

    def run_step(self, step_id: str) -> StepLog:
        """See the contract."""
        with self._lock:
            steps = {step.id: step for step in self.setup_steps()}
            step = steps.get(step_id)
            if step is None:
                return StepLog(done=False, message=f"there is no step {step_id!r}")
            missing = [
                one for one in list(steps)[: list(steps).index(step_id)] if one not in self._done_steps
            ]
            if missing:
                return StepLog(done=False, message=f"first do {missing[0]!r}")
            if step_id == LOAD_STEP and not self._first_load():
                return StepLog(done=False, steps=(step,), message=self.sync_status().last_error)
            self._done_steps.add(step_id)
            return StepLog(done=True, steps=(step,))

    def _first_load(self) -> bool:
        self._connected("run_step")
        assert self._engine is not None
        try:
            self._prepare_types()
        except CrmProblem as problem:
            self._engine.last_error = str(problem)
            return False
        self._scheduler.start()
        self._engine.sync()
        return True

    # -- inside -------------------------------------------------------------------------------------------------

    def _connected(self, operation: str) -> Core:
        if self._core is None:
            raise NotSupported(operation, "the portal is not connected to a CRM yet")
        return self._core

    def _locked_sync(self, regular: bool) -> None:
        with self._lock:
            if self._engine is not None:
                self._engine.sync(regular)


def version_of(number: str, defect: str | None) -> str:
    """The version that a report shows; a planted defect is named in it."""
    return f"{number}+{defect}" if defect else number
