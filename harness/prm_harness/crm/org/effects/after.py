"""Everything that follows once a row is written, in the order of a save (contract §5.1): automation, roll-ups, history."""

from __future__ import annotations

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.effects import flows, history, persons, relations, rollups, shares
from prm_harness.crm.org.plan import Plan
from prm_harness.crm.store.store import StoredRow


def saved(core: Core, plan: Plan, row: StoredRow, old: StoredRow | None, user: str) -> None:
    """A row was written: ``row`` in full, ``old`` before (None for a new one)."""
    if plan.is_shared:
        shares.follow(core, plan, row, old, user)
    if plan.tracked:
        history.track(core, plan, row, old, user)
    final = flows.after_save(core, plan, row, old, user)
    if plan.twins:
        persons.follow(core, plan, final, old, user)
    if plan.has_relations:
        relations.follow(core, final, old, user)
    if plan.roll_ups:
        rollups.refresh(core, plan, old, final, user)


def removed(core: Core, plan: Plan, row: StoredRow, user: str) -> None:
    """A row was deleted: ``row`` as it was."""
    if plan.roll_ups:
        rollups.refresh(core, plan, row, None, user)


def restored(core: Core, plan: Plan, row: StoredRow, user: str) -> None:
    """A row came back out of the recycle bin."""
    if plan.roll_ups:
        rollups.refresh(core, plan, None, row, user)
