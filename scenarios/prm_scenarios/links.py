"""Q2.2 and Q3.7: links between many records, merges, and children that are there before their parents."""

from __future__ import annotations

from typing import Final

from prm_harness import Course, Crm, CrmRecord, Data, Evidence, Portal, Record, Ref, check, settled

_ROLES: Final = "OpportunityContactRole"


@check(
    "R3",
    question="Q2.2",
    title="Many-to-many links are kept, through a merge too",
    kinds=(_ROLES, "Contact"),
    effects={"links in the portal", "link removed and added", "contacts merged"},
    catches=("keeps-the-first-contact",),
    passed="All {links} links between deals and contacts are the same in the portal, after changes and after a merge.",
    failed="{wrong} of {links} links between deals and contacts are wrong in the portal ({when}): the buyer, the approver "
    "and the technical contact of a deal are somebody else.",
)
def many_to_many_links_are_kept(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals have several contacts with roles; one role is removed, one added, and two of the contacts are merged.

    A deal has a buyer, an approver and a user, and each of them has other deals. Judged: in the portal each deal has the
    same set of contacts and roles as in the CRM, at the start, after a change, and after the merge, when the links of
    the contact that is gone belong to the one that stays. Source: catalogue R3 (D38), guide Q2.2.
    """
    own = {prm.info.partner_field: data.partner}
    deals = crm.create_all(prm.deal, [data.deal("Buying centre") | own for _ in range(2)])
    people = crm.create_all("Contact", [data.contact() for _ in range(3)])
    roles = ("Decision Maker", "Technical Buyer", "Business User")
    links = [
        crm.create(_ROLES, {"OpportunityId": deal.id, "ContactId": person.id, "Role": role})
        for deal in deals
        for person, role in zip(people, roles, strict=True)
    ]
    yield settled
    wrong = {"at the start": _differ(crm, prm, deals, evidence, "at the start")}
    if wrong["at the start"] == 0:
        evidence.exercised("links in the portal")
    crm.delete(links[0])
    newcomer = crm.create("Contact", data.contact())
    crm.create(_ROLES, {"OpportunityId": deals[0].id, "ContactId": newcomer.id, "Role": "Evaluator"})
    evidence.exercised("link removed and added")
    yield settled
    wrong["after a change"] = _differ(crm, prm, deals, evidence, "after a change")
    crm.merge(newcomer, people[2])
    evidence.exercised("contacts merged")
    yield settled
    wrong["after the merge"] = _differ(crm, prm, deals, evidence, "after the merge")
    evidence.fact(
        links=sum(len(_links_in_crm(crm, deal)) for deal in deals),
        wrong=max(wrong.values()),
        when=", ".join(when for when, count in wrong.items() if count),
    )


def _differ(crm: Crm, prm: Portal, deals: list[CrmRecord], evidence: Evidence, when: str) -> int:
    shown: dict[str, set[tuple[str, str]]] = {}
    for link in prm.list(_ROLES):
        ends = _text(link, "OpportunityId")[:15], _text(link, "ContactId")[:15]
        shown.setdefault(ends[0], set()).add((ends[1], _text(link, "Role")))
    wrong = 0
    for deal in deals:
        due, seen = _links_in_crm(crm, deal), shown.get(deal.id[:15], set())
        wrong += len(due ^ seen)
        evidence.expect(
            f"{deal.name}, {when}", "; ".join(sorted(f"{r} {c}" for c, r in due)),
            "; ".join(sorted(f"{r} {c}" for c, r in seen)) or "no links",
        )  # fmt: skip
    return wrong


def _links_in_crm(crm: Crm, deal: CrmRecord) -> set[tuple[str, str]]:
    rows = crm.query(f"SELECT ContactId, Role FROM {_ROLES} WHERE OpportunityId = '{deal.id}'")
    return {(row["ContactId"][:15], row["Role"]) for row in rows}


def _text(link: Record, name: str) -> str:
    return str(link.fields.get(name) or "")


@check(
    "U7",
    question="Q3.7",
    title="A merged record is followed",
    needs=("write",),
    kinds=("Account", "Contact"),
    powers=("request_log",),
    effects={"records in the portal before", "records merged", "edited after the merge"},
    catches=("dangling-link-after-merge",),
    passed="After {merges} merges the portal's records were bound to the ones that stayed, deals and contacts moved with "
    "them, and an edit made afterwards arrived.",
    failed="After {merges} merges [[{dangling} of the portal's links lead to a record that is gone ;; {lost:~edit} made "
    "afterwards did not arrive]]: whoever cleans up duplicates in the CRM breaks the portal.",
)
def merged_record_is_followed(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Two accounts, each with a deal, and two contacts are merged in the CRM; what was the loser is then edited.

    Duplicates are merged every week, and the loser's id answers nothing but errors from then on. Judged: the loser is no
    longer listed; the deal of the losing account shows the winner; an edit that waited in the portal lands on the winner; one that is made
    afterwards to the record as the portal knows it does, or is refused with a reason; no write goes to the loser. Source: catalogue U7 (D3), guide Q3.7.
    """
    own = {prm.info.partner_field: data.partner}
    pairs = [
        crm.create_all("Account", [data.account("Kept"), data.account("Merged away")]),
        crm.create_all("Contact", [data.contact(), data.contact()]),
    ]
    deal = crm.create(prm.deal, data.deal("Of the merged", AccountId=pairs[0][1].id) | own)
    yield settled
    before = [(prm.read(winner), prm.read(loser)) for winner, loser in pairs]
    if all(w is not None and lo is not None for w, lo in before) and prm.read(deal) is not None:
        evidence.exercised("records in the portal before")
    phone, later = {"Phone": data.phone("waits")}, {"Phone": data.phone("afterwards")}
    waiting = []
    for _, loser in pairs:
        prm.update(loser, phone)
        # What is in the CRM at once is the merge's to keep or to drop.
        waiting.append((crm.get(loser) or {}).get("Phone") != phone["Phone"])
    for winner, loser in pairs:
        crm.merge(winner, loser)
        evidence.exercised("records merged")
    since = crm.log.mark()
    yield settled
    dangling = lost = 0
    for (winner, loser), (_, shown_before), waits in zip(pairs, before, waiting, strict=True):
        kind = winner.sobject
        listed = {record.crm_id[:15] for record in prm.list(kind) if record.crm_id}
        dangling += not evidence.expect(
            f"{kind} {loser.name} in the list", "gone", "still there" if loser.id[:15] in listed else "gone"
        )
        known = prm.read(Ref(by="prm_id", value=shown_before.prm_id), kind) if shown_before else None
        there = known is None or (known.crm_id or "")[:15] == winner.id[:15]
        seen = "closed" if known is None else f"bound to {known.crm_id}"
        dangling += not evidence.expect(
            f"{loser.name} as the portal knows it", f"bound to {winner.id}", seen, ok=there
        )
        if waits:
            label = f"{winner.name}, edit that waited:"
            lost += not evidence.compare(crm.get(winner), phone, crm.describe(kind), label=label)
        landed = [change for change in crm.written_by_prm(loser.id) if change.number > since[1]]
        evidence.expect(f"writes to {loser.name} after the merge", 0, len(landed))
    outcomes = [
        prm.update(Ref(by="prm_id", value=shown.prm_id), later, kind=loser.sobject)
        for (_, loser), (_, shown) in zip(pairs, before, strict=True)
        if shown is not None
    ]
    if outcomes:
        evidence.exercised("edited after the merge")
    yield settled
    for (winner, _), outcome in zip(pairs, outcomes, strict=False):
        refused = outcome.state == "rejected" and bool(outcome.messages)
        there = (crm.get(winner) or {}).get("Phone") == later["Phone"]
        seen = "arrived" if there else ("refused with a reason" if refused else "lost")
        lost += not evidence.expect(
            f"{winner.name}, edited after the merge",
            "arrived, or refused with a reason",
            seen,
            ok=there or refused,
        )
    link = {"AccountId": pairs[0][0].id}
    dangling += not evidence.compare(prm.read(deal), link, crm.describe(prm.deal), label=deal.name)
    evidence.fact(merges=len(pairs), dangling=dangling, lost=lost)


@check(
    "R2",
    question="Q2.2",
    title="A child that comes before its parent finds it",
    uses=("write",),
    kinds=("Account", "Contact"),
    effects={"family made in one burst", "children in the portal"},
    catches=("orphans-children-that-come-first",),
    passed="All {children} contacts and deals of accounts that were made in the same moment hang at their account.",
    failed="{orphans} of {children} contacts and deals that were made together with their account hang at none: they are in "
    "nobody's list, and nobody misses them.",
)
def child_finds_its_parent(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Accounts with a contact and a deal each are made in the CRM in one burst, the parent of all accounts last.

    Objects are read one after the other, and what is read first may belong to what is not there yet. Judged: after the
    barrier each contact, deal and subsidiary names its account. Source: catalogue R2 (D32), guide Q2.2.
    """
    own = {prm.info.partner_field: data.partner}
    accounts = crm.create_all("Account", [data.account("Subsidiary") for _ in range(3)])
    children = []
    for account in accounts:
        children.append((crm.create("Contact", data.contact(account.id)), account.id))
        children.append(
            (crm.create(prm.deal, data.deal("First deal", AccountId=account.id) | own), account.id)
        )
    evidence.exercised("family made in one burst")
    yield settled
    orphans = 0
    for child, parent in children:
        shown = prm.read(child)
        if shown is not None:
            evidence.exercised("children in the portal")
        label = f"{child.sobject} {child.name}"
        orphans += not evidence.compare(
            shown, {"AccountId": parent}, crm.describe(child.sobject), label=label
        )
    evidence.fact(children=len(children), orphans=orphans)
