"""Letting time pass: in no time with a PRM that can be driven, in real time with any other."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from prm_harness.crm.backend import Clock

Elapse = Callable[[float, datetime], None]


class Timekeeper:
    """Moves the CRM's clock and the PRM's scheduler in lock-step, or sleeps.

    ``virtual`` is true when both sides can be driven; then a wait of an hour costs nothing and every latency measured
    is exact and repeatable.
    """

    def __init__(self, clock: Clock, elapse: Elapse | None) -> None:
        self._clock = clock
        self._elapse = elapse if clock.virtual else None
        self.virtual = self._elapse is not None

    def now(self) -> datetime:
        """The CRM's time."""
        return self._clock.now()

    def wait(self, seconds: float) -> None:
        """Let ``seconds`` pass on both sides.

        Raises:
            AdapterFault: the PRM's own scheduler broke or hung.
        """
        if self._elapse is None:
            time.sleep(seconds)
            return
        self._clock.advance(seconds)
        self._elapse(seconds, self._clock.now())
