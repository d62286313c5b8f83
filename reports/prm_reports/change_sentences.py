"""What the change report says in words: what happened to the checks first, then to the score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from prm_harness.scoring.comparison import Comparison, Move
from prm_harness.scoring.comparison.model import Change, End, MetricChange

from . import numbers

_LETTERS: Final = "ABCDF"


def verdict(comparison: Comparison) -> str:
    """The answer in two sentences: what got worse, and what that did to score and grade."""
    return f"{_checks(comparison)} {_score(comparison.before, comparison.after)}"


def others(comparison: Comparison) -> list[str]:
    """What changed besides verdicts: capabilities, evidence (of a worse check its exhibit tells), the checks themselves."""
    return [
        *(
            f"Capability {c.name}: {c.before or 'not declared'} → {c.after or 'not declared'}"
            for c in comparison.capabilities
        ),
        *(
            f"{c.check} rests on other evidence; {'; '.join(c.shape.words)}"
            for c in comparison.checks
            if c.shape and c.move is not Move.WORSE
        ),
        *(
            f"{c.check} itself was revised, {c.before.revision} → {c.after.revision}"
            for c in comparison.checks
            if c.revised and c.before and c.after
        ),
    ]


def repeats(change: Change) -> str:
    """How often the check was tried, and whether the tries agree."""
    side = change.after or change.before
    if side is None or side.repeats < 2:
        return numbers.NOT_KNOWN
    return f"{side.repeats}, {'disagree' if change.flaky else 'agree'}"


def amount(values: Sequence[float], unit: str) -> str:
    """A value, or the span of its repeats, with its unit."""
    low, high = numbers.number(min(values)), numbers.number(max(values))
    return f"{low if low == high else f'{low}–{high}'} {unit}".strip()


def noise(metric: MetricChange) -> str:
    """Whether a measurement moved farther than its repeats scatter."""
    if metric.spread is None:
        return "not repeated, no verdict"
    if metric.spread == "within":
        return "no, within the repeats"
    return f"yes{f', {metric.towards}' if metric.towards else ''}"


def again(comparison: Comparison) -> str:
    """The command that makes the comparison again."""
    any_ = " --fail-on any" if comparison.fail_on == "any" else ""
    expected = " --expected FILE.yaml" if comparison.expected else ""
    return f"prm-harness compare BASE.ndjson RUN.ndjson{any_}{expected} --out DIR"


def _checks(comparison: Comparison) -> str:
    worse = comparison.moved(Move.WORSE)
    if worse:
        said = f"{numbers.count(len(worse), 'check')} got worse"
        hit = sum(change.knock_out for change in worse)
        said += f", {'a knock-out' if hit == 1 else f'{hit} knock-outs'} among them" if hit else ""
        answered = sum(change.expected is not None for change in worse)
        return f"{said}; {answered} expected." if answered else f"{said}."
    for count, words in (
        (sum(c.fails_new for c in comparison.checks), ("new check fails", "new checks fail")),
        (
            len(comparison.moved(Move.UNJUDGED)),
            ("check is no longer judged", "checks are no longer judged"),
        ),
    ):
        if count:
            return f"Nothing got worse, but {numbers.count(count, *words)}."
    if not (comparison.before.complete and comparison.after.complete):
        return "Nothing got worse, but a run is incomplete."
    better = len(comparison.moved(Move.BETTER))
    return (
        f"Nothing got worse, and {numbers.count(better, 'check')} got better."
        if better
        else "Nothing got worse."
    )


def _score(before: End, after: End) -> str:
    if before.printed_score is None or after.printed_score is None:
        return "The scores do not compare: nothing was judged in one of the runs."
    one, other = before.printed_score, after.printed_score
    rise = (other > one) - (other < one)
    score = (
        f"The score stays {one}"
        if not rise
        else f"The score {'rises' if rise > 0 else 'falls'} from {one} to {other}"
    )
    if before.grade == after.grade:
        return f"{score}, grade {after.grade}{' stays' if rise else ''}."
    grade = _LETTERS.find(before.grade) - _LETTERS.find(after.grade)
    link = "and" if (grade > 0) is (rise > 0) or not rise else "but"
    return (
        f"{score}, {link} the grade {'rises' if grade > 0 else 'falls'} from {before.grade} to {after.grade}."
    )
