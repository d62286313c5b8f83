"""Sharing rules at work: which groups a record is opened to, kept as share rows with the cause ``Rule`` (contract §11).

They follow the record at every save, and who belongs to which group at every change of users, roles and members. Sources:
Salesforce Help, "Sharing Rules"; object reference, AccountOwnerSharingRule.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from prm_harness.crm.formula.evaluate import evaluate
from prm_harness.crm.formula.parser import parse
from prm_harness.crm.formula.tree import FormulaError
from prm_harness.crm.formula.values import truth
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.declared import SharingRule
from prm_harness.crm.org.effects import shares
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.org.scope import RecordScope
from prm_harness.crm.org.sharing.people import groups_of
from prm_harness.crm.org.sharing.shares import CHILDREN, share_level
from prm_harness.crm.store.store import StoredRow, quote

_ORDER: Final = ("None", "Read", "Edit", "All")


Known = dict[str, set[str]]
"""The groups that owners belong to, as far as they have been looked up."""


def follow(core: Core, plan: Plan, row: StoredRow, user: str, known: Known | None = None) -> None:
    """A record was saved: the groups that its object's rules open it to have a share, no others have."""
    groups = {} if known is None else known
    wanted: dict[str, dict[str, str]] = {}
    for rule in plan.obj.sharing_rules.values():
        if rule.active and _applies(core, plan, rule, row, groups):
            levels = {share_level(plan.obj.name): rule.level}
            if plan.obj.name == "Account":
                levels |= {share_level(child): rule.children.get(child, "None") for child in CHILDREN}
            so_far = wanted.setdefault(rule.shared_with, levels)
            wanted[rule.shared_with] = {
                field: max(so_far[field], level, key=_ORDER.index) for field, level in levels.items()
            }
    shares.settle(core, plan, row["Id"], "Rule", wanted, user)


def recalculate(core: Core, sobject: str, user: str) -> None:
    """Work all shares by rule of an object out again."""
    plan = core.plan(sobject)
    if not plan.is_shared:
        return
    ids = core.store.connection.execute(
        f'SELECT "Id" FROM {quote(plan.obj.name)} WHERE "IsDeleted" = 0'
    ).fetchall()
    groups: Known = {}
    with core.journal.transaction():
        for (record_id,) in ids:
            row = core.store.fetch(plan.obj.name, record_id)
            if row is not None:
                follow(core, plan, row, user, groups)


def regroup(core: Core, user: str) -> None:
    """Who belongs to which group may have changed: rules by owner are worked out again."""
    for name in _by_owner(core):
        recalculate(core, name, user)


def _by_owner(core: Core) -> Iterable[str]:
    return [
        obj.name
        for obj in core.schema.objects.values()
        if any(rule.owned_by for rule in obj.sharing_rules.values())
    ]


def _applies(core: Core, plan: Plan, rule: SharingRule, row: StoredRow, groups: Known) -> bool:
    if rule.owned_by:
        owner = row["OwnerId"]
        if owner not in groups:
            groups[owner] = groups_of(core, [owner])
        return rule.owned_by == owner or rule.owned_by in groups[owner]
    try:
        scope = RecordScope(core.schema, plan.obj, row, core.fetch, now=core.now)
        return truth(evaluate(parse(rule.condition), scope))
    except (FormulaError, ArithmeticError):
        return False
