"""Evidence, cut to what a page can hold: one exhibit per check, the rest named and left in results.json."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from prm_harness.record.model import Diff, EvidenceStep, Metric
from prm_harness.record.run import Run
from prm_harness.record.verdicts import WORST_FIRST, Verdict
from prm_harness.scoring.model import CheckScore, Scorecard

from . import numbers
from .text import anchor, clip, closed, exact, sentence

GRADES: Final = {
    "A": "measured, and seen in the CRM's log",
    "B": "measured through the adapter only",
    "C": "a person did the step",
    "D": "vendor's document",
    "E": "vendor's statement",
}
_LINE_WIDTH, _FIELD_WIDTH, _CELL_WIDTH = 46, 34, 25
"""Characters that fit a line on paper: of a step, of a field's name, of a value."""


@dataclass(frozen=True)
class Limits:
    """How much evidence one exhibit shows; ``rows`` counts comparisons as they wrap."""

    lines: int
    diffs: int
    rows: int
    right: int
    cell: int


PAPER: Final = Limits(lines=9, diffs=20, rows=20, right=3, cell=160)
SCREEN: Final = Limits(lines=120, diffs=200, rows=400, right=200, cell=600)


MOST_PRINTED: Final = 40
"""Exhibits on paper; nobody reads more of them there, and results.json has them all."""


@dataclass(frozen=True)
class Line:
    """One line of what happened, with its time of day."""

    at: str
    text: str


@dataclass(frozen=True)
class Exhibit:
    """What a check saw, ready to print."""

    check: CheckScore
    anchor: str
    remarks: str
    said: str
    crm: tuple[Line, ...]
    prm: tuple[Line, ...]
    crm_more: int
    prm_more: int
    diffs: tuple[Diff, ...]
    diffs_more: int
    metrics: tuple[Metric, ...]
    foot: str

    @property
    def bare(self) -> bool:
        """Whether there is nothing to show but the reason."""
        return not (self.crm or self.prm or self.diffs or self.metrics)

    @property
    def tall(self) -> bool:
        """Whether it may run over a page's end; a short one is kept whole."""
        return len(self.diffs) > 6

    @property
    def plain(self) -> bool:
        """Whether the check plainly passed or was left out: no exhibit on paper."""
        return _plain(self.check)


def exhibits(run: Run, card: Scorecard, limits: Limits) -> list[Exhibit]:
    """One per check, in checklist order."""
    return [_exhibit(run, check, limits) for check in card.checks()]


def printed(run: Run, card: Scorecard) -> tuple[list[Exhibit], int]:
    """Those that paper has room for, in checklist order, and how many were left to results.json.

    Checks that plainly passed are left out without a word; of the others knock-outs come first, then the worst.
    """
    trouble = [check for check in card.checks() if not _plain(check)]
    chosen = sorted(
        trouble,
        key=lambda check: (not check.knock_out, WORST_FIRST.index(check.result.verdict), -check.weight),
    )[:MOST_PRINTED]
    kept = {id(check) for check in chosen}
    shown = [_exhibit(run, check, PAPER) for check in trouble if id(check) in kept]
    return shown, len(trouble) - len(chosen)


def _plain(check: CheckScore) -> bool:
    return check.result.verdict in {Verdict.PASSED, Verdict.NOT_APPLICABLE}


def _exhibit(run: Run, check: CheckScore, limits: Limits) -> Exhibit:
    evidence = check.result.evidence
    crm, crm_more = _column([s for s in evidence.steps if s.side == "crm"], limits)
    prm, prm_more = _column([s for s in evidence.steps if s.side == "prm"], limits)
    wrong = [diff for diff in evidence.diffs if not diff.ok]
    right = [diff for diff in evidence.diffs if diff.ok]
    # What went wrong is the point; a few right ones show what it was compared with.
    diffs = _fitting(wrong + (right[: limits.right] if wrong else right), limits)
    return Exhibit(
        check=check,
        anchor=anchor("ev", check.plan.id),
        remarks=" · ".join(_remarks(run, check)),
        said=_said(check),
        crm=crm,
        prm=prm,
        crm_more=crm_more,
        prm_more=prm_more,
        diffs=tuple(_clipped(diff, limits.cell) for diff in diffs),
        diffs_more=len(evidence.diffs) - len(diffs),
        metrics=evidence.metrics[: limits.diffs],
        foot=" · ".join(_foot(check)),
    )


