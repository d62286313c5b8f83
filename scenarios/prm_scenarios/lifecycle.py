"""Q3.7: records end and turn into others; does the portal follow?"""

from __future__ import annotations

from prm_harness import Course, Crm, CrmRecord, Data, Evidence, Portal, Record, Ref, check, settled

from .shared.fates import in_crm


@check(
    "U6",
    question="Q3.7",
    title="A record deleted in the CRM leaves the portal",
    effects={"record in the portal before it was deleted"},
    catches=("ignores-deletes",),
    passed="All {records} deleted records left the portal, and none came back.",
    failed="Of {records} records deleted in the CRM [[{zombies} are still in the portal ;; {revived} were written back]]: "
    "partners go on working on deals that do not exist.",
)
def deleted_record_leaves_the_portal(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals and an account that the portal shows are deleted in the CRM.

    Deletions leave no row to read, so a product that only reads changes never sees them. Judged: the portal does not
    show the record any more, by id or in its list, and does not write it back. Source: catalogue U6 (D4), guide Q3.7.
    """
    own = {prm.info.partner_field: data.partner}
    doomed = crm.create_all(prm.deal, [data.deal("Doomed") | own for _ in range(3)])
    if "Account" in prm.info.kinds:
        doomed.append(crm.create("Account", data.account("Doomed")))
    yield settled
    if all(prm.read(record) is not None for record in doomed):
        evidence.exercised("record in the portal before it was deleted")
    for record in doomed:
        crm.delete(record)
    yield settled
    zombies = revived = 0
    for record in doomed:
        there = prm.read(record) is not None
        evidence.expect(f"{record.sobject} {record.name}", "gone", "still there" if there else "gone")
        zombies += there
        back = len(crm.named(record.sobject, record.name))
        evidence.expect(f"{record.name} in the CRM", 0, back)
        revived += back > 0
    listed = {record.crm_id[:15] for record in prm.list(prm.deal) if record.crm_id}
    evidence.expect("deleted deals in the list", 0, sum(record.id[:15] in listed for record in doomed))
    evidence.fact(records=len(doomed), zombies=zombies, revived=revived)


@check(
    "U8",
    question="Q3.7",
    title="A converted lead is followed",
    needs=("write",),
    kinds=("Lead",),
    powers=("request_log",),
    effects={"lead in the CRM", "lead converted", "edited after the conversion"},
    weight=2,
    catches=("keeps-writing-to-converted-lead",),
    passed="After their conversion the portal followed all {leads} leads, wrote to none of them and made no new one.",
    failed="After the conversion of {leads} leads the portal [[tried {writes:~write} to the dead leads ;; made {new:~new "
    "lead} of them ;; lost track of {lost}]]: the partner's updates end in a record that nobody opens.",
)
def converted_lead_is_followed(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Leads submitted in the portal are converted in the CRM; the partner then edits them twice.

    A converted lead cannot be written any more, and the deal goes on as an opportunity. Judged: no write goes to the
    converted lead, no new lead appears, and the portal's record points to what the lead became, or is closed. Source:
    catalogue U8 (D2), guide Q3.7; a knock-out.
    """
    leads = [prm.submit(data.lead(), kind="Lead", as_partner=data.partner) for _ in range(3)]
    entered = crm.create("Lead", data.lead(Partner_Account__c=data.partner))
    yield settled
    rows = [in_crm(crm, lead) for lead in leads]
    if all(rows):
        evidence.exercised("lead in the CRM")
    for lead, found in zip(leads, rows, strict=True):
        evidence.expect(f"Lead {lead.name} in the CRM", 1, len(found))
    in_the_crm = [CrmRecord("Lead", found[0]["Id"], found[0]) for found in rows if found] + [entered]
    became = []
    for record in in_the_crm:
        made = crm.convert(record)
        became.append({str(value)[:15] for value in made.values() if value})
        evidence.exercised("lead converted")
    since = crm.log.mark()
    yield settled
    refs = [Ref(by="prm_id", value=lead.outcome.prm_id or "") for lead in leads]
    for step in (data.text("called twice"), data.text("sent the offer")):
        for lead in leads:
            prm.update(lead, {"Description": step}, as_partner=data.partner)
        evidence.exercised("edited after the conversion")
        yield settled
    log = crm.log.exchanges(since=since[0], user=crm.integration_user)
    dead = [e for e in log if "CANNOT_UPDATE_CONVERTED_LEAD" in {e.error_code, *e.refusals}]
    landed = [c for record in in_the_crm for c in crm.written_by_prm(record.id) if c.number > since[1]]
    evidence.expect("writes to converted leads", 0, len(dead) + len(landed))
    new = sum(len(in_crm(crm, lead)) - 1 for lead in leads if in_crm(crm, lead))
    evidence.expect("new leads made of them", 0, new)
    lost = 0
    for lead, ref, targets in zip(leads, refs, became, strict=False):
        shown = prm.read(ref, "Lead") if ref.value else None
        followed = (
            shown is None or (shown.crm_id or "")[:15] in targets or shown.fields.get("IsConverted") is True
        )
        evidence.expect(
            f"{lead.name} in the portal", "closed, or points to what it became", _seen(shown), ok=followed
        )
        lost += not followed
    evidence.fact(leads=len(in_the_crm), writes=len(dead) + len(landed), new=new, lost=lost)


def _seen(shown: Record | None) -> str:
    return "closed" if shown is None else f"points to {shown.crm_id}"
