"""Values tried both ways: a check's own examples and drawn ones; of what fails, the smallest is found and told."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from prm_harness import (
    Course,
    Crm,
    CrmRefusal,
    Data,
    Evidence,
    Portal,
    Settled,
    settled,
    smaller,
    weight,
    worded,
)

from .carried import BOTH, DOWN, UP, BothWays, Place, Way, as_the_crm_has_it, both_ways, judge_cells

_GIVEN: Final = "records"
_AT_ONCE: Final = 60
"""Smaller records that are tried in one sync cycle."""
_TAKEN_APART: Final = 3
"""Fields of a failing record whose values are made simpler at once."""
_OPEN: Final = frozenset({"missing", "refused"})
"""What the portal plainly does not have: nothing is made smaller for it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Values to be carried; ``drawn`` ones are nobody's choice, so that the CRM may refuse or change them.

    ``start`` is what the names of its deals begin with, before the part that is unique.
    """

    label: str
    values: Mapping[str, Any]
    way: Way = "both"
    drawn: bool = False
    start: str = ""


@dataclass(slots=True)
class Broken:
    """A trial that arrived altered or not at all: in which fields, and as what."""

    trial: Trial
    names: list[str]
    arrived: dict[str, str] = field(default_factory=dict)

    def told(self) -> str:
        """In a sentence."""
        how = "submitted in the portal" if self.trial.way == UP else "entered in the CRM"
        lost = all(seen == "no such record" for seen in self.arrived.values())
        came = ", ".join(f"{name} as {short(seen)}" for name, seen in self.arrived.items())
        start = (
            f", in a deal whose name begins with {worded({'Name': self.trial.start})[7:]}"
            if self.trial.start
            else ""
        )
        return f"{worded(self.trial.values)}{start}, {how}, {'does not arrive' if lost else f'arrives with {came}'}"


def short(seen: str) -> str:
    """An observed value, cut where it is long."""
    text, sign, count = seen.rpartition("… (")
    if not sign:
        text, count = seen, f"{len(seen)} characters)"
    return seen if len(seen) <= 60 else f"{text[:30]}… ({count}"


def tried(
    crm: Crm,
    prm: Portal,
    evidence: Evidence,
    data: Data,
    examples: Mapping[str, Mapping[str, Any]],
    fields: Sequence[str] = (),
    *,
    named_after: str = "",
) -> Course:
    """Carry everything both ways, compare, count the cells, and make the smallest record that fails.

    Sets the facts of :func:`judge_cells`, and ``smallest``: the smallest record that fails, in words. The case of a failure
    holds that record alone.

    Args:
        crm: one side.
        prm: the other.
        evidence: the check's.
        data: the check's.
        examples: label → values.
        fields: those that are filled by drawing as well.
        named_after: the field whose text the deals' names begin with.
    """
    trials = data.given(
        _GIVEN,
        lambda: [
            *(Trial(label, values) for label, values in examples.items()),
            *_drawn(crm, prm, data, fields),
        ],
        write=lambda trials: [asdict(trial) for trial in trials],
        read=lambda written: [Trial(**one) for one in written],
    )
    if named_after:
        trials = [_named(trial, named_after) for trial in trials]
    sent = carry(trials, crm, prm, evidence, data)
    yield settled
    broken = [one for trial, pair in sent for one in compared(trial, pair, crm, prm, evidence)]
    judge_cells(evidence)
    evidence.fact(smallest="any, because none of these fields is carried")
    if broken:
        smallest = yield from smallest_of(broken, crm, prm, data)
        evidence.fact(smallest=smallest.told())
        count = sum(len(trial.values) for trial, _ in sent)
        how = f"{len(sent)} records with {count} values, cut down to one with {len(smallest.trial.values)}"
        data.reduced(_GIVEN, [asdict(smallest.trial)], how, about=smallest.names)


def _drawn(crm: Crm, prm: Portal, data: Data, fields: Sequence[str]) -> list[Trial]:
    # A person who operates the portal by hand types the examples; that is enough to ask of anybody.
    count = 0 if prm.info.operated_by == "person" or not fields else data.sizes["generated_records"]
    records = data.records(_GIVEN, crm.describe(prm.deal), fields, count)
    return [
        Trial(f"generated {number}", values, drawn=True) for number, values in enumerate(records, 1) if values
    ]


def _named(trial: Trial, after: str) -> Trial:
    text = str(trial.values.get(after) or "")
    return Trial(trial.label, trial.values, trial.way, trial.drawn, start=trial.start or text[:60].strip())


def carry(
    trials: Sequence[Trial],
    crm: Crm,
    prm: Portal,
    evidence: Evidence,
    data: Data,
    place: Place | None = None,
) -> list[tuple[Trial, BothWays]]:
    """Submit and enter what is tried, each trial in records of its own; what the CRM itself refuses is left out."""
    sent: list[tuple[Trial, BothWays]] = []
    refused: set[str] = set()
    for trial in trials:
        # What the portal has no place for costs its share once; a drawn record would be refused for it as a whole.
        values = {
            name: value for name, value in trial.values.items() if not (trial.drawn and name in refused)
        }
        if not values:
            continue
        try:
            how = as_the_crm_has_it if trial.drawn else both_ways
            pair = how(crm, prm, data, trial.label, values, way=trial.way, start=trial.start, place=place)
        except CrmRefusal as refusal:
            if not trial.drawn:
                raise
            evidence.did(f"{trial.label}: the CRM's own people cannot enter it ({refusal})")
            continue
        refused |= pair.refused
        sent.append((trial, pair))
    return sent


def compared(
    trial: Trial,
    pair: BothWays,
    crm: Crm,
    prm: Portal,
    evidence: Evidence,
    leaving: Collection[str] = _OPEN,
    *,
    in_matrix: bool = True,
) -> list[Broken]:
    """Compare; what arrived altered or was lost, each direction by itself, but for differences of the kinds in ``leaving``.

    ``in_matrix``: see :meth:`BothWays.compare`.
    """
    before = len(evidence.diffs)
    pair.compare(crm, prm, evidence, trial.label, in_matrix=in_matrix)
    found: dict[Way, dict[str, str]] = {}
    for diff in evidence.diffs[before:]:
        if not diff.ok and diff.note not in leaving:
            way: Way = UP if f"{UP} " in diff.field else DOWN
            found.setdefault(way, {})[diff.field.rsplit(" ", 1)[-1]] = diff.observed
    values = {name: trial.values[name] for name in pair.values}
    return [
        Broken(Trial(trial.label, values, way, drawn=True, start=trial.start), pair.names, arrived)
        for way, arrived in found.items()
    ]


def smallest_of(
    broken: Sequence[Broken], crm: Crm, prm: Portal, data: Data, place: Place | None = None
) -> Generator[Any, Settled, Broken]:
    """The smallest that still breaks, by trying many smaller ones in each of a few sync cycles."""
    describe = crm.describe(place.kind if place else prm.deal)

    def size(one: Broken) -> tuple[int, int]:
        values = one.trial.values
        return len(values) + bool(one.trial.start), sum(
            weight(v, describe.get(n, {})) for n, v in values.items()
        )

    best = min(broken, key=size)
    for _ in range(data.tries):
        candidates = _smaller(best, describe)
        if not candidates:
            break
        aside = Evidence(BOTH, crm.clock.now)
        sent = carry(candidates, crm, prm, aside, data, place)
        yield settled
        still = [one for trial, pair in sent for one in compared(trial, pair, crm, prm, aside)]
        if not still:
            break
        best = min(still, key=size)
    return best


def _smaller(one: Broken, describe: Mapping[str, Mapping[str, Any]]) -> list[Trial]:
    """The failing fields by themselves, then with simpler values."""
    values, failing = one.trial.values, list(one.arrived)
    found: list[dict[str, Any]] = []
    if len(failing) < len(values):
        found.append({name: values[name] for name in failing})
    if len(values) > 1:
        found += [{name: values[name]} for name in failing]
    for name in failing[:_TAKEN_APART]:
        found += [{name: value} for value in smaller(values[name], describe.get(name, {}))]
    plain = [Trial("smaller", one_, one.trial.way, drawn=True) for one_ in found[:_AT_ONCE]]
    if one.trial.start:
        plain.insert(0, Trial("smaller", values, one.trial.way, drawn=True))
    return plain
