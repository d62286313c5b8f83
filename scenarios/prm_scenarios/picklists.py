"""Q2.1 and Q2.3: choices that depend on something, and choices that change while records hold them."""

from __future__ import annotations

from typing import Any, Final

from prm_harness import Course, Crm, Data, Evidence, Portal, Submission, check, settled

from .carried import as_field
from .fates import fate_of, in_crm

_CYCLES_UNTIL_OLD: Final = 3


@check(
    "T7",
    question="Q2.3",
    title="Choices may be renamed, retired and added",
    needs=("schema",),
    uses=("errors", "notify"),
    powers=("schema_change",),
    stage="alone",
    effects={"choices in the portal before", "choices changed in the CRM", "new choice submitted"},
    catches=("drops-retired-picklist-values",),
    passed="After choices of a picklist were renamed, retired and added, old deals kept theirs and new ones took what is "
    "valid.",
    failed="After choices of a picklist were renamed, retired and added, {wrong} of {cases} deals had another value or none "
    "({which}): segments, quotas and reports lose deals without anybody touching them.",
)
def choices_may_change(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals hold values of a restricted picklist; then one is relabelled, one renamed, one retired and one added.

    A picklist is tidied up once a year, and old records keep what they had. Judged: old deals show the CRM's value, the
    renamed one under its new name or reported, the retired one unchanged; a new deal with the added value arrives, one
    with the name that is no more is refused or shown as failed. Source: catalogue T7 (D16), guide Q2.3.
    """
    kind, own = prm.deal, {prm.info.partner_field: data.partner}
    segment = data.api_name("choices that change")
    relabelled, renamed, retired, added, renamed_to = (
        data.label(what) for what in ("relabelled", "renamed", "retired", "added", "new name")
    )
    crm.schema.add_field(kind, segment, "picklist", values=[relabelled, renamed, retired], restricted=True)
    try:
        prm.add_field(kind, as_field(crm, kind, segment))
        deals = {
            value: crm.create(kind, data.deal(value, **{segment: value}) | own)
            for value in (relabelled, renamed, retired)
        }
        yield settled
        before = {value: prm.read(deal) for value, deal in deals.items()}
        if all(shown is not None and shown.fields.get(segment) == value for value, shown in before.items()):
            evidence.exercised("choices in the portal before")
        for _ in range(_CYCLES_UNTIL_OLD):
            yield settled
        crm.schema.change_picklist_value(kind, segment, relabelled, label=f"{relabelled} (large)")
        crm.schema.change_picklist_value(kind, segment, renamed, rename=renamed_to)
        crm.schema.change_picklist_value(kind, segment, retired, active=False)
        crm.schema.add_picklist_value(kind, segment, added)
        evidence.exercised("choices changed in the CRM")
        yield settled
        new = prm.submit(data.deal("Added", **{segment: added}), as_partner=data.partner)
        stale = prm.submit(data.deal("Stale", **{segment: renamed}), as_partner=data.partner)
        yield settled
        describe = crm.describe(kind)
        for value, what in ((relabelled, "relabelled"), (retired, "retired")):
            label = f"deal with the {what} choice:"
            evidence.compare(prm.read(deals[value]), {segment: value}, describe, label=label)
        shown = prm.read(deals[renamed])
        seen = shown.fields.get(segment) if shown else None
        told = seen == renamed_to or _reported(prm, segment)
        evidence.expect(
            f"deal with the renamed choice: {segment}",
            f"{renamed_to}, or the change reported",
            seen or "(empty)",
            ok=told,
        )
        rows = in_crm(crm, new)
        if rows:
            evidence.exercised("new choice submitted")
        label = "new deal with the added choice:"
        evidence.compare(rows[0] if rows else None, {segment: added}, describe, label=label)
        fate = fate_of(crm, prm, stale)
        honest = fate.honest and (not fate.rows or fate.rows[0].get(segment) == renamed_to)
        evidence.expect(
            f"new deal with the old name: {segment}", "refused, or shown as failed", fate.state, ok=honest
        )
    finally:
        crm.schema.drop_field(kind, segment)
    wrong = [diff.field.split(":")[0] for diff in evidence.diffs if not diff.ok]
    evidence.fact(cases=len(evidence.diffs), wrong=len(wrong), which=", ".join(wrong))


def _reported(prm: Portal, field: str) -> bool:
    said = [f"{e.field} {e.message}" for e in prm.list_errors()] if prm.offers("errors") else []
    if prm.offers("notify"):
        said += [f"{note.subject} {note.body}" for note in prm.notifications()]
    return any(field in text for text in said)


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
