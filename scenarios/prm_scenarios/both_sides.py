"""Q3.5: two sides write the same record."""

from __future__ import annotations

from typing import Any, Final

from prm_harness import Course, Crm, CrmRecord, Data, Evidence, NotApplicable, Portal, Row, check, settled


@check(
    "X3",
    question="Q3.5",
    title="Edits of different fields both survive",
    needs=("write",),
    effects={"edited on both sides"},
    weight=2,
    catches=("pushes-whole-record",),
    passed="On all {records} deals edited on both sides at once, both edits survived on both sides.",
    failed="On {wrong} of {records} deals edited on both sides at once an edit was overwritten: a seller's stage change "
    "disappears without a trace.",
)
def edits_of_different_fields_survive(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Between two syncs the seller changes stage and amount in the CRM, and the partner the next step in the portal.

    A product that writes back whole records undoes whatever happened on the other side meanwhile. Judged: both edits
    are on both sides afterwards. Source: catalogue X3 (D11), guide Q3.5; a knock-out.
    """
    own = {prm.info.partner_field: data.partner}
    deals = crm.create_all(
        prm.deal, [data.deal("Shared", NextStep=data.text("start")) | own for _ in range(4)]
    )
    yield settled
    seller, partner = (
        {"StageName": "Negotiation/Review", "Amount": data.apart("amount").randrange(60_000, 90_000)},
        {"NextStep": data.text("partner called")},
    )
    for number, deal in enumerate(deals):
        if number % 2:
            crm.update(deal, seller)
        outcome = prm.update(deal, partner, as_partner=data.partner)
        if not number % 2:
            crm.update(deal, seller)
        if outcome.state != "rejected":
            evidence.exercised("edited on both sides")
    yield settled
    describe, wrong = crm.describe(prm.deal), 0
    for deal in deals:
        in_crm = evidence.compare(crm.get(deal), seller | partner, describe, label=f"{deal.name} in the CRM")
        shown = evidence.compare(
            prm.read(deal), seller | partner, describe, label=f"{deal.name} in the portal"
        )
        wrong += not (in_crm and shown)
    evidence.fact(records=len(deals), wrong=wrong)


@check(
    "X5",
    question="Q3.5",
    title="One edit causes one write, then silence",
    needs=("write",),
    powers=("request_log",),
    effects={"portal edit written", "quiet time observed"},
    catches=("echoes-own-writes",),
    passed="One edit on each side caused {writes:~write} by the portal in {watched:~time}, and no echo.",
    failed="One edit on each side caused {writes:~write} by the portal in {watched:~time}, where one was due: every "
    "echo uses calls, fires automation again and hides who changed what.",
)
def one_edit_causes_one_write(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """One deal is edited in the portal, another in the CRM; then nothing happens for several cycles.

    Two systems that answer each other's writes never come to rest. Judged from the CRM's log: one write for the portal's
    edit, none for the CRM's own. Source: catalogue X5 (D10), guide Q3.5.
    """
    own = {prm.info.partner_field: data.partner}
    from_portal, from_crm = crm.create_all(prm.deal, [data.deal("Echo") | own for _ in range(2)])
    yield settled
    began = crm.clock.now()
    prm.update(from_portal, {"NextStep": data.text("Edited in the portal")}, as_partner=data.partner)
    crm.update(from_crm, {"NextStep": data.text("Edited in the CRM")})
    for _ in range(4):
        yield settled
    if _step(crm.get(from_portal)) == data.text("Edited in the portal"):
        evidence.exercised("portal edit written")
    quiet = (crm.clock.now() - began).total_seconds()
    if quiet >= data.cycle_seconds * (data.limits["echo_quiet_cycles"] - 1):
        evidence.exercised("quiet time observed")
    own_writes = len(crm.written_by_prm(from_portal.id))
    echoes = len(crm.written_by_prm(from_crm.id))
    evidence.expect("writes for the portal's edit", 1, own_writes)
    evidence.expect("writes for the CRM's own edit", 0, echoes)
    evidence.fact(writes=own_writes + echoes, watched=quiet)


def _step(row: Row | None) -> Any:
    return row["NextStep"] if row else None


_OWN: Final = "Internal_Rating__c"
_UNCHECKED: Final = frozenset({
    "SystemModstamp", "LastModifiedDate", "LastModifiedById", "LastViewedDate", "LastReferencedDate",
    "LastActivityDate",
})  # fmt: skip
"""Fields that the CRM itself writes."""


@check(
    "X7",
    question="Q3.5",
    title="Fields that are none of its business stay untouched",
    needs=("write",),
    powers=("request_log",),
    effects={"records edited by the portal"},
    weight=2,
    catches=("touches-unmapped-field",),
    passed="Of {records} deals edited in the portal only the edited field changed in the CRM.",
    failed="The portal changed {wrong} fields that nobody edited ({which}): internal ratings, notes and automation fields "
    "of other teams are overwritten.",
)
def other_fields_stay_untouched(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals with fields of the CRM team's own are edited in the portal, one field each; everything else is compared.

    No sync should be able to reach what it was not asked to. Judged: every other field as before, and the CRM's log of
    the portal's writes names the edited field alone. Source: catalogue X7, guide Q3.5; a knock-out.
    """
    own = {prm.info.partner_field: data.partner, _OWN: data.text("confidential", length=20)}
    filled = {
        "Description": data.text("keep me"),
        "Seats__c": data.apart("seats").randrange(2, 99),
        "Deal_Region__c": "LATAM",
        "Budget__c": 10.25,
    }
    deals = crm.create_all(prm.deal, [data.deal("Untouched", **filled) | own for _ in range(4)])
    yield settled
    before = [crm.get(deal) or {} for deal in deals]
    for deal in deals:
        prm.update(deal, {"NextStep": data.text("Only this")}, as_partner=data.partner)
    yield settled
    touched = []
    for deal, was in zip(deals, before, strict=True):
        now = crm.get(deal) or {}
        if now.get("NextStep") == data.text("Only this"):
            evidence.exercised("records edited by the portal")
        changed = {name for name in was if name not in _UNCHECKED and now.get(name) != was[name]}
        written = _written(crm, deal)
        others = sorted((changed | written) - {"NextStep"})
        evidence.expect(f"{deal.name}: fields changed besides NextStep", "none", ", ".join(others) or "none")
        touched += others
    evidence.fact(records=len(deals), wrong=len(touched), which=", ".join(sorted(set(touched))))


def _written(crm: Crm, deal: CrmRecord) -> set[str]:
    names = {name for change in crm.written_by_prm(deal.id) for name in change.fields}
    return names - _UNCHECKED


@check(
    "X4",
    question="Q3.5",
    title="A conflict has one winner and leaves a trace",
    needs=("write",),
    uses=("errors",),
    effects={"same field edited on both sides"},
    catches=("unlogged-conflicts",),
    passed="When the same field was edited on both sides, both sides agreed afterwards, and the lost edit is on record.",
    failed="When the same field was edited on both sides, of {records} deals [[{differ} ended different on the two sides "
    ";; {untold} have a lost edit that is recorded nowhere]]: somebody's work disappears without a word.",
)
def conflict_leaves_a_trace(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Between two syncs the same field of a deal is edited in the portal and in the CRM.

    One edit has to lose; its author should be able to find out. Judged: both sides show the same value, one of the two,
    and the portal's log names the record. Source: catalogue X4 (D11), guide Q3.5.
    """
    own = {prm.info.partner_field: data.partner}
    deals = crm.create_all(
        prm.deal, [data.deal("Conflict", NextStep=data.text("start")) | own for _ in range(3)]
    )
    yield settled
    here_said, there_said = data.text("from the portal"), data.text("from the CRM")
    for deal in deals:
        prm.update(deal, {"NextStep": here_said}, as_partner=data.partner)
        if _step(crm.get(deal)) == here_said:
            raise NotApplicable(
                "an edit in the portal is in the CRM at once: two edits never wait for the same sync"
            )
        crm.update(deal, {"NextStep": there_said})
    evidence.exercised("same field edited on both sides")
    yield settled
    told = {(entry.crm_id or "")[:15] for entry in prm.list_errors()} | {
        entry.name for entry in prm.list_errors()
    }
    differ = untold = 0
    for deal in deals:
        shown, row = prm.read(deal), crm.get(deal)
        here, there = shown.fields.get("NextStep") if shown else None, _step(row)
        agree = here == there and here in {here_said, there_said}
        evidence.expect(f"{deal.name} on both sides", "one of the two edits", f"{here} / {there}", ok=agree)
        named = deal.id[:15] in told or deal.name in told
        evidence.expect(f"{deal.name} in the log", "named", "named" if named else "not named")
        differ, untold = differ + (not agree), untold + (not named)
    evidence.fact(records=len(deals), differ=differ, untold=untold)


@check(
    "X6",
    question="Q3.5",
    title="Of rapid edits the last one stays",
    needs=("write",),
    effects={"edited repeatedly"},
    catches=("drops-edits-while-pending",),
    passed="Of three edits in a row the last one is on both sides.",
    failed="Of three edits in a row, {wrong} of {records} deals did not keep the last one: a corrected typing mistake "
    "comes back.",
)
def last_of_rapid_edits_stays(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A field of each deal is edited three times in the portal, faster than a sync.

    People correct themselves within seconds. Judged: the last value is on both sides. Source: catalogue X6 (D9, D11), guide
    Q3.5.
    """
    own = {prm.info.partner_field: data.partner}
    deals = crm.create_all(prm.deal, [data.deal("Rapid") | own for _ in range(3)])
    edits = [data.text(f"edit {number}") for number in range(3)]
    yield settled
    for deal in deals:
        outcomes = [prm.update(deal, {"NextStep": text}, as_partner=data.partner) for text in edits]
        if all(outcome.state != "rejected" for outcome in outcomes):
            evidence.exercised("edited repeatedly")
    yield settled
    last, describe = {"NextStep": edits[-1]}, crm.describe(prm.deal)
    wrong = 0
    for deal in deals:
        in_crm = evidence.compare(crm.get(deal), last, describe, label=f"{deal.name} in the CRM")
        wrong += not (
            evidence.compare(prm.read(deal), last, describe, label=f"{deal.name} in the portal") and in_crm
        )
    evidence.fact(records=len(deals), wrong=wrong)
