"""Q3.2: is every failed write shown, and is somebody told?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from prm_harness import Course, Crm, Data, Evidence, Notification, Portal, Submission, check, settled

from .shared.fates import fate_of, in_crm

_RULE = "Budget_Ceiling"
_LETTERS = "bcdfghklmnprstvwxz"


@check(
    "E1",
    question="Q3.2",
    title="Every failed write is visible",
    uses=("errors", "notify"),
    powers=("schema_change",),
    stage="alone",
    weight=2,
    effects={"writes refused", "sound deal arrived"},
    catches=("success-despite-failed-writes",),
    passed="All {refused} deals that the CRM does not take were refused at once or shown as failed.",
    failed="{unseen} of {refused} deals that the CRM refused are shown nowhere ({which}): they are found when a partner "
    "asks where the commission is.",
)
def every_failed_write_is_visible(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals are submitted that the CRM refuses, each for another reason.

    A rule, a name that is too long, an account that does not exist, a value outside a restricted picklist, a number out
    of range: what fails must be findable. Judged: each is refused with a reason or named in the portal's error log; all
    of them, not most. Source: catalogue E1 (D1, D33), guide Q3.2; a knock-out.
    """
    began = crm.clock.now()
    label, ceiling = data.label("ceiling"), data.apart("ceiling").randrange(600, 800) * 1_000
    rule = f"AND(CONTAINS(Name, '{label}'), Amount > {ceiling})"
    crm.schema.add_validation_rule(prm.deal, _RULE, rule, data.text("the budget ceiling"))
    try:
        deals = {
            why: prm.submit(values, as_partner=data.partner)
            for why, values in _refusable(data, label, ceiling + 20_000).items()
        }
        sound = prm.submit(data.deal("Sound"), as_partner=data.partner)
        yield settled
        fates = {why: fate_of(crm, prm, deal) for why, deal in deals.items()}
    finally:
        crm.schema.drop_validation_rule(prm.deal, _RULE)
    refused = {why: fate for why, fate in fates.items() if fate.state != "arrived"}
    for why, fate in fates.items():
        evidence.saw(f"{why}: {fate.state} {fate.said}".strip())
    for why, fate in refused.items():
        evidence.expect(why, "refused, shown as failed, or held", fate.state, ok=fate.honest, note="lost")
    if in_crm(crm, sound):
        evidence.exercised("sound deal arrived")
    if len(refused) > 1:
        evidence.exercised("writes refused")
    unseen = [why for why, fate in refused.items() if not fate.honest]
    shown = [(fate.at - began).total_seconds() for fate in refused.values() if fate.at is not None]
    if shown:
        evidence.metric("longest time until a failure is visible", max(shown), "s")
    evidence.fact(
        refused=len(refused),
        unseen=len(unseen),
        which=", ".join(unseen),
        error_visible_seconds=max(shown, default=0),
    )


def _refusable(data: Data, label: str, too_much: int) -> dict[str, dict[str, Any]]:
    ceiling, chance = data.deal("", Amount=too_much), data.apart("refusable")
    return {
        "breaks a validation rule": ceiling | {"Name": f"{label}{ceiling['Name']}"},
        "name of 130 characters": data.deal(
            "Long", Name=f"{data.name('Long'):{chance.choice(_LETTERS)}<130}"
        ),
        "account that does not exist": data.deal(
            "Orphan", AccountId=f"001{chance.randrange(10**8, 10**9):012}"
        ),
        "value outside a restricted picklist": data.deal(
            "Region", Deal_Region__c=data.label("region").split()[0].upper()
        ),
        "number out of range": data.deal(
            "Discount", Discount__c=1_000_000 + chance.randrange(1_000, 9_000_000)
        ),
        "text of 256 characters in a field of 255": data.deal(
            "Text", Summary__c=chance.choice(_LETTERS) * 256
        ),
    }


@check(
    "E3",
    question="Q3.2",
    title="Somebody is told of a failed write",
    uses=("notify",),
    powers=("schema_change",),
    stage="alone",
    effects={"write refused", "sound deal arrived"},
    revision=2,
    catches=("no-alerts",),
    passed="Somebody was told of a refused deal {how}.",
    failed="Of a deal that the CRM refused {told}: failures wait until somebody happens to look.",
)
def somebody_is_told(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """The CRM starts to refuse a partner's deals; nobody looks at the portal's log.

    An error log that nobody reads is where deals die. Judged: the partner is told at once, or a message goes out by
    itself within the profile's limit. Source: catalogue E3 (D26), guide Q3.2.
    """
    label, limit = data.label("refused"), data.limits["alert_minutes"]
    rule = f"CONTAINS(Name, '{label}')"
    crm.schema.add_validation_rule(prm.deal, _RULE, rule, data.text("no deal of this kind is taken"))
    began = crm.clock.now()
    before = prm.notifications() if prm.offers("notify") else []
    try:
        values = data.deal("")
        deal = prm.submit(values | {"Name": f"{label}{values['Name']}"}, as_partner=data.partner)
        sound = prm.submit(data.deal("Sound"), as_partner=data.partner)
        yield settled
        arrived = in_crm(crm, deal)
    finally:
        crm.schema.drop_validation_rule(prm.deal, _RULE)
    if in_crm(crm, sound):
        evidence.exercised("sound deal arrived")
    if not arrived:
        evidence.exercised("write refused")
    if deal.outcome.state == "rejected" and deal.outcome.messages:
        evidence.expect("somebody is told", f"within {limit:g} min", "the partner, at once", ok=True)
        evidence.fact(how="at once, in the portal", limit=limit, alert_seconds=0)
        return
    # A message of the very moment in which the deal was submitted may be about what had been there before.
    alerts = [note for note in prm.notifications() if note not in before and _concerns(note, deal, began)]
    if not alerts:
        evidence.expect("somebody is told", f"within {limit:g} min", "no message", ok=False, note="missing")
        evidence.fact(limit=limit, told=f"nobody was told within {limit:g} minutes")
        return
    seconds = (min(note.at for note in alerts) - began).total_seconds()
    evidence.saw(f"{alerts[0].channel}: {alerts[0].subject}")
    evidence.metric("time until the alert", seconds / 60, "min", limit=limit)
    minutes = round(seconds / 60)
    how = f"after {minutes} minutes" if minutes > 1 else "within a minute"
    evidence.fact(
        how=how,
        told=f"somebody was told only {how}, where {limit:g} were allowed",
        limit=limit,
        alert_seconds=seconds,
    )


def _concerns(note: Notification, deal: Submission, began: datetime) -> bool:
    """A message counts when it went out after the deal; whether it names the deal is E2's question."""
    return note.at >= began and (deal.name in f"{note.subject} {note.body}" or bool(note.subject))
