"""Where checks wait for each other, so that seventy of them cost a handful of sync cycles."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from prm_harness.adapter.faults import AdapterFault


class Barrier(Enum):
    """What a check yields."""

    CONNECTED = "connected"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Pause:
    """What a check yields to let so many seconds pass without waiting for anything; only where time is virtual."""

    seconds: float

    @property
    def value(self) -> str:
        """As evidence calls it."""
        return f"pause of {self.seconds / 3600:g} h"


def hours(number: float) -> Pause:
    """So much time passes on both sides, without canaries.

    On the real clock the check ends *inconclusive*: nobody waits for days.
    """
    return Pause(number * 3600)


connected = Barrier.CONNECTED
"""The PRM has been set up and its initial load has settled. For checks that seed history before that."""

settled = Barrier.SETTLED
"""Everything that was done before has had its time to reach the other side."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What the yield returns: how the barrier was passed.

    ``passed`` canaries crossed both ways and the PRM went quiet; otherwise the time allowed ran out and ``reason``
    says what was missing; ``fault`` that the adapter broke while time passed. Seconds are by the CRM's clock; None = the canary never arrived.
    """

    wave: str
    passed: bool
    waited_seconds: float
    to_crm_seconds: float | None
    to_prm_seconds: float | None
    quiet: bool
    reason: str = ""
    fault: AdapterFault | None = None
