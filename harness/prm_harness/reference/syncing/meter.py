"""Counting the CRM calls that the product makes, and stopping at the ceiling that its admin has set."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from .problems import CrmProblem

KEPT: Final = 200_000
"""Moments of calls that are remembered: more than an org's day allows most products."""

CEILING: Final = "API_CEILING"
"""Our own code for a call that was not made."""


class Meter:
    """One connection's calls.

    Args:
        mono: reads a clock, in seconds.
    """

    def __init__(self, mono: Callable[[], float]) -> None:
        self._mono = mono
        self._made: deque[float] = deque(maxlen=KEPT)
        self._share: float | None = None
        self.ceiling: float | None = None
        """Share of the org's daily calls, used by anyone, at which this product stops; None: it has none."""

    def calls(self, since: float) -> int:
        """Calls made since that reading of the clock."""
        return sum(1 for at in self._made if at > since)

    def look_again(self) -> None:
        """Let one call through, whose answer says how many of the day's are used."""
        self._share = None

    def before(self) -> None:
        """A call is about to be made.

        Raises:
            CrmProblem: the ceiling is reached.
        """
        if self.ceiling is not None and self._share is not None and self._share >= self.ceiling:
            raise CrmProblem(
                CEILING,
                f"{self._share:.0%} of the CRM's daily calls are used, our ceiling is {self.ceiling:.0%}",
            )
        self._made.append(self._mono())

    def after(self, used: int, total: int) -> None:
        """The CRM's own word on the day's calls, from an answer's ``Sforce-Limit-Info``."""
        self._share = used / total if total else None
