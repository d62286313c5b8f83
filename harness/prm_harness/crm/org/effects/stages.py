"""Stage history: a snapshot of an opportunity whenever its amount, probability, stage or close date changes.

The first one is of the new opportunity. ``PrevAmount`` and ``PrevCloseDate`` hold what was there before; the opportunity
names the snapshots of its last change of amount and of close date. Rows go with their opportunity. Sources: Object Reference
of OpportunityHistory and, for the two references, of Opportunity. The change log has them as the platform's own.
"""

from __future__ import annotations

from typing import Final

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.store.store import StoredRow

NAME: Final = "OpportunityHistory"
COPIED: Final = ("StageName", "Amount", "ExpectedRevenue", "CloseDate", "Probability", "ForecastCategory")
"""Fields that a snapshot shows; who may not see one on the opportunity does not see it here."""
BEFORE: Final = {"Amount": "PrevAmount", "CloseDate": "PrevCloseDate"}

_WATCHED = ("Amount", "Probability", "StageName", "CloseDate")
_LAST = {"Amount": "LastAmountChangedHistoryId", "CloseDate": "LastCloseDateChangedHistoryId"}


def follow(core: Core, plan: Plan, row: StoredRow, old: StoredRow | None) -> None:
    """An opportunity was saved: ``row`` as it is then, ``old`` before (None for a new one)."""
    if old is not None and all(row[name] == old[name] for name in _WATCHED):
        return
    at, stamp = core.journal.moment()
    snapshot: StoredRow = {name: row[name] for name in COPIED}
    snapshot |= {
        "Id": core.mint.next("008"),
        "OpportunityId": row["Id"],
        "CreatedById": row["LastModifiedById"],
        "CreatedDate": row["CreatedDate"] if old is None else stamp,
        "SystemModstamp": stamp,
        "IsDeleted": 0,
    }
    if "CurrencyIsoCode" in row:
        snapshot["CurrencyIsoCode"] = row["CurrencyIsoCode"]
    if old is not None:
        snapshot |= {prev: old[name] for name, prev in BEFORE.items()}
    core.store.insert(NAME, snapshot)
    core.journal.note(at, "", NAME, snapshot["Id"], "create", core.plan(NAME).created(snapshot))
    last = {} if old is None else {_LAST[n]: snapshot["Id"] for n in _LAST if row[n] != old[n]}
    if last:
        with core.journal.amending(row["Id"]):
            core.rewrite(plan, row, last, at=at, user=row["LastModifiedById"])
