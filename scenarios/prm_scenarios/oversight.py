"""Q3.7: sync history and rollback."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from prm_harness import Course, Crm, Data, Evidence, Portal, RowChange, SyncEntry, check, settled

from .shared.fates import in_crm
from .shared.times import moment, stamps

_LATE_SECONDS = 60

_SYSTEM = frozenset({"SystemModstamp", "LastModifiedDate", "LastModifiedById"})


@check(
    "U1",
    question="Q3.7",
    title="The sync history knows every write",
    needs=("audit", "write"),
    powers=("request_log",),
    effects={"creates written", "updates written"},
    catches=("no-sync-history-of-updates",),
    passed="{share:.0f} % of the portal's {writes} writes are in its sync history, with record, field and new value.",
    failed="Only {share:.0f} % of the portal's {writes} writes are in its sync history, where {limit:g} % were due: nobody "
    "can say what changed a field, and when.",
)
def history_knows_every_write(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals are submitted, and others edited, in the portal; the CRM's own log is held against the portal's history.

    Without a history every difference between the two systems is a discussion. Judged: the share of the CRM's record of
    the portal's writes (each created record, each changed field) that the history names. Source: catalogue U1, guide Q3.7.
    """
    began, own = crm.clock.now(), {prm.info.partner_field: data.partner}
    edited = crm.create_all(prm.deal, [data.deal("History") | own for _ in range(5)])
    yield settled
    deals = [prm.submit(data.deal("History"), as_partner=data.partner) for _ in range(5)]
    for number, record in enumerate(edited):
        prm.update(
            record,
            {"NextStep": data.text(f"step {number}"), "Description": data.text(f"text {number}")},
            as_partner=data.partner,
        )
    yield settled
    ids = {row["Id"][:15] for deal in deals for row in in_crm(crm, deal)} | {
        record.id[:15] for record in edited
    }
    writes = [change for change in crm.written_by_prm(sobject=prm.deal) if change.record_id[:15] in ids]
    history = [
        entry for entry in prm.list_sync_history() if entry.direction == "to_crm" and entry.at >= began
    ]
    known = total = 0
    for change in writes:
        created = change.operation in {"insert", "create", "created"}
        evidence.exercised("creates written" if created else "updates written")
        for field in [None] if created else sorted(set(change.fields) - _SYSTEM):
            total += 1
            known += _told(history, change, field)
    share, limit = 100 * known / total if total else 0.0, data.limits["audit_completeness_percent"]
    evidence.metric("writes in the sync history", share, "%", limit=limit, at_least=True)
    evidence.fact(share=share, writes=total, limit=limit)


def _told(history: Sequence[SyncEntry], change: RowChange, field: str | None) -> bool:
    of_record = [entry for entry in history if (entry.crm_id or "")[:15] == change.record_id[:15]]
    if field is None:
        return bool(of_record)
    new = change.fields[field][1]
    return any(entry.field == field and str(entry.new) == str(new) for entry in of_record)


