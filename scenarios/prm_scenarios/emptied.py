"""Q2.3: what is cleared becomes empty, and what is zero stays zero."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, Final

from prm_harness import (
    Course,
    Crm,
    CrmRecord,
    Data,
    Evidence,
    Portal,
    Settled,
    Submission,
    check,
    settled,
    smaller,
    weight,
    worded,
)

from .shared.carried import DOWN, UP, Way, judge_cells
from .shared.fates import in_crm
from .shared.trials import short

_GIVEN: Final = "emptied"
_CLEARED_BY_TEXT: Final = frozenset({"NextStep", "Description"})
_FIELDS: Final = ("NextStep", "Description", "Seats__c", "Go_Live__c", "Deal_Region__c")
_ZERO: Final = {"Seats__c": 0, "Amount": 0}
_EFFECTS: Final = frozenset({"cleared in the portal", "cleared in the CRM", "zero on both sides"})
_MOST_TRIES: Final = 2
_AT_ONCE: Final = 40


@dataclass(frozen=True, slots=True)
class Emptied:
    """A deal with values, some of which become what ``to`` says: null, an empty text, or zero.

    Without values it is new, and submitted like that.
    """

    label: str
    filled: Mapping[str, Any]
    to: Mapping[str, Any]
    way: Way


@dataclass(slots=True)
class _Done:
    """One of them, made; ``names`` are the fields that were emptied."""

    wanted: Emptied
    made: CrmRecord | Submission
    names: list[str]


@dataclass(frozen=True, slots=True)
class _Wrong:
    """A field that is not what it became, by itself."""

    one: Emptied
    name: str
    seen: str
    deal: str

    def size(self, describe: Mapping[str, Mapping[str, Any]]) -> tuple[int, int]:
        plain = self.one.to[self.name] in {None, 0}
        return (not plain, sum(weight(v, describe.get(n, {})) for n, v in self.one.filled.items()))

    def told(self) -> str:
        held, empty = self.one.filled.get(self.name), self.one.to[self.name]
        where = "in the portal" if self.one.way == UP else "in the CRM"
        had = f"{worded({self.name: held})}, " if held is not None else f"{self.name}, "
        how = "set to zero" if empty == 0 else "cleared with an empty text" if empty == "" else "cleared"
        return f"{had}{how} {where}, arrives as {short(self.seen)}"


@check(
    "T4",
    question="Q2.3",
    title="Cleared means empty, and zero is not empty",
    needs=("write",),
    effects=_EFFECTS,
    revision=3,
    catches=("clearing-is-ignored",),
    passed="All {cells} cleared or zero values arrived as what they are.",
    failed="{wrong} of {cells} cleared or zero values arrived as something else ({which}): people act on a value that "
    "somebody removed on purpose{smallest}.",
)
def cleared_means_empty(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Filled deals are cleared field by field, some in the portal and some in the CRM; others get a zero.

    An old next step that will not go away is worse than none. What is cleared is the check's own and drawn from the object's
    schema; texts are cleared with null and with an empty text. Judged: empty stays empty (no text "null", no today, no
    "Unknown"), zero stays zero; of what fails, the smallest is told. Source: catalogue T4 (D14), guide Q2.3.
    """
    given = data.given(
        _GIVEN,
        lambda: _given(crm, prm, data),
        write=lambda some: [asdict(one) for one in some],
        read=lambda kept: [Emptied(**one) for one in kept],
    )
    wrong = yield from _emptied(given, crm, prm, evidence, data)
    judge_cells(evidence)
    evidence.fact(smallest="")
    # A field that the portal does not have is a gap that everybody sees, and nothing to look for the smallest of.
    if broken := [one for one in wrong if one.seen != "no such field"]:
        smallest = yield from _smallest(broken, crm, prm, data)
        evidence.fact(smallest=f". The smallest that fails: {smallest.told()}")
        how = f"{len(given)} deals, cut down to one with 1"
        data.reduced(_GIVEN, [asdict(smallest.one)], how, about=[smallest.deal])


def _given(crm: Crm, prm: Portal, data: Data) -> list[Emptied]:
    first = _own_values(data)
    count = 0 if prm.info.operated_by == "person" else 2
    drawn = data.records("filled", crm.describe(prm.deal), list(first), count)
    filled = [first, *({name: one.get(name) or value for name, value in first.items()} for one in drawn)]
    found = []
    for number, values in enumerate(filled):
        for way in (UP, DOWN):
            label = "cleared in the portal" if way == UP else "cleared in the CRM"
            to = {name: "" if number == 1 and name in _CLEARED_BY_TEXT else None for name in values}
            found.append(Emptied(f"generated {number}, {label}" if number else label, values, to, _way(way)))
    return [
        *found,
        Emptied("zero from the portal", {}, _ZERO, "portal → CRM"),
        Emptied("zero from the CRM", first, _ZERO, "CRM → portal"),
    ]


