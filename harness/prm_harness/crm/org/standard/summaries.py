"""Sums that standard objects keep of their children, as Salesforce keeps them: campaigns of members and deals, funds of claims."""

from __future__ import annotations

from dataclasses import replace

from prm_harness.crm.org.schema import RollUp, Schema, Summary

_COUNT, _SUM = Summary.COUNT, Summary.SUM
_APPROVED = 'ISPICKVAL(Status, "Approved")'
_APPROVED_OR_PAID = 'ISPICKVAL(Status, "Approved") || ISPICKVAL(Status, "Paid")'
_PAID = 'ISPICKVAL(Status, "Paid")'


def _campaign(child: str, field: str = "", operation: Summary = _SUM, where: str = "") -> RollUp:
    return RollUp(child, "CampaignId", operation, field, where)


def _fund(child: str, via: str, where: str = "") -> RollUp:
    return RollUp(child, via, _SUM, "Amount", where)


_SUMMARIES: dict[str, dict[str, RollUp]] = {
    "Campaign": {
        "NumberOfLeads": _campaign("CampaignMember", "LeadId", _COUNT),
        "NumberOfContacts": _campaign("CampaignMember", "ContactId", _COUNT),
        "NumberOfResponses": _campaign("CampaignMember", "HasResponded"),
        "NumberOfOpportunities": _campaign("Opportunity", "", _COUNT),
        "NumberOfWonOpportunities": _campaign("Opportunity", "IsWon"),
        "AmountAllOpportunities": _campaign("Opportunity", "Amount"),
        "AmountWonOpportunities": _campaign("Opportunity", "Amount", where="IsWon"),
    },
    "PartnerMarketingBudget": {
        "TotalAllocatedAmount": _fund("PartnerFundAllocation", "BudgetId"),
        "TotalApprovedFrs": _fund("PartnerFundRequest", "BudgetId", _APPROVED),
        "TotalApprovedFcs": _fund("PartnerFundClaim", "BudgetId", _APPROVED_OR_PAID),
        "TotalReimbursedFcs": _fund("PartnerFundClaim", "BudgetId", _PAID),
    },
    "PartnerFundAllocation": {
        "TotalApprovedFrs": _fund("PartnerFundRequest", "AllocationId", _APPROVED),
        "TotalApprovedFcs": _fund("PartnerFundClaim", "AllocationId", _APPROVED_OR_PAID),
        "TotalReimbursedFcs": _fund("PartnerFundClaim", "AllocationId", _PAID),
    },
    "PartnerFundRequest": {
        "TotalApprovedFcs": _fund("PartnerFundClaim", "RequestId", _APPROVED_OR_PAID),
        "TotalReimbursedFcs": _fund("PartnerFundClaim", "RequestId", _PAID),
    },
}


def add_summaries(schema: Schema) -> None:
    """Give the standard objects' sums their children; new records start at zero."""
    for sobject, summaries in _SUMMARIES.items():
        fields = schema.objects[sobject].fields
        for name, summary in summaries.items():
            fields[name] = replace(fields[name], roll_up=summary, default=0)
