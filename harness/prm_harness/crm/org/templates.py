"""Whole orgs to start from. ``standard`` is what docs/decisions/0001-org-template-standard.md lists, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from prm_harness.crm.org.org import Org
from prm_harness.crm.org.people import KNOWN, PARTS, People, varied
from prm_harness.crm.org.schema import Field, FieldType, PicklistValue, RecordType, SObjectType
from prm_harness.crm.org.standard import (
    CASE_STATUSES,
    LEAD_STATUSES,
    OPPORTUNITY_STAGES,
    PARTNER_ROLES,
    TASK_STATUSES,
    standard_schema,
)

DEAL_REGIONS = ("EMEA", "AMER", "APAC", "LATAM")
INDUSTRIES = (
    *("Banking", "Retail", "Health & Care", "Oil, Gas", "Public Sector"),
    *(f"Sector {n:02d}" for n in range(6, 25)),
)
_PROCESS_ROWS = {
    "LeadStatus": LEAD_STATUSES,
    "CaseStatus": CASE_STATUSES,
    "TaskStatus": TASK_STATUSES,
    "PartnerRole": PARTNER_ROLES,
}
PROFILES = ("System Administrator", "Standard User", "Integration User", "Partner Community User")


def bare_org(
    seed: int, now: Callable[[], datetime], path: str = ":memory:", *, people: People = KNOWN
) -> Org:
    """The standard objects and nothing else, with an admin, a sales user and an integration user."""
    org = Org(standard_schema(), seed=seed, now=now, path=path)
    _set_up(org, people)
    _people(org, people)
    return org


def audited_org(seed: int, now: Callable[[], datetime], path: str = ":memory:") -> Org:
    """The standard org of a company and of people that nobody can know beforehand."""
    return standard_org(seed, now, path, people=varied(seed))


def standard_org(
    seed: int, now: Callable[[], datetime], path: str = ":memory:", *, people: People = KNOWN
) -> Org:
    """The org that checks are written against."""
    org = bare_org(seed, now, path, people=people)
    for sobject, fields in _CUSTOM_FIELDS.items():
        for field in fields:
            org.add_field(sobject, field)
    for record_type in _OPPORTUNITY_TYPES:
        org.add_record_type("Opportunity", record_type)
    org.add_object(_DEAL_REGISTRATION)
    return org


def _set_up(org: Org, people: People) -> None:
    """The rows that describe the org itself."""
    org.plant(
        "Organization",
        {
            "Id": org.id,
            "Name": f"{people.company} Sandbox",
            "OrganizationType": "Enterprise Edition",
            "InstanceName": people.instance,
            "IsSandbox": True,
            "TimeZoneSidKey": "GMT",
            "FiscalYearStartMonth": 1,
        },
    )
    for name in PROFILES:
        add_profile(org, name, user_type="PowerPartner" if "Partner" in name else "Standard")
    for stage in OPPORTUNITY_STAGES:
        org.plant("OpportunityStage", stage)
    for table, rows in _PROCESS_ROWS.items():
        for row in rows:
            org.plant(table, row)


def add_profile(org: Org, name: str, *, user_type: str = "Standard") -> str:
    """A new profile's id; the permission set that holds its permissions is made with it."""
    profile = org.plant("Profile", {"Name": name, "UserType": user_type})
    own = {"ProfileId": profile, "IsOwnedByProfile": True, "IsCustom": False, "Type": "Profile"}
    every = name == "System Administrator"
    own |= {"PermissionsViewAllData": every, "PermissionsModifyAllData": every}
    org.plant("PermissionSet", {"Name": f"X{profile}", "Label": f"00e{profile[3:15]}", **own})
    return profile


def _people(org: Org, people: People) -> None:
    org.admin_id, org.sales_id, org.integration_id = (
        org.create_user(address, first_name=first, last_name=last, email=address, profile=profile)
        for profile, address, (first, last) in zip(PARTS, people.addresses, people.names, strict=True)
    )


def _values(values: Iterable[str]) -> tuple[PicklistValue, ...]:
    return tuple(PicklistValue(value, value) for value in values)


