"""Delays as cumulative curves: what share of changes had arrived after how long, on a logarithmic axis."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from prm_harness.record.run import Run

from . import numbers
from .svg import Drawing

WAYS: Final = (("delays_to_crm", "Portal to CRM"), ("delays_to_prm", "CRM to portal"))
"""Fact of a check -> what it measures; the facts hold one delay in seconds per change."""

_TICKS: Final = (
    (1, "1 s"),
    (10, "10 s"),
    (60, "1 min"),
    (600, "10 min"),
    (3600, "1 h"),
    (36000, "10 h"),
    (86400, "1 d"),
)


@dataclass(frozen=True)
class Delays:
    """Measured delays in one direction, in seconds, ascending; ``limit`` is what the buyer allows, where known."""

    way: str
    seconds: tuple[float, ...]
    limit: float | None

    def within(self, share: float) -> float:
        """The delay within which this share (0–1) of the changes had arrived (nearest rank)."""
        return self.seconds[max(0, math.ceil(share * len(self.seconds)) - 1)]


def delays(run: Run) -> list[Delays]:
    """What the run measured, direction by direction; directions that no check timed are left out."""
    found = []
    for key, way in WAYS:
        for result in run.results.values():
            facts = result.evidence.facts
            seconds = tuple(sorted(v for v in _listed(facts.get(key)) if math.isfinite(v) and v >= 0))
            if seconds:
                limit = _listed([facts.get("limit")])
                found.append(Delays(way, seconds, limit[0] if limit else None))
                break
    return found


def curve(
    mine: Delays, others: Sequence[Delays] = (), *, width: float = 236, span: tuple[float, float]
) -> Markup:
    """One panel: the curve in black, the others' in grey, the buyer's limit dashed; half and 95 % are ringed.

    Args:
        mine: whose panel it is.
        others: drawn behind it, unlabelled.
        width: in points.
        span: the axis, in seconds, the same for every panel that is to be compared.
    """
    left, top, high = 26.0, 8.0, 104.0
    room = width - left - 8
    low, up = (math.log10(max(end, 0.1)) for end in span)

    def at(seconds: float) -> float:
        return left + room * (math.log10(max(seconds, 10**low)) - low) / max(up - low, 1e-9)

    half, most = mine.within(0.5), mine.within(0.95)
    limit = f"; the buyer's limit is {numbers.seconds(mine.limit)}" if mine.limit is not None else ""
    d = Drawing(
        width,
        top + high + 16,
        f"{mine.way}, {numbers.count(len(mine.seconds), 'change')}: half within {numbers.seconds(half)}, 95% within "
        f"{numbers.seconds(most)}, slowest {numbers.seconds(mine.seconds[-1])}{limit}.",
    )
    for share, words in ((0.0, "0%"), (0.5, "50%"), (0.95, "95%")):
        y = top + high * (1 - share)
        d.line(left, y, width - 8, y, stroke="hair", width=0.6)
        d.text(left - 4, y + 2.5, words, size=7.2, fill="muted", at="end")
    for tick, words in _TICKS:
        if span[0] <= tick <= span[1]:
            d.line(at(tick), top, at(tick), top + high, stroke="hair", width=0.6)
            d.text(at(tick), top + high + 11, words, size=7.2, fill="muted", at="middle")
    if mine.limit is not None and span[0] <= mine.limit <= span[1]:
        d.path(
            f"M{at(mine.limit):.2f} {top - 4:.2f}V{top + high:.2f}",
            stroke="red",
            line=1,
            extra=' stroke-dasharray="2.4 1.6"',
        )
    for other in others:
        d.path(_steps(other, at, top, high), stroke="rule", line=0.9)
    d.path(_steps(mine, at, top, high), stroke="ink", line=1.7)
    for share, seconds in ((0.5, half), (0.95, most)):
        d.circle(at(seconds), top + high * (1 - share), 2.8, fill="paper", stroke="ink", line=1.4)
    return d.markup()


def axis(panels: Sequence[Delays]) -> tuple[float, float]:
    """The span that holds every delay and limit, rounded out to whole decades."""
    ends = [s for p in panels for s in (p.seconds[0], p.seconds[-1], *([p.limit] if p.limit else []))]
    low, high = max(min(ends, default=1), 0.5), max(max(ends, default=10), 1.0)
    return 10 ** math.floor(math.log10(low)), 10 ** math.ceil(math.log10(high * 1.2))


def _steps(mine: Delays, at: Callable[[float], float], top: float, high: float) -> str:
    """The staircase of a cumulative distribution."""
    y = top + high
    d = [f"M{at(mine.seconds[0]):.2f} {y:.2f}"]
    for index, seconds in enumerate(mine.seconds, start=1):
        y = top + high * (1 - index / len(mine.seconds))
        d.append(f"H{at(seconds):.2f}V{y:.2f}")
    return "".join(d)


def _listed(values: Any) -> list[float]:
    return [float(v) for v in values if _number(v)] if isinstance(values, (list, tuple)) else []


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
