"""Q2.3: does every type of field survive, in both directions?"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any, Final

from prm_harness import Course, Crm, Data, Evidence, Portal, check, settled

from .carried import both_ways, judge_cells
from .fates import in_crm

_BOTH: Final = ("portal → CRM", "CRM → portal")

_PLACES: Final = ("north", "south", "east", "west", "harbour", "valley", "capital", "coast")
_PEOPLE: Final = ("ines.okafor", "jan.de.vries", "mei.tanaka", "luis.ortega", "ada.novak", "tom.brandt")


def ordinary(chance: Random) -> dict[str, Any]:
    """A value for each field of the matrix, as people type them every day."""
    seats, place = chance.randrange(12, 900), chance.choice(_PLACES)
    day = f"2027-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
    return {
        "Description": f"{seats} seats for the clinics in the {place}",
        "NextStep": f"Demo on site {chance.randrange(2, 99)}",
        "Probability": chance.randrange(5, 95),
        "Budget__c": chance.randrange(1_000, 90_000) + 0.5,
        "Discount__c": chance.randrange(2, 40) + 0.5,
        "Seats__c": seats,
        "Score__c": chance.randrange(1, 9_999) / 16,
        "Strategic__c": True,
        "Approver_Email__c": f"{chance.choice(_PEOPLE)}{chance.randrange(2, 999)}@example.com",
        "Approver_Phone__c": f"+49 (0){chance.randrange(20, 90)} 123-{chance.randrange(10, 99)} {chance.randrange(10, 99)}",
        "Competitor_Url__c": f"https://example.com/offer?id={chance.randrange(7, 9_999)}&lang=de#terms",
        "Go_Live__c": day,
        "Kickoff_At__c": f"{day}T{chance.randrange(7, 18):02}:{chance.randrange(1, 59):02}:00Z",
        "Demo_Time__c": f"{chance.randrange(9, 18):02}:{chance.randrange(1, 59):02}:00.000Z",
        "Deal_Region__c": "AMER",
        "Summary__c": f"Replaces {chance.randrange(2, 99)} older systems in the {place}",
        "Notes__c": f"Visit {chance.randrange(2, 99)} in the {place} went well",
    }


def at_the_limit(chance: Random) -> dict[str, Any]:
    """Values that fill their type: as long, as great, as small or as late as the field takes them."""
    letter, place = chance.choice("BCDFGHKLMNPRSTVWXZ"), chance.choice(_PLACES)
    sentence = f"Long text {chance.randrange(100, 999)}. "
    return {
        "Description": sentence * 120 + "end",
        "NextStep": chance.choice("ABCDEFGHKLMNPQRSTUVWXYZ") * 255,
        "Probability": 100,
        "Budget__c": 9_999_999_000 + chance.randrange(1_000) + 0.99,
        "Discount__c": chance.randrange(1, 10) / 100,
        "Seats__c": 99_999_000 + chance.randrange(1_000),
        "Score__c": (12_345_000 + chance.randrange(1_000) * 1.0) + chance.randrange(1, 16) / 16,
        "Strategic__c": False,
        "Approver_Email__c": f"first.last+portal{chance.randrange(2, 999)}@sub.domain.example.com",
        "Go_Live__c": chance.choice(("2028-02-29", "2032-02-29", "2036-02-29")),
        "Demo_Time__c": f"23:59:{chance.randrange(50, 60)}.000Z",
        "Summary__c": letter * 254 + "e",
        "Notes__c": f"Notes of a visit in the {place}. " * 200 + "end",
    }


@check(
    "T1",
    question="Q2.3",
    title="Every field type survives both ways",
    effects=set(_BOTH),
    weight=2,
    catches=("truncates-text-at-255",),
    passed="All {cells} cells of the field-type matrix came through exactly.",
    failed="{wrong} of {cells} cells of the field-type matrix are not exact, {altered} of them silently altered ({which}): "
    "what the partner wrote is not what the seller reads.",
)
def every_field_type_survives(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals with ordinary values, and with values at the limit of each field's type, are entered on each side.

    The guide asks vendors for a compatibility matrix of field types; this measures it. Judged: each value arrives equal
    by its own type. A field that the portal does not have costs its share; a value that arrives altered fails the
    check. Source: catalogue T1, guide Q2.3.
    """
    pairs = {
        "ordinary": both_ways(crm, prm, data, "Types", ordinary(data.apart("ordinary"))),
        "at the limit": both_ways(crm, prm, data, "Limits", at_the_limit(data.apart("limits"))),
    }
    yield settled
    for label, pair in pairs.items():
        pair.compare(crm, prm, evidence, label)
    judge_cells(evidence)


