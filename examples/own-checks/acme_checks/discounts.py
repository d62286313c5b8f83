"""Acme grants discounts above 30 percent only with a named approver, and auditors ask for that name."""

from __future__ import annotations

from prm_harness import Course, Crm, Data, Evidence, Portal, check, settled

_FIELDS = ("Discount__c", "Approver_Email__c")


@check(
    "W1",
    question="Discounts",
    title="A discount arrives together with its approver",
    effects={"discounted deal arrived"},
    passed="All {deals} deals arrived with their discount and the approver.",
    failed="{wrong} of {deals} deals arrived without the right discount or approver: the auditors will ask who allowed it.",
)
def approver_stays_with_the_discount(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals with a discount above 30 percent and an approver are registered in the portal.

    A discount without a name cannot be defended later. The approvers are drawn from the field's own schema. Judged: both
    values are in the CRM as they were entered. Source: Acme's discount policy.
    """
    approvers = data.records("approvers", crm.describe(prm.deal), ["Approver_Email__c"], 3)
    deals = []
    for number, drawn in enumerate(approvers):
        values = {"Discount__c": 31 + 7 * number, "Approver_Email__c": "approver@example.com"} | drawn
        deals.append(prm.submit(data.deal(**values), as_partner=data.partner))
    yield settled  # everything submitted has had its time to reach the CRM
    wrong = 0
    for deal in deals:
        rows = crm.named(prm.deal, deal.name)
        if rows:
            evidence.exercised("discounted deal arrived")
        arrived = rows[0] if rows else None
        wrong += not evidence.compare(
            arrived, deal.values, crm.describe(prm.deal), fields=_FIELDS, label=deal.name
        )
    evidence.fact(deals=len(deals), wrong=wrong)
