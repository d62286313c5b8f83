"""The life of a product: connected, set up, syncing, disconnected. What people do with it is product.py's."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from prm_harness.adapter import CrmConnection, NotSupported, PrmAdapter, Step, StepLog, SyncStatus

from .clock import Clock, RealClock, Scheduler, VirtualClock
from .logbook import Logbook
from .policy import Policy
from .seeds import Seeds
from .store import Store
from .syncing.crm_client import CrmClient
from .syncing.engine import Core, Engine
from .syncing.follow import Follower
from .syncing.meter import Meter
from .syncing.problems import CrmProblem
from .syncing.pull import Puller
from .syncing.push import Pusher
from .syncing.reader import Reader

LOAD_STEP: Final = "first-load"
"""The automatic step that ends every setup."""


class Installation(PrmAdapter):
    """A running product: its clock, its connection, its setup. One lock: partners, admin and the sync worker take turns.

    Args:
        policy: its decisions.
        clock: "virtual" (driven by ``elapse``) or "real" (a thread of its own).
        cycle: seconds between two syncs, as declared.
    """

    def __init__(self, policy: Policy, clock: str, cycle: float) -> None:
        self._policy = policy
        self._declared_cycle = cycle
        self._virtual = clock == "virtual"
        self._clock: Clock = VirtualClock() if self._virtual else RealClock()
        self._lock = threading.RLock()
        self._scheduler = Scheduler(self._clock, self._locked_sync, policy.cycle(cycle))
        self._meter = Meter(self._clock.mono)
        self._seeds = Seeds()
        self._held = False
        self._core: Core | None = None
        self._engine: Engine | None = None
        self._puller: Puller | None = None
        self._done_steps: set[str] = set()

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

    def _sync_files(self) -> None:
        """Carry files, once records have crossed."""

    def _reader(self, core: Core) -> Reader:
        """How rows are fetched."""
        return Reader(core)

    # -- connection, time ---------------------------------------------------------------------------------------

    def connect(self, crm: CrmConnection) -> None:
        """Log in; a second call is a new authorisation of the same portal.

        Raises:
            CrmProblem: the login was refused.
        """
        with self._lock:
            client = CrmClient(crm, self._clock.pause, self._meter)
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
                    meter=self._meter,
                    run_id=crm.run_id,
                )
                self._seeds.plant(self._core)
                self._puller = Puller(
                    self._core, self._reader(self._core), partial(self._seeds.twin, self._core)
                )
                self._engine = Engine(
                    self._core,
                    look=self._look,
                    refresh=self._refresh,
                    pull=self._puller.pull,
                    follow=Follower(self._core).follow,
                    push=Pusher(self._core).push,
                    files=self._sync_files,
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

    def elapse(self, seconds: float, now: datetime) -> None:
        """See the contract."""
        if not isinstance(self._clock, VirtualClock):
            raise NotSupported("elapse", "this instance runs on the real clock")
        self._scheduler.run_until(self._clock, self._clock.anchor(seconds, now))

    def sync_status(self) -> SyncStatus:
        """See the contract."""
        with self._lock:
            if self._engine is None:
                return SyncStatus(state="disconnected")
            status = self._engine.status()
            held = self._held and status.state == "active"
            return status.model_copy(update={"state": "paused"}) if held else status

    def pause(self) -> StepLog:
        """See the contract; entries are taken all the same."""
        with self._lock:
            self._connected("pause")
            self._held = True
        step = Step(id="pause", title="Hold the sync", actor="admin", hands_on_minutes=0.5)
        return StepLog(done=True, steps=(step,))

    def resume(self) -> StepLog:
        """See the contract; catches up at once."""
        with self._lock:
            self._connected("resume")
            self._held = False
            self._locked_sync(True)
        step = Step(id="resume", title="Let the sync go on", actor="admin", hands_on_minutes=0.5)
        return StepLog(done=True, steps=(step,))

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
            if complaint := too_early(step_id, list(steps), self._done_steps):
                return StepLog(done=False, message=complaint)
            step = steps[step_id]
            if step_id == LOAD_STEP and not self._first_load():
                return StepLog(done=False, steps=(step,), message=self.sync_status().last_error)
            self._done_steps.add(step_id)
            return StepLog(done=True, steps=(step,))

    def _first_load(self) -> bool:
        self._connected("run_step")
        assert self._engine is not None
        try:
            for sobject, name in self._policy.makes_fields:
                self._connected("run_step").crm.make_text_field(sobject, name)
            self._prepare_types()
        except CrmProblem as problem:
            self._engine.last_error = str(problem)
            return False
        self._scheduler.start()
        self._engine.sync()
        assert self._core is not None
        self._seeds.create_rest(self._core)
        return True

    # -- inside -------------------------------------------------------------------------------------------------

    def _connected(self, operation: str) -> Core:
        if self._core is None:
            raise NotSupported(operation, "the portal is not connected to a CRM yet")
        return self._core

    def _locked_sync(self, regular: bool) -> None:
        with self._lock:
            if self._engine is not None and not self._held:
                self._engine.sync(regular)


def version_of(number: str, defect: str | None) -> str:
    """The version that a report shows; a planted defect is named in it."""
    return f"{number}+{defect}" if defect else number


def too_early(step_id: str, order: Sequence[str], done: Collection[str]) -> str:
    """Why a setup step cannot be done now; empty if it can."""
    if step_id not in order:
        return f"there is no step {step_id!r}"
    missing = [one for one in order[: order.index(step_id)] if one not in done]
    return f"first do {missing[0]!r}" if missing else ""
