"""Q2.1: record types, the org's own and drawn ones, each with its own choices of a picklist."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from prm_harness import (
    Course,
    Crm,
    CrmRecord,
    Data,
    DrawnField,
    Evidence,
    Portal,
    Row,
    Settled,
    Submission,
    check,
    connected,
    settled,
)

from .shared.carried import BOTH, DOWN, UP, Way
from .shared.fates import in_crm

_GIVEN: Final = "record types"
_TYPES: Final = "SELECT Id, DeveloperName FROM RecordType WHERE SobjectType = '{}' AND IsActive = true"
_CHOICES: Final = 6


@dataclass(frozen=True, slots=True)
class Kind:
    """A record type to try, with a choice that it offers; ``offers`` only where it is drawn, and narrowed to these."""

    name: str
    choice: str = ""
    offers: Sequence[str] = ()
    way: Way = "both"


@dataclass(frozen=True, slots=True)
class Kinds:
    """Record types, and the picklist whose choices they narrow; none where nothing is drawn."""

    types: Sequence[Kind]
    picklist: DrawnField | None = None


@dataclass(frozen=True, slots=True)
class _Pair:
    kind: Kind
    submitted: Submission | None
    entered: CrmRecord | None

    @property
    def names(self) -> list[str]:
        return [made.name for made in (self.submitted, self.entered) if made is not None]


@check(
    "V1",
    question="Q2.1",
    title="Record types are carried both ways",
    powers=("schema_change",),
    stage="before_connect",
    effects=set(BOTH),
    revision=2,
    catches=("hard-coded-record-type", "knows-two-record-types"),
    passed="Deals of all {types} record types kept their record type in both directions.",
    failed="{wrong} of {cells} deals lost their record type, or could not be registered with one ({which}): they follow the wrong "
    "process, layout and picklists{smallest}.",
)
def record_types_are_carried(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals of every record type are entered on each side: of Direct_Sale, Partner_Deal, and of drawn ones.

    The integration user's default is Direct_Sale, so a portal that drops the record type turns partner deals into direct
    ones. Before the portal is connected the org gets more record types and a picklist of which each offers choices of its
    own, drawn, the same for every vendor. Judged: the same record type on both sides, by DeveloperName, and no other choice
    than was made; of the record types that fail, the simplest is told. Source: catalogue V1 (D16, D17), guide Q2.1.
    """
    given = data.given(_GIVEN, lambda: _drawn(crm, prm, data), write=asdict, read=_read)
    _arrange(crm, prm.deal, given)
    yield connected
    ids = {row["DeveloperName"]: row["Id"] for row in crm.query(_TYPES.format(prm.deal))}
    for one in given.types:
        offers = f", which offers {', '.join(one.offers)}" if one.offers else ""
        evidence.did(f"record type {one.name}{offers}; deals with {one.choice or 'no choice'}")
    evidence.fact(schema=[asdict(one) for one in given.types], types=len(given.types), smallest="")
    pairs = [_entered(one, given.picklist, ids, crm, prm, data) for one in given.types]
    yield settled
    wrong = [failing for pair in pairs if (failing := _judged(pair, given.picklist, ids, crm, prm, evidence))]
    bad = [diff.field for diff in evidence.diffs if not diff.ok]
    names = dict.fromkeys(one.name for one, _, _ in wrong)
    evidence.fact(cells=len(evidence.diffs), wrong=len(bad), which=", ".join(names))
    if wrong:
        smallest, seen, about = yield from _smallest(wrong, ids, crm, prm, data)
        evidence.fact(smallest=_told(smallest, seen))
        kept = Kinds([smallest], given.picklist if smallest.choice else None)
        how = f"{len(given.types)} record types, cut down to one"
        data.reduced(_GIVEN, asdict(kept), how, about=about)


