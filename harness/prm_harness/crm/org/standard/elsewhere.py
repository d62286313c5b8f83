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
_CHILDREN: Final = frozenset(
    [
        "AcceptedEventRelations",
        "AccountBrands",
        "AccountCleanInfos",
        "AccountContactRelations",
        "AccountContactRoles",
        "ActivityFieldHistories",
        "ActivityHistories",
        "AlternativePaymentMethods",
        "Assets",
        "AssociatedLocations",
        "AttachedContentDocuments",
        "AttachedContentNotes",
        "AuthorizationFormConsents",
        "CardPaymentMethods",
        "Carts",
        "CaseContactRoles",
        "CaseSolutions",
        "CombinedAttachments",
        "CommSubscriptionConsents",
        "ContactCleanInfos",
        "ContactPointAddresses",
        "ContactPointEmails",
        "ContactPointPhones",
        "ContactRequests",
        "ContractContactRoles",
        "Contracts",
        "ContractsSigned",
        "CreditMemos",
        "CustomBrands",
        "DeclinedEventRelations",
        "DigitalWallets",
        "DuplicateRecordItems",
        "EmailMessageRelations",
        "EmailMessages",
        "EmailStatuses",
        "Emails",
        "EntitlementContacts",
        "Entitlements",
        "EventRelations",
        "FeedSubscriptionsForEntity",
        "Feeds",
        "FinanceBalanceSnapshots",
        "FinanceTransactions",
        "FlowOrchestrationWorkItems",
        "FulfillmentOrders",
        "Invoices",
        "LeadCleanInfos",
        "ListEmailIndividualRecipients",
        "LiveChatTranscripts",
        "MaintenancePlans",
        "MessagingEndUsers",
        "MessagingSessions",
        "NetworkUserHistoryRecentToRecord",
        "NotesAndAttachments",
        "OpenActivities",
        "OpportunityCompetitors",
        "Orders",
        "OutgoingEmailRelations",
        "ParentEntities",
        "PaymentAuthAdjustments",
        "PaymentAuthorizations",
        "PaymentLinesInvoice",
        "Payments",
        "PendingOrderSummaries",
        "ProcessInstances",
        "ProcessSteps",
        "ProductRequestLineItems",
        "ProductRequests",
        "ProvidedAssets",
        "RecordActionHistories",
        "RecordActions",
        "RecordAssociatedGroups",
        "RefundLinePayments",
        "Refunds",
        "RelatedAuthorizationFormConsents",
        "RelatedRecords",
        "ResourcePreferences",
        "ReturnOrders",
        "ScorecardAssociations",
        "ServiceAppointmentAccount",
        "ServiceAppointments",
        "ServiceContracts",
        "ServiceResources",
        "ServicedAssets",
        "Shares",
        "TeamMembers",
        "TeamTemplateRecords",
        "TopicAssignments",
        "UndecidedEventRelations",
        "UserDefinedLabelAssignments",
        "VoiceCallActivities",
        "WaitlistParticipants",
        "WorkOrders",
    ]
)
"""Child relationships of standard objects to ones that the sandbox has not (recorded describes of orgs with and without features)."""
_LOW: Final = {name.lower(): name for name in _NAMES}
_COMPANION: Final = re.compile(r"(\w+?)(?:__)?(?:History|Share|Feed|ChangeEvent)", re.IGNORECASE)
_LOW_CHILDREN: Final = {name.lower(): name for name in _CHILDREN}
_CHILD: Final = re.compile(r"Didn't understand relationship '(\w+)' in FROM part")
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
    """What a refusal says is unknown, in words, when it is one of those: an object, or the relationship to one."""
    found = _QUOTED.search(message)
    if found:
        name = lacking(found[1], schema)
        return f"the object {name}" if name else ""
    child = _CHILD.search(message)
    name = _LOW_CHILDREN.get(child[1].lower(), "") if child else ""
    return f"the child relationship {name}" if name else ""
