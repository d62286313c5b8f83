"""Letters, and the rules that hold them down."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

from .model import Cap, KnockOut

BANDS: Final = ((90, "A"), (80, "B"), (65, "C"), (50, "D"), (0, "F"))
"""Printed score from which each letter is given."""

COVERAGE_FLOOR: Final = 0.8
"""Under this share of judged weight a grade is at best C."""

NO_GRADE: Final = "–"
_LETTERS: Final = "ABCDF"
# Sums of many small shares end a hair beside the number meant; nobody prints the ninth decimal.
_DECIMALS: Final = 9


def half_up(score: float) -> int:
    """The score as printed."""
    return math.floor(round(score, _DECIMALS) + 0.5)


def letter(printed_score: int | None) -> str:
    """The letter for a printed score, before caps."""
    if printed_score is None:
        return NO_GRADE
    return next(grade for least, grade in BANDS if printed_score >= least)


def cap_grade(raw: str, caps: Iterable[Cap]) -> str:
    """The letter after caps."""
    if raw == NO_GRADE:
        return raw
    return max([raw, *(cap.at_best for cap in caps if cap.applied)], key=_LETTERS.index)


def caps(knock_outs: Sequence[KnockOut], coverage: float | None) -> tuple[Cap, ...]:
    """Every rule that can hold the grade down, applied or not, each with its reason in words."""
    return _knock_out_cap(knock_outs), _coverage_cap(coverage)


def _knock_out_cap(knock_outs: Sequence[KnockOut]) -> Cap:
    missed = [group for group in knock_outs if not group.passed]
    if missed:
        reason = "; ".join(f"{' + '.join(group.checks)}: {group.verdict.words}" for group in missed)
    elif knock_outs:
        reason = (
            "the knock-out passed" if len(knock_outs) == 1 else f"all {len(knock_outs)} knock-outs passed"
        )
    else:
        reason = "the profile has no knock-outs"
    return Cap(
        rule="a knock-out that failed or was not judged", at_best="D", applied=bool(missed), reason=reason
    )


def _coverage_cap(coverage: float | None) -> Cap:
    applied = coverage is not None and round(coverage, _DECIMALS) < COVERAGE_FLOOR
    reason = "nothing was wanted" if coverage is None else f"{100 * coverage:.1f} % of the weight was judged"
    rule = f"less than {100 * COVERAGE_FLOOR:.0f} % of the weight judged"
    return Cap(rule=rule, at_best="C", applied=applied, reason=reason)
