"""Side by side: what a check that got worse saw then and sees now, from the first thing that is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from prm_harness.record.model import Diff, Evidence, EvidenceStep, Metric, Result
from prm_harness.record.run import Run
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring.comparison import Change

from . import change_sentences
from .exhibits import Line, metric_value
from .html import Medium
from .text import anchor, clip, closed, exact

_ROWS: Final = {"paper": 12, "screen": 200}
_STEPS: Final = {"paper": 8, "screen": 60}
_CELL: Final = {"paper": 160, "screen": 600}
_SHORT: Final = 70


@dataclass(frozen=True)
class Row:
    """One compared thing in both runs; ``ok`` is None in a run that did not compare it."""

    field: str
    expected: str
    before: str
    before_ok: bool | None
    after: str
    after_ok: bool | None

    @property
    def newly_wrong(self) -> bool:
        """Whether it was not wrong before, and is now."""
        return self.after_ok is False and self.before_ok is not False


@dataclass(frozen=True)
class Column:
    """One run's half of an exhibit."""

    title: str
    verdict: Verdict
    said: str
    steps: tuple[Line, ...]
    more: int


@dataclass(frozen=True)
class SideBySide:
    """A check that got worse, ready to print."""

    change: Change
    anchor: str
    remarks: str
    first_bad: str
    columns: tuple[Column, Column]
    rows: tuple[Row, ...]
    rows_more: int

    @property
    def tall(self) -> bool:
        """Whether it may run over a page's end; a short one is kept whole."""
        return len(self.rows) > 6


def exhibits(runs: tuple[Run, Run], changes: Sequence[Change], medium: Medium) -> list[SideBySide]:
    """One for each change, in their order."""
    return [_exhibit(runs, change, medium) for change in changes]


def _exhibit(runs: tuple[Run, Run], change: Change, medium: Medium) -> SideBySide:
    before, after = (_result(run, change.check) for run in runs)
    rows = _rows(before.evidence, after.evidence, _CELL[medium])
    parted = _first_difference(before.evidence.steps, after.evidence.steps)
    repeats = change_sentences.repeats(change)
    marks = [*change.marks, *([f"repeats {repeats}"] if change.after and change.after.repeats > 1 else [])]
    return SideBySide(
        change=change,
        anchor=anchor("ev", change.check),
        remarks=" · ".join(marks),
        first_bad=_first_bad(rows, after, parted),
        columns=(
            _column("Before", before, parted, _STEPS[medium]),
            _column("Now", after, parted, _STEPS[medium]),
        ),
        rows=tuple(rows[: _ROWS[medium]]),
        rows_more=max(0, len(rows) - _ROWS[medium]),
    )


def _result(run: Run, check: str) -> Result:
    return run.results.get(check) or Result(check=check, verdict=Verdict.NOT_RUN)


def _first_bad(rows: Sequence[Row], after: Result, parted: int | None) -> str:
    """The earliest thing that is wrong now and was not before, in words."""
    if bad := next((row for row in rows if row.newly_wrong), None):
        was = f", was {_ends(bad.before)}" if bad.before_ok is not None and bad.before != bad.expected else ""
        return f"{bad.field}: expected {_ends(bad.expected)}{was}, now {_ends(bad.after)}"
    if parted is not None and parted < len(after.evidence.steps):
        step = after.evidence.steps[parted]
        return f"{step.at:%H:%M:%S} {'on the CRM' if step.side == 'crm' else 'in the PRM'}: {clip(step.text, 200)}"
    return clip(after.reason or after.finding, 200) or "nothing was recorded that differs"


def _ends(value: str) -> str:
    """A value in a sentence: of a long one its start and its end, where evidence notes how long it was."""
    return value if len(value) <= _SHORT else f"{value[: _SHORT // 2]}…{value[-_SHORT // 2 :]}"


def _rows(before: Evidence, after: Evidence, cell: int) -> list[Row]:
    """Compared values and measurements that are not as they were, newly wrong ones first, each group in its order."""
    old, new = _compared(before), _compared(after)
    rows = [
        _row(old.get(key), new.get(key), cell)
        for key in [*new, *(key for key in old if key not in new)]
        if old.get(key) != new.get(key)
    ]
    return sorted(rows, key=lambda row: (not row.newly_wrong, row.after_ok is not False))


def _compared(evidence: Evidence) -> dict[tuple[str, int], Diff]:
    """(name, how many of that name came before) -> what was compared."""
    met: Counter[str] = Counter()
    found: dict[tuple[str, int], Diff] = {}
    for diff in (*evidence.diffs, *map(_as_diff, evidence.metrics)):
        found[diff.field, met[diff.field]] = diff
        met[diff.field] += 1
    return found


def _as_diff(metric: Metric) -> Diff:
    limit = "no limit" if metric.limit is None else f"limit {metric.limit:g} {metric.unit}"
    return Diff(field=metric.name, expected=limit, observed=metric_value(metric), ok=metric.ok is not False)


def _row(before: Diff | None, after: Diff | None, cell: int) -> Row:
    shown = after or before
    return Row(
        field=exact(shown.field, 80) if shown else "",
        expected=exact(shown.expected, cell) if shown else "",
        before=exact(before.observed, cell) if before else "not compared",
        before_ok=before.ok if before else None,
        after=exact(after.observed, cell) if after else "not compared",
        after_ok=after.ok if after else None,
    )


def _first_difference(before: Sequence[EvidenceStep], after: Sequence[EvidenceStep]) -> int | None:
    """Where the two courses part; times differ always and say nothing."""
    pairs = zip_longest(before, after)
    return next(
        (
            index
            for index, (one, other) in enumerate(pairs)
            if one is None or other is None or (one.side, one.text) != (other.side, other.text)
        ),
        None,
    )


def _column(title: str, result: Result, parted: int | None, limit: int) -> Column:
    steps = result.evidence.steps[max(parted - 1, 0) :] if parted is not None else ()
    return Column(
        title=title,
        verdict=result.verdict,
        said=closed(clip(words, 300)) if (words := result.finding or result.reason) else "",
        steps=tuple(
            Line(at=step.at.strftime("%H:%M:%S"), text=clip(f"{step.side.upper()} {step.text}", 160))
            for step in steps[:limit]
        ),
        more=max(0, len(steps) - limit),
    )