def _drawn(crm: Crm, prm: Portal, data: Data) -> Kinds:
    there = [row["DeveloperName"] for row in crm.query(_TYPES.format(prm.deal))]
    if prm.info.operated_by == "person":
        return Kinds([Kind(name) for name in there])
    count = max(data.sizes["generated_fields"] // 2, 1)
    (picklist,) = data.fields("a picklist by record type", 1, types=("picklist",), choices=_CHOICES)
    picklist = replace(picklist, properties={"values": picklist.choices, "restricted": True})
    subsets = data.subsets("record types", picklist.choices, count)
    chance = data.apart("choices of record types")
    drawn = [
        Kind(data.api_name(f"record type {number}").removesuffix("__c"), chance.choice(offers), offers)
        for number, offers in enumerate(subsets)
    ]
    return Kinds([*(Kind(name, chance.choice(picklist.choices)) for name in there), *drawn], picklist)


def _read(kept: Mapping[str, Any]) -> Kinds:
    picklist = kept["picklist"]
    return Kinds([Kind(**one) for one in kept["types"]], DrawnField(**picklist) if picklist else None)


def _arrange(crm: Crm, deal: str, given: Kinds) -> None:
    """The org's admin adds what is drawn."""
    there = {row["DeveloperName"] for row in crm.query(_TYPES.format(deal))}
    if given.picklist is not None:
        crm.schema.add_field(deal, given.picklist.name, given.picklist.type, **given.picklist.properties)
    for one in given.types:
        if one.name not in there:
            crm.schema.add_record_type(deal, one.name)
        if given.picklist is not None and one.offers:
            crm.schema.offer_picklist_values(deal, one.name, given.picklist.name, one.offers)


def _entered(
    kind: Kind, picklist: DrawnField | None, ids: Mapping[str, str], crm: Crm, prm: Portal, data: Data
) -> _Pair:
    """A deal of the record type on each side; a portal that has no place for the picklist gets it without the choice."""
    typed: dict[str, Any] = {"RecordTypeId": ids[kind.name]}
    chosen = {picklist.name: kind.choice} if picklist is not None and kind.choice else {}
    submitted = entered = None
    if kind.way != DOWN:
        submitted = prm.submit(data.deal("Typed", **typed, **chosen), as_partner=data.partner)
        if chosen and not submitted.taken:
            submitted = prm.submit(data.deal("Typed", **typed), as_partner=data.partner)
    if kind.way != UP:
        own = {prm.info.partner_field: data.partner}
        entered = crm.create(prm.deal, data.deal("Typed", **typed, **chosen) | own)
    return _Pair(kind, submitted, entered)


def _judged(
    pair: _Pair,
    picklist: DrawnField | None,
    ids: Mapping[str, str],
    crm: Crm,
    prm: Portal,
    evidence: Evidence,
) -> tuple[Kind, str, list[str]] | None:
    """Compare both ways; of what is wrong, the kind with its direction, what was seen, and the deals' names."""
    names = {id_[:15]: name for name, id_ in ids.items()}
    found: tuple[Kind, str, list[str]] | None = None
    for way, values, taken in _arrivals(pair, crm, prm, evidence):
        seen = _type_name(values, names) if taken else "refused"
        right = evidence.expect(f"{pair.kind.name} {way}", pair.kind.name, seen)
        sent = pair.submitted.values if way == UP and pair.submitted else pair.kind.choice
        choice = (values or {}).get(picklist.name) if picklist is not None and sent else None
        if choice not in {None, "", pair.kind.choice}:
            right = evidence.expect(f"{pair.kind.name} {way}: choice", pair.kind.choice, choice) and right
            seen = f"{seen}, with the choice {choice}"
        if not right and found is None:
            found = replace(pair.kind, way=way), seen, pair.names
    return found


def _arrivals(
    pair: _Pair, crm: Crm, prm: Portal, evidence: Evidence
) -> Generator[tuple[Way, Mapping[str, Any] | None, bool]]:
    if pair.submitted is not None:
        rows = in_crm(crm, pair.submitted)
        if rows:
            evidence.exercised(UP)
        yield "portal → CRM", rows[0] if rows else None, pair.submitted.taken
    if pair.entered is not None:
        shown = prm.read(pair.entered)
        if shown is not None:
            evidence.exercised(DOWN)
        yield "CRM → portal", shown.fields if shown else None, True


def _type_name(values: Row | Mapping[str, Any] | None, names: Mapping[str, str]) -> str:
    if values is None:
        return "no such record"
    value = values.get("RecordTypeId") or values.get("RecordType.DeveloperName") or "(none)"
    return names.get(str(value)[:15], str(value))


def _smallest(
    wrong: Collection[tuple[Kind, str, list[str]]],
    ids: Mapping[str, str],
    crm: Crm,
    prm: Portal,
    data: Data,
) -> Generator[Any, Settled, tuple[Kind, str, list[str]]]:
    """The simplest that fails: one of the org's own rather than a drawn one, and without a choice where it fails so too."""
    best = min(wrong, key=lambda one: (len(one[0].offers), bool(one[0].choice)))
    if not data.tries or not best[0].choice:
        return best
    aside = Evidence(BOTH, crm.clock.now)
    pair = _entered(replace(best[0], choice="", offers=()), None, ids, crm, prm, data)
    yield settled
    return _judged(pair, None, ids, crm, prm, aside) or best


def _told(one: Kind, seen: str) -> str:
    offers = f" (which offers only {len(one.offers)} choices)" if one.offers else ""
    choice = f" with the choice “{one.choice}”" if one.choice else ""
    where = "submitted in the portal" if one.way == UP else "entered in the CRM"
    how = (
        "does not arrive"
        if seen == "no such record"
        else f"arrives as {seen}"
        if seen != "refused"
        else "is refused"
    )
    return f". The simplest that fails: a deal of the record type {one.name}{offers}{choice}, {where}, {how}"
