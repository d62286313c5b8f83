"""Q3.7: owners change, leave the company, or are a queue; do the records still travel?"""

from __future__ import annotations

from prm_harness import Course, Crm, CrmRecord, Data, Evidence, Portal, check, settled

_STEPS = ("called the customer", "sent the offer")


@check(
    "U9",
    question="Q3.7",
    title="A record whose owner left or is a queue travels on",
    needs=("write",),
    uses=("errors", "notify"),
    kinds=("Lead",),
    powers=("schema_change",),
    stage="alone",
    effects={"records in the portal before", "owners changed", "edited on both sides"},
    catches=("sends-the-owner-along",),
    passed="{records} records, one handed over, one whose owner had left and one that a queue owns, were edited on both "
    "sides; every edit {fate}, and every owner stayed.",
    failed="Of {records} records, one handed over, one whose owner had left and one that a queue owns, [[{lost:~edit} did "
    "not arrive ;; {moved:~owner} changed back]]: the wrong person follows up, or nobody.",
)
def records_outlive_their_owner(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A deal is handed to a colleague, the owner of another deal leaves, a lead waits in a queue; then all are edited.

    Salespeople change, and their records stay. Judged: an edit made in the portal is in the CRM or shown as failed, one made
    in the CRM is in the portal, and nobody but the CRM's people changed an owner. Source: catalogue U9 (D23), guide Q3.7.
    """
    before, after, leaver = (_colleague(crm, data) for _ in range(3))
    queue = crm.people.create_queue(data.label("inbound leads"), ["Lead"])
    own, step = {prm.info.partner_field: data.partner}, data.label("next step")
    handed, left = (crm.create(prm.deal, data.deal("Owned", OwnerId=who) | own) for who in (before, leaver))
    queued = crm.create("Lead", data.lead(Partner_Account__c=data.partner, OwnerId=queue))
    records = [handed, left, queued]
    yield settled
    if all(prm.read(record) is not None for record in records):
        evidence.exercised("records in the portal before")
    crm.update(handed, {"OwnerId": after})
    crm.update(CrmRecord("User", leaver, {"Name": "a colleague"}), {"IsActive": False})
    evidence.exercised("owners changed")
    # The portal does not know of it yet when the partner goes on working.
    for record in records:
        prm.update(record, {"Description": f"{step}, {_STEPS[0]}"}, as_partner=data.partner)
    yield settled
    source = data.random.choice(("Web", "Phone Inquiry", "Partner Referral", "Other"))
    for record in records:
        crm.update(record, {"LeadSource": source})
    evidence.exercised("edited on both sides")
    yield settled
    due = dict(zip((record.id for record in records), (after, leaver, queue), strict=True))
    lost = moved = shown_as_failed = 0
    for record in records:
        row, describe = crm.get(record) or {}, crm.describe(record.sobject)
        arrived = row.get("Description") == f"{step}, {_STEPS[0]}"
        told = not arrived and _told(prm, record)
        seen = "arrived" if arrived else "shown as failed" if told else "lost"
        evidence.expect(
            f"{record.name}: edit in the portal", "arrived, or shown as failed", seen, ok=arrived or told
        )
        back = evidence.compare(
            prm.read(record), {"LeadSource": source}, describe, label=f"{record.name}: edit in the CRM,"
        )
        stayed = str(row.get("OwnerId"))[:15] == due[record.id][:15]
        evidence.expect(
            f"{record.name}: owner", due[record.id], row.get("OwnerId"), ok=stayed, note="changed"
        )
        lost += (seen == "lost") + (not back)
        moved += not stayed
        shown_as_failed += told
    fate = f"arrived, or was shown as failed ({shown_as_failed})" if shown_as_failed else "arrived"
    evidence.fact(records=len(records), lost=lost, moved=moved, fate=fate)


def _colleague(crm: Crm, data: Data) -> str:
    """The id of a new user."""
    person = data.contact()
    name = f"{person['FirstName']}.{person['LastName'].split()[0]}".lower()
    return crm.people.create_user(
        f"{name}.{data.random.getrandbits(32):08x}@example.com",
        first_name=person["FirstName"],
        last_name=person["LastName"].split()[0],
    )


def _told(prm: Portal, record: CrmRecord) -> bool:
    said = [f"{e.name} {e.message} {e.crm_id}" for e in prm.list_errors()] if prm.offers("errors") else []
    if prm.offers("notify"):
        said += [f"{note.subject} {note.body}" for note in prm.notifications()]
    return any(record.name in text or record.id[:15] in text for text in said)
