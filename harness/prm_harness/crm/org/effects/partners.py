"""What the org itself does with partner relationships and partner funds.

A ``Partner`` row is written by clients; AccountPartner and OpportunityPartner rows of the same id follow it, and between two
accounts the reverse one with the reverse role. Rules: Object Reference of Partner, PartnerFundClaim (contract §12).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.store.store import StoredRow, quote

_COMPANIONS = ("AccountPartner", "OpportunityPartner")


def check(_core: Core, row: StoredRow, _given: Mapping[str, Any], _old: StoredRow | None) -> None:
    """A partner relationship begins at an account or at an opportunity."""
    if (row.get("AccountFromId") is None) == (row.get("OpportunityId") is None):
        raise SaveError.of("FIELD_INTEGRITY_EXCEPTION", "Specify either AccountFromId or OpportunityId")
    if row.get("AccountFromId") == row.get("AccountToId"):
        raise SaveError.of("FIELD_INTEGRITY_EXCEPTION", "An account cannot be its own partner", "AccountToId")


def created(core: Core, row: StoredRow, user: str) -> None:
    """The rows that follow a new ``Partner``."""
    if row.get("OpportunityId"):
        if row.get("IsPrimary"):
            _end_primary(core, row["OpportunityId"], user)
        _write(core, "OpportunityPartner", row, user)
        return
    reverse = {
        **row,
        "Id": core.mint.next("00I"),
        "AccountFromId": row["AccountToId"],
        "AccountToId": row["AccountFromId"],
        "Role": _reverse_role(core, row.get("Role")),
        "ReversePartnerId": row["Id"],
        "IsPrimary": 0,
    }
    _write(core, "Partner", reverse, user)
    core.store.update("Partner", row["Id"], {"ReversePartnerId": reverse["Id"]})
    row["ReversePartnerId"] = reverse["Id"]
    for one in (row, reverse):
        _write(core, "AccountPartner", one, user)


def deleted(core: Core, plan: Plan, row: StoredRow) -> list[tuple[Plan, str]]:
    """What goes with a deleted ``Partner``: the rows of its id, and its reverse."""
    if plan.obj.name != "Partner":
        return []
    found = [(core.plan(name), row["Id"]) for name in _COMPANIONS]
    reverse = row.get("ReversePartnerId")
    return [*found, (plan, reverse)] if reverse else found


def claim(core: Core, row: StoredRow, _given: Mapping[str, Any], _old: StoredRow | None) -> None:
    """A claim's allocation, budget and partner are those of its request."""
    request = core.fetch("PartnerFundRequest", row.get("RequestId") or "")
    for name in ("AllocationId", "BudgetId", "ChannelPartnerId"):
        row[name] = request.get(name) if request else None


def member(core: Core, row: StoredRow, given: Mapping[str, Any], old: StoredRow | None) -> None:
    """A campaign has each lead and contact once; its statuses say which ones responded."""
    who = row.get("LeadId") or row.get("ContactId")
    if old is None:
        if who is None:
            raise SaveError.of(
                "FIELD_INTEGRITY_EXCEPTION", "Either a Lead or a Contact is required", "LeadId"
            )
        column = "LeadId" if row.get("LeadId") else "ContactId"
        sql = f'SELECT 1 FROM "CampaignMember" WHERE "CampaignId" = ? AND {quote(column)} = ? AND "IsDeleted" = 0'
        core.store.ensure_index("CampaignMember", column)
        if core.store.connection.execute(sql, (row["CampaignId"], who)).fetchone():
            raise SaveError.of("DUPLICATE_VALUE", "Already a campaign member.")
    row["LeadOrContactId"] = who
    if old is None or "Status" in given:
        known = core.store.connection.execute(
            'SELECT "HasResponded" FROM "CampaignMemberStatus" WHERE "CampaignId" = ? AND "Label" = ?',
            (row["CampaignId"], row.get("Status")),
        ).fetchone()
        row["HasResponded"] = known[0] if known else int(row.get("Status") == "Responded")
        if row["HasResponded"] and not row.get("FirstRespondedDate"):
            row["FirstRespondedDate"] = row["SystemModstamp"][:10]


def _end_primary(core: Core, opportunity: str, user: str) -> None:
    for name in ("Partner", "OpportunityPartner"):
        plan = core.plan(name)
        for record_id in core.live_ids(plan.obj, "OpportunityId", opportunity):
            row = core.store.fetch(name, record_id)
            if row is not None and row["IsPrimary"] and (name != "Partner" or _is_older(core, record_id)):
                core.store.update(name, record_id, {"IsPrimary": 0})
                core.journal.note(
                    core.journal.moment()[0], user, name, record_id, "update", {"IsPrimary": (True, False)}
                )


def _is_older(core: Core, record_id: str) -> bool:
    """Whether its companion exists: the one just written has none yet."""
    return core.store.fetch("OpportunityPartner", record_id) is not None


def _reverse_role(core: Core, role: str | None) -> str | None:
    found = core.store.connection.execute(
        'SELECT "ReverseRole" FROM "PartnerRole" WHERE "ApiName" = ?', (role,)
    ).fetchone()
    return found[0] if found else role


def _write(core: Core, sobject: str, row: StoredRow, user: str) -> None:
    plan = core.plan(sobject)
    at, _ = core.journal.moment()
    own = {
        name: value for name, value in row.items() if name in plan.obj.fields and plan.obj.fields[name].stored
    }
    core.store.insert(sobject, own)
    core.journal.note(at, user, sobject, own["Id"], "create", plan.created(own))
