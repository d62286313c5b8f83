"""Q2.2: relationships between records, and the partner on each deal."""

from __future__ import annotations

from prm_harness import Course, Crm, Data, Evidence, Portal, check, settled

from .shared.fates import in_crm


@check(
    "R1",
    question="Q2.2",
    title="A three-level hierarchy keeps its shape",
    kinds=("Account", "Contact"),
    effects={"hierarchy in the portal"},
    catches=("flattens-account-hierarchy",),
    passed="All {links} links of a three-level account hierarchy with contacts and deals are the same in the portal.",
    failed="{wrong} of {links} links of a three-level hierarchy are missing or wrong in the portal ({which}): deals and "
    "contacts hang at the wrong company.",
)
def hierarchy_keeps_its_shape(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A group, its subsidiary and a branch are created, with a contact and a deal at each of them.

    Partners sell to groups; a flat list shows three unrelated customers. Judged: every parent reference in the portal
    names the same record as in the CRM. Source: catalogue R1 (D25), guide Q2.2.
    """
    group = crm.create("Account", data.account("Group"))
    subsidiary = crm.create("Account", data.account("Subsidiary", ParentId=group.id))
    branch = crm.create("Account", data.account("Branch", ParentId=subsidiary.id))
    links = [(subsidiary, "ParentId", group.id), (branch, "ParentId", subsidiary.id)]
    for company in (group, subsidiary, branch):
        links.append((crm.create("Contact", data.contact(company.id)), "AccountId", company.id))
        partner = {prm.info.partner_field: data.partner}
        links.append(
            (crm.create(prm.deal, data.deal(AccountId=company.id) | partner), "AccountId", company.id)
        )
    yield settled
    wrong = []
    for record, field, target in links:
        shown = prm.read(record)
        if shown is not None:
            evidence.exercised("hierarchy in the portal")
        if not evidence.compare(
            shown, {field: target}, crm.describe(record.sobject), label=f"{record.sobject} {record.name}"
        ):
            wrong.append(f"{record.sobject}.{field}")
    evidence.fact(links=len(links), wrong=len(wrong), which=", ".join(sorted(set(wrong))))


@check(
    "R5",
    question="Q2.2",
    title="The partner stays on the deal",
    uses=("write",),
    effects={"deals in the CRM"},
    catches=("forgets-partner-attribution",),
    passed="All {sent} deals name the partner who registered them, from the first write on.",
    failed="{wrong} of {sent} deals do not name the partner who registered them: credit, commission and channel conflict "
    "are settled by memory.",
)
def partner_stays_on_the_deal(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Two partners register deals; the portal edits them later.

    A deal can look perfect and still have lost its partner, and nobody sees it until commissions are due. Judged: the
    partner field of each CRM record names the right partner after the registration and after the edit. Source: catalogue R5,
    guide Q2.2; a knock-out.
    """
    partners = [data.partner, data.other_partner] * 3
    deals = [prm.submit(data.deal("Attributed"), as_partner=partner) for partner in partners]
    yield settled
    field = prm.info.partner_field
    describe = crm.describe(prm.deal)
    wrong = set()
    for partner, deal in zip(partners, deals, strict=True):
        rows = in_crm(crm, deal)
        if rows:
            evidence.exercised("deals in the CRM")
        if not evidence.compare(rows[0] if rows else None, {field: partner}, describe, label=deal.name):
            wrong.add(deal.name)
        if prm.offers("write"):
            prm.update(deal, {"NextStep": data.text("Follow up")}, as_partner=partner)
    yield settled
    for partner, deal in zip(partners, deals, strict=True):
        rows = in_crm(crm, deal)
        if rows and not evidence.compare(rows[0], {field: partner}, describe, label=f"{deal.name}, edited"):
            wrong.add(deal.name)
    evidence.fact(sent=len(deals), wrong=len(wrong))


@check(
    "R4",
    question="Q2.2",
    title="A record that moves is shown under its new parent",
    kinds=("Account", "Contact"),
    effects={"shown under the old parent before"},
    catches=("keeps-the-first-account",),
    passed="A deal and a contact that moved to another account are shown there.",
    failed="{wrong} of {moved} records that moved to another account are still shown under the old one: the wrong company "
    "gets the quote.",
)
def moved_record_is_under_its_new_parent(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A deal and a contact are moved to another account in the CRM.

    Customers merge, split and are corrected. Judged: the portal names the new account. Source: catalogue R4, guide Q2.2.
    """
    old, new = (crm.create("Account", data.account(label)) for label in ("Old parent", "New parent"))
    own = {prm.info.partner_field: data.partner}
    records = [
        crm.create(prm.deal, data.deal("Moves", AccountId=old.id) | own),
        crm.create("Contact", data.contact(old.id)),
    ]
    yield settled
    shown = [prm.read(record) for record in records]
    if all(record is not None and record.fields.get("AccountId") for record in shown):
        evidence.exercised("shown under the old parent before")
    for record in records:
        crm.update(record, {"AccountId": new.id})
    yield settled
    right = [
        evidence.compare(prm.read(r), {"AccountId": new.id}, crm.describe(r.sobject), label=r.name)
        for r in records
    ]
    evidence.fact(moved=len(records), wrong=right.count(False))
