"""What two results rest on: whether the same kind of thing was looked at, and whether measurements really moved."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from prm_harness.record.model import Metric, Result
from prm_harness.record.run import Run

from .model import MetricChange, Shape

_VARYING = re.compile(r"\b[0-9a-f]{8}(?:(?:[-.: ]| no )\d+)?\b|\d+")
"""Nonces that a run plants in names, and numbers: they tell records apart, not kinds of evidence."""


def shape_change(before: Result, after: Result) -> Shape | None:
    """How the evidence differs in kind; None where it does not, or where one of the two was not judged."""
    if not (before.verdict.judged and after.verdict.judged):
        return None
    one, other = before.evidence, after.evidence
    effects = _seen(one.effects), _seen(other.effects)
    compared = _kinds(d.field for d in one.diffs), _kinds(d.field for d in other.diffs)
    measured = _kinds(m.name for m in one.metrics), _kinds(m.name for m in other.metrics)
    shape = Shape(
        effects_lost=_less(*effects),
        effects_gained=_less(*reversed(effects)),
        compared_lost=_less(*compared),
        compared_gained=_less(*reversed(compared)),
        measured_lost=_less(*measured),
        measured_gained=_less(*reversed(measured)),
        grade=None if one.grade == other.grade else (one.grade, other.grade),
    )
    return shape if shape.words else None


def metric_changes(before: Run, after: Run) -> tuple[MetricChange, ...]:
    """Measurements of both runs whose values differ, then the runs' own facts."""
    return (*_check_metrics(before, after), *_fact_changes(before, after))


def _check_metrics(before: Run, after: Run) -> Iterator[MetricChange]:
    for check, made in after.attempts.items():
        old = _by_name(before.attempts.get(check, ()))
        for key, measured in _by_name(made).items():
            if key in old and _values(old[key]) != _values(measured):
                yield _metric_change(check, old[key], measured)


def _by_name(attempts: Iterable[Result]) -> dict[tuple[str, str], list[Metric]]:
    """(name, unit) -> the measurement in every attempt that made it."""
    found: dict[tuple[str, str], list[Metric]] = {}
    for attempt in attempts:
        for metric in attempt.evidence.metrics:
            if math.isfinite(metric.value):
                found.setdefault((metric.name, metric.unit), []).append(metric)
    return found


def _metric_change(check: str, before: Sequence[Metric], after: Sequence[Metric]) -> MetricChange:
    old, new = _values(before), _values(after)
    repeated = len(old) > 1 and len(new) > 1
    up, down = min(new) > max(old), max(new) < min(old)
    spread: Literal["beyond", "within"] = "beyond" if up or down else "within"
    return MetricChange(
        check=check,
        name=after[0].name,
        unit=after[0].unit,
        before=old,
        after=new,
        limit=after[0].limit,
        spread=spread if repeated else None,
        towards=_towards(up=up, less_is_good=_less_is_good([*before, *after]))
        if repeated and (up or down)
        else None,
    )


def _less_is_good(measured: Iterable[Metric]) -> bool | None:
    """Which way the limit points, told by the values that met or missed it; None where none says."""
    for metric in measured:
        if metric.limit is not None and metric.ok is not None and metric.value != metric.limit:
            return (metric.value < metric.limit) is metric.ok
    return None


def _towards(*, up: bool, less_is_good: bool | None) -> Literal["worse", "better"] | None:
    if less_is_good is None:
        return None
    return "worse" if up is less_is_good else "better"


def _fact_changes(before: Run, after: Run) -> Iterator[MetricChange]:
    old = {(fact.name, fact.unit): fact.value for fact in before.facts}
    for fact in after.facts:
        was, now = old.get((fact.name, fact.unit)), fact.value
        if isinstance(was, float) and isinstance(now, float) and was != now:
            yield MetricChange(
                check="", name=fact.name, unit=fact.unit, before=(was,), after=(now,), spread=None
            )


def _values(measured: Iterable[Metric]) -> tuple[float, ...]:
    return tuple(metric.value for metric in measured)


def _seen(effects: Mapping[str, bool]) -> tuple[str, ...]:
    return tuple(name for name, seen in effects.items() if seen)


def _kinds(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_VARYING.sub("…", name) for name in names))


def _less(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in one if name not in other)
