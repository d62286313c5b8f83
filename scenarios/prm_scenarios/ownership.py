"""Q3.5: which side may write a field, decided field by field."""

from __future__ import annotations

from collections.abc import Sequence

from prm_harness import Course, Crm, CrmRecord, Data, Evidence, MappingRow, Portal, check, settled

from .shared.fates import in_crm

_FIELD = "NextStep"


@check(
    "X1",
    question="Q3.5",
    title="A field that the CRM owns stays its own",
    needs=("mapping", "write"),
    effects={"direction set", "edited on both sides"},
    stage="alone",
    catches=("writes-fields-the-crm-owns",),
    passed="A field given to the CRM was never written by the portal; edits made there were {fate}.",
    failed="Of {records} deals with a field given to the CRM [[{written} had it overwritten from the portal ;; {stale} do "
    "not show what the CRM says]]: forecasts and prices are decided by whoever types last.",
)
def crm_owned_field_stays(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """The admin makes a field cross from the CRM to the portal only; it is then edited in the portal and in the CRM.

    Prices, stages and ratings belong to the seller, and a portal should be able to show them without touching them.
    Judged: the CRM keeps its value, whatever is typed in the portal, which refuses the edit or goes back to the CRM's value;
    edits in the CRM are shown. Source: catalogue X1 (D11), guide Q3.5.
    """
    own = {prm.info.partner_field: data.partner}
    said, later = data.text("the seller's"), data.text("the seller's, later")
    deals = crm.create_all(prm.deal, [data.deal("Owned", **{_FIELD: said}) | own for _ in range(3)])
    yield settled
    log = prm.set_mapping(prm.deal, [MappingRow(field=_FIELD, on_create="to_prm", on_update="to_prm")])
    evidence.expect(
        "direction", "set by the admin", "set by the admin" if log.done else log.message or "not set"
    )
    if log.done:
        evidence.exercised("direction set")
    try:
        outcomes = [
            prm.update(deal, {_FIELD: data.text("the partner's")}, as_partner=data.partner) for deal in deals
        ]
        yield settled
        written = _kept(crm, deals, said, evidence, "after an edit in the portal")
        stale = _shown(crm, prm, deals, said, evidence)
        for deal in deals:
            crm.update(deal, {_FIELD: later})
        evidence.exercised("edited on both sides")
        yield settled
        stale += _shown(crm, prm, deals, later, evidence)
    finally:
        prm.set_mapping(prm.deal, [MappingRow(field=_FIELD)])
    refused = all(outcome.state == "rejected" for outcome in outcomes)
    evidence.fact(
        records=len(deals),
        written=written,
        stale=stale,
        fate="refused" if refused else "replaced by the CRM's value",
    )


@check(
    "X2",
    question="Q3.5",
    title="A create-only field is written once",
    needs=("mapping", "write"),
    effects={"direction set", "value written when the record was made"},
    stage="alone",
    catches=("create-only-is-forgotten",),
    passed="A field set to cross when a record is made crossed then, and never again in either direction.",
    failed="Of {records} deals with a field set to cross when a record is made [[{later} had it changed later ;; {missing}"
    " lacked it at first]]: what sales wrote over the partner's first words is undone.",
)
def create_only_field_is_written_once(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """The admin makes a field cross to the CRM when a deal is registered, and not afterwards; both sides then edit it.

    First impressions (source, comment, requested discount) are the partner's, what becomes of them is the seller's.
    Judged: the registered value arrives; an edit in the portal does not reach the CRM; an edit in the CRM does not reach
    the portal. Source: catalogue X2, guide Q3.5.
    """
    log = prm.set_mapping(prm.deal, [MappingRow(field=_FIELD, on_create="to_crm", on_update="none")])
    evidence.expect(
        "direction", "set by the admin", "set by the admin" if log.done else log.message or "not set"
    )
    if log.done:
        evidence.exercised("direction set")
    try:
        deals = [
            prm.submit(data.deal("Once", **{_FIELD: data.text("registered")}), as_partner=data.partner)
            for _ in range(2)
        ]
        yield settled
        rows = [in_crm(crm, deal) for deal in deals]
        describe, missing = crm.describe(prm.deal), 0
        for deal, found in zip(deals, rows, strict=True):
            row = found[0] if found else None
            missing += not evidence.compare(
                row, {_FIELD: data.text("registered")}, describe, label=f"{deal.name}, registered:"
            )
        records = [CrmRecord(prm.deal, found[0]["Id"], found[0]) for found in rows if found]
        if len(records) == len(deals) and not missing:
            evidence.exercised("value written when the record was made")
        prm.update(deals[0], {_FIELD: "Edited in the portal"}, as_partner=data.partner)
        if len(records) > 1:
            crm.update(records[1], {_FIELD: data.text("edited in the CRM")})
        yield settled
        later = _kept(crm, records[:1], data.text("registered"), evidence, "after an edit in the portal")
        if len(records) > 1:
            label = f"{deals[1].name}, after an edit in the CRM:"
            later += not evidence.compare(
                prm.read(deals[1]), {_FIELD: data.text("registered")}, describe, label=label
            )
    finally:
        prm.set_mapping(prm.deal, [MappingRow(field=_FIELD)])
    evidence.fact(records=len(deals), later=later, missing=missing)


def _kept(crm: Crm, deals: Sequence[CrmRecord], value: str, evidence: Evidence, when: str) -> int:
    describe, wrong = crm.describe(deals[0].sobject) if deals else {}, 0
    for deal in deals:
        label = f"{deal.name} in the CRM, {when}:"
        wrong += not evidence.compare(crm.get(deal), {_FIELD: value}, describe, label=label)
    return wrong


def _shown(crm: Crm, prm: Portal, deals: Sequence[CrmRecord], value: str, evidence: Evidence) -> int:
    describe, wrong = crm.describe(prm.deal), 0
    for deal in deals:
        label = f"{deal.name} in the portal:"
        wrong += not evidence.compare(prm.read(deal), {_FIELD: value}, describe, label=label)
    return wrong
