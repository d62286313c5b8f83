"""Q2.3: choices of a picklist that are renamed, retired and added while records hold them."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from prm_harness import (
    Course,
    Crm,
    Data,
    Diff,
    DrawnField,
    Evidence,
    Portal,
    Record,
    Settled,
    Submission,
    check,
    settled,
)

from .shared.added import GIVEN, AddedFields, Wanted, not_offered
from .shared.fates import fate_of, in_crm
from .shared.trials import short

_CYCLES_UNTIL_OLD: Final = 3
_EFFECTS: Final = frozenset(
    {"choices in the portal before", "choices changed in the CRM", "new choice submitted"}
)
_ROLES: Final = ("relabelled", "renamed", "retired", "new name", "added")


@dataclass(frozen=True, slots=True)
class Tidied:
    """A picklist with three choices, of which one is relabelled, one renamed and one retired, and one more that is added.

    ``drawn`` ones are nobody's choice.
    """

    field: DrawnField
    renamed_to: str
    added: str
    drawn: bool = False

    @property
    def name(self) -> str:
        """The field's API name."""
        return self.field.name

    @property
    def roles(self) -> dict[str, str]:
        """What becomes of a choice → the choice."""
        return dict(zip(_ROLES, (*self.field.choices, self.renamed_to, self.added), strict=True))

    @property
    def restricted(self) -> bool:
        """Whether the CRM takes nothing but the picklist's choices."""
        return bool(self.field.properties.get("restricted"))

    @property
    def names_of_the_renamed(self) -> list[str]:
        """What the renamed choice may be called afterwards."""
        return [self.renamed_to] if self.restricted else [self.renamed_to, self.field.choices[1]]


