"""The partner API in one table: its types, its headers, its operations.

Requests are read, answers written and the WSDL made from it.
A type's fields are ``name type`` and a sign: ``*`` any number, ``?`` may be missing, ``~`` there but maybe nil. Types
are XML Schema's, ``ID``, ``sObject``, or another row of the table. The facts are the vendor's partner WSDL (contract §12
for convertLead); enumerations are plain strings here. What is not listed, the sandbox does not answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from prm_harness.crm.salesforce.soap.contract_layouts import LAYOUT_OPERATIONS, LAYOUT_TYPES

PARTNER: Final = "urn:partner.soap.sforce.com"
SOBJECT: Final = "urn:sobject.partner.soap.sforce.com"
FAULT: Final = "urn:fault.partner.soap.sforce.com"

SIMPLE: Final = frozenset(
    {"string", "boolean", "int", "double", "date", "dateTime", "time", "base64Binary", "anyType", "ID"}
)


@dataclass(frozen=True, slots=True)
class Part:
    """One element of a type."""

    name: str
    type: str
    many: bool = False
    optional: bool = False
    nillable: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: what it takes, what its answer's ``result`` is (None: nothing), the headers it reads."""

    parameters: tuple[Part, ...]
    result: Part | None
    headers: tuple[str, ...]


def _parts(text: str) -> tuple[Part, ...]:
    found = []
    for item in filter(None, (item.strip() for item in text.replace("\n", " ").split(","))):
        name, kind = item.split()
        sign = kind[-1] if kind[-1] in "*?~" else ""
        found.append(
            Part(
                name,
                kind.rstrip("*?~"),
                many=sign == "*",
                optional=sign in "*?" and bool(sign),
                nillable=sign == "~",
            )
        )
    return tuple(found)


_RECORD_RESULT = "errors Error*, id ID~, success boolean"

