"""Q1.4 and Q1.5: custom fields, custom objects, and fields for which the portal has no place."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from prm_harness import (
    Course,
    Crm,
    CrmRecord,
    Data,
    Diff,
    DrawnField,
    Evidence,
    Portal,
    Settled,
    Submission,
    check,
    field_weight,
    settled,
)

from .added import (
    GIVEN,
    SMALLER_FIELDS,
    AddedFields,
    Wanted,
    not_offered,
    smaller_ones,
    told,
    vendor_steps,
    wanted,
    worst,
    written,
)
from .carried import BOTH
from .fates import fate_of, in_crm
from .trials import Broken, Trial, carry, compared, tried

_DRAWN: Final = 3
"""Registrations that are drawn: enough for each kind of date and number once."""


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
    effects={"object added", "record entered in the CRM"},
    revision=2,
    catches=("no-custom-objects",),
    passed="The admin added a custom object; its records and their lookups arrived in both directions.",
    failed="The custom object does not work end to end ({what}): registrations kept in an object of your own stay outside "
    "the portal.",
)
def custom_object_works(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """The admin adds Deal_Registration__c to the portal; records are entered on both sides, some of them drawn.

    Deal registration often lives in an object of its own. Judged: adding it needs no vendor, all records arrive, and
    their lookups to account and contact point to the same records. Source: catalogue C2, guide Q1.4.
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
    links = {"Account__c": data.customer, "Primary_Contact__c": contact.id}
    chance = data.apart("registration")
    day, worth = data.today + timedelta(days=chance.randrange(30, 300)), chance.randrange(5_000, 90_000) + 0.5
    own = {"Status__c": "Submitted", "Valid_Until__c": day.isoformat(), "Value__c": worth}
    drawn = data.records("registrations", crm.describe(kind), list(own), _DRAWN)
    entered: list[CrmRecord] = []
    submitted: list[Submission] = []
    for values in (own, *drawn):
        entered.append(crm.create(kind, {"Name": data.name("Registration")} | links | values))
        if added.done:
            mine = {"Name": data.name("Registration")} | links | values
            submitted.append(prm.submit(mine, kind=kind, as_partner=data.partner))
    yield settled
    describe = crm.describe(kind)
    evidence.exercised("record entered in the CRM")
    there = back = True
    for number, record in enumerate(entered):
        due = {name: value for name, value in record.values.items() if name != "Name"}
        label = f"generated {number} " if number else ""
        shown = prm.read(record) if added.done else None
        there = evidence.compare(shown, due, describe, label=f"{label}CRM → portal") and there
        rows = in_crm(crm, submitted[number]) if submitted else []
        arrived = rows[0] if rows else None
        back = evidence.compare(arrived, due, describe, label=f"{label}portal → CRM") and back
    what = [text for text, right in (("CRM → portal", there), ("portal → CRM", back)) if not right]
    evidence.fact(what=" and ".join(what) or "the vendor is needed")


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


@check(
    "C4",
    question="Q1.4",
    title="The admin adds a field within minutes",
    needs=("schema",),
    powers=("schema_change",),
    stage="alone",
    effects={"field added in the CRM", "portal → CRM", "CRM → portal"},
    revision=2,
    catches=("adding-a-field-is-a-ticket", "added-fields-take-text-only"),
    passed="The admin added {fields} fields of different types, none in more than {minutes:g} minutes, without the vendor; from "
    "then on their values were carried both ways.",
    failed="Adding a field took {minutes:g} minutes of work and {vendor}, "
    "and then {came}: every new field of yours is a project of theirs{smallest}.",
)
def admin_adds_a_field(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Custom fields are added to the deal in the CRM, then in the portal by the admin's path, and used on each side.

    Fields come every month, and who adds them owns the pace. One field is a plain text; the others are drawn, the same for
    every vendor: other types, lengths and scales, required or not, choices as admins really type them. A drawn field of a type
    that the portal says it does not have is left out, since T1 asks for types. Judged: no step is the vendor's, hands-on minutes
    for each field within the profile's limit, and new records carry the fields in both directions; of the fields that fail, the
    smallest is told. Source: catalogue C4, guide Q1.4.
    """
    plain = DrawnField(data.api_name("added in the setup"), "string", {"length": 30})
    given = wanted(prm, data, "setup", Wanted(plain, [data.label("a code")]))
    with AddedFields(crm, prm, prm.deal) as fields:
        fields.in_crm(one.field for one in given)
        evidence.exercised("field added in the CRM")
        logs = fields.in_portal(one.field for one in given)
        left_out = not_offered(given, logs, evidence)
        added = [one for one in given if one.name not in left_out]
        for one in added:
            done = logs[one.name].done
            how = "added by the admin" if done else logs[one.name].message or "not added"
            evidence.expect(f"field {one.name}", "added by the admin", how, ok=done)
        minutes, hours, vendor = worst([logs[one.name] for one in added] or [*logs.values()])
        evidence.expect("steps only the vendor can do", "none", ", ".join(vendor) or "none")
        evidence.metric(
            "adding a field, hands on", minutes, "min", limit=data.limits["add_field_hands_on_minutes"]
        )
        yield settled
        sent = carry([_trial(one, n) for n, one in enumerate(added)], crm, prm, evidence, data)
        yield settled
        before = len(evidence.diffs)
        broken = [
            (one, found)
            for trial, pair in sent
            for found in compared(trial, pair, crm, prm, evidence, leaving=())
            for one in added
            if one.name in trial.values
        ]
        cells = evidence.diffs[before:]
        evidence.fact(minutes=minutes, vendor=vendor_steps(vendor, hours), smallest="", came=_came(cells))
        if broken:
            one, found = yield from _smallest_field(broken, crm, prm, data)
            evidence.fact(smallest=told(one, found.arrived[one.name]))
            how = f"{len(added)} fields, cut down to one"
            data.reduced(GIVEN, written([one]), how, about=found.names)


def _trial(one: Wanted, number: int = 0) -> Trial:
    label = f"generated {number}" if one.drawn else "plain text"
    return Trial(label, {one.name: one.value()}, one.way, drawn=one.drawn)


def _came(cells: Sequence[Diff]) -> str:
    wrong = sum(not cell.ok for cell in cells)
    return f"{wrong} of {len(cells)} values did not come through" if wrong else "every value came through"


def _smallest_field(
    broken: Sequence[tuple[Wanted, Broken]], crm: Crm, prm: Portal, data: Data
) -> Generator[Any, Settled, tuple[Wanted, Broken]]:
    """The simplest field that still fails: many simpler ones are added and tried at once."""

    def size(found: tuple[Wanted, Broken]) -> tuple[int, int]:
        return field_weight(found[0].field, found[0].value())

    best = min(broken, key=size)
    for turn in range(min(data.tries, SMALLER_FIELDS)):
        one = replace(best[0], way=best[1].trial.way)
        candidates = smaller_ones(one, data, turn)
        if not candidates:
            break
        aside = Evidence(BOTH, crm.clock.now)
        with AddedFields(crm, prm, prm.deal) as fields:
            fields.in_crm(one.field for one in candidates)
            logs = fields.in_portal(one.field for one in candidates)
            there = {one.name: one for one in candidates if logs[one.name].done}
            yield settled
            sent = carry([_trial(one) for one in there.values()], crm, prm, aside, data)
            yield settled
            still = [
                (there[name], found)
                for trial, pair in sent
                for found in compared(trial, pair, crm, prm, aside, leaving=())
                for name in found.trial.values
            ]
        if not still:
            break
        best = min(still, key=size)
    return replace(best[0], way=best[1].trial.way), best[1]
