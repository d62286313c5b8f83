"""Standard objects that every Enterprise org has and the sandbox has not (vendor's object reference).

Asked for one of these, the sandbox says that it is its own gap. Objects that come with a feature, such as quotes,
partner users or several currencies, are not listed: an org without the feature does not know them either.
"""

from __future__ import annotations

import re
from typing import Final

from prm_harness.crm.org.schema import Schema

_NAMES: Final = frozenset(
    [
        "AccountContactRole",
        "ApexClass",
        "ApexComponent",
        "ApexLog",
        "ApexPage",
        "ApexTestQueueItem",
        "ApexTestResult",
        "ApexTrigger",
        "AppMenuItem",
        "Asset",
        "AssignmentRule",
        "AsyncApexJob",
        "AuthSession",
        "BrandTemplate",
        "BusinessHours",
        "BusinessProcess",
        "CaseContactRole",
        "CaseSolution",
        "CaseTeamMember",
        "CaseTeamRole",
        "ClientBrowser",
        "CollaborationGroup",
        "CollaborationGroupMember",
        "ConnectedApplication",
        "ContentDistribution",
        "ContentFolder",
        "ContentWorkspace",
        "Contract",
        "ContractContactRole",
        "ContractStatus",
        "CronJobDetail",
        "CronTrigger",
        "CustomPermission",
        "Dashboard",
        "DashboardComponent",
        "Document",
        "DocumentAttachmentMap",
        "Domain",
        "DuplicateRecordItem",
        "DuplicateRecordSet",
        "DuplicateRule",
        "EmailMessage",
        "EmailMessageRelation",
        "EmailTemplate",
        "EntityDefinition",
        "EntityParticle",
        "EventBusSubscriber",
        "EventLogFile",
        "EventRelation",
        "FeedAttachment",
        "FeedComment",
        "FeedItem",
        "FeedTrackedChange",
        "FieldDefinition",
        "FiscalYearSettings",
        "FlowInterview",
        "Folder",
        "Holiday",
        "Individual",
        "ListView",
        "LoginGeo",
        "LoginHistory",
        "LoginIp",
        "Macro",
        "MailmergeTemplate",
        "MatchingRule",
        "MatchingRuleItem",
        "NamedCredential",
        "OauthToken",
        "OpportunityCompetitor",
        "Order",
        "OrderItem",
        "Period",
        "PermissionSetGroup",
        "PermissionSetLicense",
        "PermissionSetLicenseAssign",
        "ProcessDefinition",
        "ProcessInstance",
        "ProcessInstanceHistory",
        "ProcessInstanceNode",
        "ProcessInstanceStep",
        "ProcessInstanceWorkitem",
        "ProcessNode",
        "QuickText",
        "RecentlyViewed",
        "RelationshipDomain",
        "RelationshipInfo",
        "Report",
        "SetupEntityAccess",
        "Site",
        "Solution",
        "StaticResource",
        "TabDefinition",
        "TaskPriority",
        "Topic",
        "TopicAssignment",
        "UserEntityAccess",
        "UserFieldAccess",
        "UserLicense",
        "UserLogin",
        "UserPreference",
        "UserRecordAccess",
        "WebLink",
        "WorkOrder",
    ]
)
_LOW: Final = {name.lower(): name for name in _NAMES}
_COMPANION: Final = re.compile(r"(\w+?)(?:__)?(?:History|Share|Feed|ChangeEvent)", re.IGNORECASE)
_QUOTED: Final = re.compile(r"[sS]Object type '(\w+)' is not supported")


def lacking(name: str, schema: Schema) -> str:
    """The object's name when Salesforce has it and the sandbox has not, else the empty text.

    Objects beside one that is there, such as ``AccountHistory`` or ``Deal__Share``, are among them.
    """
    known = _LOW.get(name.lower(), "")
    beside = None if known else _COMPANION.fullmatch(name)
    if beside is None:
        return known
    obj = schema.get(beside[1]) or schema.get(f"{beside[1]}__c")
    return name if obj is not None and obj.layoutable and obj.name != name else ""


def lacking_in(message: str, schema: Schema) -> str:
    """The object that a refusal says is unknown, when it is one of those."""
    found = _QUOTED.search(message)
    return lacking(found[1], schema) if found else ""
