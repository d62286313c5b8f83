"""Account and opportunity teams: members with access levels, which become shares with the cause ``Team``.

They come with a switch, as in an org. Whoever is added a second time is changed instead. Sources: object reference,
AccountTeamMember and OpportunityTeamMember.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.effects import shares
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.org.standard.table import read_object
from prm_harness.crm.store.store import StoredRow

TEAMS: Final = {"AccountTeamMember": "Account", "OpportunityTeamMember": "Opportunity"}
"""The object of members, and whose team it is."""


def enable(core: Core) -> None:
    """See Org.enable_teams."""
    for name in TEAMS:
        if name not in core.schema.objects:
            table = files("prm_harness.crm.org.standard") / "objects" / f"{name}.txt"
            made = read_object(table.read_text(encoding="utf-8"))
            core.store.create_table(made)
            core.schema.put(made)


def complete(_core: Core, row: StoredRow, _given: Mapping[str, Any], old: StoredRow | None) -> None:
    """A new member reads the record, and nothing that hangs on it, unless the client says otherwise."""
    if old is None:
        owner = "AccountId" if "AccountId" in row else "OpportunityId"
        own, *others = shares.level_fields(owner.removesuffix("Id"))
        row[own] = row.get(own) or "Read"
        for other in others:
            row[other] = row.get(other) or "None"


def existing(core: Core, plan: Plan, row: StoredRow) -> str | None:
    """The membership that a new one would repeat."""
    parent = f"{TEAMS[plan.obj.name]}Id"
    for member in core.live_ids(plan.obj, parent, row.get(parent)):
        known = core.store.fetch(plan.obj.name, member)
        if known is not None and known["UserId"] == row.get("UserId"):
            return member
    return None


def follow(core: Core, plan: Plan, row: StoredRow, user: str) -> None:
    """A member came, changed or went: the record's shares say what its team may do."""
    owner = TEAMS[plan.obj.name]
    record = core.store.fetch(owner, row[f"{owner}Id"])
    if record is not None and not record.get("IsDeleted"):
        settle(core, core.plan(owner), record["Id"], user)


def settle(core: Core, plan: Plan, record_id: str, user: str) -> None:
    """The shares of one record's team."""
    members = next((name for name, owner in TEAMS.items() if owner == plan.obj.name), "")
    if members not in core.schema.objects or not plan.is_shared:
        return
    columns = shares.level_fields(plan.obj.name)
    wanted = {}
    for member in core.live_ids(core.object(members), f"{plan.obj.name}Id", record_id):
        known = core.store.fetch(members, member) or {}
        wanted[known["UserId"]] = {column: known[column] or "None" for column in columns}
    shares.settle(core, plan, record_id, "Team", wanted, user)


def recalculate(core: Core, sobject: str, user: str) -> None:
    """An object's shares have just come about: those of its teams, too."""
    members = next((name for name, owner in TEAMS.items() if owner == sobject), "")
    if members not in core.schema.objects:
        return
    parent = f"{sobject}Id"
    found = core.store.connection.execute(
        f'SELECT DISTINCT "{parent}" FROM "{members}" WHERE "IsDeleted" = 0'
    )
    for (record_id,) in found.fetchall():
        settle(core, core.plan(sobject), record_id, user)
