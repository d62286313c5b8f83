"""Conditional requests on rows: ETags on Account rows, dates on every row (contract §5).

A header that a client sends on a write has to be readable; on a read a bad one is as if it were not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any, Final

import orjson

from prm_harness.crm.org.schema import SObjectType
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.dates import http_date, wire_datetime
from prm_harness.crm.salesforce.errors import WireError, request_error
from prm_harness.crm.salesforce.http import Response

_WITH_ETAG: Final = "Account"
_WRITE_HEADERS: Final = ("if-match", "if-none-match", "if-unmodified-since")


def headers_of(sobject: SObjectType, row: Mapping[str, Any]) -> dict[str, str]:
    """``Last-Modified``, and on an Account its ``ETag``, of a whole row."""
    headers = {}
    modified = row.get("SystemModstamp")
    if isinstance(modified, str):
        headers["Last-Modified"] = http_date(wire_datetime(modified))
    if sobject.name == _WITH_ETAG:
        headers["ETag"] = f'"{sha256(orjson.dumps(row)).hexdigest()[:8]}--gzip"'
    return headers


def not_wanted(call: Call, headers: Mapping[str, str]) -> Response | None:
    """304 or 412 for a read whose conditions the row does not meet; None when it is to be answered.

    Raises:
        WireError: 412, a precondition failed.
    """
    asked = call.request.header
    tag = headers.get("ETag", "")
    if tag and asked("if-match") and not _names(asked("if-match"), tag):
        raise _failed()
    unmodified = _date(asked("if-unmodified-since"))
    if unmodified and "Last-Modified" in headers and _moment(headers) > unmodified:
        raise _failed()
    if tag and asked("if-none-match"):
        return Response(304, dict(headers)) if _names(asked("if-none-match"), tag) else None
    modified = _date(asked("if-modified-since"))
    if modified and "Last-Modified" in headers and _moment(headers) <= modified:
        return Response(304, dict(headers))
    return None


def demand_unchanged(call: Call, sobject: SObjectType, record_id: str) -> None:
    """Let a write pass only while the row is as the client saw it.

    Raises:
        WireError: 412, it is not; 400, a header that cannot be read.
    """
    asked = {name: call.request.header(name) for name in _WRITE_HEADERS if call.request.header(name)}
    if not asked:
        return
    for name in ("if-match", "if-none-match"):
        if name in asked and not all(_is_tag(tag) for tag in asked[name].split(",")):
            raise request_error(400, "INVALID_HEADER", f"{name} has to be a list of ETags or *")
    if "if-unmodified-since" in asked and _date(asked["if-unmodified-since"]) is None:
        raise request_error(400, "INVALID_HEADER", "if-unmodified-since has to be an HTTP date")
    headers = headers_of(sobject, call.org.get(sobject.name, record_id))
    tag = headers.get("ETag", "")
    if tag and "if-none-match" in asked and _names(asked["if-none-match"], tag):
        raise _failed()
    if tag and "if-match" in asked and not _names(asked["if-match"], tag):
        raise _failed()
    limit = _date(asked.get("if-unmodified-since", ""))
    if limit and "Last-Modified" in headers and _moment(headers) > limit:
        raise _failed()


def _failed() -> WireError:
    return request_error(412, "PRECONDITION_FAILED", "A condition of the request's headers is not met")


def _moment(headers: Mapping[str, str]) -> datetime:
    return parsedate_to_datetime(headers["Last-Modified"])


def _names(header: str, tag: str) -> bool:
    """Whether a list of ETags has this one; weak ones and those without the transport's suffix count, too."""
    bare = {one.strip().removeprefix("W/").strip('"').removesuffix("--gzip") for one in header.split(",")}
    return "*" in bare or tag.strip('"').removesuffix("--gzip") in bare


def _is_tag(text: str) -> bool:
    tag = text.strip().removeprefix("W/")
    return tag == "*" or (len(tag) > 2 and tag[0] == tag[-1] == '"')


def _date(header: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(header) if header else None
    except (ValueError, TypeError, IndexError):
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
