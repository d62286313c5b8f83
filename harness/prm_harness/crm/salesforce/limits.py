"""``limits`` and ``limits/recordCount`` (contract §2)."""

from __future__ import annotations

from typing import Final

from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.http import Response, json_response

# Allowances of a developer org of 2026 that the sandbox does not meter: always all of it remains (recording limits-001).
_UNMETERED: Final = {
    "AnalyticsExternalDataSizeMB": 40_960,
    "CdpAiInferenceApiMonthlyLimit": 500_000_000,
    "ConcurrentAsyncGetReportInstances": 200,
    "ConcurrentEinsteinDataInsightsStoryCreation": 5,
    "ConcurrentEinsteinDiscoveryStoryCreation": 2,
    "ConcurrentSyncReportRuns": 20,
    "ContentDistBandwidthLimitMB": 51_200,
    "ContentDistViewLimit": 50_000,
    "ContentPublicationLimit": 2500,
    "DailyAnalyticsDataflowJobExecutions": 60,
    "DailyAnalyticsUploadedFilesSizeMB": 51_200,
    "DailyApexCursorLimit": 10_000,
    "DailyApexCursorRowsLimit": 100_000_000,
    "DailyApexPCursorLimit": 200_000,
    "DailyAsyncApexExecutions": 250_000,
    "DailyAsyncApexTests": 500,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyBulkV2QueryJobs": 10_000,
    "DailyDeliveredPlatformEvents": 10_000,
    "DailyDurableGenericStreamingApiEvents": 10_000,
    "DailyDurableStreamingApiEvents": 10_000,
    "DailyEinsteinDataInsightsStoryCreation": 1000,
    "DailyEinsteinDiscoveryOptimizationJobRuns": 25,
    "DailyEinsteinDiscoveryPredictAPICalls": 50_000,
    "DailyEinsteinDiscoveryPredictionsByCDC": 500_000,
    "DailyEinsteinDiscoveryStoryCreation": 100,
    "DailyFunctionsApiCallLimit": 50_000,
    "DailyGenericStreamingApiEvents": 10_000,
    "DailyMetadataRetrievesWithDependencies": 25,
    "DailyServiceEmailAgentforceCalls": 5000,
    "DailyStandardVolumePlatformEvents": 10_000,
    "DailyStreamingApiEvents": 10_000,
    "DailyWorkflowEmails": 8040,
    "DataStorageMB": 5,
    "DurableStreamingApiConcurrentClients": 20,
    "ExternalServicesActiveObjects": 3000,
    "ExternalServicesActiveOperations": 3000,
    "ExternalServicesObjectProperties": 400_000,
    "ExternalServicesObjects": 10_000,
    "ExternalServicesOperations": 10_000,
    "ExternalServicesRegistrations": 700,
    "FileStorageMB": 20,
    "HourlyAsyncReportRuns": 1200,
    "HourlyDashboardRefreshes": 200,
    "HourlyDashboardResults": 5000,
    "HourlyDashboardStatuses": 999_999_999,
    "HourlyElevateAsyncReportRuns": 1200,
    "HourlyElevateSyncReportRuns": 500,
    "HourlyLongTermIdMapping": 100_000,
    "HourlyManagedContentPublicRequests": 50_000,
    "HourlyODataCallout": 1000,
    "HourlyPublishedPlatformEvents": 50_000,
    "HourlyPublishedStandardVolumePlatformEvents": 1000,
    "HourlyShortTermIdMapping": 100_000,
    "HourlySyncReportRuns": 500,
    "HourlyTimeBasedWorkflow": 1000,
    "MassEmail": 10,
    "MaxContentDocumentsLimit": 30_000_000,
    "MonthlyEinsteinDiscoveryStoryCreation": 500,
    "Package2VersionCreates": 6,
    "Package2VersionCreatesWithoutValidation": 500,
    "PlatformEventTriggersWithParallelProcessing": 5,
    "PrivateConnectOutboundCalloutHourlyLimitMB": 0,
    "PublishCallbackUsageInApex": 5_242_880,
    "ScheduledFlowRunLimit": 250_000,
    "ScheduledPathRunLimit": 250_000,
    "SingleEmail": 15,
    "StreamingApiConcurrentClients": 20,
}
_PERMISSION_SETS: Final = (1500, 1000)
"""Permission sets of an org, and custom ones among them."""


def limits(call: Call) -> Response:
    """``GET /limits``: name to ``{Max, Remaining}``; the daily calls are the org's real ones."""
    quota = call.wire.quota
    calls = {"Max": quota.maximum, "Remaining": max(0, quota.maximum - quota.used)}
    table = {name: {"Max": value, "Remaining": value} for name, value in _UNMETERED.items()}
    most, most_custom = _PERMISSION_SETS
    sets = {"Max": most, "Remaining": most, "CreateCustom": {"Max": most_custom, "Remaining": most_custom}}
    whole = {**table, "DailyApiRequests": calls, "PermissionSets": sets}
    return json_response(dict(sorted(whole.items())))


def record_count(call: Call) -> Response:
    """``GET /limits/recordCount?sObjects=A,B``: objects without rows (and unknown ones) are left out."""
    names = [name.strip() for name in call.params.get("sObjects", "").split(",") if name.strip()]
    schema = call.org.schema
    wanted = [schema.get(name) for name in names] if names else list(schema.objects.values())
    counts = []
    for sobject in wanted:
        if sobject is None or not sobject.queryable:
            continue
        count = call.org.query(f"SELECT COUNT() FROM {sobject.name}", user=call.user).total
        if count:
            counts.append({"count": count, "name": sobject.name})
    return json_response({"sObjects": counts})
