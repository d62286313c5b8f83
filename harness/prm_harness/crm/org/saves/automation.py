"""What the org itself fills in before a save: composed names, what a stage implies, auto-numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from prm_harness.crm.org import files
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.effects import partners, persons, relations, shares, teams
from prm_harness.crm.org.rights import permissions
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.store.store import StoredRow, quote

Given = Mapping[str, Any]


def derive(core: Core, plan: Plan, row: StoredRow, given: Given, old: StoredRow | None) -> None:
    """Complete ``row`` in place; ``given`` is what the client sent, ``old`` the row before (None for a new one)."""
    if plan.name_parts:
        row[_name_of(plan)] = " ".join(row[part] for part in plan.name_parts if row.get(part)) or None
    if plan.twins:
        persons.derive(core, plan, row, old)
    if old is None:
        _number(core, plan, row)
    if plan.has_partners and (old is None or old["OwnerId"] != row["OwnerId"]):
        owner = core.fetch("User", row["OwnerId"]) or {}
        row["PartnerAccountId"] = owner.get("AccountId")
    rule = shares.check if plan.is_share else _RULES.get(plan.obj.name)
    if rule is not None:
        rule(core, row, given, old)


def has_rule(sobject: str) -> bool:
    """Whether the org derives fields of this object from others, row by row."""
    return sobject in _RULES


def _name_of(plan: Plan) -> str:
    name = plan.obj.name_field
    assert name is not None
    return name.name


def _number(core: Core, plan: Plan, row: StoredRow) -> None:
    for field in plan.auto_numbers:
        if row.get(field.name):
            continue
        counter = core.mint.count(f"{plan.obj.name}.{field.name}")
        head, _, rest = field.auto_number.partition("{")
        zeros, _, tail = rest.partition("}")
        row[field.name] = f"{head}{counter:0{max(1, len(zeros))}d}{tail}"


def _opportunity(core: Core, row: StoredRow, given: Given, old: StoredRow | None) -> None:
    moved = old is None or old["StageName"] != row["StageName"]
    if moved and row.get("StageName") is not None:
        _enter_stage(core, row, given)
        row["LastStageChangeDate"] = None if old is None else row["SystemModstamp"]
    if row.get("Amount") is None or row.get("Probability") is None:
        row["ExpectedRevenue"] = None
    else:
        row["ExpectedRevenue"] = round(row["Amount"] * row["Probability"] / 100, 2)
    closes = row.get("CloseDate")
    if closes:
        row["FiscalYear"] = int(closes[:4])
        row["FiscalQuarter"] = (int(closes[5:7]) + 2) // 3
        row["Fiscal"] = f"{row['FiscalYear']} {row['FiscalQuarter']}"


_STAGE_COLUMNS = ("IsClosed", "IsWon", "ForecastCategory", "ForecastCategoryName", "DefaultProbability")
_STAGE_SQL = f'SELECT {", ".join(map(quote, _STAGE_COLUMNS))} FROM "OpportunityStage" WHERE "ApiName" = ?'
_OPEN_STAGE = (0, 0, "Pipeline", "Pipeline", None)


def _enter_stage(core: Core, row: StoredRow, given: Given) -> None:
    found = core.store.connection.execute(_STAGE_SQL, (row["StageName"],)).fetchone()
    stage = dict(zip(_STAGE_COLUMNS, found or _OPEN_STAGE, strict=True))
    row["IsClosed"], row["IsWon"] = stage["IsClosed"], stage["IsWon"]
    row["ForecastCategory"] = stage["ForecastCategory"]
    if "ForecastCategoryName" not in given:
        row["ForecastCategoryName"] = stage["ForecastCategoryName"]
    if given.get("Probability") is None and found:
        row["Probability"] = stage["DefaultProbability"]


def _is_closed(core: Core, table: str, status: str | None, otherwise: str) -> int:
    found = core.store.connection.execute(
        f'SELECT "IsClosed" FROM {quote(table)} WHERE "ApiName" = ?', (status,)
    ).fetchone()
    return int(found[0]) if found else int(status == otherwise)


def _task(core: Core, row: StoredRow, _given: Given, old: StoredRow | None) -> None:
    row["IsClosed"] = _is_closed(core, "TaskStatus", row.get("Status"), "Completed")
    row["IsHighPriority"] = int(row.get("Priority") == "High")
    if row["IsClosed"] and not (old and old.get("IsClosed")):
        row["CompletedDateTime"] = row["SystemModstamp"]
    elif not row["IsClosed"]:
        row["CompletedDateTime"] = None


def _case(core: Core, row: StoredRow, _given: Given, old: StoredRow | None) -> None:
    row["IsClosed"] = _is_closed(core, "CaseStatus", row.get("Status"), "Closed")
    if row["IsClosed"] and not (old and old.get("IsClosed")):
        row["ClosedDate"] = row["SystemModstamp"]
    elif not row["IsClosed"]:
        row["ClosedDate"] = None


_RULES: dict[str, Callable[[Core, StoredRow, Given, StoredRow | None], None]] = {
    "Opportunity": _opportunity,
    "Task": _task,
    "Case": _case,
    "FieldPermissions": permissions.field_permissions,
    "PermissionSetAssignment": permissions.assignment,
    "Attachment": files.attachment,
    "ContentVersion": files.version,
    "Partner": partners.check,
    relations.NAME: relations.check,
    **dict.fromkeys(teams.TEAMS, teams.complete),
    "PartnerFundClaim": partners.claim,
    "CampaignMember": partners.member,
}

AFTER: dict[str, Callable[[Core, StoredRow, str], None]] = {
    "ContentVersion": files.publish,
    "Partner": partners.created,
}
"""What the org makes of a new record once it is written, by object; ``str`` is who saved."""