def _said(check: CheckScore) -> str:
    finding, reason = (clip(words, 300) for words in (check.result.finding, check.result.reason))
    told = check.result.verdict is Verdict.UNSUPPORTED or closed(sentence(reason)) in finding
    parts = [finding] if finding and told else [finding, sentence(reason)]
    return " ".join(closed(part) for part in parts if part)


def _remarks(run: Run, check: CheckScore) -> list[str]:
    made = run.attempts.get(check.plan.id, ())
    same = sum(one.verdict is check.result.verdict for one in made)
    remarks = ["knock-out"] if check.knock_out else []
    if len(made) > 1:
        remarks.append(f"{same} of {len(made)} repeats")
    if made:
        remarks.append(f"evidence {check.result.evidence.grade}")
    return remarks


def _foot(check: CheckScore) -> list[str]:
    numbers_ = check.result.evidence.exchanges
    parts = []
    if numbers_:
        parts.append(f"Exchange{'s' if len(numbers_) > 1 else ''} {ranges(numbers_)} of the CRM's log")
    unseen = [effect for effect, seen in check.result.evidence.effects.items() if not seen]
    if unseen:
        parts.append(f"Not exercised: {clip(', '.join(unseen), 120)}")
    return parts


def ranges(values: Sequence[int], limit: int = 8) -> str:
    """Numbers as readers cite them: ``418–431, 440``."""
    spans: list[list[int]] = []
    for value in sorted(set(values)):
        if spans and spans[-1][1] == value - 1:
            spans[-1][1] = value
        else:
            spans.append([value, value])
    told = [str(a) if a == b else f"{a}–{b}" for a, b in spans[:limit]]
    return ", ".join(told) + (f" and {len(spans) - limit} more" if len(spans) > limit else "")


def _column(steps: Sequence[EvidenceStep], limits: Limits) -> tuple[tuple[Line, ...], int]:
    """As many steps as fit, counting lines as they wrap, and how many were left out."""
    shown: list[Line] = []
    room = limits.lines
    for step in steps:
        text = clip(step.text, _LINE_WIDTH * min(limits.lines, 6))
        room -= math.ceil(len(text) / _LINE_WIDTH) or 1
        if room < 0 and shown:
            break
        shown.append(Line(at=step.at.strftime("%H:%M:%S"), text=text))
    return tuple(shown), len(steps) - len(shown)


def _fitting(diffs: Sequence[Diff], limits: Limits) -> list[Diff]:
    """As many rows as the exhibit shows: never more than the limit, fewer where they wrap."""
    room = limits.rows
    shown: list[Diff] = []
    for diff in diffs[: limits.diffs]:
        field, widest = len(diff.field), min(max(len(diff.expected), len(diff.observed)), limits.cell)
        room -= max(math.ceil(field / _FIELD_WIDTH), math.ceil(widest / _CELL_WIDTH), 1)
        if room < 0 and shown:
            break
        shown.append(diff)
    return shown


def _clipped(diff: Diff, limit: int) -> Diff:
    shorter = {
        "field": exact(diff.field, 80),
        "expected": exact(diff.expected, limit),
        "observed": exact(diff.observed, limit),
        "note": clip(diff.note, 60),
    }
    return diff.model_copy(update=shorter)  # without being validated again: there may be thousands


def metric_value(metric: Metric) -> str:
    """A metric's value with its unit."""
    return f"{numbers.number(metric.value)} {clip(metric.unit, 16)}".strip()


def metric_limit(metric: Metric) -> str:
    """A metric's limit with its unit; an en dash where none applies."""
    return (
        numbers.NOT_KNOWN
        if metric.limit is None
        else f"{numbers.number(metric.limit)} {clip(metric.unit, 16)}".strip()
    )