def _field(name: str, kind: FieldType, label: str = "", **more: Any) -> Field:
    return Field(name, kind, label=label or name.removesuffix("__c").replace("_", " "), **more)


def _picklist(name: str, *values: str, **more: Any) -> Field:
    return _field(name, FieldType.PICKLIST, picklist=_values(values), **more)


def _lookup(name: str, target: str, children: str) -> Field:
    return _field(name, FieldType.REFERENCE, reference_to=(target,), child_relationship=children)


_EXTERNAL_ID = _field(
    "External_Id__c", FieldType.STRING, "External ID", length=80, unique=True, external_id=True
)

_PARTNER_ACCOUNT = _lookup("Partner_Account__c", "Account", "Partner_Opportunities__r")

_CUSTOM_FIELDS: dict[str, tuple[Field, ...]] = {
    "Opportunity": (
        _PARTNER_ACCOUNT,
        _EXTERNAL_ID,
        _picklist("Deal_Region__c", *DEAL_REGIONS, restricted=True),
        _field("Industries__c", FieldType.MULTIPICKLIST, picklist=_values(INDUSTRIES), precision=4),
        _field("Go_Live__c", FieldType.DATE),
        _field("Kickoff_At__c", FieldType.DATETIME),
        _field("Demo_Time__c", FieldType.TIME),
        _field("Discount__c", FieldType.PERCENT, precision=5, scale=2),
        _field("Budget__c", FieldType.CURRENCY, precision=16, scale=2),
        _field("Seats__c", FieldType.DOUBLE, precision=8),
        _field("Score__c", FieldType.DOUBLE, precision=12, scale=4),
        _field("Strategic__c", FieldType.BOOLEAN),
        _field("Approver_Email__c", FieldType.EMAIL),
        _field("Approver_Phone__c", FieldType.PHONE),
        _field("Competitor_Url__c", FieldType.URL, "Competitor URL"),
        _field("Summary__c", FieldType.STRING, length=255),
        _field("Notes__c", FieldType.TEXTAREA, length=32000, extra_type_info="plaintextarea"),
        _field("Internal_Rating__c", FieldType.STRING, length=40),
        _field("Weighted__c", FieldType.CURRENCY, precision=18, scale=2, formula="Amount * Probability"),
    ),
    "Account": (
        _EXTERNAL_ID,
        _picklist("Partner_Status__c", "Active", "Inactive", "Prospect"),
        _picklist("Partner_Tier__c", "Gold", "Silver", "Bronze"),
        _field("Tier_Score__c", FieldType.DOUBLE, precision=6, scale=2),
    ),
    "Lead": (
        replace(_PARTNER_ACCOUNT, child_relationship="Partner_Leads__r"),
        _EXTERNAL_ID,
        _picklist("Deal_Region__c", *DEAL_REGIONS),
    ),
    "Contact": (_EXTERNAL_ID, _picklist("Partner_Role__c", "Sales", "Presales", "Marketing")),
}

_OPPORTUNITY_TYPES = (
    RecordType(
        "", "Direct_Sale", "Direct Sale", default=True, picklists={"Deal_Region__c": ("AMER", "LATAM")}
    ),
    RecordType("", "Partner_Deal", "Partner Deal", picklists={"Deal_Region__c": ("EMEA", "AMER", "APAC")}),
)

_DEAL_REGISTRATION = SObjectType(
    "Deal_Registration__c",
    "Deal Registration",
    "Deal Registrations",
    None,
    fields={
        field.name: field
        for field in (
            _lookup("Account__c", "Account", "Deal_Registrations__r"),
            _lookup("Primary_Contact__c", "Contact", "Deal_Registrations__r"),
            _picklist("Status__c", "Draft", "Submitted", "Approved", "Rejected"),
            _field("Valid_Until__c", FieldType.DATE),
            _field("Value__c", FieldType.CURRENCY, precision=16, scale=2),
        )
    },
)

BASES: Final = {"bare": bare_org, "standard": standard_org}
"""What an org file can start from."""
