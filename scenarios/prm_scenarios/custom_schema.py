"""Q1.4 and Q1.5: custom fields, custom objects, and fields for which the portal has no place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any, Final

from prm_harness import (
    Course,
    Crm,
    Data,
    Evidence,
    Portal,
    check,
    settled,
)

from .shared.carried import BOTH, DOWN, UP, BothWays, Place
from .shared.fates import fate_of, in_crm
from .shared.trials import Trial, carry, compared, smallest_of, tried

_DRAWN: Final = 3
"""Registrations that are drawn: enough for each kind of date and number once."""
_REGISTRATIONS: Final = "registrations"


def _eight(data: Data) -> dict[str, Any]:
    chance = data.apart("values of eight types")
    day = data.today + timedelta(days=chance.randrange(200, 400))
    return {
        "Summary__c": data.text("custom text"),
        "Deal_Region__c": "AMER",
        "Industries__c": ";".join(chance.sample([f"Sector {n:02}" for n in range(6, 25)], 2)),
        "Go_Live__c": day.isoformat(),
        "Discount__c": chance.randrange(1, 30) + 0.25,
        "Budget__c": chance.randrange(10_000, 90_000) + 0.75,
        "Seats__c": chance.randrange(2, 900),
        "Strategic__c": True,
    }


@check(
    "C1",
    question="Q1.4",
    title="Custom fields take part",
    effects={"portal → CRM", "CRM → portal"},
    revision=2,
    catches=("drops-custom-fields",),
    passed="Custom fields of eight types were carried in both directions.",
    failed="{wrong} of {cells} custom field values did not come through ({which}): what makes your process yours stays in "
    "one system. "
    "The smallest record that fails: {smallest}.",
)
def custom_fields_take_part(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals with eight custom fields, each of another type, are entered on each side: one of the check's own, others drawn.

    Few processes run on standard fields alone. Judged: all values equal on the other side; fields that the portal does
    not carry cost their share. Source: catalogue C1, guide Q1.4.
    """
    eight = _eight(data)
    yield from tried(crm, prm, evidence, data, {"Custom": eight}, list(eight))


