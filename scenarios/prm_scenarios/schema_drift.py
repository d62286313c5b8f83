"""Q3.1: fields that come and go after go-live."""

from __future__ import annotations

from prm_harness import (
    Course,
    Crm,
    Data,
    Evidence,
    Portal,
    check,
    settled,
)

from .shared.carried import api_label, as_field
from .shared.fates import in_crm


@check(
    "N2",
    question="Q3.1",
    title="A deleted field does not stop the object",
    needs=("schema",),
    uses=("errors", "notify"),
    powers=("schema_change",),
    stage="alone",
    effects={"carried field deleted", "changes after the deletion"},
    catches=("deleted-field-stops-the-object",),
    passed="After a carried field was deleted in the CRM, everything else kept flowing.",
    failed="After one carried field was deleted in the CRM, {stopped} of {sent} later changes did not arrive: one admin's "
    "click stops the whole object.",
)
def deleted_field_stops_nothing(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A field that the portal carries is deleted in the CRM; deals go on being submitted and changed on both sides.

    A query that names a deleted field fails as a whole, so a careless product stops syncing the object. Judged: deals
    submitted and changed afterwards arrive, with their other fields right. Source: catalogue N2 (D21), guide Q3.1.
    """
    field, kind = data.api_name("dropped again"), prm.deal
    own = {prm.info.partner_field: data.partner}
    crm.schema.add_field(kind, field, "string", length=30)
    present = True
    try:
        old = crm.create(kind, data.deal("Drift", **{field: data.text("soon gone", length=30)}) | own)
        prm.add_field(kind, as_field(crm, kind, field))
        yield settled
        shown = prm.read(old)
        if shown is not None and shown.fields.get(field) == data.text("soon gone", length=30):
            evidence.exercised("carried field deleted")
        crm.schema.drop_field(kind, field)
        present = False
        yield settled
        crm.update(old, {"NextStep": data.text("After the deletion")})
        new = crm.create(kind, data.deal("Drift") | own)
        submitted = prm.submit(
            data.deal("Drift", NextStep=data.text("Submitted after")), as_partner=data.partner
        )
        evidence.exercised("changes after the deletion")
        yield settled
    finally:
        if present:
            crm.schema.drop_field(kind, field)
    describe = crm.describe(kind)
    rows = in_crm(crm, submitted)
    arrived = [
        evidence.compare(
            prm.read(old), {"NextStep": data.text("After the deletion")}, describe, label="changed in the CRM"
        ),
        evidence.compare(prm.read(new), {"Name": new.name}, describe, label="created in the CRM"),
        evidence.compare(
            rows[0] if rows else None, {"NextStep": data.text("Submitted after")}, describe, label="submitted"
        ),
    ]
    evidence.fact(sent=len(arrived), stopped=arrived.count(False))


@check(
    "N4",
    question="Q3.1",
    title="A changed schema is noticed by itself",
    needs=("schema",),
    uses=("errors", "notify"),
    powers=("schema_change",),
    stage="alone",
    effects={"field added in the CRM"},
    catches=("schema-needs-a-click",),
    passed="A field added in the CRM was noticed without anybody's help, within {seconds:~time}.",
    failed="A field added in the CRM was not noticed within {seconds:~time}: the org changes, and the portal finds out "
    "when something breaks.",
)
def changed_schema_is_noticed(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A field is added to the deal in the CRM; nobody touches the portal.

    Drift that nobody notices turns into missing data. Judged: the portal lists the field, or says that the schema has
    changed, within the time waited (four cycles, inside the profile's limit). Source: catalogue N4, guide Q3.1.
    """
    field, began = data.api_name("marker"), crm.clock.now()
    crm.schema.add_field(prm.deal, field, "string", length=20)
    try:
        evidence.exercised("field added in the CRM")
        for _ in range(4):
            yield settled
            if noticed := _noticed(prm, field):
                break
        hours = (crm.clock.now() - began).total_seconds() / 3600
        evidence.expect(
            "new field", "listed or reported", noticed or "unknown to the portal", ok=bool(noticed)
        )
        if noticed:
            limit = data.limits["schema_visible_hours"]
            evidence.metric("time until it was noticed", hours, "h", limit=limit)
        evidence.fact(seconds=hours * 3600)
    finally:
        crm.schema.drop_field(prm.deal, field)


def _noticed(prm: Portal, field: str) -> str:
    if any(f.name == field for f in prm.describe_type(prm.deal).fields):
        return "listed"
    said = [entry.message for entry in prm.list_errors()] if prm.offers("errors") else []
    if prm.offers("notify"):
        said += [f"{note.subject} {note.body}" for note in prm.notifications()]
    return "reported" if any(field in text for text in said) else ""


@check(
    "N6",
    question="Q3.1",
    title="An object added later comes with its records",
    needs=("schema",),
    powers=("schema_change",),
    stage="alone",
    effects={"object with records"},
    catches=("new-object-without-history",),
    passed="An object added after go-live came with all {rows} records that it had.",
    failed="Of the {rows} records of an object added after go-live, {missing} are not in the portal: it starts empty, and "
    "somebody fills it by hand.",
)
def added_object_comes_with_its_records(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """An object with records is created in the CRM; then the portal's admin adds it.

    New processes bring new objects. Judged: every record that existed before is in the portal. Source: catalogue N6, guide
    Q3.1.
    """
    kind, topic = data.api_name("an object added later"), data.api_name("its topic")
    crm.schema.add_object(
        kind,
        api_label(kind),
        [{"name": topic, "type": "string", "length": 80}],
    )
    visits = [
        {"Name": data.name("Visit"), topic: data.text(f"topic {n}")}
        for n in range(data.sizes["new_object_rows"])
    ]
    records = crm.create_all(kind, visits)
    evidence.exercised("object with records")
    yield settled
    added = prm.add_type(kind)
    evidence.expect(
        "object added by the admin", "done", "done" if added.done else added.message or "not done"
    )
    yield settled
    shown = {r.crm_id[:15]: r.fields.get(topic) for r in prm.list(kind) if r.crm_id} if added.done else {}
    missing = sum(shown.get(record.id[:15]) != record.values[topic] for record in records)
    evidence.expect("old records in the portal", len(records), len(records) - missing, note="missing")
    evidence.fact(rows=len(records), missing=missing)
