"""One check in flight: its generator, its evidence, and where it stopped."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Mapping
from typing import Any

from prm_harness.adapter import Level
from prm_harness.adapter.faults import AdapterFault
from prm_harness.crm import backend
from prm_harness.crm.backend import Power
from prm_harness.record.model import Result

from .barriers import Barrier, Pause, Settled
from .handed.crm_view import Crm
from .handed.data import Data
from .handed.evidence import Evidence
from .handed.portal import Caller, Portal
from .judge import judge
from .registry import Check
from .tape import Tape


class Running:
    """A check between its start and its verdict.

    ``waiting`` is the barrier it stopped at, or None when it has ended; then ``result`` is set.
    """

    def __init__(
        self,
        check: Check,
        crm: backend.Crm,
        session: Caller,
        data: Data,
        levels: Mapping[str, Level],
        tape: Tape,
        authorise: Callable[[], object] = lambda: None,
    ) -> None:
        self.check = check
        self.tape = tape
        self.waiting: Barrier | Pause | None = None
        self.result: Result | None = None
        self._levels = levels
        self._fault: AdapterFault | None = None
        self._crm = crm
        self._since = crm.log.mark()[0]
        self._evidence = Evidence(check.effects, crm.clock.now)
        if session.info.operated_by == "person":
            self._evidence.grade = "C"
        elif Power.REQUEST_LOG in check.powers:
            self._evidence.grade = "A"
        handed: dict[str, Any] = {
            "crm": Crm(crm, self._evidence, check.powers, tape),
            "prm": Portal(session, self._evidence, check.needs | check.uses, tape, authorise),
            "evidence": self._evidence,
            "data": data,
        }
        wanted = inspect.signature(check.body).parameters
        self._body: Generator[Barrier | Pause, Settled, None] = check.body(
            **{k: v for k, v in handed.items() if k in wanted}
        )

    def start(self) -> None:
        """Run up to the first barrier."""
        self._go(None)

    def resume(self, settled: Settled) -> None:
        """Go on from the barrier to the next one, or to the end."""
        self.tape.waited(self.waiting.value if self.waiting else "", passed=settled.passed)
        if not settled.passed:
            self._evidence.did(f"barrier not passed: {settled.reason}")
        self._fault = self._fault or settled.fault
        self._go(settled)

    def abandon(self, why: Exception) -> None:
        """End it from outside (the PRM could not be connected, the run was interrupted)."""
        self._body.close()
        self._end(why)

    def _go(self, settled: Settled | None) -> None:
        try:
            self.waiting = next(self._body) if settled is None else self._body.send(settled)
        except StopIteration:
            self._end(None)
        except Exception as error:  # noqa: BLE001 - whatever ends a check is judged, never lost
            self._end(error)

    def _end(self, error: Exception | None) -> None:
        self.waiting = None
        if error is None and not self._evidence.all_right:
            # What did not arrive because the adapter fell over says nothing about the product.
            error = self._fault
        gaps = [one.error_code for one in self._crm.log.gaps(since=self._since)]
        self.result = judge(self.check, self._evidence, error, self._levels, gaps)