@check(
    "U2",
    question="Q3.7",
    title="A rollback undoes the integration's writes and nothing else",
    needs=("rollback", "write"),
    stage="alone",
    effects={"integration wrote", "people edited afterwards"},
    catches=("rollback-overwrites-later-edits",),
    passed="A rollback restored all {records} records, and kept the {kept} edits that people had made since.",
    failed="A rollback [[left {unrestored} of {records} records wrong ;; overwrote {trampled} of {kept} later edits by "
    "people]]: undoing one mistake makes another.",
)
def rollback_undoes_only_its_own(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """After a checkpoint the portal overwrites a field on many deals; salespeople then correct some; a rollback follows.

    A wrong mapping is found after the weekend, when people have already repaired part of it. Judged: what the
    integration wrote is back as it was, what people wrote since is kept. Source: catalogue U2, guide Q3.7.
    """
    own = {prm.info.partner_field: data.partner}
    rows = data.sizes["rollback_rows"]
    deals = crm.create_all(
        prm.deal, [data.deal("Rollback", NextStep=data.text("right")) | own for _ in range(rows)]
    )
    yield settled
    checkpoint = prm.checkpoint()
    for deal in deals:
        prm.update(deal, {"NextStep": data.text("Overwritten by a bad mapping")})
    yield settled
    if any(
        (crm.get(deal) or {}).get("NextStep") == data.text("Overwritten by a bad mapping") for deal in deals
    ):
        evidence.exercised("integration wrote")
    corrected, elsewhere = deals[: rows // 5], deals[rows // 5 : rows // 2]
    for deal in corrected:
        crm.update(deal, {"NextStep": data.text("Corrected by hand")})
    for deal in elsewhere:
        crm.update(deal, {"StageName": "Negotiation/Review"})
    evidence.exercised("people edited afterwards")
    yield settled
    log = prm.rollback(checkpoint)
    evidence.expect("rollback", "done", "done" if log.done else log.message or "not done")
    yield settled
    trampled = unrestored = 0
    for deal in deals:
        row = crm.get(deal) or {}
        step = data.text("Corrected by hand") if deal in corrected else data.text("right")
        right = evidence.expect(f"{deal.name} NextStep", step, row.get("NextStep"))
        trampled += deal in corrected and not right
        unrestored += deal not in corrected and not right
        if deal in elsewhere:
            kept = evidence.expect(f"{deal.name} StageName", "Negotiation/Review", row.get("StageName"))
            trampled += not kept
    evidence.fact(
        records=len(deals) - len(corrected),
        unrestored=unrestored,
        trampled=trampled,
        kept=len(corrected) + len(elsewhere),
    )


@check(
    "U3",
    question="Q3.7",
    title="A health check finds and repairs what differs",
    needs=("health",),
    effects={"differences made behind the portal's back"},
    catches=("health-check-only-counts", "health-check-drops-what-is-under-way"),
    passed="The health check repaired all {rows} records that had come to differ, and left alone what was under way.",
    failed="After the health check [[{wrong} of {rows} records still differ between the two sides ;; {lost} of 2 deals "
    "that were under way while it ran are lost]]: drift adds up until nobody trusts either system.",
    revision=2,
)
def health_check_repairs(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals are changed in the CRM without a trace in their timestamps, and the admin runs the portal's health check.

    Imports and restores leave such rows, and no incremental sync sees them. At the same time one deal is on its way in each
    direction: not there *yet* is not lost. Judged: both sides agree afterwards, and both deals are on both sides once.
    Source: catalogue U3 (D5, D36), guide Q3.7.
    """
    own = {prm.info.partner_field: data.partner}
    deals = crm.create_all(prm.deal, [data.deal("Health") | own for _ in range(data.sizes["health_rows"])])
    for _ in range(4):
        yield settled
    for deal in deals:
        crm.update(deal, {"NextStep": data.text("Changed behind its back")}, quietly=True)
    evidence.exercised("differences made behind the portal's back")
    yield settled
    going = prm.submit(data.deal("On its way to the CRM"), as_partner=data.partner)
    coming = crm.create(prm.deal, data.deal("On its way to the portal") | own)
    log = prm.health_check()
    evidence.saw(f"health check: {log.message or ('done' if log.done else 'not done')}")
    yield settled
    now, describe = {"NextStep": data.text("Changed behind its back")}, crm.describe(prm.deal)
    wrong = sum(not evidence.compare(prm.read(deal), now, describe, label=deal.name) for deal in deals)
    lost = 0
    for name in (going.name, coming.name):
        sides = (
            len(crm.named(prm.deal, name)),
            sum(name in record.fields.values() for record in prm.list(prm.deal)),
        )
        lost += not evidence.expect(f"{name} in the CRM, in the portal", (1, 1), sides)
    evidence.fact(rows=len(deals), wrong=wrong, lost=lost)


@check(
    "U4",
    question="Q3.7",
    title="A record committed late is not skipped",
    effects={"record committed with an earlier timestamp"},
    catches=("no-overlap-window",),
    passed="All {rows} records that were committed with an earlier timestamp arrived.",
    failed="{missing} of {rows} records that were committed with an earlier timestamp never arrived: holes that nobody "
    "notices, because everything around them is there.",
)
def late_commit_is_not_skipped(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals appear in the CRM with a timestamp one minute before the newest one that the portal has read.

    A long transaction commits after others that began later; who reads "newer than the newest seen" jumps over it.
    Judged: each is in the portal. Source: catalogue U4 (D5), guide Q3.7.
    """
    own = {prm.info.partner_field: data.partner}
    yield settled
    newest = f"SELECT SystemModstamp FROM {prm.deal} ORDER BY SystemModstamp DESC LIMIT 1"
    then = moment(crm.query(newest)[0]["SystemModstamp"]) - timedelta(seconds=_LATE_SECONDS)
    deals = crm.create_all(prm.deal, [data.deal("Late commit") | own for _ in range(3)], audit=stamps(then))
    evidence.exercised("record committed with an earlier timestamp")
    yield settled
    missing = 0
    for deal in deals:
        there = prm.read(deal) is not None
        evidence.expect(deal.name, "in the portal", "in the portal" if there else "missing")
        missing += not there
    evidence.fact(rows=len(deals), missing=missing)
