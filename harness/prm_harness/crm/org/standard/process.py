"""What the standard processes say about stages and statuses: the rows of OpportunityStage, LeadStatus and their like.

These are the values a new org ships with (contract §12, §3.2); Opportunity's IsClosed, IsWon, ForecastCategory and the
default of Probability follow from the stage.
"""

from __future__ import annotations

from typing import Any


def _stage(
    order: int,
    label: str,
    probability: int,
    category: str = "Pipeline",
    *,
    closed: bool = False,
    won: bool = False,
) -> dict[str, Any]:
    return {
        "MasterLabel": label,
        "ApiName": label,
        "IsActive": True,
        "SortOrder": order,
        "IsClosed": closed,
        "IsWon": won,
        "ForecastCategory": category,
        "ForecastCategoryName": {"BestCase": "Best Case", "Forecast": "Commit"}.get(category, category),
        "DefaultProbability": probability,
    }


OPPORTUNITY_STAGES: tuple[dict[str, Any], ...] = (
    _stage(1, "Prospecting", 10),
    _stage(2, "Qualification", 10),
    _stage(3, "Needs Analysis", 20),
    _stage(4, "Value Proposition", 50),
    _stage(5, "Id. Decision Makers", 60),
    _stage(6, "Perception Analysis", 70),
    _stage(7, "Proposal/Price Quote", 75),
    _stage(8, "Negotiation/Review", 90),
    _stage(9, "Closed Won", 100, "Closed", closed=True, won=True),
    _stage(10, "Closed Lost", 0, "Omitted", closed=True),
)
"""Rows of OpportunityStage without Id and audit fields, in process order."""


def _status(order: int, label: str, *, default: bool = False, converted: bool = False) -> dict[str, Any]:
    return {
        "MasterLabel": label,
        "ApiName": label,
        "SortOrder": order,
        "IsDefault": default,
        "IsConverted": converted,
    }


LEAD_STATUSES: tuple[dict[str, Any], ...] = (
    _status(1, "Open - Not Contacted", default=True),
    _status(2, "Working - Contacted"),
    _status(3, "Closed - Converted", converted=True),
    _status(4, "Closed - Not Converted"),
)
"""Rows of LeadStatus without Id and audit fields, in process order."""


def _closing(labels: tuple[str, ...], default: str, closed: str) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "MasterLabel": label,
            "ApiName": label,
            "SortOrder": order,
            "IsDefault": label == default,
            "IsClosed": label == closed,
        }
        for order, label in enumerate(labels, 1)
    )


CASE_STATUSES = _closing(("New", "Working", "Escalated", "Closed"), "New", "Closed")
"""Rows of CaseStatus, in process order."""

TASK_STATUSES = _closing(
    ("Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred"),
    "Not Started",
    "Completed",
)
"""Rows of TaskStatus, in process order."""

_ROLES = (
    *(
        "System Integrator",
        "Agency",
        "Advertiser",
        "VAR/Reseller",
        "Distributor",
        "Developer",
        "Broker",
        "Lender",
    ),
    *("Supplier", "Institution", "Contractor", "Dealer", "Consultant"),
)
_REVERSE = {"Agency": "Advertiser", "Advertiser": "Agency"}

PARTNER_ROLES: tuple[dict[str, Any], ...] = tuple(
    {"MasterLabel": role, "ApiName": role, "ReverseRole": _REVERSE.get(role, role), "SortOrder": order}
    for order, role in enumerate(_ROLES, 1)
)
"""Rows of PartnerRole: what each side of a partner relationship calls the other."""
