"""The addresses of the streaming API."""

from __future__ import annotations

import ipaddress
import re
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final

import orjson

from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.http import Request, Response, json_response
from prm_harness.crm.salesforce.router import Route
from prm_harness.crm.salesforce.streaming import generic, schemas
from prm_harness.crm.salesforce.streaming.bayeux import COOKIE
from prm_harness.crm.salesforce.versions import is_offered

_VERSION: Final = re.compile(r"v?(\d\d\.\d)", re.IGNORECASE)


def cometd(call: Call) -> Response:
    """``POST /cometd/<version>``: Bayeux messages, one or a list."""
    refused = _version_refused(call)
    if refused:
        return _plain_error(refused)
    try:
        sent = orjson.loads(call.request.body)
    except orjson.JSONDecodeError:
        return _plain_error("400::The request body is not JSON")
    messages = sent if isinstance(sent, list) else [sent]
    if not messages or not all(isinstance(message, dict) for message in messages):
        return _plain_error("400::The request body holds no messages")
    return call.wire.bayeux.exchange(
        messages,
        token=_token(call.request),
        cookie=_cookie(call.request),
        keeps_cookies=not _is_address(call.request.host),
    )


def _version_refused(call: Call) -> str:
    version = call.args.get("version", "")
    if not version:
        return "400::API version in the URI is mandatory. URI format: '/cometd/60.0'"
    match = _VERSION.fullmatch(version)
    if match is None or not is_offered(f"v{match[1]}"):
        return (
            "400::Unsupported API version. Only API versions '23.0' and above are supported. "
            "URI format: '/cometd/60.0'"
        )
    return ""


def _plain_error(error: str) -> Response:
    answer = json_response([{"error": error, "successful": False}], 400)
    answer.error_code = error
    return answer


def _token(request: Request) -> str:
    scheme, _, token = request.header("authorization").partition(" ")
    return token.strip() if scheme.lower() in {"bearer", "oauth"} else ""


def _cookie(request: Request) -> str:
    try:
        kept: Any = SimpleCookie(request.header("cookie")).get(COOKIE)
    except CookieError:
        return ""
    return kept.value if kept else ""


def _is_address(host: str) -> bool:
    """Whether the client came by an IP address: several cookie jars keep no cookies of those.

    Salesforce is never reached that way, so such a client is not asked for its cookie.
    """
    try:
        ipaddress.ip_address(host.rsplit(":", 1)[0].strip("[]"))
    except ValueError:
        return False
    return True


_NOTE: Final = (
    "generic channels are not made by subscribing; filters and enriched fields on custom channels only"
)

_PUSH: Final = "/services/data/{version}/sobjects/StreamingChannel/{id}/push"

EVENT_ROUTES: Final = (
    Route("schema.event", ("GET",), "/services/data/{version}/sobjects/{sobject}/eventSchema", schemas.by_name),
    Route("read.streaming", ("GET",), _PUSH, generic.subscribers),
    Route("write.streaming.push", ("POST",), _PUSH, generic.push),
    Route("schema.event", ("GET",), "/services/data/{version}/event/eventSchema/{schema}", schemas.by_id),
)  # fmt: skip
"""They come before the addresses of rows, which would fit most of them, too."""

STREAMING_ROUTES: Final = (
    Route("read.streaming", ("POST",), "/cometd/{version}", cometd, "partly", _NOTE, public=True),
    Route("read.streaming", ("POST",), "/cometd/replay/{version}", cometd, "partly", _NOTE, public=True),
    Route("read.streaming", ("POST",), "/cometd", cometd, "partly", _NOTE, public=True),
)
