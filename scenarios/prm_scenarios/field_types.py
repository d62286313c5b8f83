"""Q2.3: does every type of field survive, in both directions?"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any, Final

from prm_harness import Course, Crm, Data, Evidence, Portal, check

from .shared.carried import BOTH
from .shared.trials import tried

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
    effects=set(BOTH),
    weight=2,
    revision=2,
    catches=("truncates-text-at-255",),
    passed="All {cells} cells of the field-type matrix came through exactly.",
    failed="{wrong} of {cells} cells of the field-type matrix are not exact[[, {altered} of them silently altered]] "
    "({which}): what the partner wrote is not what the seller reads. The smallest record that fails: {smallest}.",
)
def every_field_type_survives(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals with ordinary values, with values at the limit of each field's type and with drawn ones are entered on each side.

    The guide asks vendors for a compatibility matrix of field types; this measures it. The drawn records come from the
    object's own schema, the same for every vendor. Judged: each value arrives equal by its own type. A field that the
    portal does not have costs its share; a value that arrives altered fails the check, and the smallest record that still
    fails is told. Source: catalogue T1, guide Q2.3.
    """
    ordinary_, limits = ordinary(data.apart("ordinary")), at_the_limit(data.apart("limits"))
    examples = {"ordinary": ordinary_, "at the limit": limits}
    yield from tried(crm, prm, evidence, data, examples, list(ordinary_))


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
    effects=set(BOTH),
    revision=2,
    catches=("shifts-dates-by-time-zone",),
    passed="All {cells} dates and instants around midnight, year end and clock changes arrived unshifted.",
    failed="{wrong} of {cells} dates or instants did not arrive as they were ({which}): a close date that slips a day lands in another "
    "quarter. "
    "The smallest record that fails: {smallest}.",
)
def dates_keep_their_day(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Dates and instants at the edges (year end, leap day, clock change, far zone) and drawn ones are entered on each side.

    A date has no time zone; a product that gives it one moves close dates across quarters. Judged: the same day and
    the same instant on both sides. Source: catalogue T2 (D12, D13), guide Q2.3.
    """
    examples = {
        why: {"CloseDate": day, "Go_Live__c": day, "Kickoff_At__c": instant}
        for day, instant, why in days(data.apart("days"))
    }
    fields = ("CloseDate", "Go_Live__c", "Kickoff_At__c")
    yield from tried(crm, prm, evidence, data, examples, fields)


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
    effects=set(BOTH),
    revision=2,
    catches=("splits-multiselect-on-comma",),
    passed="Selections of one to twenty values, among them some with commas and ampersands, arrived complete.",
    failed="{wrong} of {cells} multi-select values did not arrive as they were ({which}): segments and routing built on them pick the "
    "wrong partners. "
    "The smallest record that fails: {smallest}.",
)
def multiselect_values_survive(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals with 1, 3 and 20 selected industries, some with a comma or an ampersand inside, are entered on each side.

    Multi-selects drive segmentation; a separator mistaken for content invents values. Judged: equal as sets. Source:
    catalogue T3 (D15), guide Q2.3.
    """
    sets = _selections(data.apart("selections"))
    examples = {
        f"{len(chosen)} values, {number}": {"Industries__c": ";".join(chosen)}
        for number, chosen in enumerate(sets, 1)
    }
    yield from tried(crm, prm, evidence, data, examples, ["Industries__c"])


def texts_with_signs(chance: Random) -> list[str]:
    """One text for each way in which signs get lost: markup, escapes, scripts, right to left, signs of several parts."""
    who, kin = (
        chance.choice(("O'Brien", "D'Angelo", "N'Diaye", "O'Shea")),
        chance.choice(("Söhne", "Töchter")),
    )
    word, number = chance.choice(("slash", "office", "yard", "stage")), chance.randrange(11, 100)
    latin, east = (
        chance.choice(("Café", "Łódź", "Ærø", "Señor")),
        chance.choice(("東京", "北京", "서울", "大阪")),
    )
    greek, hebrew = (
        chance.choice(("Ελλάδα", "Αθήνα", "Κρήτη")),
        chance.choice(("שלום עולם", "ירושלים", "תל אביב")),
    )
    arabic, thing = chance.choice(("مرحبا", "القاهرة", "بيروت")), chance.choice("🚀🛰🏭🌾⚓")
    people, flag = (
        chance.choice(("👩‍👩‍👧", "👨‍👩‍👦", "🧑‍🔧", "👩🏽‍🔬")),
        chance.choice(("🇩🇪", "🇯🇵", "🇧🇷", "🇰🇪")),
    )
    return [
        f"{who} & <b>{kin}</b> {number}",
        f'Back\\{word}, "quotes {number}", {number} % & more',
        f"{latin} {east} {greek} {number}",
        f"{hebrew} {arabic}",
        f"Sign {thing} people {people} flag {flag} {number}",
    ]


@check(
    "T5",
    question="Q2.3",
    title="Every script and sign survives both ways",
    effects=set(BOTH),
    revision=2,
    catches=("html-escapes-text", "collapses-white-space"),
    passed="All {cells} texts with quotes, markup, emoji and right-to-left script arrived unchanged.",
    failed="{wrong} of {cells} texts did not arrive as they were ({which}): customers are addressed by names that are not theirs, and "
    "records are no longer found by them. "
    "The smallest record that fails: {smallest}.",
)
def every_sign_survives(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    r"""Deals are named as people are, O'Brien & <b>Söhne</b>, with backslashes, emoji and right-to-left script, on each side.

    Escaping once too often (or too little) is how "O&#39;Brien" gets into letters. Beside them stand drawn texts: other
    scripts, signs of many parsers, texts that look like a number or like null, tabs and line breaks. Judged: equal text on
    both sides, and the record is found by that very name. Source: catalogue T5 (D24), guide Q2.3.
    """
    examples = {
        text: {"Description": text, "Summary__c": text} for text in texts_with_signs(data.apart("signs"))
    }
    fields = ("Description", "Summary__c", "NextStep")
    yield from tried(crm, prm, evidence, data, examples, fields, named_after="Summary__c")


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
    effects=set(BOTH),
    revision=2,
    catches=("rounds-amounts",),
    passed="All {cells} amounts arrived exact to the cent.",
    failed="{wrong} of {cells} amounts did not arrive as they were ({which}): commissions and forecasts are computed from "
    "rounded numbers. "
    "The smallest record that fails: {smallest}.",
)
def amounts_are_exact(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals with amounts from one cent to hundreds of millions are entered on each side.

    Money is not a floating-point number. Judged: equal as decimals. Other currencies than the org's own are not tested.
    Source: catalogue T6 (D22), guide Q2.3.
    """
    examples = {f"{amount:,}": {"Amount": amount} for amount in _amounts(data.apart("amounts"))}
    yield from tried(crm, prm, evidence, data, examples, ["Amount"])
