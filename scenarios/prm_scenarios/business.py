"""Part 4: the flows between partner and seller, and who sees what."""

from __future__ import annotations

from prm_harness import Course, Crm, CrmRecord, Data, Evidence, Portal, Ref, check, settled

from .shared.fates import error_about, in_crm


@check(
    "B1",
    question="Q4.1",
    title="A registered deal makes the round trip",
    effects={"deal in the CRM", "decision made in the CRM", "registered a second time"},
    catches=("second-registration-is-accepted", "compares-times-in-local-time"),
    passed="A registered deal became one CRM record with the right customer, amount and partner, and the seller's decision "
    "came back; a second partner met the conflict.",
    failed="The round trip of a registered deal broke at {where}: registering deals by e-mail is safer.",
)
def registered_deal_makes_the_round_trip(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A partner registers a deal, a second partner the same one; the seller moves it on in the CRM.

    Deal registration is why most companies buy a PRM. Judged: one record with the right account, amount, close date and
    partner; the seller's new stage and amount in the portal; the second registration meets a conflict and makes no
    second record. Source: catalogue B1, the article's deal registration flow.
    """
    values = data.deal("Registered")
    deal = prm.submit(values, as_partner=data.partner)
    yield settled
    describe, rows = crm.describe(prm.deal), in_crm(crm, deal)
    broken = []
    if not evidence.expect("records in the CRM", 1, len(rows)):
        broken.append("registration")
    registered = {name: values[name] for name in ("AccountId", "Amount", "CloseDate")}
    registered[prm.info.partner_field] = data.partner
    if not evidence.compare(rows[0] if rows else None, registered, describe, label="registered"):
        broken.append("its values in the CRM")
    decision = {"StageName": "Negotiation/Review", "Amount": data.apart("decision").randrange(30_000, 60_000)}
    if rows:
        evidence.exercised("deal in the CRM")
        crm.update(CrmRecord(prm.deal, rows[0]["Id"], rows[0]), decision)
        evidence.exercised("decision made in the CRM")
    prm.submit(values, as_partner=data.other_partner)
    evidence.exercised("registered a second time")
    yield settled
    shown = prm.read(deal)
    if not evidence.compare(shown, decision, describe, label="shown to the partner"):
        broken.append("the decision's way back")
    if not evidence.expect(
        "records in the CRM after a second partner registered it", 1, len(in_crm(crm, deal))
    ):
        broken.append("the second registration, which made another record")
    evidence.fact(where=", ".join(broken))


@check(
    "B7",
    question="Q4.3",
    title="A partner sees only what is theirs",
    needs=("partner_view",),
    effects={"own deal seen by its partner"},
    catches=("partner-sees-everything",),
    passed="By id, by name and in their lists, partners saw their own {deals} deals and nobody else's.",
    failed="[[{leaked} of another partner's deals could be seen ({how}) ;; {hidden} of a partner's own could not be "
    "seen]]: competitors read each other's customers, prices and margins.",
)
def partner_sees_only_their_own(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Two partners have deals, submitted in the portal and entered in the CRM; each asks for the other's.

    Partners compete with each other; one leak ends a programme. Judged: by id, by name and by list, each partner sees
    all of their own deals and none of the other's. Source: catalogue B7, the article's access control.
    """
    field, partners = prm.info.partner_field, (data.partner, data.other_partner)
    entered = {p: crm.create(prm.deal, data.deal("Confidential", **{field: p})) for p in partners}
    submitted = {p: prm.submit(data.deal("Confidential"), as_partner=p) for p in partners}
    yield settled
    leaked, hidden, ways = 0, 0, set()
    for partner in partners:
        listed = {record.fields.get("Name") for record in prm.list_as(partner, prm.deal)}
        for owner in partners:
            for deal in (entered[owner], submitted[owner]):
                by_id = prm.read_as(partner, deal) is not None
                by_name = prm.read_as(partner, Ref(by="name", value=deal.name), prm.deal) is not None
                seen = {"by id": by_id, "by name": by_name, "in the list": deal.name in listed}
                for way, there in seen.items():
                    words = {True: "seen", False: "not seen"}
                    right = evidence.expect(f"{deal.name} {way}", words[owner == partner], words[there])
                    leaked += owner != partner and not right
                    hidden += owner == partner and not right
                    if owner == partner and there:
                        evidence.exercised("own deal seen by its partner")
                    if owner != partner and there:
                        ways.add(way)
    evidence.fact(
        deals=len(entered) + len(submitted), leaked=leaked, hidden=hidden, how=", ".join(sorted(ways))
    )


@check(
    "B2",
    question="Q4.1",
    title="A passed lead reaches its partner, and the answer comes back",
    needs=("partner_view", "write"),
    kinds=("Lead",),
    effects={"lead seen by its partner"},
    catches=("partner-sees-everything",),
    passed="Leads passed to a partner were seen by that partner alone, and the answer came back to the CRM.",
    failed="Passing leads broke at {where}: leads go cold, or to a competitor.",
)
def passed_lead_reaches_its_partner(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Leads are assigned to one partner in the CRM; the partner takes one up and declines another.

    A lead that the wrong partner sees is worse than none. Judged: seen by its partner and not by another one; the
    partner's answer is the status in the CRM. Source: catalogue B2, the article's lead distribution flow.
    """
    leads = crm.create_all("Lead", [data.lead(Partner_Account__c=data.partner) for _ in range(2)])
    yield settled
    broken = set()
    for lead in leads:
        mine = prm.read_as(data.partner, lead) is not None
        theirs = prm.read_as(data.other_partner, lead) is not None
        if mine:
            evidence.exercised("lead seen by its partner")
        if not evidence.expect(f"{lead.name} for its partner", "seen", "seen" if mine else "not seen"):
            broken.add("the way to the partner")
        if not evidence.expect(
            f"{lead.name} for another partner", "not seen", "seen" if theirs else "not seen"
        ):
            broken.add("privacy")
    answers = ("Working - Contacted", "Closed - Not Converted")
    for lead, answer in zip(leads, answers, strict=True):
        prm.update(lead, {"Status": answer}, as_partner=data.partner)
    yield settled
    for lead, answer in zip(leads, answers, strict=True):
        if not evidence.compare(crm.get(lead), {"Status": answer}, crm.describe("Lead"), label=lead.name):
            broken.add("the way back")
    evidence.fact(where=", ".join(sorted(broken)))


@check(
    "B6",
    question="Q4.3",
    title="The same contact from two partners is noticed",
    uses=("errors", "notify"),
    kinds=("Contact",),
    effects={"first contact in the CRM", "submitted a second time"},
    catches=("second-registration-is-accepted",),
    passed="A contact that two partners submitted was {how}; the CRM has it once.",
    failed="A contact that two partners submitted is in the CRM {found} times, and nobody was told: two partners court the "
    "same person, and each believes to own the account.",
)
def same_contact_twice_is_noticed(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Two partners submit the same person with the same e-mail address, one after the other.

    Duplicates from partners are where channel conflict begins. Judged: one record, or the second submission is refused,
    flagged or held; two unlinked copies without a word fail. Source: catalogue B6.
    """
    values = data.contact()
    values["Email"] = f"{data.nonce}@example.com"
    first = prm.submit(values, kind="Contact", as_partner=data.partner)
    yield settled
    if in_crm(crm, first):
        evidence.exercised("first contact in the CRM")
    second = prm.submit(values, kind="Contact", as_partner=data.other_partner)
    evidence.exercised("submitted a second time")
    yield settled
    found, told = (
        len(in_crm(crm, first)),
        second.outcome.state in {"rejected", "held"} or bool(error_about(prm, second)),
    )
    how = "refused or flagged the second time" if told else "linked to the first one"
    evidence.expect(
        "contact in the CRM", "once, or flagged", f"{found} times", ok=found == 1 or (found > 1 and told)
    )
    evidence.fact(found=found, how=how)
