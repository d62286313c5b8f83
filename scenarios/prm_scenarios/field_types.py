"""Q2.3: does every type of field survive, in both directions?"""

from __future__ import annotations

from typing import Any, Final

from prm_harness import Course, Crm, Data, Evidence, Portal, check, settled

from .carried import both_ways, judge_cells
from .fates import in_crm

_BOTH: Final = ("portal → CRM", "CRM → portal")

_ORDINARY: Final[dict[str, Any]] = {
    "Description": "Forty seats for the clinics in the north",
    "NextStep": "Demo on site",
    "Probability": 35,
    "Budget__c": 1250.5,
    "Discount__c": 12.5,
    "Seats__c": 40,
    "Score__c": 0.5,
    "Strategic__c": True,
    "Approver_Email__c": "ines.okafor@example.com",
    "Approver_Phone__c": "+49 (0)30 123-45 67",
    "Competitor_Url__c": "https://example.com/offer?id=7&lang=de#terms",
    "Go_Live__c": "2027-05-14",
    "Kickoff_At__c": "2027-05-14T08:30:00Z",
    "Demo_Time__c": "14:15:00.000Z",
    "Deal_Region__c": "AMER",
    "Summary__c": "Replaces two older systems",
    "Notes__c": "Second visit went well",
}

_AT_THE_LIMIT: Final[dict[str, Any]] = {
    "Description": "Long description. " * 120 + "end",
    "NextStep": "N" * 255,
    "Probability": 100,
    "Budget__c": 9_999_999_999.99,
    "Discount__c": 0.01,
    "Seats__c": 99_999_999,
    "Score__c": 12_345_678.1234,
    "Strategic__c": False,
    "Approver_Email__c": "first.last+portal@sub.domain.example.com",
    "Go_Live__c": "2028-02-29",
    "Demo_Time__c": "23:59:59.000Z",
    "Summary__c": "S" * 254 + "e",
    "Notes__c": "Notes of the last visit. " * 200 + "end",
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
        "ordinary": both_ways(crm, prm, data, "Types", _ORDINARY),
        "at the limit": both_ways(crm, prm, data, "Limits", _AT_THE_LIMIT),
    }
    yield settled
    for label, pair in pairs.items():
        pair.compare(crm, prm, evidence, label)
    judge_cells(evidence)


_DAYS: Final = (
    ("2024-02-29", "2026-03-29T00:59:59Z", "leap day; the night summer time begins in Europe"),
    ("2025-12-31", "2025-12-31T23:59:59Z", "last second of a year"),
    ("2026-01-01", "2026-01-01T00:00:00Z", "first second of a year"),
    ("2026-10-25", "2026-10-25T01:30:00Z", "the hour that occurs twice in Europe"),
    ("2026-11-01", "2026-07-01T00:15:00+14:00", "a user in UTC+14"),
    ("2026-06-30", "2026-06-30T23:30:00-11:00", "a user in UTC−11"),
)


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
        for day, instant, why in _DAYS
    ]
    yield settled
    for why, pair in pairs:
        pair.compare(crm, prm, evidence, why)
    judge_cells(evidence)


_SETS: Final = (
    ["Retail"],
    ["Oil, Gas"],
    ["Health & Care", "Oil, Gas", "Banking"],
    ["Public Sector", "Oil, Gas", *(f"Sector {n:02}" for n in range(6, 24))],
)


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
    pairs = [both_ways(crm, prm, data, "Industries", {"Industries__c": ";".join(chosen)}) for chosen in _SETS]
    yield settled
    for chosen, pair in zip(_SETS, pairs, strict=True):
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


_AMOUNTS: Final = (0.01, 0.1, 1234.56, 99_999.95, 1_234_567.89, 250_000_000.25)


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
    pairs = [both_ways(crm, prm, data, "Amount", {"Amount": amount}) for amount in _AMOUNTS]
    yield settled
    for amount, pair in zip(_AMOUNTS, pairs, strict=True):
        pair.compare(crm, prm, evidence, f"{amount:,}")
    judge_cells(evidence)