_TYPES = {
    "ExtendedErrorDetails": "extendedErrorCode string",
    "Error": "extendedErrorDetails ExtendedErrorDetails*, fields string*, message string, statusCode string",
    "SaveResult": _RECORD_RESULT,
    "UpsertResult": "created boolean, errors Error*, id ID~, success boolean",
    "DeleteResult": _RECORD_RESULT,
    "UndeleteResult": _RECORD_RESULT,
    "EmptyRecycleBinResult": _RECORD_RESULT,
    "MergeRequest": "masterRecord sObject, recordToMergeIds ID*",
    "MergeResult": "errors Error*, id ID~, mergedRecordIds ID*, success boolean, updatedRelatedIds ID*",
    "LeadConvert": """accountId ID?, accountRecord sObject?, bypassAccountDedupeCheck boolean?,
        bypassContactDedupeCheck boolean?, contactId ID?, contactRecord sObject?, convertedStatus string,
        doNotCreateOpportunity boolean, leadId ID, opportunityId ID?, opportunityName string?,
        opportunityRecord sObject?, overwriteLeadSource boolean, ownerId ID?, sendNotificationEmail boolean""",
    "LeadConvertResult": """accountId ID~, contactId ID~, errors Error*, leadId ID~, opportunityId ID~,
        success boolean""",
    "QueryResult": "done boolean, queryLocator string~, records sObject*, size int",
    "SearchRecord": "record sObject",
    "SearchResult": "queryId string, searchRecords SearchRecord*",
    "GetUpdatedResult": "ids ID*, latestDateCovered dateTime",
    "GetDeletedResult": """deletedRecords DeletedRecord*, earliestDateAvailable dateTime,
        latestDateCovered dateTime""",
    "DeletedRecord": "deletedDate dateTime, id ID",
    "GetServerTimestampResult": "timestamp dateTime",
    "LoginResult": """metadataServerUrl string~, passwordExpired boolean, sandbox boolean, serverUrl string~,
        sessionId string~, userId ID~, userInfo GetUserInfoResult?""",
    "GetUserInfoResult": """accessibilityMode boolean, chatterExternal boolean, currencySymbol string~,
        orgAttachmentFileSizeLimit int, orgDefaultCurrencyIsoCode string~, orgDefaultCurrencyLocale string~,
        orgDisallowHtmlAttachments boolean, orgHasPersonAccounts boolean, organizationId ID,
        organizationMultiCurrency boolean, organizationName string, profileId ID, roleId ID~,
        sessionSecondsValid int, userDefaultCurrencyIsoCode string~, userEmail string, userFullName string,
        userId ID, userLanguage string, userLocale string, userName string, userTimeZone string, userType string,
        userUiSkin string""",
    "DescribeGlobalResult": "encoding string~, maxBatchSize int, sobjects DescribeGlobalSObjectResult*",
    "DescribeGlobalSObjectResult": """activateable boolean, associateEntityType string?,
        associateParentEntity string?, createable boolean, custom boolean, customSetting boolean,
        deepCloneable boolean, deletable boolean, deprecatedAndHidden boolean, feedEnabled boolean,
        hasSubtypes boolean, isInterface boolean, isSubtype boolean, keyPrefix string~, label string,
        labelPlural string, layoutable boolean, mergeable boolean, mruEnabled boolean, name string,
        queryable boolean, replicateable boolean, retrieveable boolean, searchable boolean, triggerable boolean,
        undeletable boolean, updateable boolean""",
    "DescribeSObjectResult": """activateable boolean, associateEntityType string?, associateParentEntity string?,
        childRelationships ChildRelationship*, compactLayoutable boolean, createable boolean, custom boolean,
        customSetting boolean, deepCloneable boolean, defaultImplementation string?, deletable boolean,
        deprecatedAndHidden boolean, extendedBy string?, extendsInterfaces string?, feedEnabled boolean,
        fields Field*, hasSubtypes boolean, implementedBy string?, implementsInterfaces string?,
        isInterface boolean, isSubtype boolean, keyPrefix string~, label string, labelPlural string,
        layoutable boolean, mergeable boolean, mruEnabled boolean, name string,
        networkScopeFieldName string?, queryable boolean, recordTypeInfos RecordTypeInfo*,
        replicateable boolean, retrieveable boolean, searchable boolean, searchLayoutable boolean?,
        supportedScopes ScopeInfo*, triggerable boolean?, undeletable boolean, updateable boolean,
        urlDetail string?, urlEdit string?, urlNew string?""",
    "ChildRelationship": """cascadeDelete boolean, childSObject string, deprecatedAndHidden boolean, field string,
        junctionIdListNames string*, junctionReferenceTo string*, relationshipName string?,
        restrictedDelete boolean?""",
    "RecordTypeInfo": """active boolean, available boolean, defaultRecordTypeMapping boolean,
        developerName string, master boolean, name string, recordTypeId ID~""",
    "ScopeInfo": "label string, name string",
    "PicklistEntry": "active boolean, defaultValue boolean, label string~, validFor base64Binary?, value string",
    "Field": """aggregatable boolean, aiPredictionField boolean, autoNumber boolean, byteLength int,
        calculated boolean, calculatedFormula string?, cascadeDelete boolean?, caseSensitive boolean,
        compoundFieldName string?, controllerName string?, createable boolean, custom boolean,
        defaultValue anyType?, defaultValueFormula string?, defaultedOnCreate boolean, dependentPicklist boolean?,
        deprecatedAndHidden boolean, digits int, displayLocationInDecimal boolean?, encrypted boolean?,
        externalId boolean?, extraTypeInfo string?, filterable boolean, formulaTreatNullNumberAsZero boolean?,
        groupable boolean, highScaleNumber boolean?, htmlFormatted boolean?, idLookup boolean,
        inlineHelpText string?, label string, length int, mask string?, maskType string?, name string,
        nameField boolean, namePointing boolean?, nillable boolean, permissionable boolean,
        picklistValues PicklistEntry*, polymorphicForeignKey boolean, precision int, queryByDistance boolean,
        referenceTargetField string?, referenceTo string*, relationshipName string?, relationshipOrder int?,
        restrictedDelete boolean?, restrictedPicklist boolean, scale int, searchPrefilterable boolean,
        soapType string, sortable boolean, type string, unique boolean, updateable boolean,
        writeRequiresMasterRead boolean?""",
    "LimitInfo": "current int, limit int, type string",
    "InvalidateSessionsResult": "errors Error*, success boolean",
    **LAYOUT_TYPES,
}

_HEADERS = {
    "SessionHeader": "sessionId string",
    "LoginScopeHeader": "organizationId ID?, portalId ID?",
    "CallOptions": "client string?, defaultNamespace string?",
    "QueryOptions": "batchSize int?",
    "AllOrNoneHeader": "allOrNone boolean",
    "DuplicateRuleHeader": "allowSave boolean, includeRecordDetails boolean, runAsCurrentUser boolean",
    "AssignmentRuleHeader": "assignmentRuleId ID~, useDefaultRule boolean~",
    "MruHeader": "updateMru boolean",
    "EmailHeader": "triggerAutoResponseEmail boolean, triggerOtherEmail boolean, triggerUserEmail boolean",
    "AllowFieldTruncationHeader": "allowFieldTruncation boolean",
    "DisableFeedTrackingHeader": "disableFeedTracking boolean",
    "LocaleOptions": "language string?, localizeErrors boolean?",
    "LimitInfoHeader": "limitInfo LimitInfo*",
}

