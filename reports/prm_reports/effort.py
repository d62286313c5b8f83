"""The setup log and the settlings, cut to what a page can hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from prm_harness.record.model import Barrier, SetupStep
from prm_harness.record.style import StyleSeen

from .doc import style_words

_ALIKE: Final = 3
"""From so many steps in a row that differ in name only, one line stands for them all."""


@dataclass(frozen=True)
class Row:
    """One line of the setup log: a step, or several alike."""

    title: str
    many: int
    actor: str
    hands_on_minutes: float
    waiting_minutes: float
    done: bool
    message: str = ""


def style(claimed: str, seen: StyleSeen | None) -> tuple[str, bool]:
    """How the product integrates, claimed against observed, in a sentence; and whether the two differ."""
    said = f"It claims {style_words(claimed)}"
    if seen is None or not seen.seen:
        return f"{said}. This run did not settle which style it has.", False
    observed = " or ".join(map(style_words, seen.seen))
    if seen.agrees is None:
        return f"It claims no style; what this run saw is {observed}.", False
    if not seen.agrees:
        return f"{said}, and this run saw {observed}.", True
    many = (
        f"; so little as this run saw of it could also be {_others(claimed, seen)}"
        if len(seen.seen) > 1
        else ""
    )
    return f"{said}, and that is what this run saw{many}.", False


def signs(seen: StyleSeen | None) -> list[tuple[str, str, str]]:
    """What was watched: the sign, what was seen, and the styles that do so."""
    if seen is None:
        return []
    return [
        (sign.sign, sign.seen, " or ".join(map(style_words, sign.speaks_for)) or "any style")
        for sign in seen.signs
    ]


def _others(claimed: str, seen: StyleSeen) -> str:
    return " or ".join(style_words(one) for one in seen.seen if one != claimed)


def log(setup: Sequence[SetupStep]) -> list[Row]:
    """The steps in order; mapping fifty fields is one line that says so, with the minutes of all fifty."""
    rows: list[Row] = []
    for _, group in groupby(setup, key=_kind):
        steps = list(group)
        if len(steps) < _ALIKE:
            rows += [_row([step]) for step in steps]
        else:
            rows.append(_row(steps))
    return rows


def settlings(barriers: Sequence[Barrier], limit: int) -> list[Barrier]:
    """Those that ran out of time first; each kind in the order in which they happened."""
    return sorted(barriers, key=lambda barrier: barrier.passed)[:limit]


def _kind(step: SetupStep) -> tuple[object, ...]:
    first_word = step.title.partition(" ")[0]
    return first_word, step.actor, step.hands_on_minutes, step.waiting_minutes, step.done, step.message


def _row(steps: Sequence[SetupStep]) -> Row:
    first, last = steps[0], steps[-1]
    title = (
        first.title if len(steps) == 1 else f"{first.title} … {last.title.partition(' ')[2] or last.title}"
    )
    return Row(
        title=title,
        many=len(steps),
        actor=first.actor,
        hands_on_minutes=sum(step.hands_on_minutes for step in steps),
        waiting_minutes=sum(step.waiting_minutes for step in steps),
        done=first.done,
        message=first.message,
    )
