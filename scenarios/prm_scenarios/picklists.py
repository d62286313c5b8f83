"""Q2.1: choices that depend on something: on the record type, or on another choice."""

from __future__ import annotations

from typing import Any

from prm_harness import Course, Crm, Data, Evidence, Portal, Submission, check, settled

from .shared.carried import as_field
from .shared.fates import fate_of, in_crm


@check(
    "V2",
    question="Q2.1",
    title="A record type's choices are its own",
    needs=("schema",),
    uses=("errors", "notify"),
    powers=("schema_change",),
    stage="alone",
    effects={"choice of the record type arrived", "choice of another type submitted"},
    catches=("offers-every-value",),
    passed="The portal offers for each record type its own choices, and one that belongs to another type {fate}.",
    failed="The choices of a picklist that the portal offers are not those of the record type ({offers}), and one of another "
    "type {fate}: deals are registered with terms that your process does not have.",
)
def choices_of_a_record_type(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A picklist has other values for partner deals than for direct ones; a partner deal is submitted with each kind.

    Record types exist to keep processes apart, and their picklists are where that shows. Judged: the form offers the
    record type's values and no other; a value of its own arrives, a foreign one arrives as it is, is refused or is shown
    as failed, and never becomes empty or another value. Source: catalogue V2 (D16), guide Q2.1.
    """
    kind, channel = prm.deal, data.api_name("choices by record type")
    one, other, direct = (data.label(what) for what in ("one choice", "another choice", "a direct deal's"))
    crm.schema.add_field(kind, channel, "picklist", values=[one, other, direct])
    try:
        crm.schema.offer_picklist_values(kind, "Partner_Deal", channel, [one, other])
        crm.schema.offer_picklist_values(kind, "Direct_Sale", channel, [direct])
        prm.add_field(kind, as_field(crm, kind, channel))
        yield settled
        (row,) = crm.query(
            f"SELECT Id FROM RecordType WHERE SobjectType = '{kind}' AND DeveloperName = 'Partner_Deal'"
        )
        typed = {"RecordTypeId": row["Id"]}
        own = prm.submit(data.deal("Own choice", **typed, **{channel: other}), as_partner=data.partner)
        foreign = prm.submit(
            data.deal("Foreign choice", **typed, **{channel: direct}), as_partner=data.partner
        )
        evidence.exercised("choice of another type submitted")
        offers = sorted(prm.offered_values(kind, channel, {"RecordType.DeveloperName": "Partner_Deal"}))
        yield settled
        evidence.expect(
            "choices offered for a partner deal", ", ".join(sorted((one, other))), ", ".join(offers) or "none"
        )
        rows = in_crm(crm, own)
        if rows:
            evidence.exercised("choice of the record type arrived")
        evidence.compare(rows[0] if rows else None, {channel: other}, crm.describe(kind), label="own choice:")
        fate = fate_of(crm, prm, foreign)
        kept = not fate.rows or fate.rows[0].get(channel) == direct
        told = fate.state if kept else f"arrived as {fate.rows[0].get(channel)!r}"
        evidence.expect(
            "foreign choice",
            "as it is, refused, or shown as failed",
            told,
            ok=fate.honest and kept,
            note="altered",
        )
    finally:
        crm.schema.drop_field(kind, channel)
    fates = {"arrived": "arrived as it was chosen", "shown as failed": "was shown as failed"}
    evidence.fact(offers=", ".join(offers) or "none", fate=fates.get(told, f"was {told}"))


@check(
    "V3",
    question="Q2.1",
    title="Dependent choices stay consistent",
    needs=("schema",),
    uses=("errors", "notify"),
    powers=("schema_change",),
    stage="alone",
    effects={"consistent pair arrived", "inconsistent pair submitted"},
    catches=("lets-dependent-values-disagree",),
    passed="Dependent choices were offered by their controlling value, and a pair that does not fit was {fate}.",
    failed="A pair of dependent choices that does not fit {fate}, and the form offers {offers} for the controlling value: quotes are made "
    "for what cannot be delivered.",
)
def dependent_choices_stay_consistent(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """One picklist depends on another; deals are submitted with a pair that fits and one that does not.

    The CRM's screens keep such pairs together, its API does not, so the portal has to. Judged: the form offers what the
    controlling value allows; the pair that fits arrives; the other one is refused or shown as failed, and is not in the
    CRM. Source: catalogue V3, guide Q2.1.
    """
    kind = prm.deal
    solution, hosted = data.api_name("controlling choice"), data.api_name("dependent choice")
    solutions = data.label("in the cloud"), data.label("on premise")
    public, private, own = data.label("public"), data.label("private"), data.label("own servers")
    allowed = {solutions[0]: [public, private], solutions[1]: [own]}
    crm.schema.add_field(kind, solution, "picklist", values=list(solutions))
    crm.schema.add_field(kind, hosted, "picklist", values=[public, private, own])
    try:
        crm.schema.set_dependency(kind, hosted, solution, allowed)
        for name in (solution, hosted):
            prm.add_field(kind, as_field(crm, kind, name))
        yield settled
        pair: dict[str, Any] = {solution: solutions[0], hosted: private}
        fits: Submission = prm.submit(data.deal("Fits", **pair), as_partner=data.partner)
        not_so = prm.submit(data.deal("Does not", **pair | {hosted: own}), as_partner=data.partner)
        evidence.exercised("inconsistent pair submitted")
        offers = sorted(prm.offered_values(kind, hosted, {solution: solutions[0]}))
        yield settled
        evidence.expect(
            "choices offered for the controlling value",
            ", ".join(sorted((public, private))),
            ", ".join(offers) or "none",
        )
        rows = in_crm(crm, fits)
        if rows:
            evidence.exercised("consistent pair arrived")
        evidence.compare(rows[0] if rows else None, pair, crm.describe(kind), label="pair that fits:")
        fate = fate_of(crm, prm, not_so)
        stored = [row for row in fate.rows if row.get(hosted) == own or not row.get(hosted)]
        told = "is in the CRM" if stored else fate.state
        evidence.expect(
            "pair that does not fit", "refused, or shown as failed", told, ok=fate.honest and not fate.rows
        )
    finally:
        crm.schema.drop_field(kind, hosted)
        crm.schema.drop_field(kind, solution)
    evidence.fact(offers=", ".join(offers) or "nothing", fate=told)
