"""Q3.7: sync history and rollback."""

from __future__ import annotations

from collections.abc import Sequence

from prm_harness import Course, Crm, Data, Evidence, Portal, RowChange, SyncEntry, check, settled

from .fates import in_crm

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
    the portal's writes (each created record, each changed field) that the history names. Source: F.1 U1, guide Q3.7.
    """
    began, own = crm.clock.now(), {prm.info.partner_field: data.partner}
    edited = crm.create_all(prm.deal, [data.deal("History") | own for _ in range(5)])
    yield settled
    deals = [prm.submit(data.deal("History"), as_partner=data.partner) for _ in range(5)]
    for number, record in enumerate(edited):
        prm.update(
            record, {"NextStep": f"Step {number}", "Description": f"Text {number}"}, as_partner=data.partner
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
    failed="A rollback left {unrestored} of {records} records wrong and overwrote {trampled} of {kept} later edits by "
    "people: undoing one mistake makes another.",
)
def rollback_undoes_only_its_own(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """After a checkpoint the portal overwrites a field on many deals; salespeople then correct some; a rollback follows.

    A wrong mapping is found after the weekend, when people have already repaired part of it. Judged: what the
    integration wrote is back as it was, what people wrote since is kept. Source: F.1 U2, guide Q3.7.
    """
    own = {prm.info.partner_field: data.partner}
    rows = data.sizes["rollback_rows"]
    deals = crm.create_all(prm.deal, [data.deal("Rollback", NextStep="Right") | own for _ in range(rows)])
    yield settled
    checkpoint = prm.checkpoint()
    for deal in deals:
        prm.update(deal, {"NextStep": "Overwritten by a bad mapping"})
    yield settled
    if any((crm.get(deal) or {}).get("NextStep") == "Overwritten by a bad mapping" for deal in deals):
        evidence.exercised("integration wrote")
    corrected, elsewhere = deals[: rows // 5], deals[rows // 5 : rows // 2]
    for deal in corrected:
        crm.update(deal, {"NextStep": "Corrected by hand"})
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
        step = "Corrected by hand" if deal in corrected else "Right"
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