_SAVING = """SessionHeader CallOptions AssignmentRuleHeader MruHeader AllowFieldTruncationHeader
    DisableFeedTrackingHeader AllOrNoneHeader DuplicateRuleHeader LocaleOptions EmailHeader"""
_READING = "SessionHeader CallOptions QueryOptions MruHeader"
_PLAIN = "SessionHeader CallOptions"

_OPERATIONS = {
    "login": ("username string, password string", "LoginResult", "LoginScopeHeader CallOptions"),
    "logout": ("", "", _PLAIN),
    "getUserInfo": ("", "GetUserInfoResult", _PLAIN),
    "getServerTimestamp": ("", "GetServerTimestampResult", _PLAIN),
    "describeGlobal": ("", "DescribeGlobalResult", _PLAIN),
    "describeSObject": ("sObjectType string", "DescribeSObjectResult~", _PLAIN),
    "describeSObjects": ("sObjectType string*", "DescribeSObjectResult*", _PLAIN),
    **{name: (*shape, _PLAIN) for name, shape in LAYOUT_OPERATIONS.items()},
    "query": ("queryString string", "QueryResult", _READING),
    "queryAll": ("queryString string", "QueryResult", _READING),
    "queryMore": ("queryLocator string", "QueryResult", _READING),
    "search": ("searchString string", "SearchResult", _PLAIN),
    "retrieve": ("fieldList string, sObjectType string, ids ID*", "sObject*", _READING),
    "getUpdated": ("sObjectType string, startDate dateTime, endDate dateTime", "GetUpdatedResult", _PLAIN),
    "getDeleted": ("sObjectType string, startDate dateTime, endDate dateTime", "GetDeletedResult", _PLAIN),
    "create": ("sObjects sObject*", "SaveResult*", _SAVING),
    "update": ("sObjects sObject*", "SaveResult*", _SAVING),
    "upsert": ("externalIDFieldName string, sObjects sObject*", "UpsertResult*", _SAVING),
    "delete": ("ids ID*", "DeleteResult*", _SAVING),
    "undelete": ("ids ID*", "UndeleteResult*", _SAVING),
    "emptyRecycleBin": ("ids ID*", "EmptyRecycleBinResult*", _PLAIN),
    "merge": ("request MergeRequest*", "MergeResult*", _SAVING),
    "convertLead": ("leadConverts LeadConvert*", "LeadConvertResult*", _SAVING),
    "invalidateSessions": ("sessionIds string*", "InvalidateSessionsResult*", _PLAIN),
}

_UNANSWERED = """
    changeOwnPassword deleteByExample describeAllTabs describeAppMenu describeApprovalLayout
    describeAvailableQuickActions describeDataCategoryGroups describeDataCategoryGroupStructures
    describeDataCategoryMappings describeGlobalTheme describeKnowledgeSettings describeNouns
    describePathAssistants describeQuickActions describeQuickActionsForRecordType describeSearchableEntities
    describeSearchLayouts describeSearchScopeOrder describeSoftphoneLayout describeSoqlListViews describeTabs
    describeTheme describeVisualForce executeListView findDuplicates findDuplicatesByIds performQuickActions
    process renderEmailTemplate renderStoredEmailTemplate resetPassword retrieveMassQuickActionTemplates
    retrieveQuickActionTemplates sendEmail sendEmailMessage setPassword
"""
UNANSWERED: Final = frozenset(_UNANSWERED.split())
"""Operations that Salesforce has and the sandbox has not."""

TYPES: Final = {name: _parts(text) for name, text in _TYPES.items()}
HEADERS: Final = {name: _parts(text) for name, text in _HEADERS.items()}
OPERATIONS: Final = {
    name: Operation(
        _parts(takes), next(iter(_parts(f"result {gives}")), None) if gives else None, tuple(headers.split())
    )
    for name, (takes, gives, headers) in _OPERATIONS.items()
}
FAULTS: Final = (
    "ApiFault", "ApiQueryFault", "LoginFault", "InvalidQueryLocatorFault", "InvalidNewPasswordFault",
    "InvalidIdFault", "UnexpectedErrorFault", "InvalidFieldFault", "InvalidSObjectFault", "MalformedQueryFault",
    "MalformedSearchFault",
)  # fmt: skip
"""Fault elements of the API; ``ApiQueryFault`` and those after it in meaning also say row and column."""
