"""Numbers as readers want them: one rounding rule, typographic signs, no invented precision."""

from __future__ import annotations

import math
from datetime import date as Date  # noqa: N812 - the function below is what templates call
from datetime import datetime
from typing import Protocol

from prm_harness.record.model import Fact

NOT_KNOWN = "–"


class Scored(Protocol):
    """Anything with a score of 0–100."""

    @property
    def score(self) -> float | None:
        """None when nothing was wanted."""

    @property
    def judged(self) -> bool:
        """Whether anything of it was judged."""


MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


def whole(score: float | None) -> str:
    """A score of 0–100 as an integer, half up; 100 and 0 only when it is exactly that ("n/a" for None)."""
    if score is None:
        return "n/a"
    rounded = math.floor(score + 0.5)
    if rounded >= 100 and score < 100 - 1e-9:
        return "99"
    if rounded == 0 and score > 1e-9:
        return "1"
    return str(rounded)


def scored(what: Scored) -> str:
    """The score of a card, part or question; "n/a" when nothing of it was judged."""
    return whole(what.score) if what.judged else "n/a"


def points(value: float) -> str:
    """Points of the total with one decimal; a plain 0 when there are none."""
    rounded = math.floor(abs(value) * 10 + 0.5) / 10
    if rounded == 0:
        return "0"
    return f"{'−' if value < 0 else ''}{rounded:.1f}"


def signed(value: float) -> str:
    """Points with their sign: ``+3.1`` or ``−0.6``."""
    shown = points(value)
    return f"+{shown}" if value > 0 and shown != "0" else shown


def weight(value: float) -> str:
    """A weight: whole where it is whole."""
    return f"{value:.0f}" if abs(value - round(value)) < 0.05 else f"{value:.1f}"


def percent(share: float | None) -> str:
    """A share of 0–1; 100% and 0% only when it is exactly that."""
    return "n/a" if share is None else f"{whole(share * 100)}%"


def number(value: float) -> str:
    """Any measured number: thousands grouped, at most three significant digits below 100."""
    if not math.isfinite(value):
        return NOT_KNOWN
    sign = "−" if value < 0 else ""
    size = abs(value)
    if size >= 1e12:
        return f"{sign}{size:.2e}"
    if size == int(size):
        return f"{sign}{int(size):,}"
    return sign + (f"{size:,.0f}" if size >= 100 else f"{size:.3g}")


def minutes(value: float) -> str:
    """Minutes of work or waiting, in the unit a person would say."""
    if 0 < value < 1:
        return f"{number(value * 60)} s"
    return f"{number(round(value, 1))} min" if value < 600 else f"{number(round(value / 60, 1))} h"


def seconds(value: float | None) -> str:
    """A duration in seconds, in the unit a person would say."""
    if value is None:
        return NOT_KNOWN
    if value < 120:
        return f"{number(round(value, 1))} s"
    return minutes(value / 60)


def fact(row: Fact | None) -> str:
    """The value of a fact with its unit; an en dash when it was not measured."""
    if row is None or row.value is None or row.value == "":
        return NOT_KNOWN
    if isinstance(row.value, str):
        return f"{row.value} {row.unit}".strip()
    if row.unit in {"%", "percent"}:
        # Data that must not be lost: 99.95 is never printed as 100.
        return f"{number(math.floor(row.value * 10 + 1e-6) / 10)}%"
    if row.unit in {"s", "min"}:
        return seconds(row.value) if row.unit == "s" else minutes(row.value)
    unit = row.unit.removesuffix("s") if row.value == 1 else row.unit
    return f"{number(row.value)} {unit}".strip()


def day(moment: datetime) -> str:
    """The date in full: ``20 November 2026``."""
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def date(on: Date) -> str:
    """A day without a time: ``20 November 2026``."""
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def count(many: int, noun: str, plural: str = "") -> str:
    """``1 check``, ``2 checks``."""
    return f"{many:,} {noun if many == 1 else plural or noun + 's'}"
