"""Q1.1: what the first load brings over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from prm_harness import Course, Crm, CrmRecord, Data, Evidence, Portal, check, connected

from .shared.times import read_from, stamps

_PAGE: Final = 2_000
"""Rows in one answer to a query; a load that does not follow the next page stops here."""

_YEARS: Final = 10
_KEY_FIELDS: Final = {
    "Account": ("Name", "Partner_Status__c"),
    "Contact": ("LastName", "AccountId"),
    "Opportunity": ("Name", "StageName", "Amount", "CloseDate", "AccountId"),
}
_SAMPLE: Final = 25


@check(
    "H1",
    question="Q1.1",
    title="The first load brings every record",
    stage="before_connect",
    effects={"history before the connection", "more than one page of one object"},
    weight=2,
    catches=("history-cut-at-two-years", "first-page-only"),
    passed="All {seeded} records that were in the CRM before the connection are in the portal, once each.",
    failed="{lost}: partners start without their own pipeline, and somebody exports and imports it by hand.",
)
def first_load_is_complete(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """The CRM is filled with accounts, contacts and deals of ten years before the portal is connected.

    A portal that starts empty, with the last two years, or with the first page of each object, makes partners keep
    their old pipeline somewhere else. Judged: every seeded record is listed exactly once, and a sample of them carries
    the right key fields. Source: catalogue H1, guide Q1.1.
    """
    seeded = {
        "Account": _spread(
            crm, "Account", [data.account() for _ in range(data.sizes["history_accounts"])], evidence
        ),
        "Contact": _spread(
            crm, "Contact", [data.contact() for _ in range(data.sizes["history_contacts"])], evidence
        ),
        "Opportunity": _spread(
            crm,
            "Opportunity",
            [data.deal() for _ in range(max(data.sizes["history_opportunities"], _PAGE + 50))],
            evidence,
        ),
    }
    seeded = {kind: records for kind, records in seeded.items() if kind in prm.info.kinds}
    yield connected
    missing = extra = 0
    for kind, records in seeded.items():
        shown = [record.crm_id[:15] for record in prm.list(kind) if record.crm_id]
        there = set(shown)
        gone = [record for record in records if record.id[:15] not in there]
        twice = len(
            [record for record in records if record.id[:15] in there and shown.count(record.id[:15]) > 1]
        )
        evidence.expect(
            f"{kind} records in the portal", len(records), len(records) - len(gone), note="missing"
        )
        evidence.expect(f"{kind} records twice", 0, twice)
        missing, extra = missing + len(gone), extra + twice
        for record in data.random.sample(records, min(_SAMPLE, len(records))):
            if record not in gone:
                evidence.compare(
                    prm.read(record),
                    record.values,
                    crm.describe(kind),
                    fields=_KEY_FIELDS[kind],
                    label=record.name,
                )
    total = sum(map(len, seeded.values()))
    evidence.exercised("history before the connection")
    if max(map(len, seeded.values()), default=0) > _PAGE:
        evidence.exercised("more than one page of one object")
    evidence.fact(
        seeded=total,
        missing=missing,
        extra=extra,
        lost=_lost(total, missing, extra),
        history_share=round(100 * (total - missing) / total, 1),
    )


def _lost(seeded: int, missing: int, extra: int) -> str:
    told = (
        [f"{missing} of {seeded} records from before the connection are missing in the portal"]
        if missing
        else []
    )
    told += (
        [f"{extra} of {seeded} records from before the connection are in the portal twice"] if extra else []
    )
    return " and ".join(told) or "records from before the connection are not in the portal as they were"


@check(
    "H2",
    question="Q1.1",
    title="History goes back to the oldest record",
    stage="before_connect",
    effects={"old records before the connection"},
    catches=("history-cut-at-two-years",),
    passed="Deals last touched {years} years ago are in the portal.",
    failed="Of deals last touched 1, 3, 5 and {years} years ago the portal shows none that is older than {oldest:~year}: "
    "renewals and long-running accounts are cut off.",
)
def history_has_its_full_depth(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals of one, three, five and ten years of age, untouched since, are in the CRM before the connection.

    Renewals are sold on old deals. Judged: each can be read in the portal by its CRM id; the oldest that can is
    reported. Source: catalogue H2, guide Q1.1.
    """
    ages = {
        years: _aged(crm, "Opportunity", [data.deal(f"Aged {years}")], years)[0]
        for years in (1, 3, 5, _YEARS)
    }
    yield connected
    shown = [years for years, deal in ages.items() if prm.read(deal) is not None]
    for years in ages:
        evidence.expect(
            f"deal of {years} years", "in the portal", "in the portal" if years in shown else "missing"
        )
    evidence.exercised("old records before the connection")
    evidence.fact(years=_YEARS, oldest=max(shown, default=0))


def _spread(crm: Crm, kind: str, rows: list[dict[str, Any]], evidence: Evidence) -> list[CrmRecord]:
    """Insert rows with ages from today to ten years back."""
    made = []
    for years in range(_YEARS + 1):
        made += _aged(crm, kind, rows[years :: _YEARS + 1], years)
    evidence.did(f"{kind}: {len(made)} records, the oldest {_YEARS} years old")
    return made


def _aged(crm: Crm, kind: str, rows: list[dict[str, Any]], years: int) -> list[CrmRecord]:
    if not rows:
        return []
    then = crm.clock.now() - timedelta(days=365 * years + 1)
    return crm.create_all(kind, rows, audit=stamps(then))


_ROWS_TO_WEIGH: Final = 600


@check(
    "H4",
    question="Q1.1",
    title="The first load is read in pages",
    powers=("request_log",),
    stage="before_connect",
    effects={"records loaded"},
    catches=("reads-record-by-record",),
    passed="The first load cost {per_1000:.0f} API calls per 1,000 records.",
    failed="The first load cost {per_1000:.0f} API calls per 1,000 records, where {limit:g} were allowed: connecting the "
    "portal uses up the day's allowance of the whole company.",
)
def first_load_is_read_in_pages(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """The CRM counts what the first load of some hundred deals costs.

    Products that fetch record by record work in a demo. Judged: the portal's reading calls until the load has settled,
    those that name another object left out, per 1,000 deals loaded, against the profile's limit. Source: catalogue H4
    (D20), guide Q1.1.
    """
    deals = crm.create_all(prm.deal, [data.deal("Weighed") for _ in range(_ROWS_TO_WEIGH)])
    since = crm.log.mark()[0]
    yield connected
    log = crm.log.exchanges(since=since, user=crm.integration_user, route="read")
    calls = sum(read_from(exchange) in {prm.deal, ""} for exchange in log)
    loaded = len(prm.list(prm.deal))
    if loaded >= len(deals):
        evidence.exercised("records loaded")
    limit = data.limits["load_calls_per_1000_records"]
    per_1000 = 1000 * calls / max(loaded, len(deals))
    evidence.metric("calls per 1,000 records loaded", per_1000, "calls", limit=limit)
    evidence.fact(per_1000=per_1000, limit=limit)
