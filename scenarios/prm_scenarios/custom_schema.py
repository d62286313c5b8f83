"""Q1.4 and Q1.5: custom fields, custom objects, and fields for which the portal has no place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from prm_harness import Course, Crm, CrmRecord, Data, Evidence, Portal, Submission, check, settled

from .carried import as_field, both_ways
from .fates import fate_of, in_crm
from .trials import tried

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
    catches=("adding-a-field-is-a-ticket",),
    passed="The admin added a field in {minutes:g} minutes, without the vendor; from then on it was carried both ways.",
    failed="Adding a field took {minutes:g} minutes of work and {hours:g} hours of waiting for the vendor ({vendor} steps), "
    "and it then worked {ways}: every new field of yours is a project of theirs.",
)
def admin_adds_a_field(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A custom field is added to the deal in the CRM, then in the portal by the admin's path, and used on each side.

    Fields come every month, and who adds them owns the pace. Judged: no step is the vendor's, hands-on minutes within the
    profile's limit, and new records carry the field in both directions. Source: catalogue C4, guide Q1.4.
    """
    field, value, kind = data.api_name("added in the setup"), data.label("a code"), prm.deal
    crm.schema.add_field(kind, field, "string", length=30)
    try:
        evidence.exercised("field added in the CRM")
        log = prm.add_field(kind, as_field(crm, kind, field))
        vendor = [step for step in log.steps if step.actor == "vendor"]
        minutes = sum(step.hands_on_minutes for step in log.steps if step.actor != "automatic")
        evidence.expect(
            "field", "added by the admin", "added by the admin" if log.done else log.message or "not added"
        )
        evidence.expect("steps only the vendor can do", "none", ", ".join(s.title for s in vendor) or "none")
        evidence.metric(
            "adding a field, hands on", minutes, "min", limit=data.limits["add_field_hands_on_minutes"]
        )
        yield settled
        pair = both_ways(crm, prm, data, "Coded", {field: value})
        yield settled
        pair.compare(crm, prm, evidence)
        right = [diff.field for diff in evidence.diffs if diff.ok and field in diff.field]
        evidence.fact(
            minutes=minutes,
            vendor=len(vendor),
            hours=sum(step.waiting_minutes for step in vendor) / 60,
            ways={0: "in neither direction", 1: "in one direction", 2: "in both directions"}[len(right)],
        )
    finally:
        crm.schema.drop_field(kind, field)
