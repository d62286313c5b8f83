"""A window on the CRM: people look through it and reach through it, and it keeps nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from prm_harness.adapter import (
    CrmConnection,
    NotSupported,
    Outcome,
    PrmAdapter,
    Record,
    Ref,
    Step,
    StepLog,
    SyncStatus,
)
from prm_harness.reference.clock import Clock, RealClock, VirtualClock
from prm_harness.reference.copying import CHOOSE_OBJECTS, KINDS
from prm_harness.reference.entry import public, refused
from prm_harness.reference.installation import too_early
from prm_harness.reference.policy import Policy
from prm_harness.reference.syncing.crm_client import CrmClient
from prm_harness.reference.syncing.meter import Meter
from prm_harness.reference.syncing.problems import CrmProblem

from .live import Live

_STEPS: Final = (
    Step(id="authorise", title="Authorise the portal in the CRM", actor="admin", hands_on_minutes=2),
    CHOOSE_OBJECTS,
)


class Window(PrmAdapter):
    """The part that partners use, and its connection. One lock: people take turns.

    While the CRM is down, so is the portal: pages show no record, entries are refused, and the status says why.

    Args:
        policy: its decisions.
        clock: "virtual" (driven by ``elapse``) or "real".
    """

    def __init__(self, policy: Policy, clock: str) -> None:
        self._policy = policy
        self._virtual = clock == "virtual"
        self._clock: Clock = VirtualClock() if self._virtual else RealClock()
        self._lock = threading.RLock()
        self._meter = Meter(self._clock.mono)
        self._live: Live | None = None
        self._kinds = set(KINDS)
        self._done_steps: set[str] = set()

    # -- core ---------------------------------------------------------------------------------------------------

    def connect(self, crm: CrmConnection) -> None:
        """Log in.

        Raises:
            CrmProblem: the login was refused.
        """
        with self._lock:
            client = CrmClient(crm, self._clock.pause, self._meter)
            client.login()
            filters = self._live.filters if self._live else {}
            self._live = Live(self._policy, self._clock, client)
            self._live.filters = filters

    def disconnect(self) -> None:
        """The window is shut."""
        with self._lock:
            self._live = None

    def submit(self, kind: str, values: Mapping[str, Any], *, as_partner: str | None = None) -> Outcome:
        """See the contract; accepted means that it is in the CRM."""
        with self._lock:
            if self._live is None:
                return refused("the portal is not connected to a CRM")
            if kind not in self._kinds:
                return refused(f"the portal does not carry {kind}")
            return self._live.create(kind, values, as_partner)

    def read(self, kind: str, ref: Ref) -> Record | None:
        """See the contract; None too while the CRM does not answer."""
        return self._shown(kind, ref, None)

    def list(self, kind: str) -> Iterable[Record]:
        """See the contract; nothing while the CRM does not answer."""
        return self._listed(kind, None)

    def cleanup(self, run_id: str) -> None:
        """The portal keeps nothing, so nothing is left in it."""

    # -- virtual_time, write, partner_view ----------------------------------------------------------------------

    def elapse(self, seconds: float, now: datetime) -> None:
        """See the contract; nothing happens by itself."""
        if not isinstance(self._clock, VirtualClock):
            raise NotSupported("elapse", "this instance runs on the real clock")
        self._clock.move_to(self._clock.anchor(seconds, now))

    def update(
        self, kind: str, ref: Ref, values: Mapping[str, Any], *, as_partner: str | None = None
    ) -> Outcome:
        """See the contract."""
        with self._lock:
            return self._connected("update").update(kind, ref, values, as_partner)

    def delete(self, kind: str, ref: Ref) -> Outcome:
        """See the contract."""
        with self._lock:
            return self._connected("delete").delete(kind, ref)

    def read_as(self, partner: str, kind: str, ref: Ref) -> Record | None:
        """See the contract."""
        return self._shown(kind, ref, partner)

    def list_as(self, partner: str, kind: str) -> Iterable[Record]:
        """See the contract."""
        return self._listed(kind, partner)

    # -- status, setup ------------------------------------------------------------------------------------------

    def sync_status(self) -> SyncStatus:
        """See the contract."""
        with self._lock:
            if self._live is None:
                return SyncStatus(state="disconnected")
            trouble = self._live.trouble
            if trouble is None:
                return SyncStatus(state="active")
            state: Literal["reauth_required", "error"] = (
                "reauth_required" if trouble.login_refused else "error"
            )
            return SyncStatus(state=state, last_error=str(trouble))

    def setup_steps(self) -> Sequence[Step]:
        """See the contract; nothing is loaded."""
        return (*_STEPS, *self._policy.more_steps)

    def run_step(self, step_id: str) -> StepLog:
        """See the contract."""
        with self._lock:
            steps = {step.id: step for step in self.setup_steps()}
            if complaint := too_early(step_id, list(steps), self._done_steps):
                return StepLog(done=False, message=complaint)
            self._done_steps.add(step_id)
            return StepLog(done=True, steps=(steps[step_id],))

    # -- inside -------------------------------------------------------------------------------------------------

    def _connected(self, operation: str) -> Live:
        if self._live is None:
            raise NotSupported(operation, "the portal is not connected to a CRM")
        return self._live

    def _shown(self, kind: str, ref: Ref, partner: str | None) -> Record | None:
        with self._lock:
            if self._live is None or kind not in self._kinds:
                return None
            try:
                record = self._live.find(kind, ref, partner)
                return None if record is None else public(record, self._live.spec(record.kind))
            except CrmProblem:
                return None

    def _listed(self, kind: str, partner: str | None) -> Iterable[Record]:
        with self._lock:
            if self._live is None or kind not in self._kinds:
                return []
            try:
                spec = self._live.spec(kind)
                return [public(record, spec) for record in self._live.select(kind, partner=partner)]
            except CrmProblem:
                return []
