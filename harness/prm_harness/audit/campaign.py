"""A run from the first record to the last verdict: all checks up to the barrier, one settling, and on.

before connect   checks that seed history run up to ``yield connected``
connect          prerequisites, login, setup steps, initial load
shared waves     every other shared check runs up to ``yield settled``; one settling; all go on; until none waits
alone            one check after the other, each with its own settlings, faults healed after each
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from prm_harness.adapter import CrmConnection, NotSupported, Prerequisites
from prm_harness.adapter.faults import AdapterFault
from prm_harness.crm import backend
from prm_harness.crm.backend import Power
from prm_harness.record.case import Case
from prm_harness.record.model import Profile, Result, SetupStep
from prm_harness.record.verdicts import Verdict

from .admission import levels_of, turned_away
from .barriers import Pause, Settled
from .connect import connect, install
from .events import Listener
from .facts import measure
from .faults import HarnessMisuse, Inconclusive
from .handed.data import Data, form_of
from .handed.portal import Caller
from .probing import probe_claims, probe_refusals
from .registry import Check
from .running import Running
from .settle import Settler
from .style import StyleWatch
from .tape import Tape, Watcher
from .timekeeper import Timekeeper
from .watched import Watched

_MOST_WAVES: Final = 10
_MOST_TRIES: Final = 4
_REDUCING_SECONDS: Final = 600
"""Real time that a check may spend on making its failure smaller; in driven time a cycle costs next to nothing."""
FAILING: Final = frozenset({Verdict.FAILED, Verdict.PARTIAL, Verdict.ERROR})
"""Verdicts whose case is kept."""


@dataclass(slots=True)
class World:
    """What stands in the CRM before anything else: two partners and a customer."""

    partner: str
    other_partner: str
    customer: str


class Campaign:
    """One audit of one PRM.

    Args:
        checks: what to run; the order follows from the seed.
        session: the adapter, guarded.
        crm: the backend.
        connection: what the PRM is told about the CRM.
        time: how time passes.
        profile: limits and sizes.
        seed: every record is drawn from it.
        listener: told everything, as it happens.
        attempt: which repeat this is, counted from 1.
        cases: check id → the case that the check is given back instead of drawing anew.
        watch: told what the checks of ``cases`` do, just before they do it.
    """

    def __init__(
        self,
        checks: Sequence[Check],
        session: Caller,
        crm: backend.Crm,
        connection: CrmConnection,
        time: Timekeeper,
        profile: Profile,
        *,
        seed: int,
        listener: Listener,
        attempt: int = 1,
        cases: Mapping[str, Case] | None = None,
        watch: Watcher | None = None,
    ) -> None:
        self._attempt = attempt
        self._cases = cases or {}
        self._watch = watch
        self._began: datetime = time.now()
        # In an order of its own with every seed, so that no product can know what comes next.
        self._checks = list(checks)
        random.Random(f"{seed}:order").shuffle(self._checks)  # noqa: S311 - repeatable on purpose
        self._session = Watched(session, crm)
        self._crm = crm
        self._connection = connection
        self._time = time
        self._profile = profile
        self._seed = seed
        self._listener = listener
        self._results: dict[str, Result] = {}
        self._setup: list[SetupStep] = []
        self._in_flight: list[Running] = []
        self._style: StyleWatch | None = None

    def run(self) -> dict[str, Result]:
        """Run everything; returns check id → result. Every planned check has one, whatever happened.

        Raises:
            KeyboardInterrupt: passed on after every unfinished check was recorded as not run.
        """
        try:
            self._run()
        except KeyboardInterrupt:
            for check in self._unfinished():
                self._record(
                    Result(check=check.id, verdict=Verdict.NOT_RUN, reason="the run was interrupted")
                )
            raise
        finally:
            self._clean_up()
        return self._results

    def _run(self) -> None:
        levels = self._levels = levels_of(self._session)
        probes = probe_refusals(self._session, levels)
        for capability, answer in probes.items():
            self._listener.event("probe", {"capability": capability, "answer": answer})
        powers, kinds = self._crm.facts.powers, self._session.info.kinds
        for check in self._checks:
            if result := turned_away(check, levels, probes, powers, self._profile, kinds):
                self._record(result)
        world = self._arrange_world()
        settler = self._settler(world)

        self._wave("before connect")
        # Whoever watches the connecting begins when the others have arranged the org.
        early = (c for c in self._unfinished() if c.stage == "before_connect")
        self._start(world, sorted(early, key=lambda check: Power.REQUEST_LOG in check.powers))
        try:
            wanted: Prerequisites = self._session.call("prerequisites")
            install(self._crm, wanted)
            style = self._style = StyleWatch(self._crm, self._session, wanted)
            self._wave("connect")
            self._setup = connect(self._session, self._connection, self._listener)
        except (AdapterFault, NotSupported) as fault:
            self._give_up(fault)
            return
        loaded = settler.settle("initial load")
        for capability, answer in probe_claims(self._session, levels).items():
            self._listener.event("probe", {"capability": capability, "answer": f"declared, but {answer}"})
        self._resume(loaded)

        self._wave("shared")
        self._start(world, (c for c in self._unfinished() if c.stage == "shared" and not self._flying(c)))
        for wave in range(1, _MOST_WAVES + 1):
            if not self._in_flight:
                break
            self._resume(settler.settle(f"shared {wave}"))
        self._stop_waiting()
        for check in [c for c in self._unfinished() if c.stage == "alone"]:
            self._wave(f"alone: {check.id}")
            self._run_alone(world, check, settler)
        seen = style.result()
        self._listener.event("style", seen)
        for fact in measure(self._crm, self._session.info, self._setup, self._results, seen, settler.waits):
            self._listener.event("fact", fact)

    # -- arranging ------------------------------------------------------------------------------------------------

    def _arrange_world(self) -> World:
        data = self._data("world", World("", "", ""))
        rows = [
            data.account(f"{label} Partner", Partner_Tier__c=tier)
            for label, tier in (("First", "Gold"), ("Second", "Silver"))
        ]
        first, second, customer = self._crm.create("Account", [*rows, data.account()])
        for partner in (first, second):
            self._crm.update("Account", partner, {"IsPartner": True})
        return World(first, second, customer)

    def _data(self, purpose: str, world: World, tape: Tape | None = None) -> Data:
        seed, today = f"{self._seed}:{purpose}", self._time.now().date()
        stream = tape.chance(seed) if tape else random.Random(seed)  # noqa: S311 - repeatable on purpose
        return Data(
            nonce=f"{stream.getrandbits(32):08x}",
            random=stream,
            today=tape.today(today) if tape else today,
            partner=world.partner,
            other_partner=world.other_partner,
            customer=world.customer,
            limits=self._profile.thresholds,
            sizes=self._profile.data,
            cycle_seconds=self._session.info.cycle_seconds,
            form=form_of(tape.seed(self._seed) if tape else self._seed),
            tries=0 if tape and tape.replays else self._tries(),
            _tape=tape,
        )

    def _tries(self) -> int:
        info = self._session.info
        if info.operated_by == "person":
            return 0
        affordable = _REDUCING_SECONDS // max(info.cycle_seconds, 1)
        return _MOST_TRIES if self._time.virtual else min(_MOST_TRIES, int(affordable))

    def _tape(self, check: Check, world: World) -> Tape:
        case = self._cases.get(check.id)
        tape = Tape(self._crm.clock.now, replay=case, watch=self._watch if case else None)
        tape.knows(world.partner, "@partner")
        tape.knows(world.other_partner, "@other_partner")
        tape.knows(world.customer, "@customer")
        return tape

    def _settler(self, world: World) -> Settler:
        limits = self._profile.thresholds
        return Settler(
            self._crm,
            self._session,
            self._time,
            self._data("canaries", world),
            cycle_seconds=self._session.info.cycle_seconds,
            cycles_allowed=limits["settle_timeout_cycles"],
            most_seconds=limits["settle_timeout_seconds_max"],
            listener=self._listener,
        )

    # -- running --------------------------------------------------------------------------------------------------

    def _start(self, world: World, checks: Iterable[Check]) -> None:
        for check in list(checks):
            self._listener.event("started", {"check": check.id})
            tape = self._tape(check, world)
            data = self._data(check.id, world, tape)
            running = Running(check, self._crm, self._session, data, self._levels, tape, self._authorise)
            self._in_flight.append(running)
            running.start()
            self._collect()

    def _authorise(self) -> None:
        self._session.call("connect", self._connection)

    def _resume(self, settled: Settled) -> None:
        if self._style is not None:
            self._style.look()
        for running in list(self._in_flight):
            running.resume(settled)
            self._collect()

    def _run_alone(self, world: World, check: Check, settler: Settler) -> None:
        self._start(world, [check])
        try:
            for wave in range(1, _MOST_WAVES + 1):
                if not self._in_flight:
                    return
                self._wait(self._in_flight[0], settler, f"{check.id} {wave}")
            self._stop_waiting()
        finally:
            if Power.FAULTS in self._crm.facts.powers:
                self._crm.faults.heal()
            if Power.HOOKS in self._crm.facts.powers:
                self._crm.hooks.cancel()
            if Power.LOGINS in self._crm.facts.powers:
                self._crm.logins.restore()

    def _wait(self, running: Running, settler: Settler, wave: str) -> None:
        """Of one check that has the CRM to itself."""
        try:
            pause = running.waiting if isinstance(running.waiting, Pause) else None
            passed = settler.pause(wave, pause.seconds) if pause else settler.settle(wave)
        except Inconclusive as why:
            running.abandon(why)
            self._collect()
        else:
            self._resume(passed)

    def _collect(self) -> None:
        for running in [r for r in self._in_flight if r.result is not None]:
            self._in_flight.remove(running)
            if running.result is not None:
                self._record(running.result)
                if running.result.verdict in FAILING or running.check.id in self._cases:
                    self._listener.event("case", self._case(running))

    def _case(self, running: Running) -> Case:
        check, today = running.check, running.tape.today(self._began.date())
        case = running.tape.case(
            check.id, check.revision, seed=self._seed, started_at=self._began, today=today
        )
        return case.model_copy(update={"attempt": self._attempt})

    def _give_up(self, fault: Exception) -> None:
        """The PRM could not be connected: nothing can be shown any more."""
        why = AdapterFault("connect", f"the PRM could not be connected: {fault}")
        for running in list(self._in_flight):
            running.abandon(why)
        self._collect()
        for check in self._unfinished():
            self._record(Result(check=check.id, verdict=Verdict.ERROR, reason=str(why), finding=f"{why}."))

    def _stop_waiting(self) -> None:
        """Checks that still yield after the last wave have a loop without an end."""
        for running in list(self._in_flight):
            running.abandon(HarnessMisuse(f"the check still waits after {_MOST_WAVES} barriers"))
        self._collect()

    # -- bookkeeping ----------------------------------------------------------------------------------------------

    def _record(self, result: Result) -> None:
        result = result.model_copy(update={"attempt": self._attempt})
        self._results[result.check] = result
        self._listener.event("result", result)

    def _unfinished(self) -> list[Check]:
        return [c for c in self._checks if c.id not in self._results]

    def _flying(self, check: Check) -> bool:
        return any(r.check.id == check.id for r in self._in_flight)

    def _wave(self, name: str) -> None:
        self._listener.event("wave", {"wave": name, "checks": len(self._unfinished())})

    def _clean_up(self) -> None:
        last: tuple[Callable[[], object], ...] = (
            lambda: self._session.call("cleanup", self._connection.run_id),
            lambda: self._session.call("disconnect"),
        )
        for step in last:
            try:
                step()
            except (AdapterFault, NotSupported) as fault:
                self._listener.event("note", {"text": f"after the run: {fault}"})
