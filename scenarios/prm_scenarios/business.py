"""Part 4: the flows between partner and seller, and who sees what."""

from __future__ import annotations

from prm_harness import Course, Crm, CrmRecord, Data, Evidence, Portal, Ref, check, settled

from .fates import in_crm


@check(
    "B1",
    question="Q4.1",
    title="A registered deal makes the round trip",
    effects={"deal in the CRM", "decision made in the CRM", "registered a second time"},
    catches=("second-registration-is-accepted",),
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
    decision = {"StageName": "Negotiation/Review", "Amount": 41_000}
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
    failed="{leaked} of another partner's deals could be seen ({how}), {hidden} of a partner's own could not: competitors "
    "read each other's customers, prices and margins.",
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