@check(
    "C2",
    question="Q1.4",
    title="A custom object works end to end",
    needs=("schema",),
    effects={"object added", "record entered in the CRM", *BOTH},
    revision=3,
    catches=("no-custom-objects",),
    passed="The admin added a custom object; its records and their lookups arrived in both directions.",
    failed="The custom object does not work end to end ({what}): registrations kept in an object of your own stay outside "
    "the portal{smallest}.",
)
def custom_object_works(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """The admin adds Deal_Registration__c to the portal; records are entered on both sides, some of them drawn.

    Deal registration often lives in an object of its own. Judged: adding it needs no vendor, all records arrive, and
    their lookups to account and contact point to the same records; of the records that fail, the smallest is told. Source:
    catalogue C2, guide Q1.4.
    """
    kind = "Deal_Registration__c"
    contact = crm.create("Contact", data.contact())
    added = prm.add_type(kind)
    vendor = [step.title for step in added.steps if step.actor == "vendor"]
    evidence.expect(
        "custom object can be added", "done", "done" if added.done else added.message or "not done"
    )
    evidence.expect("steps only the vendor can do", "none", ", ".join(vendor) or "none")
    evidence.exercised("object added")
    evidence.fact(what="the vendor is needed" if vendor else "it cannot be added", smallest="")
    links = {"Account__c": data.customer, "Primary_Contact__c": contact.id}
    place = Place(kind, lambda label: {"Name": data.name(label)} | links)
    trials = data.given(
        _REGISTRATIONS,
        lambda: _registrations(crm, data, kind),
        write=lambda trials: [asdict(trial) for trial in trials],
        read=lambda kept: [Trial(**one) for one in kept],
    )
    # What the admin could not add can only be entered in the CRM.
    ways = trials if added.done else [replace(trial, way=DOWN) for trial in trials]
    sent = carry(ways, crm, prm, evidence, data, place)
    if any(pair.entered is not None for _, pair in sent):
        evidence.exercised("record entered in the CRM")
    yield settled
    if not added.done:
        return
    before = len(evidence.diffs)
    broken = []
    for trial, pair in sent:
        broken += compared(trial, pair, crm, prm, evidence, leaving=(), in_matrix=False)
        _compare_links(pair, links, crm, prm, evidence, trial.label)
    wrong = [diff.field for diff in evidence.diffs[before:] if not diff.ok]
    ways_wrong = [way for way in (DOWN, UP) if any(way in name for name in wrong)]
    evidence.fact(what=" and ".join(ways_wrong) or "the vendor is needed")
    if broken:
        smallest = yield from smallest_of(broken, crm, prm, data, place)
        evidence.fact(smallest=f". The smallest record that fails: {smallest.told()}")
        how = f"{len(trials)} records, cut down to one with {len(smallest.trial.values)}"
        data.reduced(_REGISTRATIONS, [asdict(smallest.trial)], how, about=smallest.names)


def _registrations(crm: Crm, data: Data, kind: str) -> list[Trial]:
    """The check's own and drawn ones."""
    chance = data.apart("registration")
    day, worth = data.today + timedelta(days=chance.randrange(30, 300)), chance.randrange(5_000, 90_000) + 0.5
    own = {"Status__c": "Submitted", "Valid_Until__c": day.isoformat(), "Value__c": worth}
    drawn = data.records(_REGISTRATIONS, crm.describe(kind), list(own), _DRAWN)
    return [
        Trial("plain", own),
        *(Trial(f"generated {number}", one, drawn=True) for number, one in enumerate(drawn, 1) if one),
    ]


def _compare_links(
    pair: BothWays, links: Mapping[str, str], crm: Crm, prm: Portal, evidence: Evidence, label: str
) -> None:
    """Whether its lookups lead to the same records on the other side."""
    describe = crm.describe(pair.kind)
    for deal in {deal.name: deal for deal in pair.submitted.values() if deal.taken}.values():
        rows = in_crm(crm, deal)
        evidence.compare(rows[0] if rows else None, links, describe, label=f"{label} {UP}")
    if pair.entered is not None:
        evidence.compare(prm.read(pair.entered), links, describe, label=f"{label} {DOWN}")


@check(
    "C3",
    question="Q1.5",
    title="A field without a place is refused, not dumped",
    needs=("schema",),
    uses=("errors", "notify"),
    powers=("schema_change",),
    stage="alone",
    effects={"field without a counterpart filled"},
    catches=("dumps-unknown-field-into-description",),
    passed="A field that the portal did not know was {route}; no other field was touched by it.",
    failed="A field that the portal did not know ended as {route}: its content {where}, where no report, rule or filter "
    "finds it.",
)
def unknown_field_is_not_dumped(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """The CRM gets a field that the portal was never told about; it is filled on each side.

    Products without a place for a value like to append it to the description. Judged: the value arrives in its own
    field, or the portal says openly that it has no such field; it never turns up in another one and never vanishes
    from an accepted submission. Source: catalogue C3 (D29), guide Q1.5.
    """
    field, planted = data.api_name("a code that nobody may see"), data.label("the code")
    crm.schema.add_field(prm.deal, field, "string", length=40)
    try:
        own = {prm.info.partner_field: data.partner, "Description": data.text("As agreed")}
        entered = crm.create(prm.deal, data.deal("Escrow", **{field: planted}) | own)
        deal = prm.submit(
            data.deal("Escrow", Description=data.text("As agreed"), **{field: planted}),
            as_partner=data.partner,
        )
        barrier = yield settled
        if barrier.passed:
            evidence.exercised("field without a counterpart filled")
        fate = fate_of(crm, prm, deal)
        row = fate.rows[0] if fate.rows else None
        shown = prm.read(entered)
        strays = [f"{name} in the CRM" for name in _holding(planted, row, field)]
        strays += [
            f"{name} in the portal" for name in _holding(planted, shown.fields if shown else None, field)
        ]
        evidence.expect("fields that hold its content besides itself", "none", ", ".join(strays) or "none")
        carried = row is not None and row.get(field) == planted
        listed = any(f.name == field for f in prm.describe_type(prm.deal).fields)
        gone = row is not None and not carried and listed
        evidence.expect(
            "submitted value", "in its own field, or refused", "gone" if gone else fate.state, ok=not gone
        )
        evidence.expect("submission", "arrived, or somebody is told", fate.state, ok=fate.honest, note="lost")
        if shown is not None and listed:
            evidence.compare(shown, {field: planted}, crm.describe(prm.deal), label="CRM → portal")
        route = (
            "carried in its own field"
            if carried
            else "openly refused"
            if fate.state == "refused"
            else "left out"
        )
        where = f"is now in {', '.join(strays)}" if strays else "is lost"
        evidence.fact(route="text inside another field" if strays else route, where=where)
    finally:
        crm.schema.drop_field(prm.deal, field)


def _holding(text: str, values: dict[str, Any] | None, own: str) -> list[str]:
    return [name for name, value in (values or {}).items() if name != own and text in str(value)]
