"""Rows that another user's transaction holds, for a time of the org's clock.

A save locks its own record and the records that its lookups name; one that is held is refused with UNABLE_TO_LOCK_ROW.
Salesforce waits up to ten seconds first; here the answer comes at once. Sources: Salesforce Help 000229525 ("Unable to lock
row"), Salesforce Engineering on lookup skew, contract §13, and §6 for the message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.ids import is_id, to18
from prm_harness.crm.org.plan import Plan
from prm_harness.crm.store.store import StoredRow


def hold(core: Core, record_ids: Sequence[str], seconds: float) -> None:
    """See Org.hold_rows."""
    for record_id in record_ids:
        if not is_id(record_id):
            raise SaveError.of("MALFORMED_ID", f"malformed id {record_id}")
    until = core.now() + timedelta(seconds=seconds)
    for record_id in map(to18, record_ids):
        if seconds > 0:
            core.held[record_id] = until
        else:
            core.held.pop(record_id, None)


def are_held(core: Core) -> bool:
    """Whether any row is held now; those whose time is over are forgotten."""
    if core.held:
        now = core.now()
        core.held = {one: until for one, until in core.held.items() if until > now}
    return bool(core.held)


def refuse(core: Core, plan: Plan, row: StoredRow, more: Iterable[Any] = ()) -> None:
    """Refuse to write a row that is held, or that names one.

    Raises:
        SaveError: UNABLE_TO_LOCK_ROW.
    """
    if not core.held or not are_held(core):
        return
    wanted = [row.get("Id"), *(row.get(field.name) for field in plan.references), *more]
    met = list(dict.fromkeys(one for one in wanted if one in core.held))
    if met:
        raise SaveError.of(
            "UNABLE_TO_LOCK_ROW",
            f"unable to obtain exclusive access to this record or {len(met)} records: {','.join(met)}",
        )
