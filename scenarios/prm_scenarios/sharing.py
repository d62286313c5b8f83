"""Q2.4 and Q4.1: what partners see follows what the CRM says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from prm_harness import Course, Crm, CrmRecord, Data, Evidence, Portal, Settled, check, settled


@check(
    "G3",
    question="Q2.4",
    title="Visibility follows the CRM",
    needs=("partner_view",),
    effects={"seen by its partner before", "partner changed in the CRM"},
    catches=("visibility-is-fixed-at-first-sight",),
    passed="Of {deals} deals that changed their partner in the CRM, each was seen by its new partner alone, and one without "
    "a partner by nobody.",
    failed="After {deals} deals changed their partner in the CRM, [[{leaked} are still seen by the old one ;; {hidden} are"
    " not seen by the new one]]: whoever lost a deal goes on reading its customer, price and plans.",
)
def visibility_follows_the_crm(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals of one partner are given to another one in the CRM, or taken away from partners altogether.

    The partner on a deal decides who may read it, and in a CRM that is an ordinary field that changes. Judged: by id and
    in their lists, the old partner does not see the deal any more, the new one does, and nobody sees one that has none.
    Source: catalogue G3, guide Q2.4.
    """
    field = prm.info.partner_field
    moved = crm.create_all(prm.deal, [data.deal("Handed over", **{field: data.partner}) for _ in range(2)])
    withdrawn = crm.create(prm.deal, data.deal("Withdrawn", **{field: data.partner}))
    yield settled
    if all(prm.read_as(data.partner, deal) is not None for deal in (*moved, withdrawn)):
        evidence.exercised("seen by its partner before")
    for deal in moved:
        crm.update(deal, {field: data.other_partner})
    crm.update(withdrawn, {field: None})
    evidence.exercised("partner changed in the CRM")
    yield settled
    listed = {
        p: {r.fields.get("Name") for r in prm.list_as(p, prm.deal)}
        for p in (data.partner, data.other_partner)
    }
    leaked = hidden = 0
    for deal in (*moved, withdrawn):
        for partner, label in ((data.partner, "old"), (data.other_partner, "new")):
            due = partner == data.other_partner and deal is not withdrawn
            for way, seen in (
                ("by id", prm.read_as(partner, deal) is not None),
                ("in the list", deal.name in listed[partner]),
            ):
                right = evidence.expect(
                    f"{deal.name} {way}, {label} partner", _words(seen=due), _words(seen=seen)
                )
                leaked += not right and not due
                hidden += not right and due
    evidence.fact(deals=len(moved) + 1, leaked=leaked, hidden=hidden)


def _words(*, seen: bool) -> str:
    return "seen" if seen else "not seen"


def _changes(data: Data) -> tuple[dict[str, Any], ...]:
    chance = data.apart("changes")
    return (
        {"StageName": "Proposal/Price Quote"},
        {"Amount": chance.randrange(40_000, 90_000) + 0.75},
        {"CloseDate": (data.today + timedelta(days=chance.randrange(301, 400))).isoformat()},
        {"StageName": "Closed Won"},
    )


@check(
    "B3",
    question="Q4.1",
    title="A partner follows the deal to its close",
    needs=("partner_view",),
    effects={"deal seen by its partner", "changes made by the seller"},
    catches=("keeps-the-registered-stage", "each-record-fires-once", "keeps-pages-for-a-day"),
    passed="Stage, amount and close date of a deal were in front of its partner after each change, within "
    "{longest:~time}.",
    failed="{wrong} of {changes} changes that the seller made to a deal were not in front of its partner ({which}): "
    "partners plan, order and invoice by a deal that has moved on.",
)
def partner_follows_the_deal(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A seller moves a deal on in the CRM: another stage, another amount, another close date, and won.

    The portal is where a partner learns how the deal stands. Judged: after each change the partner's own view shows the
    value; the barrier's canary gives the time that it took. Source: catalogue B3, the article's opportunity flow.
    """
    deal: CrmRecord = crm.create(prm.deal, data.deal("Followed", **{prm.info.partner_field: data.partner}))
    yield settled
    changes = _changes(data)
    wrong: list[str] = []
    times: list[float] = []
    for change in changes:
        crm.update(deal, change)
        evidence.exercised("changes made by the seller")
        barrier: Settled = yield settled
        shown = prm.read_as(data.partner, deal)
        if shown is not None:
            evidence.exercised("deal seen by its partner")
        (name,) = change
        if not evidence.compare(shown, change, crm.describe(prm.deal), label="shown to the partner:"):
            wrong.append(name)
        elif barrier.to_prm_seconds is not None:
            times.append(barrier.to_prm_seconds)
            evidence.metric(f"time until {name} was shown", barrier.to_prm_seconds, "s")
    evidence.fact(
        changes=len(changes),
        wrong=len(wrong),
        which=", ".join(dict.fromkeys(wrong)),
        longest=max(times, default=0),
    )


@check(
    "U11",
    question="Q3.7",
    title="A lead that is passed on changes hands",
    needs=("partner_view",),
    kinds=("Lead",),
    effects={"lead seen by its first partner", "lead passed on"},
    catches=("visibility-is-fixed-at-first-sight",),
    passed="All {leads} leads that were passed on left their first partner and reached the second; new values went with "
    "them.",
    failed="Of {leads} leads that were passed on, [[{kept} are still seen by the first partner ;; {late} are not seen by "
    "the second, or with old values]]: two partners call, or none does.",
)
def passed_on_lead_changes_hands(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Leads of one partner are passed on to another one in the CRM, with a new description.

    A partner who does not answer loses the lead, and the next one starts from what is known by then. Judged: the first
    partner does not see it any more, the second sees it with its latest values. What happens to a lead before is B2, to
    fund requests B5. Source: catalogue U11, the article's lead distribution flow.
    """
    leads = crm.create_all(
        "Lead",
        [
            data.lead(Partner_Account__c=data.partner, Description=data.text("First call due"))
            for _ in range(3)
        ],
    )
    yield settled
    if all(prm.read_as(data.partner, lead) is not None for lead in leads):
        evidence.exercised("lead seen by its first partner")
    later = {"Description": data.text("Asked for a second opinion")}
    for lead in leads:
        crm.update(lead, {"Partner_Account__c": data.other_partner, **later})
    evidence.exercised("lead passed on")
    yield settled
    kept = late = 0
    for lead in leads:
        old = prm.read_as(data.partner, lead) is not None
        kept += not evidence.expect(f"{lead.name}, first partner", _words(seen=False), _words(seen=old))
        shown = prm.read_as(data.other_partner, lead)
        late += not evidence.compare(shown, later, crm.describe("Lead"), label=f"{lead.name}, second partner")
    evidence.fact(leads=len(leads), kept=kept, late=late)
