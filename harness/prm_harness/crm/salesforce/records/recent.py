"""``recent``: what the caller worked with last. The sandbox's stand-in for "viewed" is "changed by"."""

from __future__ import annotations

from typing import Any, Final

from prm_harness.crm.org.schema import SObjectType
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import request_error
from prm_harness.crm.salesforce.http import Response, json_response

_DEFAULT: Final = 200
_MOST: Final = 2000


def recent(call: Call) -> Response:
    """``GET /recent[?limit=n]``: ``attributes``, ``Id`` and ``Name`` of each, the latest first."""
    text = call.params.get("limit", str(_DEFAULT))
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:9]) <= _MOST:
        raise request_error(400, "INVALID_QUERY_LIMIT", f"limit has to be a number from 1 to {_MOST}")
    limit = int(text)
    dated: list[tuple[str, dict[str, Any]]] = []
    for sobject in call.org.schema.objects.values():
        dated += [(row.pop("LastModifiedDate"), row) for row in changed_by_caller(call, sobject, limit)]
    rows = [row for _, row in sorted(dated, key=lambda entry: entry[0], reverse=True)[:limit]]
    call.tally.rows_out += len(rows)
    return json_response(rows)


def changed_by_caller(call: Call, sobject: SObjectType, limit: int) -> list[dict[str, Any]]:
    """Id, name and date of one object's rows that the caller changed last; none where there are no names to show."""
    name = sobject.name_field
    if not sobject.layoutable or name is None or sobject.field("LastModifiedById") is None:
        return []
    soql = (
        f"SELECT Id, {name.name}, LastModifiedDate FROM {sobject.name} WHERE LastModifiedById = '{call.user}'"
        f" ORDER BY LastModifiedDate DESC LIMIT {limit}"
    )
    return call.org.query(soql, user=call.user, url_for=call.record_url).records
