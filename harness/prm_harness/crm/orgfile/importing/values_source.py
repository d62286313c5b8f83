"""Value sets of a source tree (Metadata API guide: GlobalValueSet, StandardValueSet), as values of each field of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from prm_harness.crm.orgfile.importing.report import Report
from prm_harness.crm.salesforce.metadata.fields import flag, many

Meta = dict[str, Any]

_VALUE_SETS: Final = {
    "Industry": ("Account.Industry", "Lead.Industry"), "LeadSource": ("Lead.LeadSource", "Contact.LeadSource", "Opportunity.LeadSource"),
    "AccountType": ("Account.Type",), "OpportunityType": ("Opportunity.Type",), "AccountRating": ("Account.Rating", "Lead.Rating"),
    "CaseStatus": ("Case.Status",), "CasePriority": ("Case.Priority",), "CaseOrigin": ("Case.Origin",),
    "TaskStatus": ("Task.Status",), "TaskPriority": ("Task.Priority",), "ContactRole": ("OpportunityContactRole.Role",),
    "CampaignType": ("Campaign.Type",), "CampaignStatus": ("Campaign.Status",), "Salutation": ("Lead.Salutation", "Contact.Salutation"),
}  # fmt: skip


def standard_values(name: str, meta: Meta, data: Meta, report: Report) -> None:
    """Put the values of a standard value set into the data of an org file."""
    values = many(meta.get("standardValue"))
    if name in {"OpportunityStage", "LeadStatus"}:
        rows = _stages(values) if name == "OpportunityStage" else _statuses(values)
        data.setdefault("setup", {})[name] = rows
    elif name not in _VALUE_SETS:
        report.lost(f"standard value set {name}", "belongs to no field of the sandbox's standard objects")
        return
    for path in {"OpportunityStage": ("Opportunity.StageName",), "LeadStatus": ("Lead.Status",)}.get(
        name
    ) or _VALUE_SETS[name]:
        owner, _, field = path.partition(".")
        texts = [
            {"value": str(v["fullName"]), "label": str(v.get("label") or v["fullName"])}
            | ({} if flag(v, "isActive", default=True) else {"active": False})
            | ({"default": True} if flag(v, "default") else {})
            for v in values
        ]
        data["objects"].setdefault(owner, {}).setdefault("fields", {}).setdefault(field, {})["picklist"] = (
            texts
        )


def inlined(meta: Meta, sets: Mapping[str, Meta]) -> Meta:
    """A field whose values come from a global value set, with these values."""
    value_set = meta.get("valueSet")
    name = str(value_set.get("valueSetName") or "") if isinstance(value_set, dict) else ""
    if not isinstance(value_set, dict) or name not in sets:
        return meta
    values = [
        {k: v for k, v in value.items() if k in {"fullName", "label", "default", "isActive"}}
        for value in many(sets[name].get("customValue"))
    ]
    own = {k: v for k, v in value_set.items() if k != "valueSetName"}
    return {
        **meta,
        "valueSet": {
            **own,
            "restricted": own.get("restricted", "true"),
            "valueSetDefinition": {"value": values},
        },
    }


def _stages(values: list[Meta]) -> list[Meta]:
    return [
        {
            "MasterLabel": str(v.get("label") or v["fullName"]), "ApiName": str(v["fullName"]),
            "IsActive": flag(v, "isActive", default=True), "IsClosed": flag(v, "closed"), "IsWon": flag(v, "won"),
            "ForecastCategory": str(v.get("forecastCategory") or "Pipeline"),
            "ForecastCategoryName": {"BestCase": "Best Case", "Forecast": "Commit"}.get(
                str(v.get("forecastCategory")), str(v.get("forecastCategory") or "Pipeline")
            ),
            "DefaultProbability": float(v.get("probability") or 0),
        }
        for v in values
    ]  # fmt: skip


def _statuses(values: list[Meta]) -> list[Meta]:
    return [
        {
            "MasterLabel": str(v.get("label") or v["fullName"]), "ApiName": str(v["fullName"]),
            "IsDefault": flag(v, "default"), "IsConverted": flag(v, "converted"),
        }
        for v in values
    ]  # fmt: skip
