"""``limits`` and ``limits/recordCount`` (contract §2)."""

from __future__ import annotations

from typing import Final

from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.http import Response, json_response

# Allowances of a developer org that the sandbox does not meter: always all of it remains.
_UNMETERED: Final = {
    "ConcurrentAsyncGetReportInstances": 200,
    "ConcurrentSyncReportRuns": 20,
    "DailyAsyncApexExecutions": 250_000,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyBulkV2QueryJobs": 10_000,
    "DailyDeliveredPlatformEvents": 10_000,
    "DailyDurableGenericStreamingApiEvents": 10_000,
    "DailyDurableStreamingApiEvents": 10_000,
    "DailyGenericStreamingApiEvents": 10_000,
    "DailyStandardVolumePlatformEvents": 10_000,
    "DailyStreamingApiEvents": 10_000,
    "DailyWorkflowEmails": 8_040,
    "DataStorageMB": 5,
    "DurableStreamingApiConcurrentClients": 20,
    "FileStorageMB": 20,
    "HourlyAsyncReportRuns": 1_200,
    "HourlyDashboardRefreshes": 200,
    "HourlyODataCallout": 1_000,
    "HourlyPublishedPlatformEvents": 50_000,
    "HourlyPublishedStandardVolumePlatformEvents": 1_000,
    "HourlySyncReportRuns": 500,
    "HourlyTimeBasedWorkflow": 1_000,
    "MassEmail": 10,
    "SingleEmail": 15,
    "StreamingApiConcurrentClients": 20,
}


def limits(call: Call) -> Response:
    """``GET /limits``: name to ``{Max, Remaining}``; the daily calls are the org's real ones."""
    quota = call.wire.quota
    calls = {"Max": quota.maximum, "Remaining": max(0, quota.maximum - quota.used)}
    table = {name: {"Max": value, "Remaining": value} for name, value in _UNMETERED.items()}
    return json_response(dict(sorted({**table, "DailyApiRequests": calls}.items())))


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
