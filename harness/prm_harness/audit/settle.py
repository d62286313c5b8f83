"""The settle barrier: seen, not believed. Canaries cross both ways and the PRM goes quiet, or time runs out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from prm_harness.adapter import NotSupported, Outcome, Record, Ref
from prm_harness.adapter.faults import AdapterFault
from prm_harness.crm import backend
from prm_harness.crm.backend import CrmRefusal
from prm_harness.record.model import Barrier

from .barriers import Settled
from .events import Listener
from .faults import Inconclusive
from .handed.data import Data
from .handed.portal import Caller
from .timekeeper import Timekeeper

_MIN_POLL = 0.02
_PAUSE_STEP = 3600.0
_MAX_POLL = 15.0


@dataclass(slots=True)
class _Canary:
    """A record written on one side, looked for on the other."""

    label: str
    name: str
    sent: datetime
    arrived: datetime | None = None
    trouble: str = ""

    @property
    def seconds(self) -> float | None:
        return None if self.arrived is None else (self.arrived - self.sent).total_seconds()


class Settler:
    """Waits for both sides to agree.

    Args:
        crm: the backend; its request log tells when the PRM went quiet.
        session: the adapter.
        time: how time passes.
        data: names and accounts for the canaries.
        cycle_seconds: the PRM's declared cycle; quiet means no row written by it for that long.
        cycles_allowed: time allowed, in declared cycles.
        most_seconds: time allowed at most, in seconds.
        listener: told what is being waited for.
    """

    def __init__(
        self,
        crm: backend.Crm,
        session: Caller,
        time: Timekeeper,
        data: Data,
        *,
        cycle_seconds: float,
        cycles_allowed: float,
        most_seconds: float,
        listener: Listener,
    ) -> None:
        self._crm = crm
        self._session = session
        self._time = time
        self._data = data
        self._cycle = cycle_seconds
        self._allowed = min(max(cycles_allowed * cycle_seconds, 2 * cycle_seconds), most_seconds)
        self._listener = listener
        self.waits: list[Barrier] = []

    def settle(self, wave: str) -> Settled:
        """Wait once; never raises: an adapter that breaks while time passes is reported in ``reason``."""
        start = self._time.now()
        mark = self._crm.log.mark()
        to_prm, to_crm = self._release()
        poll = min(max(self._cycle / 4, _MIN_POLL), self._cycle if self._time.virtual else _MAX_POLL)
        if self._session.info.operated_by == "person":
            # Somebody has to look each time: once a cycle is enough.
            poll = self._cycle
        quiet, fault = False, None
        while fault is None and (waited := (self._time.now() - start).total_seconds()) < self._allowed:
            self._say(wave, waited, to_prm, to_crm, quiet=quiet)
            try:
                self._time.wait(poll)
                self._look(to_prm, to_crm)
            except AdapterFault as broken:
                fault = broken
            quiet = self._quiet(start, mark)
            if quiet and to_prm.arrived and to_crm.arrived:
                break
        waited = (self._time.now() - start).total_seconds()
        result = self._result(wave, waited, to_prm, to_crm, quiet=quiet, fault=fault)
        barrier = Barrier(**{f: getattr(result, f) for f in Barrier.model_fields})
        self.waits.append(barrier)
        self._listener.event("barrier", barrier)
        return result

    def pause(self, wave: str, seconds: float) -> Settled:
        """Let time pass, in steps of a cycle, and look for nothing.

        Raises:
            Inconclusive: time is real.
        """
        if not self._time.virtual:
            raise Inconclusive(f"{seconds / 3600:g} hours would have to be waited for")
        fault, left = None, seconds
        while left > 0 and fault is None:
            try:
                self._time.wait(min(left, max(self._cycle, _PAUSE_STEP)))
            except AdapterFault as broken:
                fault = broken
            left -= max(self._cycle, _PAUSE_STEP)
        result = Settled(
            wave, fault is None, seconds, None, None, quiet=False, reason=str(fault or ""), fault=fault
        )
        self._listener.event("barrier", Barrier(**{f: getattr(result, f) for f in Barrier.model_fields}))
        return result

    def _release(self) -> tuple[_Canary, _Canary]:
        now = self._time.now()
        kind = self._session.info.deal_target
        down, up = (self._record(kind, f"Canary {way}") for way in ("to portal", "to CRM"))
        to_prm = _Canary("portal", _name(down), now)
        to_crm = _Canary("CRM", _name(up), now)
        try:
            self._crm.create(kind, [down | {self._session.info.partner_field: self._data.partner}])
        except CrmRefusal as refusal:
            to_prm.trouble = f"the CRM refused it: {refusal}"
        try:
            outcome: Outcome = self._session.call("submit", kind, up, as_partner=self._data.partner)
        except (AdapterFault, NotSupported) as error:
            to_crm.trouble = str(error)
        else:
            if outcome.state == "rejected":
                to_crm.trouble = (
                    f"the portal refused it: {'; '.join(outcome.messages) or 'without a message'}"
                )
        return to_prm, to_crm

    def _record(self, kind: str, label: str) -> dict[str, Any]:
        if kind == "Lead":
            return self._data.lead(LastName=self._data.name(label))
        return self._data.deal(label)

    def _look(self, to_prm: _Canary, to_crm: _Canary) -> None:
        kind = self._session.info.deal_target
        if to_prm.arrived is None:
            found: Record | None = self._session.call("read", kind, Ref(by="name", value=to_prm.name))
            to_prm.arrived = self._time.now() if found else None
        if to_crm.arrived is None:
            field = "LastName" if kind == "Lead" else "Name"
            rows = self._crm.query(f"SELECT Id, CreatedDate FROM {kind} WHERE {field} = '{to_crm.name}'")
            to_crm.arrived = self._time.now() if rows else None

    def _quiet(self, start: datetime, mark: tuple[int, int]) -> bool:
        writes = self._crm.log.changes(since=mark[1], user=self._crm.facts.integration_user)
        last = max((change.at for change in writes), default=start)
        return self._time.now() - max(last, start) >= timedelta(seconds=self._cycle)

    def _result(
        self,
        wave: str,
        waited: float,
        to_prm: _Canary,
        to_crm: _Canary,
        *,
        quiet: bool,
        fault: AdapterFault | None,
    ) -> Settled:
        missing = [
            f"the canary to the {c.label} did not arrive{_because(c)}"
            for c in (to_prm, to_crm)
            if not c.arrived
        ]
        if not quiet:
            missing.append("the PRM did not go quiet")
        reason = str(fault) if fault else "; ".join(missing)
        return Settled(wave, not reason, waited, to_crm.seconds, to_prm.seconds, quiet, reason, fault)

    def _say(self, wave: str, waited: float, to_prm: _Canary, to_crm: _Canary, *, quiet: bool) -> None:
        waiting = [f"canary to {c.label}" for c in (to_prm, to_crm) if not c.arrived]
        if not quiet:
            waiting.append("quiet")
        calls = self._crm.log.mark()[0]
        self._listener.event(
            "waiting",
            {"wave": wave, "for": waiting, "waited": waited, "allowed": self._allowed, "calls": calls},
        )


def _name(values: dict[str, Any]) -> str:
    return str(values.get("Name") or values["LastName"])


def _because(canary: _Canary) -> str:
    return f" ({canary.trouble})" if canary.trouble else ""
