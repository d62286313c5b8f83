"""Q2.1: rules of the CRM, and what becomes of a deal that breaks one."""

from __future__ import annotations

from typing import Any

from prm_harness import Course, Crm, Data, Evidence, Portal, check, settled

from .shared.fates import fate_of, in_crm


@check(
    "V4",
    question="Q2.1",
    title="A deal that breaks a CRM rule is not lost",
    uses=("write", "errors", "notify"),
    powers=("schema_change", "request_log"),
    stage="alone",
    weight=2,
    effects={"rule broken", "deal put right"},
    catches=("swallows-validation-errors",),
    passed="All {sent} deals that broke a validation rule were {how}, and arrived once they were put right.",
    failed="Of {sent} deals that broke a validation rule of the CRM [[{lost} were accepted in the portal and are nowhere "
    "to be found ;; {wrong} did not arrive once put right]]: the partner waits for an answer, and nobody knows of "
    "the deal.",
)
def broken_rule_loses_no_deal(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A validation rule is activated after go-live; deals that break it are submitted, and later put right.

    CRM admins add rules all the time, without asking the portal. Judged: each deal is refused with a reason, shown as
    failed, or held; none is lost or altered to fit; corrected, each arrives exactly once. Source: catalogue V4 (D1), guide
    Q2.1; a knock-out.
    """
    label = data.label("guarded")
    ceiling = data.apart("ceiling").randrange(700, 900) * 1_000
    message = data.text("a next step is needed")
    crm.schema.add_validation_rule(
        prm.deal,
        "Guard_Next_Step",
        f"AND(CONTAINS(Name, '{label}'), Amount > {ceiling}, ISBLANK(NextStep))",
        message,
    )
    try:
        bad: dict[str, Any] = {"Amount": ceiling + 50_000}
        deals = [prm.submit(_guarded(data, label, bad), as_partner=data.partner) for _ in range(3)]
        yield settled
        fates = [fate_of(crm, prm, deal) for deal in deals]
        for deal, fate in zip(deals, fates, strict=True):
            evidence.saw(f"{deal.name}: {fate.state} {fate.said}".strip())
            evidence.expect(
                f"{deal.name} breaks a rule", "refused, shown as failed, or held", fate.state,
                ok=fate.honest and fate.state != "arrived", note="altered to fit" if fate.rows else "lost",
            )  # fmt: skip
        if any(fate.state != "arrived" for fate in fates) and _refused(crm, fates, message):
            evidence.exercised("rule broken")
        for number, deal in enumerate(deals):
            if deal.outcome.state == "rejected" or not prm.offers("write"):
                deals[number] = prm.submit(
                    dict(deal.values) | {"NextStep": data.text("call")}, as_partner=data.partner
                )
            else:
                prm.update(deal, {"NextStep": data.text("call")}, as_partner=data.partner)
        yield settled
        found = [in_crm(crm, deal) for deal in deals]
        for deal, rows in zip(deals, found, strict=True):
            evidence.expect(f"{deal.name} put right: records in the CRM", 1, len(rows))
            if rows:
                evidence.exercised("deal put right")
                evidence.compare(
                    rows[0], bad | {"NextStep": data.text("call")}, crm.describe(prm.deal), label=deal.name
                )
    finally:
        crm.schema.drop_validation_rule(prm.deal, "Guard_Next_Step")
    lost = sum(not fate.honest for fate in fates)
    evidence.fact(
        sent=len(deals),
        lost=lost,
        wrong=sum(len(rows) != 1 for rows in found),
        how=" or ".join({f.state for f in fates}),
    )


def _guarded(data: Data, label: str, values: dict[str, Any]) -> dict[str, Any]:
    deal = data.deal("", **values)
    return deal | {"Name": f"{label}{deal['Name']}"}


def _refused(crm: Crm, fates: list[Any], message: str) -> bool:
    """The CRM said no to a write, or the portal said no before it asked.

    What the rule says nobody knows but the CRM, so a portal that repeats it was told.
    """
    log = crm.log.exchanges(user=crm.integration_user)
    said_no = any("VALIDATION" in code for e in log for code in (e.error_code, *e.refusals))
    return said_no or any(fate.state == "refused" or message in fate.said for fate in fates)


@check(
    "V5",
    question="Q2.1",
    title="A new required field is not filled with invention",
    uses=("errors", "notify"),
    powers=("schema_change",),
    stage="alone",
    weight=2,
    effects={"sound deal arrived before", "field required", "deal submitted without it"},
    catches=("fills-required-with-unknown",),
    passed="After a field became required, all {sent} deals without it were {how}; none got an invented value.",
    failed="After a field became required, of {sent} deals [[{invented} arrived with an invented value ({values}) ;; "
    "{lost} were lost]]: forecasts and routing work on data that nobody entered.",
)
def required_field_is_not_invented(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A field of the deal becomes required after go-live; partners go on submitting without it.

    A filler such as "Unknown" makes every report on the field worthless, and nobody is told. Judged: each deal is refused
    with a reason, shown as failed, or held; none is lost, none carries a value that nobody entered. Source: catalogue V5
    (D1, D14), guide Q2.1; a knock-out.
    """
    field = "Summary__c"
    sound = prm.submit(data.deal("Before"), as_partner=data.partner)
    yield settled
    if in_crm(crm, sound):
        evidence.exercised("sound deal arrived before")
    crm.schema.change_field(prm.deal, field, nillable=False)
    try:
        if crm.describe(prm.deal)[field]["nillable"] is False:
            evidence.exercised("field required")
        deals = [prm.submit(data.deal("Required"), as_partner=data.partner) for _ in range(3)]
        yield settled
        fates = [fate_of(crm, prm, deal) for deal in deals]
    finally:
        crm.schema.change_field(prm.deal, field, nillable=True)
    evidence.exercised("deal submitted without it")
    invented = [fate.rows[0].get(field) for fate in fates if fate.rows]
    for deal, fate in zip(deals, fates, strict=True):
        evidence.saw(f"{deal.name}: {fate.state} {fate.said}".strip())
        evidence.expect(
            f"{deal.name} without {field}", "refused, shown as failed, or held",
            f"arrived with {fate.rows[0].get(field)!r}" if fate.rows else fate.state,
            ok=fate.honest and not fate.rows, note="invented" if fate.rows else "lost",
        )  # fmt: skip
    evidence.fact(
        sent=len(deals), invented=len(invented), lost=sum(not fate.honest for fate in fates),
        values=", ".join(sorted({repr(value) for value in invented})) or "none", how=" or ".join({f.state for f in fates}),
    )  # fmt: skip
    yield settled
