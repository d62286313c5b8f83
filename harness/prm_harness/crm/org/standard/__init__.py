"""The standard objects every org starts with: one small table an object, and the rows of its process settings.

Names, types, sizes and flags are facts of Salesforce's own describes of these objects, restated. Fields that only exist
when a feature is switched on (state and country codes, recurrence, person accounts, multi-currency) are left out.
"""

from __future__ import annotations

from importlib.resources import files

from prm_harness.crm.org.effects.history import history_object
from prm_harness.crm.org.schema import Schema
from prm_harness.crm.org.standard.process import (
    CASE_STATUSES,
    LEAD_STATUSES,
    OPPORTUNITY_STAGES,
    PARTNER_ROLES,
    TASK_STATUSES,
)
from prm_harness.crm.org.standard.summaries import add_summaries
from prm_harness.crm.org.standard.table import read_object

__all__ = [
    "CASE_STATUSES",
    "LEAD_STATUSES",
    "OPPORTUNITY_STAGES",
    "PARTNER_ROLES",
    "TASK_STATUSES",
    "standard_schema",
]

_OBJECTS = (
    "Account",
    "Contact",
    "Lead",
    "Opportunity",
    "OpportunityContactRole",
    "OpportunityLineItem",
    "OpportunityStage",
    "OpportunityHistory",
    "LeadStatus",
    "Product2",
    "Pricebook2",
    "PricebookEntry",
    "Campaign",
    "CampaignMember",
    "Case",
    "CaseComment",
    "Task",
    "Event",
    "User",
    "UserRole",
    "Profile",
    "RecordType",
    "Organization",
    "PushTopic",
    "StreamingChannel",
    "PermissionSet",
    "PermissionSetAssignment",
    "FieldPermissions",
    "Attachment",
    "Note",
    "ContentVersion",
    "ContentDocument",
    "ContentDocumentLink",
    "SetupAuditTrail",
    "Group",
    "GroupMember",
    "QueueSobject",
    "Partner",
    "AccountPartner",
    "OpportunityPartner",
    "PartnerRole",
    "CampaignMemberStatus",
    "CaseStatus",
    "TaskStatus",
    "PartnerMarketingBudget",
    "PartnerFundAllocation",
    "PartnerFundRequest",
    "PartnerFundClaim",
    "ChannelProgram",
    "ChannelProgramLevel",
    "ChannelProgramMember",
    "ObjectPermissions",
)
_WITH_HISTORY = ("Account", "Contact", "Lead", "Opportunity", "Case")


def standard_schema() -> Schema:
    """A fresh schema of the standard objects, the caller's to change.

    A compound field (an address, or Name of a person) has no column: its parts name it as their ``compound``.
    """
    schema = Schema()
    tables = files(__package__) / "objects"
    for name in _OBJECTS:
        schema.put(read_object((tables / f"{name}.txt").read_text(encoding="utf-8")))
    add_summaries(schema)
    for name in _WITH_HISTORY:
        schema.put(history_object(schema.objects[name]))
    return schema