def _way(way: str) -> Way:
    return "portal → CRM" if way == UP else "CRM → portal"


def _own_values(data: Data) -> dict[str, Any]:
    chance = data.apart("filled")
    day = data.today + timedelta(days=chance.randrange(60, 200))
    step, text = data.text("a step that is cleared"), data.text("a description that is cleared")
    return dict(zip(_FIELDS, (step, text, chance.randrange(2, 900), day.isoformat(), "AMER"), strict=True))


def _emptied(
    given: Sequence[Emptied], crm: Crm, prm: Portal, evidence: Evidence, data: Data
) -> Generator[Any, Settled, list[_Wrong]]:
    """Make them, empty them once both sides have them, compare; what is wrong, field by field."""
    own, describe = {prm.info.partner_field: data.partner}, crm.describe(prm.deal)
    known = [one for one in given if one.filled]
    deals = crm.create_all(prm.deal, [data.deal("Emptied") | own | dict(one.filled) for one in known])
    done = [_Done(one, deal, list(one.to)) for one, deal in zip(known, deals, strict=True)]
    for one in given:
        if not one.filled:
            submitted = prm.submit(data.deal("Emptied") | dict(one.to), as_partner=data.partner)
            done.append(_Done(one, submitted, list(one.to)))
    yield settled
    for each in done:
        _empty(each, crm, prm)
    yield settled
    wrong = []
    for each in done:
        before = len(evidence.diffs)
        _compare(each, crm, prm, evidence, describe)
        for name, diff in zip(each.names, evidence.diffs[before:], strict=True):
            if not diff.ok:
                filled = {name: each.wanted.filled[name]} if name in each.wanted.filled else {}
                alone = replace(each.wanted, filled=filled, to={name: each.wanted.to[name]})
                wrong.append(_Wrong(alone, name, diff.observed, each.made.name))
    return wrong


def _empty(each: _Done, crm: Crm, prm: Portal) -> None:
    made, to = each.made, each.wanted.to
    if isinstance(made, Submission):
        return
    if each.wanted.way == DOWN:
        crm.update(made, to)
        return
    shown = prm.read(made)
    there = shown.fields if shown is not None else {}
    # What the portal does not show cannot be cleared there.
    each.names = [name for name in to if there.get(name) not in {None, ""}]
    prm.update(made, {name: to[name] for name in each.names})


def _compare(
    each: _Done, crm: Crm, prm: Portal, evidence: Evidence, describe: Mapping[str, Mapping[str, Any]]
) -> None:
    made, to = each.made, each.wanted.to
    zero = any(to[name] == 0 for name in each.names)
    if isinstance(made, Submission):
        here: Any = next(iter(in_crm(crm, made)), None)
        if here is not None and zero:
            evidence.exercised("zero on both sides")
    else:
        here = crm.get(made) if each.wanted.way == UP else prm.read(made)
        if here is not None and each.names and not zero:
            evidence.exercised("cleared in the portal" if each.wanted.way == UP else "cleared in the CRM")
    due = {name: to[name] or (0 if to[name] == 0 else None) for name in each.names}
    evidence.compare(here, due, describe, label=each.wanted.label)


def _smallest(wrong: Sequence[_Wrong], crm: Crm, prm: Portal, data: Data) -> Generator[Any, Settled, _Wrong]:
    """The smallest that still fails: simpler values, cleared plainly, tried side by side."""
    describe = crm.describe(prm.deal)

    def size(one: _Wrong) -> tuple[int, int]:
        return one.size(describe)

    best = min(wrong, key=size)
    for _ in range(min(data.tries, _MOST_TRIES)):
        candidates = [
            one for one in _simpler(best, describe) if size(_Wrong(one, best.name, "", "")) < size(best)
        ]
        if not candidates:
            break
        aside = Evidence(_EFFECTS, crm.clock.now)
        still = yield from _emptied(candidates[:_AT_ONCE], crm, prm, aside, data)
        if not still or size(min(still, key=size)) >= size(best):
            break
        best = min(still, key=size)
    return best


def _simpler(wrong: _Wrong, describe: Mapping[str, Mapping[str, Any]]) -> list[Emptied]:
    name, one = wrong.name, wrong.one
    plain = replace(one, label="smaller", to={name: one.to[name] or (0 if one.to[name] == 0 else None)})
    held = one.filled.get(name)
    if held is None:
        return []
    field = describe.get(name, {})
    values = [value for value in smaller(held, field) if value not in {"", None}]
    return [plain, *(replace(plain, filled={name: value}) for value in values)]
