"""How much a score hangs on the weights: every weight drawn anew between half and one and a half times itself."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache

from .grade import half_up, letter
from .model import Scorecard
from .ranking import REWEIGHTINGS, SEED

_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Span:
    """``low`` and ``high`` hold 95 % of the drawn scores (0–100); ``same_letter`` is the share with the same letter."""

    low: float
    high: float
    same_letter: float
    draws: int


def score_span(card: Scorecard, *, draws: int = REWEIGHTINGS, seed: int = SEED) -> Span | None:
    """Where the score lies under other weights, before caps; None when nothing was judged.

    A pure function: the seed is fixed, and Python's generator gives the same numbers everywhere.
    """
    asked = tuple((q.weight, q.score) for q in card.questions() if q.score is not None and q.weight > 0)
    if not card.judged or not asked or draws < 1:
        return None
    return _drawn(asked, card.raw_grade, draws, seed)


@lru_cache(maxsize=32)
def _drawn(asked: tuple[tuple[float, float], ...], grade: str | None, draws: int, seed: int) -> Span:
    """Remembered: a report says it on paper and on screen."""
    rng = random.Random(seed)  # noqa: S311 - re-weighting is not a secret
    found = []
    for _ in range(draws):
        whole = earned = 0.0
        for weight, score in asked:
            drawn = weight * (0.5 + rng.random())
            whole += drawn
            earned += drawn * score
        found.append(earned / whole)
    found.sort()
    same = sum(letter(half_up(score)) == grade for score in found)
    tail = int(draws * _TAIL)
    return Span(low=found[tail], high=found[-1 - tail], same_letter=same / draws, draws=draws)