@check(
    "T7",
    question="Q2.3",
    title="Choices may be renamed, retired and added",
    needs=("schema",),
    uses=("errors", "notify"),
    powers=("schema_change",),
    stage="alone",
    effects=_EFFECTS,
    revision=2,
    catches=("drops-retired-picklist-values", "cuts-choices-at-semicolons"),
    passed="After choices of {fields} picklists were renamed, retired and added, old deals kept theirs and new ones took what "
    "is valid.",
    failed="After choices of a picklist were renamed, retired and added, {wrong} of {cases} deals had another value or none "
    "({which}): segments, quotas and reports lose deals without anybody touching them{smallest}.",
)
def choices_may_change(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals hold choices of picklists; then in each one is relabelled, one renamed, one retired and one added.

    A picklist is tidied up once a year, and old records keep what they had. One picklist is restricted and has plain choices;
    the others are drawn, the same for every vendor: restricted or not, single or multi-select, with choices that hold quotes,
    separators, markup, other scripts. Judged: old deals show the CRM's value, the renamed one under its new name or reported,
    the retired one unchanged; new deals with the added value and the new name arrive, one with the name that is no more is
    refused or shown as failed. A picklist that is not restricted keeps taking and showing the former name. Of the picklists
    that fail, the smallest is told. Source: catalogue T7 (D16), guide Q2.3.
    """
    given = data.given(GIVEN, lambda: _given(prm, data), write=_written, read=_read)
    with AddedFields(crm, prm, prm.deal) as fields:
        wrong = yield from _tidied_up(given, fields, crm, prm, evidence, data, _CYCLES_UNTIL_OLD)
    which = [diff.field.split(":")[0] for diff in evidence.diffs if not diff.ok]
    told = "; ".join(dict.fromkeys(which))
    evidence.fact(cases=len(evidence.diffs), wrong=len(which), which=told, smallest="")
    if broken := [one for one in given if wrong.get(one.name)]:
        smallest, diffs = yield from _smallest(min(broken, key=_size), wrong, crm, prm, data)
        evidence.fact(smallest=_told(smallest, diffs))
        how = f"{len(given)} picklists, cut down to one"
        data.reduced(GIVEN, _written([smallest]), how, about=())


def _given(prm: Portal, data: Data) -> list[Tidied]:
    """The check's own picklist, and drawn ones: half as many as fields elsewhere, since each goes through five deals."""
    plain = {role: data.label(role) for role in _ROLES}
    own = _picklist(data.api_name("choices that change"), plain, {"restricted": True})
    if prm.info.operated_by == "person":
        return [own]
    count, size = data.sizes["generated_fields"] // 2, len(_ROLES)
    drawn = data.fields("a picklist", min(count, 1), types=("picklist",), choices=size)
    drawn += data.fields("picklists", max(count - 1, 0), types=("picklist", "multipicklist"), choices=size)
    found = []
    for one in drawn:
        roles = dict(zip(_ROLES, one.choices, strict=True))
        found.append(replace(_picklist(one.name, roles, one.properties, one.type), drawn=True))
    return [own, *found]


def _picklist(
    name: str, roles: Mapping[str, str], properties: Mapping[str, Any], kind: str = "picklist"
) -> Tidied:
    before = [roles[role] for role in _ROLES[:3]]
    field = DrawnField(name, kind, {**properties, "values": before})
    return Tidied(field, roles["new name"], roles["added"])


def _written(given: Iterable[Tidied]) -> list[dict[str, Any]]:
    return [asdict(one) for one in given]


def _read(kept: Iterable[Mapping[str, Any]]) -> list[Tidied]:
    return [Tidied(**{**one, "field": DrawnField(**one["field"])}) for one in kept]


def _tidied_up(
    given: Sequence[Tidied],
    fields: AddedFields,
    crm: Crm,
    prm: Portal,
    evidence: Evidence,
    data: Data,
    cycles_until_old: int,
) -> Generator[Any, Settled, dict[str, list[Diff]]]:
    """Add the picklists, fill them, tidy them up, go on working; returns for each what was wrong."""
    kind, own = prm.deal, {prm.info.partner_field: data.partner}
    fields.in_crm(one.field for one in given)
    logs = fields.in_portal(one.field for one in given)
    wanted = [Wanted(one.field, one.field.choices, one.drawn) for one in given]
    left_out = not_offered(wanted, logs, evidence)
    kept = [one for one in given if one.name not in left_out]
    deals = {
        (one.name, value): crm.create(kind, data.deal("Choice", **{one.name: value}) | own)
        for one in kept
        for value in one.field.choices
    }
    yield settled
    before = {key: prm.read(deal) for key, deal in deals.items()}
    if all(before.values()):
        evidence.exercised("choices in the portal before")
    describe = crm.describe(kind)
    wrong: dict[str, list[Diff]] = {}
    for number, one in enumerate(kept):
        done = len(evidence.diffs)
        for value in one.field.choices:
            if (shown := before[one.name, value]) is not None:
                evidence.compare(
                    shown, {one.name: value}, describe, label=f"{_place(one, number)}deal before:"
                )
        wrong[one.name] = [diff for diff in evidence.diffs[done:] if not diff.ok]
    for _ in range(cycles_until_old):
        yield settled
    known = _said(prm)
    for one in kept:
        _tidy(one, crm, kind)
    evidence.exercised("choices changed in the CRM")
    yield settled
    sent = {
        one.name: [
            prm.submit(data.deal(label, **{one.name: value}), as_partner=data.partner)
            for label, value in (
                ("Added", one.added),
                ("New name", one.renamed_to),
                ("Stale", one.field.choices[1]),
            )
        ]
        for one in kept
    }
    yield settled
    describe = crm.describe(kind)
    for number, one in enumerate(kept):
        done = len(evidence.diffs)
        place = _place(one, number)
        now = {value: prm.read(deals[one.name, value]) for value in one.field.choices}
        _judge_old(one, place, now, known, describe, crm, prm, evidence)
        _judge_new(one, place, sent[one.name], describe, crm, prm, evidence)
        wrong[one.name] += [diff for diff in evidence.diffs[done:] if not diff.ok]
    return wrong


def _tidy(one: Tidied, crm: Crm, kind: str) -> None:
    """What the CRM's admin does to the choices."""
    relabelled, renamed, retired = one.field.choices
    crm.schema.change_picklist_value(kind, one.name, relabelled, label=f"{relabelled} (large)")
    crm.schema.change_picklist_value(kind, one.name, renamed, rename=one.renamed_to)
    crm.schema.change_picklist_value(kind, one.name, retired, active=False)
    crm.schema.add_picklist_value(kind, one.name, one.added)


def _judge_old(
    one: Tidied,
    place: str,
    shown: Mapping[str, Record | None],
    known: Collection[str],
    describe: Mapping[str, Any],
    crm: Crm,
    prm: Portal,
    evidence: Evidence,
) -> None:
    """Deals from before: ``shown`` is what the portal has of the one with each choice."""
    relabelled, renamed, retired = one.field.choices
    for value, what in ((relabelled, "relabelled"), (retired, "retired")):
        label = f"{place}deal with the {what} choice:"
        evidence.compare(shown[value], {one.name: value}, describe, label=label)
    deal = shown[renamed]
    followed = deal is not None and any(
        _same(crm, deal.fields, one.name, name, describe) for name in one.names_of_the_renamed
    )
    evidence.expect(
        f"{place}deal with the renamed choice: {one.name}",
        f"{' or '.join(one.names_of_the_renamed)}, or the change reported",
        (deal.fields.get(one.name) if deal else None) or "(empty)",
        ok=followed or (_may_stay(crm, deal, one, describe) and _reported(prm, one.name, known)),
    )


def _judge_new(
    one: Tidied,
    place: str,
    sent: Sequence[Submission],
    describe: Mapping[str, Any],
    crm: Crm,
    prm: Portal,
    evidence: Evidence,
) -> None:
    """Deals from after: with the added choice, with the new name, and with the name that is no more."""
    added, renamed, stale = sent
    for deal, value, what in ((added, one.added, "added choice"), (renamed, one.renamed_to, "new name")):
        rows = in_crm(crm, deal)
        if rows:
            evidence.exercised("new choice submitted")
        label = f"{place}new deal with the {what}:"
        evidence.compare(rows[0] if rows else None, {one.name: value}, describe, label=label)
    fate = fate_of(crm, prm, stale)
    evidence.expect(
        f"{place}new deal with the old name: {one.name}",
        "refused, or shown as failed" if one.restricted else "as it is, refused, or shown as failed",
        fate.state,
        ok=fate.honest and (not fate.rows or fate.rows[0].get(one.name) in one.names_of_the_renamed),
    )


def _place(one: Tidied, number: int) -> str:
    return f"generated {number}, " if one.drawn else ""


def _same(crm: Crm, values: Mapping[str, Any], name: str, value: str, describe: Mapping[str, Any]) -> bool:
    return Evidence((), crm.clock.now).compare(values, {name: value}, describe)


def _may_stay(crm: Crm, shown: Record | None, one: Tidied, describe: Mapping[str, Any]) -> bool:
    """Whether the portal shows the former name or nothing: a report excuses these, and no other value."""
    values = shown.fields if shown is not None else {}
    return not values.get(one.name) or _same(crm, values, one.name, one.field.choices[1], describe)


def _said(prm: Portal) -> list[str]:
    said = [f"{e.id} {e.at} {e.field} {e.message}" for e in prm.list_errors()] if prm.offers("errors") else []
    if prm.offers("notify"):
        said += [f"{note.at} {note.subject} {note.body}" for note in prm.notifications()]
    return said


def _reported(prm: Portal, field: str, known: Collection[str]) -> bool:
    """Whether something was said of the field since the change: that it is new was said before."""
    return any(field in text for text in _said(prm) if text not in known)


# -- the smallest ------------------------------------------------------------------------------------------------------


def _size(one: Tidied) -> tuple[int, int]:
    """A drawn one has more to it than a plain one, a long or rare choice more than a short one."""
    flags = sum(bool(one.field.properties.get(flag)) for flag in ("required", "restricted"))
    letters = sum(len(set(choice) - _PLAIN) for choice in one.roles.values())
    return flags + (one.field.type != "picklist") + letters, sum(map(len, one.roles.values()))


_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789")


def _smallest(
    failing: Tidied, wrong: Mapping[str, list[Diff]], crm: Crm, prm: Portal, data: Data
) -> Generator[Any, Settled, tuple[Tidied, list[Diff]]]:
    """Plain choices throughout, or in all places but one, without what is set besides: the simplest of these that fails."""
    if not data.tries:
        return failing, wrong[failing.name]
    candidates = [one for one in _plainer(failing, data) if _size(one) < _size(failing)]
    aside = Evidence(_EFFECTS, crm.clock.now)
    with AddedFields(crm, prm, prm.deal) as fields:
        again = yield from _tidied_up(candidates, fields, crm, prm, aside, data, 0)
    still = [one for one in candidates if again.get(one.name)]
    if not still:
        return failing, wrong[failing.name]
    best = min(still, key=_size)
    return best, again[best.name]


def _plainer(one: Tidied, data: Data) -> Iterable[Tidied]:
    turn = 0
    for kind in dict.fromkeys(("picklist", one.field.type)):
        for odd in (None, *_ROLES):
            turn += 1
            roles = {role: data.label(f"plain {role} {turn}") for role in _ROLES}
            if odd is not None:
                roles[odd] = one.roles[odd]
            yield replace(_picklist(data.api_name(f"plainer {turn}"), roles, {}, kind), drawn=True)


def _told(one: Tidied, diffs: Sequence[Diff]) -> str:
    bare = replace(one.field, properties={**one.field.properties, "values": ()}).words
    odd = [
        f"“{short(choice)}”, which is {_BECOMES[role]}"
        for role, choice in one.roles.items()
        if set(choice) - _PLAIN
    ]
    but = f" but for {', and '.join(odd)}" if odd else ""
    what = diffs[0].field.rsplit(", ", 1)[-1].split(":")[0]
    found = f"{what} has {short(diffs[0].observed)} instead of {short(diffs[0].expected)}"
    return f". The smallest that fails: a {bare} with plain choices{but}; the {found}"


_BECOMES: Final = {
    "relabelled": "relabelled", "renamed": "renamed", "retired": "retired", "new name": "a choice's new name", "added": "added",
}  # fmt: skip
