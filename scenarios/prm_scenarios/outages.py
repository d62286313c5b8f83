"""Q1.1, Q3.1, Q3.3 and Q3.7: reads that break off, backlogs, and a CRM that is away for days."""

from __future__ import annotations

from datetime import timedelta
from itertools import takewhile
from typing import Final

from prm_harness import (
    Course,
    Crm,
    CrmRecord,
    Data,
    Evidence,
    FaultSpec,
    Portal,
    RequestMatch,
    check,
    hours,
    settled,
)

from .shared.carried import api_label, as_field
from .shared.fates import arrived_once, in_crm
from .shared.times import moment, stamps

_OUTAGE_HOURS: Final = 76
"""The least; longer than the 72 hours for which Salesforce keeps change events (contract, streaming)."""


@check(
    "U5",
    question="Q3.7",
    title="A long outage leaves no hole",
    powers=("faults",),
    stage="alone",
    effects={"requests refused for days", "changes and deletes meanwhile"},
    catches=("reads-three-days-back",),
    passed="After the CRM had been away for {hours:g} hours, all {changes} changes, deletes and deals of that time were on "
    "both sides.",
    failed="After the CRM had been away for {hours:g} hours, [[{missing} of {changes} changes of that time are missing ;; "
    "{zombies} of the deleted deals are still shown]]: a long weekend leaves a hole that nobody sees.",
)
def long_outage_leaves_no_hole(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """For more than three days the CRM answers the portal with 503, while its own people create, change and delete deals.

    Change events are kept for 72 hours; a portal that lives on them alone never learns of the rest. Judged: once the CRM
    answers again, new and changed deals are shown, deleted ones are not, and what partners submitted before the end is in
    the CRM once. Source: catalogue U5 (D35), guide Q3.7.
    """
    own = {prm.info.partner_field: data.partner}
    away = _OUTAGE_HOURS + data.apart("outage").randrange(8)
    old = crm.create_all(prm.deal, [data.deal("Before the outage") | own for _ in range(4)])
    yield settled
    crm.faults.inject(FaultSpec(name="U5", kind="status", times=None))
    for deal in old[:2]:
        crm.update(deal, {"NextStep": data.text("Changed during the outage")})
    for deal in old[2:]:
        crm.delete(deal)
    new = crm.create_all(prm.deal, [data.deal("During the outage") | own for _ in range(3)])
    evidence.exercised("changes and deletes meanwhile")
    yield hours(away)
    submitted = [prm.submit(data.deal("End of the outage"), as_partner=data.partner) for _ in range(2)]
    if crm.faults.fired("U5"):
        evidence.exercised("requests refused for days")
    crm.faults.heal()
    taken = [deal for deal in submitted if deal.taken]
    for _ in range(3):
        yield settled
        if prm.read(new[-1]) is not None and not arrived_once(crm, taken)[1]:
            break
    describe, missing = crm.describe(prm.deal), 0
    for deal in old[:2]:
        change = {"NextStep": data.text("Changed during the outage")}
        missing += not evidence.compare(prm.read(deal), change, describe, label=deal.name)
    for deal in new:
        missing += not evidence.compare(prm.read(deal), {"Name": deal.name}, describe, label="created:")
    zombies = 0
    for deal in old[2:]:
        there = prm.read(deal) is not None
        zombies += not evidence.expect(f"{deal.name}, deleted", "gone", "still there" if there else "gone")
    _, lost, copies = arrived_once(crm, taken)
    evidence.expect("submitted deals in the CRM", len(taken), len(taken) - lost)
    evidence.expect("extra copies", 0, copies)
    evidence.fact(hours=away, changes=4 + len(new) + len(taken), missing=missing + lost, zombies=zombies)


@check(
    "N5",
    question="Q3.1",
    title="A schema change during a sync loses no row",
    needs=("schema",),
    powers=("schema_change", "hooks"),
    stage="alone",
    effects={"field deleted during a read", "changes in the same read"},
    catches=("skips-a-read-that-broke",),
    passed="A field was deleted while the portal was reading; all {rows} changes of that sync arrived.",
    failed="A field was deleted while the portal was reading; {missing} of {rows} changes of that sync never arrived: rows are "
    "lost in the minute in which an admin tidies up.",
)
def schema_change_loses_no_row(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """At the very moment at which the portal asks for changed deals, a field that it carries is deleted.

    The query fails, and what the product does then decides whether its rows are read again. Judged: every deal that was
    changed or made before that read is right in the portal afterwards. Source: catalogue N5 (D21), guide Q3.1.
    """
    kind, own = prm.deal, {prm.info.partner_field: data.partner}
    field = data.api_name("dropped during a read")
    crm.schema.add_field(kind, field, "string", length=20)
    present = True
    try:
        prm.add_field(kind, as_field(crm, kind, field))
        old = crm.create_all(
            kind, [data.deal("Row", **{field: data.text("x", length=20)}) | own for _ in range(10)]
        )
        yield settled
        for deal in old:
            crm.update(deal, {"NextStep": data.text("Changed before the read")})
        new = crm.create_all(kind, [data.deal("Row") | own for _ in range(5)])
        evidence.exercised("changes in the same read")
        schema = crm.schema

        def tidy_up() -> None:
            schema.drop_field(kind, field)

        crm.hooks.when("N5", RequestMatch(route="read", where=field), tidy_up)
        yield settled
        if crm.hooks.fired("N5"):
            present = False
            evidence.exercised("field deleted during a read")
        crm.hooks.cancel("N5")
        yield settled
        describe = crm.describe(kind)
        right = [
            evidence.compare(
                prm.read(d), {"NextStep": data.text("Changed before the read")}, describe, label=d.name
            )
            for d in old
        ]
        right += [
            evidence.compare(prm.read(deal), {"Name": deal.name}, describe, label="new:") for deal in new
        ]
    finally:
        if present:
            crm.schema.drop_field(kind, field)
    evidence.fact(rows=len(right), missing=right.count(False))


_REFUSED: Final = "SERVER_UNAVAILABLE"
_ROWS: Final = 2_600
"""More than a page of 2,000, so that a load can break off between two."""


@check(
    "H5",
    question="Q1.1",
    title="A first load that breaks off is finished",
    needs=("schema",),
    powers=("schema_change", "faults", "request_log"),
    stage="alone",
    effects={"load broken off", "object added in the portal"},
    catches=("gives-up-a-broken-load", "takes-half-an-extract-for-all"),
    passed="The first load of an object broke off after {share:.0f} % and was finished: all {rows} records are there once.",
    failed="The first load of an object broke off after {share:.0f} % and was not finished: of {rows} records [[{missing} "
    "are missing ;; {extra} are there twice]], and nothing says so.",
)
def broken_load_is_finished(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """An object with more than a page of records is added to the portal; after the first page the CRM fails for a while.

    Long loads meet every maintenance window. Judged: without anybody's help every record is in the portal once; the rows
    that the CRM sent are at most twice those that there are, so that it did not start from zero again and again. Source:
    catalogue H5 (D5, D19), guide Q1.1.
    """
    loaded, code = data.api_name("loaded in pieces"), data.api_name("its code")
    fields = [{"name": code, "type": "string", "length": 40}]
    crm.schema.add_object(loaded, api_label(loaded), fields)
    mask = data.apart("codes").randrange(1 << 13, 1 << 20)
    rows = [{"Name": data.name("Project"), code: f"{n ^ mask}"} for n in range(_ROWS)]
    records: list[CrmRecord] = []
    for day in range(_ROWS // 200):
        then = crm.clock.now() - timedelta(days=_ROWS // 200 - day)
        records += crm.create_all(loaded, rows[200 * day : 200 * day + 200], audit=stamps(then))
    yield settled
    breaks_after = data.apart("break").randrange(_ROWS // 10, _ROWS * 2 // 3)
    crm.faults.inject(FaultSpec(name="H5", kind="status", route="read", after_rows=breaks_after, times=8))
    since = crm.log.mark()[0]
    added = prm.add_type(loaded)
    if added.done:
        evidence.exercised("object added in the portal")
    evidence.expect(
        "object", "added by the admin", "added by the admin" if added.done else added.message or "not added"
    )
    for _ in range(4):
        yield settled
        listed = [record.crm_id[:15] for record in prm.list(loaded) if record.crm_id]
        if len(listed) >= _ROWS:
            break
    if crm.faults.fired("H5"):
        evidence.exercised("load broken off")
    crm.faults.heal()
    seen = set(listed)
    missing = sum(record.id[:15] not in seen for record in records)
    extra = len(listed) - len(seen)
    evidence.expect("records in the portal", _ROWS, _ROWS - missing, note="missing")
    evidence.expect("records twice", 0, extra)
    log = crm.log.exchanges(since=since, user=crm.integration_user, route="read")
    of_it = [
        e for e in log if loaded in e.soql or (not e.soql and e.rows_out > 500) or e.error_code == _REFUSED
    ]
    read = sum(e.rows_out for e in of_it)
    at_once = sum(e.rows_out for e in takewhile(lambda e: e.error_code != _REFUSED, of_it))
    evidence.metric("rows sent for each record", read / _ROWS, "rows", limit=2)
    evidence.fact(rows=_ROWS, missing=missing, extra=extra, share=100 * min(at_once / _ROWS, 1))


_BURST: Final = 8
"""Changes in the burst, in multiples of the profile's change_rows: 8,000 under `enterprise`."""


@check(
    "F5",
    question="Q3.3",
    title="A burst does not starve a new deal",
    powers=("request_log",),
    stage="alone",
    effects={"burst in the CRM", "deal submitted into the backlog"},
    catches=("works-off-its-backlog-first",),
    passed="With {burst} changes waiting, a new deal reached the CRM within {seconds:~time}.",
    failed="With {burst} changes waiting, a new deal took {seconds:~time} to reach the CRM, where {limit:~time} were allowed: "
    "after each mass update partners cannot register anything.",
)
def burst_does_not_starve_a_deal(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Many deals are changed within a minute in the CRM; then a partner registers one.

    Mass updates happen at every quarter's end, which is when deals are registered. Judged: the deal is in the CRM within
    three times the time that is allowed without a backlog. Source: catalogue F5, guide Q3.3.
    """
    burst = data.sizes["change_rows"] * _BURST
    own = {prm.info.partner_field: data.partner}
    records = crm.create_all(prm.deal, [data.deal("Mass") | own for _ in range(burst)])
    yield settled
    crm.change_all([(record, {"NextStep": data.text("Quarter end")}) for record in records])
    evidence.exercised("burst in the CRM")
    began = crm.clock.now()
    deal = prm.submit(data.deal("Into the backlog"), as_partner=data.partner)
    evidence.exercised("deal submitted into the backlog")
    limit = 3 * min(data.limits["latency_to_crm_p95_seconds"], data.cycle_seconds * 1.25 + 5)
    rows = []
    for _ in range(4):
        yield settled
        rows = in_crm(crm, deal)
        if rows or (crm.clock.now() - began).total_seconds() > limit:
            break
    waited = (crm.clock.now() - began).total_seconds()
    seconds = max((moment(rows[0]["CreatedDate"]) - began).total_seconds(), 0) if rows else waited
    evidence.expect("deal in the CRM", "there", "there" if rows else "missing")
    evidence.metric("time to the CRM behind a backlog", seconds, "s", limit=limit)
    evidence.fact(burst=burst, seconds=seconds, limit=limit)
