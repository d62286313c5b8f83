"""Q3.3: how soon do changes arrive, and does the portal keep the interval that it declares?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from statistics import median

from prm_harness import (
    Course,
    Crm,
    CrmRecord,
    Data,
    Evidence,
    Portal,
    Settled,
    Submission,
    check,
    settled,
)

from .shared.fates import in_crm
from .shared.times import interval, moment, readings

_WAVES = 4
_SLACK_SECONDS = 5.0
"""For the work itself and the clock's own step, on top of the declared cycle."""

_STEP = 1.25
"""Arrival is looked for four times a cycle, so a delay can read a quarter of a cycle longer than it was."""


@check(
    "F1",
    question="Q3.3",
    title="Submitted deals reach the CRM in the declared time",
    effects={"deals in the CRM"},
    catches=("polls-hourly-claims-minutes",),
    passed="Deals reached the CRM within {to_crm_p95:~time} (95 % of them), all within {to_crm_max:~time}.",
    failed="Deals took {to_crm_p95:~time} to reach the CRM (95 % of them), where {limit:~time} were allowed[[, and {late} of {sent} "
    "were not there in time]]: sellers call partners about deals that they cannot see.",
)
def deals_reach_the_crm_in_time(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals are submitted in several bursts, spread over the run.

    Speed of registration decides who owns a deal. Judged: CreatedDate in the CRM against the moment of submission; 95 %
    inside the shorter of the declared cycle and the profile's limit. Source: catalogue F1, guide Q3.3.
    """
    sent: list[tuple[Submission, datetime]] = []
    share = -(-data.sizes["latency_samples"] // _WAVES)
    for _ in range(_WAVES):
        now = crm.clock.now()
        sent += [(prm.submit(data.deal("Timed"), as_partner=data.partner), now) for _ in range(share)]
        yield settled
    limit = _limit(data, "latency_to_crm_p95_seconds")
    delays = []
    for deal, at in sent:
        if rows := in_crm(crm, deal):
            evidence.exercised("deals in the CRM")
            delays.append(max((moment(rows[0]["CreatedDate"]) - at).total_seconds(), 0.0))
    lost = len(sent) - len(delays)
    delays += [(crm.clock.now() - sent[-1][1]).total_seconds() + limit] * lost
    p50, p95, longest = _figures(delays)
    evidence.expect("deals in the CRM when the wait ended", len(sent), len(sent) - lost)
    evidence.metric("portal to CRM, 95 %", p95, "s", limit=limit)
    late = sum(delay > limit for delay in delays)
    evidence.fact(to_crm_p50=p50, to_crm_p95=p95, to_crm_max=longest, limit=limit, late=late, sent=len(sent))
    evidence.fact(delays_to_crm=[round(delay, 1) for delay in delays])


@check(
    "F2",
    question="Q3.3",
    title="CRM changes reach the portal in the declared time",
    effects={"changes in the portal"},
    catches=("polls-hourly-claims-minutes", "each-record-fires-once", "keeps-pages-for-a-day"),
    passed="CRM changes reached the portal within {to_prm_p95:~time} (95 % of them), repeated edits of one record included.",
    failed="CRM changes took {to_prm_p95:~time} to reach the portal (95 % of them), where {limit:~time} were allowed[[, and "
    "{late} of {sent} never showed their last value]]: partners act on yesterday's stage and amount.",
)
def crm_changes_reach_the_portal_in_time(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """One deal is edited again and again, and others once, in several bursts spread over the run.

    Products that remember records by id sometimes take only the first edit of each. Judged: at each barrier the portal
    shows the latest value; the barrier's own canary gives the delay; 95 % inside the shorter of the declared cycle and
    the profile's limit. Source: catalogue F2 (D9), guide Q3.3.
    """
    limit = _limit(data, "latency_to_prm_p95_seconds")
    own = {prm.info.partner_field: data.partner}
    edited: CrmRecord = crm.create(prm.deal, data.deal("Edited") | own)
    sent = late = 0
    delays: list[float] = []
    yield settled
    for wave in range(_WAVES):
        value = f"Step {wave} of {data.nonce}"
        crm.update(edited, {"NextStep": value})
        other = crm.create(prm.deal, data.deal("Timed", NextStep=value) | own)
        began = crm.clock.now()
        barrier: Settled = yield settled
        for record in (edited, other):
            shown = prm.read(record)
            if shown is not None:
                evidence.exercised("changes in the portal")
            there = evidence.compare(
                shown, {"NextStep": value}, crm.describe(prm.deal), label=f"burst {wave + 1}, {record.name}"
            )
            sent, late = sent + 1, late + (not there)
        waited = (crm.clock.now() - began).total_seconds()
        delays.append(barrier.to_prm_seconds if barrier.to_prm_seconds is not None else waited + limit)
    p50, p95, longest = _figures(delays)
    evidence.metric("CRM to portal, 95 %", p95, "s", limit=limit)
    evidence.fact(to_prm_p50=p50, to_prm_p95=p95, to_prm_max=longest, limit=limit, late=late, sent=sent)
    evidence.fact(delays_to_prm=[round(delay, 1) for delay in delays])


@check(
    "F3",
    question="Q3.3",
    title="The declared interval is the real one",
    powers=("request_log",),
    stage="alone",
    effects={"reading observed"},
    catches=("declares-faster-cycle", "polls-hourly-claims-minutes"),
    passed="The portal reads the CRM every {observed:~time} and declares {declared:~time}.",
    failed="The portal declares an interval of {declared:~time} and reads the CRM every {observed:~time}: every promise "
    "of freshness made with it is off by that factor.",
)
def declared_interval_is_real(crm: Crm, evidence: Evidence, data: Data) -> Course:
    """The portal is left alone for a while, and the CRM's log shows when it came to read.

    "Near real time" is cheap to say. Judged: the median interval between two readings of the same object is not longer
    than declared plus the profile's tolerance; where nothing is polled, the delay of the canary is taken. Source: catalogue
    F3, guide Q3.3.
    """
    declared = data.cycle_seconds
    since, began = crm.log.mark()[0], crm.clock.now()
    barriers: list[Settled] = []
    moments: list[datetime] = []
    for _ in range(8):
        barriers.append((yield settled))
        moments = readings(crm.log.exchanges(since=since, user=crm.integration_user))
        if len(moments) > 3:
            break
    if len(moments) > 1:
        observed = interval(moments)
    else:
        seen = [b.to_prm_seconds for b in barriers if b.to_prm_seconds is not None]
        # A canary that arrived while others did not says nothing of an interval.
        kept = bool(seen) and all(b.passed for b in barriers)
        observed = max(seen) if kept else (crm.clock.now() - began).total_seconds()
    if len(moments) > 1 or observed > 0:
        evidence.exercised("reading observed")
    evidence.did(
        f"{len(moments)} readings of the busiest object in {(crm.clock.now() - began).total_seconds():g} s"
    )
    limit = declared * (1 + data.limits["cadence_tolerance_percent"] / 100) + _SLACK_SECONDS
    evidence.metric("interval between two readings", observed, "s", limit=limit)
    evidence.fact(observed=round(observed), declared=declared)


def _limit(data: Data, name: str) -> float:
    return min(data.limits[name], data.cycle_seconds * _STEP + _SLACK_SECONDS)


def _figures(delays: Iterable[float]) -> tuple[float, float, float]:
    """(half of them, 95 % of them, the longest), in seconds."""
    ordered = sorted(delays)
    return (
        round(median(ordered), 1),
        round(ordered[max(-(-len(ordered) * 95 // 100) - 1, 0)], 1),
        round(ordered[-1], 1),
    )


@check(
    "F4",
    question="Q3.3",
    title="The admin can change the interval",
    needs=("schedule",),
    powers=("request_log",),
    stage="alone",
    effects={"interval set", "reading observed"},
    catches=("schedule-setting-is-ignored",),
    passed="The admin set the interval to {wanted:~time}; the portal then read the CRM every {observed:~time}.",
    failed="The admin set the interval to {wanted:~time}; the portal went on reading the CRM every {observed:~time}: the "
    "frequency is the vendor's decision.",
)
def admin_can_change_the_interval(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """The portal's admin makes the interval three times as long, and the CRM's log shows when it came to read.

    Month-end and campaign days need another frequency than a quiet August. Judged: the median interval afterwards is the
    one that was set, within the profile's tolerance. Source: catalogue F4, guide Q3.3.
    """
    before = prm.get_schedule()
    wanted = before.cycle_seconds * 3
    log = prm.set_schedule(wanted)
    try:
        evidence.expect("interval", "set", "set" if log.done else log.message or "not set")
        if log.done:
            evidence.exercised("interval set")
        yield settled
        since, began = crm.log.mark()[0], crm.clock.now()
        moments: list[datetime] = []
        for _ in range(8):
            yield settled
            moments = readings(crm.log.exchanges(since=since, user=crm.integration_user))
            if len(moments) > 2:
                break
        observed = (crm.clock.now() - began).total_seconds()
        if len(moments) > 1:
            observed = interval(moments)
            evidence.exercised("reading observed")
        tolerance = wanted * data.limits["cadence_tolerance_percent"] / 100
        evidence.expect(
            "interval between two readings", f"{wanted:g} s ± {tolerance:g}", f"{observed:g} s",
            ok=abs(observed - wanted) <= tolerance,
        )  # fmt: skip
        evidence.fact(wanted=wanted, observed=round(observed))
    finally:
        prm.set_schedule(before.cycle_seconds)
    yield settled
