"""When a write that failed is tried again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Gaps:
    """Seconds until the next attempt, by the number of those that have failed.

    0 means with the next regular sync, None not any more, unless somebody presses retry.

    Attributes:
        passing: after a trouble that may be gone by itself.
        refused: after the CRM's no, whose cause somebody may have put right.
        shown_after: attempts that meet a passing trouble before it is shown as an error.
    """

    passing: Callable[[int], float | None]
    refused: Callable[[int], float | None]
    shown_after: int


def _doubling(first: float, last: float) -> Callable[[int], float]:
    return lambda attempts: float(min(first * 2 ** (attempts - 1), last))


SYNC_GAPS: Final = Gaps(_doubling(30.0, 300.0), _doubling(600.0, 6 * 3600.0), shown_after=3)
"""Of a sync that works all the time: half a minute to five minutes, and ten minutes to six hours."""

LOAD_GAPS: Final = Gaps(lambda _attempts: 0.0, lambda _attempts: 0.0, shown_after=1)
"""Of a load: what failed is part of the next one."""

_TASK_GAPS: Final = (300.0, 1800.0, 3600.0, 10800.0, 21600.0)


def _growing(attempts: int) -> float | None:
    return _TASK_GAPS[attempts - 1] if attempts <= len(_TASK_GAPS) else None


TASK_GAPS: Final = Gaps(_growing, _growing, shown_after=1)
"""Of an automation platform that replays failed tasks: 5 minutes, 30, then 1 hour, 3 and 6, then no more.

Source: Zapier's help on Autoreplay, https://zapier.com/help/autoreplay/.
"""


def held_after(tries: int, *, seconds: float = 0.0) -> Gaps:
    """Of a task that is tried so often, ``seconds`` apart (0: with the next poll), and then held for somebody."""

    def gap(attempts: int) -> float | None:
        return seconds if attempts < tries else None

    return Gaps(gap, gap, shown_after=1)
