"""Q3.4: throttling, refusals and lost answers, and the number of calls."""

from __future__ import annotations

from typing import Final

from prm_harness import Course, Crm, Data, Evidence, FaultSpec, Portal, Submission, check, settled

from .shared.fates import arrived_once
from .shared.moments import WAVES, mark_of, moment_of
from .shared.times import moment


@check(
    "A1",
    question="Q3.4",
    title="Changes are moved in batches",
    powers=("request_log",),
    stage="alone",
    effects={"portal changes in the CRM", "CRM changes read by the portal"},
    catches=("one-call-per-record",),
    passed="A thousand changes cost {calls_per_1000:g} API calls.",
    failed="A thousand changes cost {calls_per_1000:g} API calls, where {limit:g} were allowed[[, and {lost} of {sent} "
    "deals did not arrive]]: at your volume the portal uses up the allowance that billing and marketing live on.",
)
def changes_are_moved_in_batches(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Many deals are submitted at once, then many are changed in the CRM, and the CRM counts the calls of each.

    The daily allowance belongs to the whole company. Judged: calls per 1,000 changes in the dearer direction, polling
    included, against the profile's limit. Source: catalogue A1, guide Q3.4.
    """
    rows, limit = data.sizes["change_rows"], data.limits["calls_per_1000_changes"]
    own = {prm.info.partner_field: data.partner}
    records = crm.create_all(prm.deal, [data.deal("Batch") | own for _ in range(rows)])
    yield settled
    start = crm.log.mark()[0]
    deals = [prm.submit(data.deal("Batch"), as_partner=data.partner) for _ in range(rows)]
    yield settled
    middle = crm.log.mark()[0]
    for record in records:
        crm.update(record, {"NextStep": data.text("Changed in bulk")})
    yield settled
    end = crm.log.mark()[0]
    arrived, lost, _ = arrived_once(crm, deals)
    if arrived:
        evidence.exercised("portal changes in the CRM")
    shown = prm.read(records[-1])
    if shown is not None and shown.fields.get("NextStep") == data.text("Changed in bulk"):
        evidence.exercised("CRM changes read by the portal")
    log = crm.log.exchanges(since=start, user=crm.integration_user)
    up = sum(start < exchange.number <= middle for exchange in log)
    down = sum(middle < exchange.number <= end for exchange in log)
    evidence.expect("deals in the CRM", rows, rows - lost)
    evidence.metric("calls per 1,000 changes, portal to CRM", 1000 * up / rows, "calls", limit=limit)
    evidence.metric("calls per 1,000 changes, CRM to portal", 1000 * down / rows, "calls", limit=limit)
    evidence.fact(calls_per_1000=round(1000 * max(up, down) / rows), limit=limit, lost=lost, sent=rows)


@check(
    "A3",
    question="Q3.4",
    title="A used-up allowance loses nothing and is respected",
    powers=("quota", "request_log"),
    stage="alone",
    effects={"calls refused for the day"},
    catches=("ignores-quota",),
    passed="While the allowance was used up the portal probed {per_hour:~time|times} an hour; {arrived}.",
    failed="While the daily allowance was used up the portal called {per_hour:g} times an hour ({limit:g} allowed); of "
    "{sent} deals afterwards [[{lost} were missing ;; {copies} were there twice]]: one busy day locks everybody "
    "out, or costs deals.",
)
def used_up_allowance_is_respected(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Another application uses up the org's daily allowance; deals are submitted, and hours later the day is over.

    A portal that hammers on keeps the company locked out; one that gives up loses the day's deals. Judged: refused calls
    per hour against the profile's limit; after the reset every deal arrives exactly once. Source: catalogue A3 (D20), guide
    Q3.4.
    """
    limit, began = data.limits["calls_while_blocked_per_hour"], crm.clock.now()
    before = crm.quota.used
    since = crm.log.mark()[0]
    crm.quota.set(used=crm.quota.maximum)
    try:
        deals = [prm.submit(data.deal("Throttled"), as_partner=data.partner) for _ in range(5)]
        changed = crm.create(prm.deal, data.deal("Throttled") | {prm.info.partner_field: data.partner})
        for _ in range(6):
            yield settled
            if (crm.clock.now() - began).total_seconds() >= 3600:
                break
    finally:
        crm.quota.set(used=before)
    hours = max((crm.clock.now() - began).total_seconds() / 3600, 1.0)
    log = crm.log.exchanges(since=since, user=crm.integration_user)
    refused = [exchange for exchange in log if exchange.error_code == "REQUEST_LIMIT_EXCEEDED"]
    if refused or any(deal.outcome.state == "rejected" for deal in deals):
        evidence.exercised("calls refused for the day")
    for _ in range(4):
        yield settled
        if not arrived_once(crm, [deal for deal in deals if deal.taken])[1] and prm.read(changed) is not None:
            break
    taken = [deal for deal in deals if deal.taken]
    _, lost, copies = arrived_once(crm, taken)
    evidence.metric("refused calls per hour", len(refused) / hours, "calls/h", limit=limit)
    evidence.expect("deals in the CRM after the reset", len(taken), len(taken) - lost)
    evidence.expect("extra copies", 0, copies)
    evidence.expect(
        "CRM change in the portal after the reset", "shown", "shown" if prm.read(changed) else "missing"
    )
    evidence.fact(
        per_hour=round(len(refused) / hours, 1),
        limit=limit,
        sent=len(taken),
        lost=lost,
        copies=copies,
        arrived=f"afterwards all {len(taken)} deals arrived once"
        if taken
        else "every deal was refused at once, so that none had to wait",
    )


@check(
    "A5",
    question="Q3.4",
    title="A passing fault loses nothing",
    powers=("faults",),
    stage="alone",
    effects={"writes disturbed"},
    catches=("gives-up-after-one-failure", "replays-nothing"),
    passed="All {sent} deals submitted during passing server faults arrived exactly once.",
    failed="Of {sent} deals submitted during passing server faults [[{lost} never arrived ;; {copies} arrived twice]]: a "
    "minute of trouble at the CRM costs deals for good.",
)
def passing_fault_loses_nothing(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """The CRM answers some writes with a server fault, and some reads, while deals are submitted in several bursts.

    Every CRM has bad minutes; a retry is all it takes. With which burst they come follows from the seed. Judged: after the fault every deal is in the CRM exactly once.
    Source: catalogue A5 (D19, D23), guide Q3.4.
    """
    trouble, deals = moment_of(data, "passing faults"), []
    evidence.saw(f"the faults begin with burst {trouble.wave + 1}")
    for wave in range(WAVES):
        if wave == trouble.wave:
            crm.faults.inject(FaultSpec(name="A5 writes", kind="status", route="write", times=3))
            crm.faults.inject(FaultSpec(name="A5 reads", kind="status", route="read", times=2))
        count = -(-data.sizes["fault_rows"] // WAVES)
        deals += [prm.submit(data.deal(f"Fault {wave}"), as_partner=data.partner) for _ in range(count)]
        yield settled
    crm.faults.heal()
    taken = [deal for deal in deals if deal.taken]
    for _ in range(3):
        if not arrived_once(crm, taken)[1]:
            break
        yield settled
    if crm.faults.fired("A5 writes"):
        evidence.exercised("writes disturbed")
    _, lost, copies = arrived_once(crm, taken)
    evidence.expect("deals in the CRM", len(taken), len(taken) - lost)
    evidence.expect("extra copies", 0, copies)
    evidence.fact(sent=len(taken), lost=lost, copies=copies)


_BURST: Final = 2


@check(
    "A6",
    question="Q3.4",
    title="A lost answer makes no second deal",
    powers=("faults",),
    stage="alone",
    weight=2,
    effects={"answer lost after the write"},
    catches=("retry-inserts-twice", "sends-a-lost-form-again"),
    passed="The answer to a write was lost; each of the {sent} deals is in the CRM exactly once.",
    failed="When the answer to a write was lost, of {sent} deals [[{copies} were written twice ;; {lost} were not written "
    "at all]]: two sellers call the same customer, and the pipeline is counted double.",
)
def lost_answer_makes_no_second_deal(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals are submitted in bursts; the CRM commits one of the writes, and the connection drops before it can answer.

    The portal cannot know whether it was written; only an idempotency key (an external ID) makes the retry safe. Which of
    the writes it is follows from the seed. Judged: each deal exists exactly once. Source: catalogue A6 (D19), guide Q3.4; a
    knock-out.
    """
    trouble = moment_of(data, "lost answer", rows=_BURST)
    deals: list[Submission] = []
    for wave in range(trouble.wave + 1):
        burst = [data.deal("Lost answer") for _ in range(_BURST)]
        if wave == trouble.wave:
            mark = mark_of(data, burst[trouble.row])
            crm.faults.inject(FaultSpec(name="A6", kind="lost", route="write", where=mark, times=1))
            evidence.saw(f"the answer is lost to the write of {trouble}")
        deals += [prm.submit(values, as_partner=data.partner) for values in burst]
        yield settled
    if crm.faults.fired("A6"):
        evidence.exercised("answer lost after the write")
    crm.faults.heal()
    yield settled
    taken = [deal for deal in deals if deal.taken]
    _, lost, _ = arrived_once(crm, taken)
    _, _, copies = arrived_once(crm, deals)
    evidence.expect("deals in the CRM", len(taken), len(taken) - lost)
    evidence.expect("extra copies", 0, copies)
    evidence.fact(sent=len(deals), lost=lost, copies=copies)


@check(
    "A2",
    question="Q3.4",
    title="Too many calls at once is not taken for a used-up day",
    powers=("faults",),
    stage="alone",
    effects={"calls refused for a moment"},
    catches=("takes-concurrency-for-daily-limit",),
    passed="After the CRM had refused calls for a moment, {sent:~all deal} arrived within {waited:~time}.",
    failed="After the CRM had refused calls for a moment, {late} of {sent} deals were not there within {limit:~minute}: "
    "one busy moment stops the portal for hours.",
)
def busy_moment_is_not_a_used_up_day(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """The CRM refuses writes for a while because too many requests run at once; then it takes them again.

    How many deals go through before that, and how many are refused, follows from the seed. The same error code stands for
    "wait a second" and "come back tomorrow"; only the message tells. Judged: the deals arrive within the profile's limit plus one cycle after the refusals end. Source: catalogue A2 (D20), guide Q3.4.
    """
    trouble = moment_of(data, "refusals", rows=4)
    for _ in range(trouble.wave):
        prm.submit(data.deal("Not busy yet"), as_partner=data.partner)
        yield settled
    evidence.saw(f"the refusals begin with burst {trouble.wave + 1}")
    message = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
    crm.faults.inject(
        FaultSpec(
            "A2",
            "status",
            route="write",
            status=403,
            code="REQUEST_LIMIT_EXCEEDED",
            message=message,
            times=None,
        )
    )
    deals = [prm.submit(data.deal("Busy"), as_partner=data.partner) for _ in range(3 + trouble.row)]
    yield settled
    if crm.faults.fired("A2"):
        evidence.exercised("calls refused for a moment")
    crm.faults.heal()
    healed = crm.clock.now()
    # Whoever refused the others at once has to take this one.
    deals.append(prm.submit(data.deal("Busy no more"), as_partner=data.partner))
    taken = [deal for deal in deals if deal.taken]
    limit = data.limits["throttle_resume_minutes"] + data.cycle_seconds / 60
    for _ in range(3):
        yield settled
        if not arrived_once(crm, taken)[1] or (crm.clock.now() - healed).total_seconds() / 60 > limit:
            break
    rows, lost, copies = arrived_once(crm, taken)
    waits = [max((moment(row["CreatedDate"]) - healed).total_seconds(), 0) / 60 for row in rows]
    late = lost + sum(wait > limit for wait in waits)
    evidence.expect(f"deals in the CRM within {limit:.0f} min", len(taken), len(taken) - late)
    evidence.expect("extra copies", 0, copies)
    evidence.fact(sent=len(taken), late=late, limit=limit, waited=60 * max(waits, default=0))


_CALLS_A_DAY = 2_000


@check(
    "A4",
    question="Q3.4",
    title="A ceiling leaves calls to others",
    needs=("usage",),
    powers=("quota", "request_log"),
    stage="alone",
    effects={"ceiling set", "work left to do at the ceiling"},
    catches=("ignores-its-ceiling",),
    passed="At its ceiling of {ceiling} % the portal stopped with {over:~call} beyond it, and caught up once there was room.",
    failed="With a ceiling of {ceiling} % of the day's calls the portal [[made {over:~call} beyond it, where {limit:g} "
    "were allowed ;; did not catch up on {lost:~deal} afterwards]]: the last calls of the day are taken from "
    "billing and support.",
)
def ceiling_leaves_calls(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Other applications have used most of the day's calls; the portal's admin sets a ceiling, and partners go on working.

    The allowance is one for the whole company, and a sync can wait. Judged: calls that the portal makes beyond its ceiling,
    a look or two an hour allowed; once there is room every deal arrives once. Source: catalogue A4 (D20), guide Q3.4.
    """
    share, before, maximum = 0.9, crm.quota.used, crm.quota.maximum
    log = prm.set_ceiling(share)
    evidence.expect(
        "ceiling", "set by the admin", "set by the admin" if log.done else log.message or "not set"
    )
    if log.done:
        evidence.exercised("ceiling set")
    began, since = crm.clock.now(), crm.log.mark()[0]
    crm.quota.set(used=int(_CALLS_A_DAY * share) - 5, maximum=_CALLS_A_DAY)
    try:
        deals = [prm.submit(data.deal("At the ceiling"), as_partner=data.partner) for _ in range(3)]
        for _ in range(4):
            yield settled
            deals.append(prm.submit(data.deal("At the ceiling"), as_partner=data.partner))
        taken = [deal for deal in deals if deal.taken]
        if arrived_once(crm, taken)[1]:
            evidence.exercised("work left to do at the ceiling")
        calls = len(crm.log.exchanges(since=since, user=crm.integration_user))
        if calls > 5:
            evidence.exercised("work left to do at the ceiling")
    finally:
        crm.quota.set(used=before, maximum=maximum)
        prm.set_ceiling(None)
    hours = max((crm.clock.now() - began).total_seconds() / 3600, 1.0)
    over, limit = max(calls - 5, 0), data.limits["calls_while_blocked_per_hour"] * hours + _ONE_SYNC
    evidence.metric("calls beyond the ceiling", over, "calls", limit=limit)
    for _ in range(4):
        yield settled
        if not arrived_once(crm, taken)[1]:
            break
    _, lost, copies = arrived_once(crm, taken)
    evidence.expect("deals in the CRM afterwards", len(taken), len(taken) - lost)
    evidence.expect("extra copies", 0, copies)
    evidence.fact(ceiling=round(100 * share), over=over, limit=limit, lost=lost)


_ONE_SYNC = 15
"""Calls of a sync that was under way when the ceiling was reached."""