def days(chance: Random) -> list[tuple[str, str, str]]:
    """A date, an instant, and why they are difficult; the year is another with every seed."""
    year, leap = chance.randrange(2021, 2030), chance.choice((2020, 2024, 2028))
    spring, autumn = (_last_sunday(year, month) for month in (3, 10))
    month = chance.randrange(4, 10)
    second = f"{chance.randrange(50, 60)}"
    return [
        (f"{leap}-02-29", f"{spring}T00:59:{second}Z", "leap day; the night summer time begins in Europe"),
        (f"{year}-12-31", f"{year}-12-31T23:59:{second}Z", "last seconds of a year"),
        (f"{year}-01-01", f"{year}-01-01T00:00:{chance.randrange(10):02}Z", "first seconds of a year"),
        (f"{autumn}", f"{autumn}T01:{chance.randrange(10, 50)}:00Z", "the hour that occurs twice in Europe"),
        (f"{year}-11-01", f"{year}-{month:02}-01T00:15:{second}+14:00", "a user in UTC+14"),
        (f"{year}-06-30", f"{year}-06-30T23:30:{second}-11:00", "a user in UTC−11"),
    ]


def _last_sunday(year: int, month: int) -> date:
    """The day on which the clocks change in Europe, in March and October. Source: directive 2000/84/EC."""
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


