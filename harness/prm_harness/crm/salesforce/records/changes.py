"""``updated`` and ``deleted``: which rows a replica has to look at again (contract §10)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from prm_harness.crm.org.schema import SObjectType
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.dates import soql_datetime, wire_datetime
from prm_harness.crm.salesforce.errors import request_error
from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.store.values import as_datetime

UPDATED_DAYS: Final = 30
DELETED_DAYS: Final = 15


def updated(call: Call) -> Response:
    """``GET /sobjects/X/updated/?start&end``: ids of live rows whose SystemModstamp is in the range."""
    sobject = _replicateable(call)
    start, end = _range(call, UPDATED_DAYS)
    rows = _rows(call, f"SELECT Id FROM {sobject.name} WHERE {_within(start, end)}")
    return json_response({"ids": [row["Id"] for row in rows], "latestDateCovered": as_datetime(end)})


def deleted(call: Call) -> Response:
    """``GET /sobjects/X/deleted/?start&end``: ids and dates of rows in the recycle bin, deleted in the range."""
    sobject = _replicateable(call)
    start, end = _range(call, DELETED_DAYS)
    condition = f"IsDeleted = true AND {_within(start, end)}"
    rows = _rows(
        call, f"SELECT Id, SystemModstamp FROM {sobject.name} WHERE {condition}", include_deleted=True
    )
    return json_response(
        {
            "deletedRecords": [{"deletedDate": row["SystemModstamp"], "id": row["Id"]} for row in rows],
            "earliestDateAvailable": as_datetime(call.wire.clock.now() - timedelta(days=DELETED_DAYS)),
            "latestDateCovered": as_datetime(end),
        }
    )


def _replicateable(call: Call) -> SObjectType:
    sobject = call.sobject()
    if not sobject.replicateable:
        raise request_error(
            400, "INVALID_TYPE_FOR_OPERATION", f"entity type {sobject.name} does not support replication"
        )
    return sobject


def _range(call: Call, days: int) -> tuple[datetime, datetime]:
    try:
        start, end = (wire_datetime(call.params[name]) for name in ("start", "end"))
    except (KeyError, ValueError, OverflowError):
        raise request_error(
            400, "INVALID_REPLICATION_DATE", "start and end have to be given as ISO 8601 date and time"
        ) from None
    if end - start < timedelta(minutes=1):
        raise request_error(
            400, "INVALID_REPLICATION_DATE", "endDate must be at least one minute greater than startDate"
        )
    if start < call.wire.clock.now() - timedelta(days=days):
        message = f"startDate before org replication enabled date, or more than {days} days ago"
        raise request_error(400, "INVALID_REPLICATION_DATE", message)
    return start, min(end, call.wire.clock.now())


def _within(start: datetime, end: datetime) -> str:
    return f"SystemModstamp >= {soql_datetime(start)} AND SystemModstamp <= {soql_datetime(end)}"


def _rows(call: Call, soql: str, *, include_deleted: bool = False) -> list[dict[str, Any]]:
    rows = call.org.query(
        soql, user=call.user, include_deleted=include_deleted, url_for=call.record_url
    ).records
    call.tally.rows_out += len(rows)
    return rows
