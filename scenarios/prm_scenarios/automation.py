"""Q2.1: what the CRM does by itself with what the portal writes, and values that it computes."""

from __future__ import annotations

from typing import Final

from prm_harness import Course, Crm, CrmRecord, Data, Evidence, Portal, check, settled

from .shared.carried import as_field
from .shared.fates import fate_of, in_crm

_EMAIL_RULE: Final = "Same_Email"


@check(
    "V6",
    question="Q2.1",
    title="A duplicate rule's no is not the end of a record",
    uses=("errors", "notify"),
    kinds=("Contact",),
    powers=("schema_change",),
    stage="alone",
    effects={"duplicate submitted", "sound contact arrived"},
    catches=("drops-what-a-duplicate-rule-blocks",),
    passed="Contacts that a duplicate rule of the CRM stopped were {how}; none was lost.",
    failed="{lost} of {sent} contacts that a duplicate rule of the CRM stopped are nowhere: the partner believes that the "
    "person is known, and the CRM knows of no relation.",
)
def duplicate_rule_loses_nothing(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Duplicate rules, one that blocks and one that only alerts, stop contacts which a partner submits.

    Duplicate rules are the CRM's guard, and through the API a mere alert stops a record as well. Judged: each contact is
    linked to the one that is there, refused with a reason, or shown as failed. Source: catalogue V6 (D19), guide Q2.1.
    """
    fates = []
    for action in ("block", "alert"):
        known = data.contact()
        known["Email"] = f"{data.apart(action).randrange(100, 1_000)}.{data.nonce}@example.com"
        crm.create("Contact", known)
        crm.schema.add_duplicate_rule(
            "Contact", _EMAIL_RULE, ["Email"], action=action, message=data.text("we know this person")
        )
        try:
            again = data.contact(Email=known["Email"])
            submitted = prm.submit(again, kind="Contact", as_partner=data.partner)
            sound = prm.submit(data.contact(), kind="Contact", as_partner=data.partner)
            evidence.exercised("duplicate submitted")
            yield settled
            if in_crm(crm, sound):
                evidence.exercised("sound contact arrived")
            fate = fate_of(crm, prm, submitted)
            shown = None if fate.honest else prm.read(submitted)
            linked = shown is not None and bool(shown.crm_id)
            fates.append("linked to the one that is there" if linked else fate.state)
            evidence.saw(f"{action}: {fates[-1]} {fate.said}".strip())
            evidence.expect(
                f"duplicate, rule that {action}s", "linked, refused, or shown as failed", fates[-1],
                ok=fate.honest or linked, note="lost",
            )  # fmt: skip
        finally:
            crm.schema.drop_duplicate_rule("Contact", _EMAIL_RULE)
    evidence.fact(sent=len(fates), lost=fates.count("lost"), how=" or ".join(dict.fromkeys(fates)))


@check(
    "V7",
    question="Q2.1",
    title="What automation makes of a deal is shown",
    powers=("schema_change",),
    stage="alone",
    effects={"deal changed by automation"},
    catches=("skips-rows-it-wrote-itself",),
    passed="Stage and next step that the CRM's automation set on a submitted deal were shown in the portal.",
    failed="{wrong} of {cells} values that the CRM's automation set on a submitted deal are not shown in the portal: the "
    "partner sees what was submitted, and everybody else what became of it.",
)
def automation_is_shown(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A flow in the CRM moves each submitted deal to another stage and writes a next step, as the portal's own user.

    Assignment, scoring and approval run the moment a deal arrives, under the name of whoever wrote it; a portal that
    skips its own writes on the way back never sees them. Judged: the portal shows the values after automation. Source:
    catalogue V7 (D10), guide Q2.1.
    """
    name = "Route_Partner_Deals"
    after = {"StageName": "Needs Analysis", "NextStep": data.text("routed")}
    label = data.label("routed")
    crm.schema.add_flow(
        prm.deal,
        name,
        condition=f"AND(CONTAINS(Name, '{label}'), ISPICKVAL(StageName, 'Qualification'))",
        updates={field: f'"{value}"' for field, value in after.items()},
    )
    try:
        deals = []
        for _ in range(3):
            values = data.deal("")
            deals.append(prm.submit(values | {"Name": f"{label}{values['Name']}"}, as_partner=data.partner))
        yield settled
        yield settled
        describe = crm.describe(prm.deal)
        for deal in deals:
            rows = in_crm(crm, deal)
            if rows and rows[0].get("NextStep") == after["NextStep"]:
                evidence.exercised("deal changed by automation")
            evidence.compare(prm.read(deal), after, describe, label=deal.name)
    finally:
        crm.schema.drop_flow(prm.deal, name)
    evidence.fact(cells=len(evidence.diffs), wrong=sum(not diff.ok for diff in evidence.diffs))


@check(
    "V8",
    question="Q2.1",
    title="Values that nobody typed stay fresh",
    needs=("schema",),
    powers=("schema_change",),
    stage="alone",
    effects={"computed value changed in the CRM", "value replaced by the system"},
    catches=("follows-last-modified-only",),
    passed="A computed value and one that the system replaced were shown in the portal within {seconds:~time}.",
    failed="{wrong} of {cells} values that changed without anybody typing them are stale in the portal ({which}): rankings, "
    "weighted pipeline and bands are those of last month.",
)
def derived_values_stay_fresh(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A formula follows its amount, and a picklist value is replaced in all deals by the system.

    A replaced value moves SystemModstamp and not LastModifiedDate, so that a product which reads by the wrong date never
    sees it. Judged: within the profile's number of cycles both are shown. A formula over another record changes without
    any date at all; what vendors promise for it is asked in writing. Source: catalogue V8 (D8), guide Q2.1.
    """
    kind, own = prm.deal, {prm.info.partner_field: data.partner}
    doubled, grade = data.api_name("follows by formula"), data.api_name("replaced by the system")
    middle, high = data.label("middle"), data.label("high")
    amount = data.apart("amount").randrange(1_000, 90_000)
    later = 2 * (2 * amount + 500)
    crm.schema.add_field(kind, doubled, "currency", precision=18, scale=2, formula="Amount * 2")
    crm.schema.add_field(kind, grade, "picklist", values=[data.label("low"), middle, high])
    try:
        for field in (doubled, grade):
            prm.add_field(kind, as_field(crm, kind, field))
        computed = crm.create(kind, data.deal("Computed", Amount=amount) | own)
        banded = crm.create(kind, data.deal("Banded", **{grade: middle}) | own)
        for _ in range(_CYCLES_UNTIL_OLD):
            yield settled
        crm.update(computed, {"Amount": 2 * amount + 500})
        crm.schema.drop_picklist_value(kind, grade, middle, replacement=high)
        began = crm.clock.now()
        row = crm.get(computed) or {}
        if row.get(doubled) == later:
            evidence.exercised("computed value changed in the CRM")
        if (crm.get(banded) or {}).get(grade) == high:
            evidence.exercised("value replaced by the system")
        for _ in range(max(int(data.limits["derived_fields_cycles"]), 1)):
            yield settled
            if _shows(prm, computed, doubled, later) and _shows(prm, banded, grade, high):
                break
        seconds = (crm.clock.now() - began).total_seconds()
        describe = crm.describe(kind)
        right = [
            evidence.compare(prm.read(computed), {doubled: later}, describe, label="formula:"),
            evidence.compare(prm.read(banded), {grade: high}, describe, label="replaced by the system:"),
        ]
    finally:
        crm.schema.drop_field(kind, doubled)
        crm.schema.drop_field(kind, grade)
    wrong = [diff.field for diff in evidence.diffs if not diff.ok]
    evidence.fact(cells=len(right), wrong=right.count(False), which=", ".join(wrong), seconds=seconds)


_CYCLES_UNTIL_OLD: Final = 4
"""Products read the recent past again with each sync; a value has to lie behind that to be old."""


def _shows(prm: Portal, record: CrmRecord, field: str, value: object) -> bool:
    shown = prm.read(record)
    return shown is not None and shown.fields.get(field) == value