@check(
    "T2",
    question="Q2.3",
    title="Dates and times keep their day and instant",
    effects=set(_BOTH),
    catches=("shifts-dates-by-time-zone",),
    passed="All {cells} dates and instants around midnight, year end and clock changes arrived unshifted.",
    failed="{wrong} of {cells} dates or instants did not arrive as they were ({which}): a close date that slips a day lands in another "
    "quarter.",
)
def dates_keep_their_day(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Dates and instants at the edges (year end, leap day, clock changes, far time zones) are entered on each side.

    A date has no time zone; a product that gives it one moves close dates across quarters. Judged: the same day and
    the same instant on both sides. Source: catalogue T2 (D12, D13), guide Q2.3.
    """
    pairs = [
        (
            why,
            both_ways(
                crm, prm, data, "Dates", {"CloseDate": day, "Go_Live__c": day, "Kickoff_At__c": instant}
            ),
        )
        for day, instant, why in days(data.apart("days"))
    ]
    yield settled
    for why, pair in pairs:
        pair.compare(crm, prm, evidence, why)
    judge_cells(evidence)


def _selections(chance: Random) -> list[list[str]]:
    """One to twenty values; one with a comma in it is among most of them."""
    plain = ["Retail", "Banking", "Public Sector"]
    sectors = [f"Sector {n:02}" for n in range(6, 25)]
    return [
        [chance.choice(plain)],
        ["Oil, Gas"],
        ["Health & Care", "Oil, Gas", chance.choice(plain)],
        [chance.choice(plain), "Oil, Gas", *chance.sample(sectors, 18)],
    ]


@check(
    "T3",
    question="Q2.3",
    title="Multi-select values survive both ways",
    effects=set(_BOTH),
    catches=("splits-multiselect-on-comma",),
    passed="Selections of one to twenty values, among them some with commas and ampersands, arrived complete.",
    failed="{wrong} of {cells} multi-select values did not arrive as they were ({which}): segments and routing built on them pick the "
    "wrong partners.",
)
def multiselect_values_survive(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals with 1, 3 and 20 selected industries, some with a comma or an ampersand inside, are entered on each side.

    Multi-selects drive segmentation; a separator mistaken for content invents values. Judged: equal as sets. Source:
    catalogue T3 (D15), guide Q2.3.
    """
    sets = _selections(data.apart("selections"))
    pairs = [both_ways(crm, prm, data, "Industries", {"Industries__c": ";".join(chosen)}) for chosen in sets]
    yield settled
    for chosen, pair in zip(sets, pairs, strict=True):
        pair.compare(crm, prm, evidence, f"{len(chosen)} values")
    judge_cells(evidence)


_FILLED: Final[dict[str, Any]] = {
    "NextStep": "Send the offer",
    "Description": "To be cleared",
    "Seats__c": 12,
    "Go_Live__c": "2027-03-01",
    "Deal_Region__c": "AMER",
}


@check(
    "T4",
    question="Q2.3",
    title="Cleared means empty, and zero is not empty",
    needs=("write",),
    effects={"cleared in the portal", "cleared in the CRM", "zero on both sides"},
    catches=("clearing-is-ignored",),
    passed="All {cells} cleared or zero values arrived as what they are.",
    failed="{wrong} of {cells} cleared or zero values arrived as something else ({which}): people act on a value that "
    "somebody removed on purpose.",
)
def cleared_means_empty(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Filled deals are cleared field by field, some in the portal and some in the CRM; others get a zero.

    An old next step that will not go away is worse than none. Judged: empty stays empty (no text "null", no today, no
    "Unknown"), zero stays zero. Source: catalogue T4 (D14), guide Q2.3.
    """
    own = {prm.info.partner_field: data.partner}
    in_portal, in_the_crm, zero = crm.create_all(
        prm.deal, [data.deal("Clear") | own | _FILLED for _ in range(3)]
    )
    sent_zero = prm.submit(data.deal("Zero", Seats__c=0, Amount=0), as_partner=data.partner)
    yield settled
    empty = dict.fromkeys(_FILLED)
    before = prm.read(in_portal)
    carried = [name for name in _FILLED if before is not None and before.fields.get(name) not in {None, ""}]
    prm.update(in_portal, dict.fromkeys(carried))
    crm.update(in_the_crm, empty)
    crm.update(zero, {"Seats__c": 0, "Amount": 0})
    yield settled
    describe = crm.describe(prm.deal)
    if carried:
        evidence.exercised("cleared in the portal")
        evidence.compare(crm.get(in_portal), empty, describe, fields=carried, label="cleared in the portal")
    shown = prm.read(in_the_crm)
    if shown is not None:
        evidence.exercised("cleared in the CRM")
    evidence.compare(shown, empty, describe, label="cleared in the CRM")
    zeros = {"Seats__c": 0, "Amount": 0}
    rows = in_crm(crm, sent_zero)
    if rows:
        evidence.exercised("zero on both sides")
    evidence.compare(rows[0] if rows else None, zeros, describe, label="zero from the portal")
    evidence.compare(prm.read(zero), zeros, describe, label="zero from the CRM")
    judge_cells(evidence)


_TEXTS: Final = (
    "O'Brien & <b>Söhne</b>",
    'Back\\slash, "quotes", 100 % & more',
    "Café 東京 Ελλάδα",
    "שלום עולם مرحبا",
    "Rocket 🚀 family 👩‍👩‍👧 flag 🇩🇪",
)


@check(
    "T5",
    question="Q2.3",
    title="Every script and sign survives both ways",
    effects=set(_BOTH),
    catches=("html-escapes-text",),
    passed="All {cells} texts with quotes, markup, emoji and right-to-left script arrived unchanged.",
    failed="{wrong} of {cells} texts did not arrive as they were ({which}): customers are addressed by names that are not theirs, and "
    "records are no longer found by them.",
)
def every_sign_survives(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    r"""Deals are named O'Brien & <b>Söhne</b>, with backslashes, emoji and right-to-left script, on each side.

    Escaping once too often (or too little) is how "O&#39;Brien" gets into letters. Judged: equal text on both sides, and
    the record is found by that very name. Source: catalogue T5 (D24), guide Q2.3.
    """
    pairs = [both_ways(crm, prm, data, text, {"Description": text, "Summary__c": text}) for text in _TEXTS]
    yield settled
    for text, pair in zip(_TEXTS, pairs, strict=True):
        pair.compare(crm, prm, evidence, text)
        name = {"Name": pair.entered.name}
        evidence.compare(prm.read(pair.entered), name, crm.describe(prm.deal), label=f"{text} CRM → portal")
    judge_cells(evidence)


def _amounts(chance: Random) -> list[float]:
    """From a cent to hundreds of millions, none of them whole."""
    above = (1_000, 99_000, 1_000_000, 250_000_000)
    cents = [chance.randrange(1, 10), chance.randrange(1, 10) * 10]
    cents += [(least + chance.randrange(1_000)) * 100 + chance.randrange(11, 90) for least in above]
    return [amount / 100 for amount in cents]


@check(
    "T6",
    question="Q2.3",
    title="Amounts are exact to the cent",
    effects=set(_BOTH),
    catches=("rounds-amounts",),
    passed="All {cells} amounts arrived exact to the cent.",
    failed="{wrong} of {cells} amounts did not arrive as they were ({which}): commissions and forecasts are computed from "
    "rounded numbers.",
)
def amounts_are_exact(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals with amounts from one cent to hundreds of millions are entered on each side.

    Money is not a floating-point number. Judged: equal as decimals. Other currencies than the org's own are not tested.
    Source: catalogue T6 (D22), guide Q2.3.
    """
    amounts = _amounts(data.apart("amounts"))
    pairs = [both_ways(crm, prm, data, "Amount", {"Amount": amount}) for amount in amounts]
    yield settled
    for amount, pair in zip(amounts, pairs, strict=True):
        pair.compare(crm, prm, evidence, f"{amount:,}")
    judge_cells(evidence)
