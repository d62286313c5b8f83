"""Q4.2: what is known of a partner, and the funds it is given."""

from __future__ import annotations

from typing import Any

from prm_harness import Course, Crm, CrmRecord, Data, Evidence, NotApplicable, Portal, Ref, check, settled

from .shared.carried import api_label, judge_cells
from .shared.fates import in_crm


@check(
    "B4",
    question="Q4.2",
    title="A partner's profile lands on its account",
    needs=("write",),
    uses=("schema",),
    kinds=("Account", "Contact"),
    powers=("schema_change",),
    stage="alone",
    effects={"profile kept in the portal", "contact in the CRM"},
    catches=("profile-stays-in-the-portal",),
    passed="Tier, score, contact and certification that were kept in the portal are on the partner's account in the CRM.",
    failed="{wrong} of {cells} values of a partner's profile are not on its account in the CRM ({which}): channel managers "
    "pay, rank and certify by two lists.",
)
def profile_lands_on_the_account(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """In the portal a partner gets another tier and score, a new contact with a role, and a certification.

    Tiers and certifications decide discounts, so they have to be where discounts are given. Judged: tier and score on
    the partner's account, the contact at that account with its role, the certification once and linked to the account.
    A certification is a record of its own object: a portal that cannot take one up loses that share. Source: catalogue
    B4, the article's partner management.
    """
    score = data.apart("score").randrange(20, 90) + 0.5
    profile: dict[str, Any] = {"Partner_Tier__c": "Bronze", "Tier_Score__c": score}
    certification, holder = data.api_name("certification"), data.api_name("its holder")
    level, until = data.api_name("its level"), data.api_name("its last day")
    company = crm.create("Account", data.account("Profiled", Partner_Tier__c="Gold", Tier_Score__c=10))
    crm.schema.add_object(
        certification,
        api_label(certification),
        [
            {"name": holder, "type": "reference", "reference_to": "Account"},
            {"name": level, "type": "picklist", "values": ["Associate", "Expert"]},
            {"name": until, "type": "date"},
        ],
    )
    possible = prm.offers("schema") and certification in prm.list_types()
    added = possible and prm.add_type(certification).done
    yield settled
    kept = prm.update(company, profile)
    if kept.state != "rejected":
        evidence.exercised("profile kept in the portal")
    person = data.contact(company.id, Partner_Role__c="Presales")
    contact = prm.submit(person, kind="Contact", as_partner=company.id)
    held = {holder: company.id, level: "Expert", until: f"{data.today.year + 2}-12-31"}
    certificate = None
    if added:
        name = {"Name": data.name("Certificate")}
        certificate = prm.submit(name | held, kind=certification, as_partner=company.id)
    yield settled
    evidence.compare(crm.get(company), profile, crm.describe("Account"), label="on the account:")
    rows = in_crm(crm, contact)
    if rows:
        evidence.exercised("contact in the CRM")
    role = {"AccountId": company.id, "Partner_Role__c": "Presales"}
    evidence.compare(rows[0] if rows else None, role, crm.describe("Contact"), label="its contact:")
    found = in_crm(crm, certificate) if certificate else []
    if certificate is None:
        evidence.expect(
            "its certification", "kept", "no place for it in the portal", ok=False, note="missing"
        )
    else:
        evidence.expect("its certifications in the CRM", 1, len(found))
        row = found[0] if found else None
        evidence.compare(row, held, crm.describe(certification), label="its certification:")
    shown = prm.read(Ref(by="crm_id", value=company.id), "Account")
    evidence.compare(shown, profile, crm.describe("Account"), label="in the portal:")
    judge_cells(evidence)


@check(
    "B5",
    question="Q4.2",
    title="Funds make the round trip, to the cent",
    needs=("flows", "schema"),
    powers=("schema_change",),
    stage="alone",
    effects={"request in the CRM", "decision made in the CRM", "claim sent"},
    catches=("rounds-amounts",),
    passed="A fund request reached the CRM, its approval came back, and the claim arrived, all amounts exact.",
    failed="The round trip of a fund request broke at {where}: market development funds are run by spreadsheet.",
)
def funds_make_the_round_trip(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A partner asks for funds in the portal; they are approved in the CRM, and the partner claims what it spent.

    Funds are money, and two systems that disagree on them are an audit finding. Judged: the request is in the CRM once
    with its partner and exact amount; status and approved amount come back; the claim is in the CRM to the cent. The
    object is the one that the adapter names; an org without it gets it. Source: catalogue B5, the article's fund flow.
    """
    kind, chance = prm.info.fund_target, data.apart("funds")
    if not kind:
        raise NotApplicable("the portal names no object for fund requests")
    crm.schema.add_object(
        kind,
        api_label(kind),
        [
            {"name": "Partner_Account__c", "type": "reference", "reference_to": "Account"},
            {"name": "Requested__c", "type": "currency", "precision": 16, "scale": 2},
            {"name": "Approved__c", "type": "currency", "precision": 16, "scale": 2},
            {"name": "Claimed__c", "type": "currency", "precision": 16, "scale": 2},
            {
                "name": "Status__c",
                "type": "picklist",
                "values": ["Requested", "Approved", "Rejected", "Claimed"],
            },
        ],
    )
    added = prm.add_type(kind)
    evidence.expect(
        "object for fund requests", "added", "added" if added.done else added.message or "not added"
    )
    yield settled
    asked = {
        "Name": data.name("Funds"), "Partner_Account__c": data.partner, "Requested__c": chance.randrange(9_000, 20_000) + 0.55, "Status__c": "Requested",
    }  # fmt: skip
    outcome = prm.submit_mdf(asked, as_partner=data.partner)
    yield settled
    describe, rows = crm.describe(kind), crm.named(kind, str(asked["Name"]))
    broken = []
    if not evidence.expect("fund requests in the CRM", 1, len(rows)):
        broken.append("the request")
    if not evidence.compare(rows[0] if rows else None, asked, describe, label="requested:"):
        broken.append("its values")
    decision = {"Status__c": "Approved", "Approved__c": chance.randrange(7_000, 9_000) + 0.05}
    ref = (
        Ref(by="prm_id", value=outcome.prm_id) if outcome.prm_id else Ref(by="name", value=str(asked["Name"]))
    )
    if rows:
        evidence.exercised("request in the CRM")
        crm.update(CrmRecord(kind, rows[0]["Id"], rows[0]), decision)
        evidence.exercised("decision made in the CRM")
    yield settled
    if not evidence.compare(prm.read(ref, kind), decision, describe, label="shown to the partner:"):
        broken.append("the decision's way back")
    claim = {"Status__c": "Claimed", "Claimed__c": chance.randrange(5_000, 7_000) + 0.54}
    if prm.claim_mdf(ref, claim, as_partner=data.partner).state != "rejected":
        evidence.exercised("claim sent")
    yield settled
    claimed = crm.get(rows[0]["Id"], kind) if rows else None
    if not evidence.compare(claimed, claim, describe, label="claimed:"):
        broken.append("the claim")
    evidence.fact(where=", ".join(broken))
