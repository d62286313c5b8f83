"""Q3.6: sync filters."""

from __future__ import annotations

from datetime import timedelta

from prm_harness import Course, Crm, Data, Evidence, Filter, Portal, check, settled

from .shared.times import read_from, stamps

_KIND, _FIELD = "Account", "Partner_Status__c"


@check(
    "L1",
    question="Q3.6",
    title="The sync filter is honoured",
    needs=("filters",),
    kinds=(_KIND,),
    stage="alone",
    weight=2,
    effects={"filter set", "records on both sides of the filter"},
    catches=("ignores-filter",),
    passed="With a filter on active partners, all {inside} matching accounts are in the portal and none of the other "
    "{outside}.",
    failed="With a filter on active partners {broken}: partners see companies that are none of their business.",
)
def filter_is_honoured(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """The admin limits accounts to active partners; then accounts are created of which half match.

    A filter is a promise about privacy. Judged: every matching account is listed, no other one, new or old. Source: catalogue
    L1, guide Q3.6; a knock-out.
    """
    old = crm.create_all(
        _KIND, [data.account("Old", **{_FIELD: status}) for status in ("Active", "Inactive")]
    )
    yield settled
    log = prm.set_filter(_KIND, Filter(kind=_KIND, field=_FIELD, op="eq", value="Active"))
    try:
        evidence.expect("filter", "set", "set" if log.done else log.message or "not set")
        if log.done:
            evidence.exercised("filter set")
        inside = crm.create_all(_KIND, [data.account("Inside") for _ in range(6)])
        statuses = ("Inactive", "Prospect", "Inactive", "Prospect", "Inactive", "Prospect")
        outside = crm.create_all(_KIND, [data.account("Outside", **{_FIELD: status}) for status in statuses])
        yield settled
        inside, outside = [old[0], *inside], [old[1], *outside]
        listed = {record.crm_id[:15] for record in prm.list(_KIND) if record.crm_id}
    finally:
        prm.set_filter(_KIND, None)
    leaked = [account.name for account in outside if account.id[:15] in listed]
    missing = [account.name for account in inside if account.id[:15] not in listed]
    evidence.exercised("records on both sides of the filter")
    evidence.expect(
        "accounts outside the filter in the portal", "none", ", ".join(leaked) or "none", note="leaked"
    )
    evidence.expect(
        "accounts inside the filter missing", "none", ", ".join(missing) or "none", note="missing"
    )
    broken = (
        [f"{len(leaked)} of {len(outside)} accounts that do not match it are in the portal"] if leaked else []
    )
    broken += [f"{len(missing)} of {len(inside)} that match it are missing"] if missing else []
    evidence.fact(
        inside=len(inside),
        outside=len(outside),
        leaked=len(leaked),
        missing=len(missing),
        broken=" and ".join(broken) or "the filter could not be set",
    )
    yield settled


@check(
    "L3",
    question="Q3.6",
    title="A record that leaves the filter does not go stale",
    needs=("filters",),
    kinds=(_KIND,),
    stage="alone",
    effects={"record in the portal before it left"},
    catches=("leaves-stale-records-after-filter",),
    passed="Accounts that left the filter are gone from the portal, or shown with their new status.",
    failed="{stale} of {records} accounts that left the filter are still shown as they were before: partners who were let "
    "go keep their access and their prices.",
)
def leaving_record_is_not_stale(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """With a filter on active partners, partners become inactive in the CRM, and their names change.

    A record outside the filter is not read any more; unless the portal notices it leaving, it stays for ever as it was.
    Judged: the portal does not show it, or shows its current values. Source: catalogue L3 (D28), guide Q3.6.
    """
    log = prm.set_filter(_KIND, Filter(kind=_KIND, field=_FIELD, op="eq", value="Active"))
    try:
        evidence.expect("filter", "set", "set" if log.done else log.message or "not set")
        leaving = crm.create_all(
            _KIND, [data.account("Leaving", Site=data.text("old site")) for _ in range(3)]
        )
        yield settled
        if any(prm.read(account) is not None for account in leaving):
            evidence.exercised("record in the portal before it left")
        now = {_FIELD: "Inactive", "Site": data.text("new site")}
        for account in leaving:
            crm.update(account, now)
        yield settled
        stale = 0
        for account in leaving:
            shown = prm.read(account)
            gone = shown is None
            current = shown is not None and shown.fields.get(_FIELD) == "Inactive"
            evidence.expect(
                account.name, "gone, or inactive", "gone" if gone else "inactive" if current else "as before",
                ok=gone or current, note="stale",
            )  # fmt: skip
            stale += not (gone or current)
    finally:
        prm.set_filter(_KIND, None)
    evidence.fact(records=len(leaving), stale=stale)
    yield settled


@check(
    "L2",
    question="Q3.6",
    title="A record that enters the filter appears",
    needs=("filters",),
    kinds=("Account",),
    stage="alone",
    effects={"record outside the filter"},
    catches=("misses-records-that-enter-the-filter",),
    passed="All {records} accounts that began to match the filter appeared in the portal.",
    failed="{missing} of {records} accounts that began to match the filter did not appear: new partners wait for access "
    "that was granted.",
)
def entering_record_appears(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """With a filter on active partners, prospects of last year become active in the CRM.

    Judged: each is in the portal afterwards, with its current values. A buyer cares because partner onboarding ends with
    this step. Source: catalogue L2, guide Q3.6.
    """
    prm.set_filter("Account", Filter(kind="Account", field="Partner_Status__c", op="eq", value="Active"))
    try:
        rows = [data.account("Entering", Partner_Status__c="Prospect") for _ in range(3)]
        entering = crm.create_all(_KIND, rows, audit=stamps(crm.clock.now() - timedelta(days=400)))
        yield settled
        if all(prm.read(account) is None for account in entering):
            evidence.exercised("record outside the filter")
        for account in entering:
            crm.update(account, {"Partner_Status__c": "Active"})
        yield settled
        missing = 0
        for account in entering:
            there = prm.read(account) is not None
            evidence.expect(account.name, "in the portal", "in the portal" if there else "missing")
            missing += not there
    finally:
        prm.set_filter("Account", None)
    evidence.fact(records=len(entering), missing=missing)
    yield settled


@check(
    "L4",
    question="Q3.6",
    title="What the filter excludes is not even read",
    needs=("filters",),
    kinds=(_KIND,),
    powers=("request_log",),
    stage="alone",
    effects={"accounts read through the filter"},
    catches=("filters-after-download",),
    passed="Records outside the filter were not read from the CRM.",
    failed="The portal read {unfiltered} account rows without the filter in its query, {inside} were in scope: data that "
    "you excluded leaves your CRM anyway.",
)
def excluded_records_are_not_read(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """With a filter on active partners, accounts are created of which most do not match; the CRM's log shows the queries.

    A filter that is applied after the download protects nobody's data. Judged: rows of queries that name no filter
    condition, on top of those in scope, against the profile's ratio. Source: catalogue L4, guide Q3.6.
    """
    prm.set_filter(_KIND, Filter(kind=_KIND, field=_FIELD, op="eq", value="Active"))
    try:
        yield settled
        since = crm.log.mark()[0]
        inside = crm.create_all(_KIND, [data.account("Inside") for _ in range(5)])
        crm.create_all(_KIND, [data.account("Outside", **{_FIELD: "Prospect"}) for _ in range(20)])
        yield settled
        log = [e for e in crm.log.exchanges(since=since, user=crm.integration_user) if read_from(e) == _KIND]
        shown = [
            account for account in inside if (r := prm.read(account)) and r.fields.get("Name") == account.name
        ]
    finally:
        prm.set_filter(_KIND, None)
    if shown:
        evidence.exercised("accounts read through the filter")
    unfiltered = sum(exchange.rows_out for exchange in log if not _filtered(exchange.soql))
    ratio = (unfiltered + len(inside)) / len(inside)
    evidence.metric("rows read for each row in scope", ratio, "rows", limit=data.limits["over_read_ratio"])
    evidence.fact(unfiltered=unfiltered, inside=len(inside))
    yield settled


def _filtered(soql: str) -> bool:
    """Whether the query's condition names the filter's field."""
    return _FIELD in soql.partition(" WHERE ")[2]
