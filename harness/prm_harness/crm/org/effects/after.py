"""Everything that follows once a row is written, in the order of a save (contract §5.1): automation, roll-ups, history."""

from __future__ import annotations

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.effects import (
    dated_rates,
    flows,
    history,
    partner_roles,
    persons,
    relations,
    rollups,
    shares,
    sharing_rules,
    stages,
    teams,
)
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.store.store import StoredRow


def saved(core: Core, plan: Plan, row: StoredRow, old: StoredRow | None, user: str) -> None:
    """A row was written: ``row`` in full, ``old`` before (None for a new one)."""
    if plan.leads_partners and old is not None and old["OwnerId"] != row["OwnerId"]:
        partner_roles.follow(core, row["OwnerId"])
    if plan.is_shared:
        shares.follow(core, plan, row, old, user)
    if plan.tracked:
        history.track(core, plan, row, old, user)
    final = flows.after_save(core, plan, row, old, user)
    if plan.has_stages:
        stages.follow(core, plan, final, old)
    if plan.twins:
        persons.follow(core, plan, final, old, user)
    if plan.obj.sharing_rules and plan.is_shared:
        sharing_rules.follow(core, plan, final, user)
    _regrouped(core, plan, row, user)
    if plan.has_relations:
        relations.follow(core, final, old, user)
    if plan.roll_ups:
        rollups.refresh(core, plan, old, final, user)


def removed(core: Core, plan: Plan, row: StoredRow, user: str) -> None:
    """A row was deleted: ``row`` as it was."""
    if plan.obj.name == dated_rates.DATED:
        dated_rates.retime(core)
    _regrouped(core, plan, row, user)
    if plan.roll_ups:
        rollups.refresh(core, plan, row, None, user)


def restored(core: Core, plan: Plan, row: StoredRow, user: str) -> None:
    """A row came back out of the recycle bin."""
    _regrouped(core, plan, row, user)
    if plan.roll_ups:
        rollups.refresh(core, plan, None, row, user)


def _regrouped(core: Core, plan: Plan, row: StoredRow, user: str) -> None:
    """Who works on what, or belongs where, is another matter now."""
    if plan.is_team:
        teams.follow(core, plan, row, user)
    if plan.obj.name == "User" and core.schema.partners:
        partner_roles.follow(core, row["Id"])
    if plan.regroups:
        sharing_rules.regroup(core, user)
