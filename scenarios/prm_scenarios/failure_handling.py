"""Q3.2: what an error entry says, whether a retry works, and whether one bad record holds up the others."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from prm_harness import Course, Crm, Data, ErrorEntry, Evidence, Portal, Submission, check, settled

from .shared.fates import arrived_once, error_about, in_crm

_RULE = "Needs_Sponsor"
_REASON = "a sponsor has to be named"


def _refused_deal(crm: Crm, prm: Portal, data: Data, label: str) -> Submission:
    """A validation rule for deals of that label is switched on, and a partner submits one."""
    crm.schema.add_validation_rule(prm.deal, _RULE, f"CONTAINS(Name, '{label}')", data.text(_REASON))
    values = data.deal("")
    return prm.submit(values | {"Name": f"{label}{values['Name']}"}, as_partner=data.partner)


@check(
    "E2",
    question="Q3.2",
    title="An error names what failed and why",
    uses=("errors", "notify"),
    powers=("schema_change",),
    stage="alone",
    effects={"error entry found"},
    catches=("opaque-error-messages",),
    passed="Of five things that a repair needs, the error entry names {named}: {which}.",
    failed="Of five things that a repair needs, the error entry names {named} ({which}), where {limit:g} were due: every failure begins with a search for "
    "the record that it is about.",
)
def error_names_what_failed(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """The CRM refuses a deal by a validation rule; the portal's error entry is read.

    "Sync failed" helps nobody. Judged: of the record, the reason, the CRM's error code, the time and the direction, as
    many as the profile asks for are named. Source: catalogue E2, guide Q3.2.
    """
    began = crm.clock.now()
    known = {entry.id for entry in prm.list_errors()} if prm.offers("errors") else set()
    try:
        deal = _refused_deal(crm, prm, data, data.label("sponsored"))
        yield settled
        entry = error_about(prm, deal) or _said_at_once(deal, began) or _newest(prm, known)
    finally:
        crm.schema.drop_validation_rule(prm.deal, _RULE)
    limit = data.limits["error_facts_named"]
    if entry is None:
        evidence.expect("error entry", "one", "none", ok=False, note="missing")
        evidence.fact(named=0, which="nothing", limit=limit)
        return
    evidence.exercised("error entry found")
    named = {
        "the record": deal.name in f"{entry.name} {entry.message}" or entry.prm_id == deal.outcome.prm_id,
        "the reason": _speaks_of(data.text(_REASON), entry.message) or bool(entry.field),
        "the CRM's code": bool(entry.code) or "VALIDATION" in entry.message,
        "the time": entry.at >= began,
        "the direction": entry.direction is not None or entry.id == "at once",
    }
    for what, there in named.items():
        evidence.saw(f"{what}: {'named' if there else 'not named'}")
    evidence.metric("facts named in the error entry", sum(named.values()), "of 5", limit=limit, at_least=True)
    which = ", ".join(what for what, there in named.items() if there) or "nothing"
    evidence.fact(named=sum(named.values()), which=which, limit=limit)


def _speaks_of(reason: str, message: str) -> bool:
    """Whether most words of the reason are in the message, in whatever case and order."""
    words = reason.lower().replace(",", "").split()
    return 2 * sum(word in message.lower() for word in words) > len(words)


def _said_at_once(deal: Submission, began: datetime) -> ErrorEntry | None:
    """What the partner was told; whoever refuses at once needs no log."""
    if deal.outcome.state != "rejected":
        return None
    return ErrorEntry(id="at once", at=began, name=deal.name, message="; ".join(deal.outcome.messages))


def _newest(prm: Portal, known: Collection[str]) -> ErrorEntry | None:
    """An entry that came since, and may be about anything."""
    entries = [entry for entry in prm.list_errors() if entry.id not in known]
    return max(entries, key=lambda entry: entry.at, default=None)


@check(
    "E4",
    question="Q3.2",
    title="A repaired failure goes through once",
    uses=("errors", "notify"),
    powers=("schema_change",),
    stage="alone",
    effects={"error entry found", "cause removed"},
    catches=("retry-button-does-nothing",),
    passed="After the cause was removed and {again}, the deal arrived once and its error was closed.",
    failed="After the cause was removed and {again}, there were {found} records of the deal in the CRM and the error "
    "was {state}: repairing a failure means typing the deal again.",
)
def repaired_failure_goes_through(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """The CRM refuses a deal; its admin removes the cause, and the portal's admin presses retry.

    An error log without a way back is a list of lost deals. Where the portal refused the deal at once, the partner
    submits it again instead. Judged: the deal is in the CRM exactly once, and the error is not open any more. Source:
    catalogue E4 (D19), guide Q3.2.
    """
    present, again = True, "retry pressed"
    try:
        deal = _refused_deal(crm, prm, data, data.label("repaired"))
        yield settled
        entry = error_about(prm, deal)
        crm.schema.drop_validation_rule(prm.deal, _RULE)
        present = False
        evidence.exercised("cause removed")
        if entry is not None:
            evidence.exercised("error entry found")
            prm.retry(entry.id)
        elif deal.outcome.state == "rejected":
            evidence.exercised("error entry found")
            deal, again = prm.submit(deal.values, as_partner=data.partner), "the deal submitted again"
        elif not prm.offers("errors"):
            prm.list_errors()  # refused in the product's own words
        yield settled
    finally:
        if present:
            crm.schema.drop_validation_rule(prm.deal, _RULE)
    found = len(in_crm(crm, deal))
    state = "still open" if error_about(prm, deal) else "closed"
    if entry is not None or found or again != "retry pressed":
        evidence.expect("records in the CRM", 1, found)
        evidence.expect("error", "closed", state)
    evidence.fact(found=found, state=state, again=again)


@check(
    "E5",
    question="Q3.2",
    title="One bad record does not hold up the others",
    powers=("schema_change",),
    stage="alone",
    effects={"bad record refused"},
    catches=("one-bad-row-fails-the-batch",),
    passed="With one refused deal among them, all {good} others arrived.",
    failed="With one refused deal among them, {lost} of {good} others did not arrive: one typing mistake stops everybody's "
    "deals.",
)
def bad_record_is_isolated(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Many deals are submitted at once, one of which the CRM refuses.

    Batches save calls, and a batch that succeeds or fails as a whole multiplies one mistake. Judged: every other deal is
    in the CRM exactly once. Source: catalogue E5 (D34), guide Q3.2.
    """
    try:
        bad = _refused_deal(crm, prm, data, data.label("poison"))
        rows = data.sizes["poison_batch_rows"]
        good = [prm.submit(data.deal("Good"), as_partner=data.partner) for _ in range(rows)]
        yield settled
        _, lost, copies = arrived_once(crm, good)
        if not in_crm(crm, bad):
            evidence.exercised("bad record refused")
    finally:
        crm.schema.drop_validation_rule(prm.deal, _RULE)
    evidence.expect("good deals in the CRM", len(good), len(good) - lost)
    evidence.expect("extra copies", 0, copies)
    evidence.fact(good=len(good), lost=lost)
    yield settled
