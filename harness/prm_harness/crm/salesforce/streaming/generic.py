"""Generic streaming: channels of free texts, ``/u/…``, each a StreamingChannel, and pushing to them (Streaming API guide)."""

from __future__ import annotations

from typing import Any, Final

from prm_harness.crm.org.ids import is_id, to18
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import not_found, request_error
from prm_harness.crm.salesforce.http import Response, json_response

_LONGEST: Final = 3000
"""Characters of a payload."""


def subscribers(call: Call) -> Response:
    """``GET sobjects/StreamingChannel/<id>/push``: who listens now."""
    name = _channel(call)
    return json_response({"OnlineUserIds": sorted(call.wire.bayeux.listeners(name)), "ChannelName": name})


def push(call: Call) -> Response:
    """``POST sobjects/StreamingChannel/<id>/push``: ``{"pushEvents": [{"payload": …, "userIds": […]}]}``."""
    name = _channel(call)
    events = call.json_object().get("pushEvents")
    if not isinstance(events, list) or not events:
        raise request_error(400, "MISSING_ARGUMENT", "pushEvents holds no events")
    read = [_event(event) for event in events]
    online = call.wire.bayeux.listeners(name)
    at = call.wire.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
    results = []
    for payload, users in read:
        call.tally.rows_in += 1
        call.wire.streams.bus.notice(
            name,
            lambda n, told=payload: {"event": {"createdDate": at, "replayId": n}, "payload": told},  # type: ignore[misc]
            users=frozenset(users),
        )
        known = {user: user in online for user in users}
        reached = sum(known.values()) if users else -1 if online else 0
        results.append({"fanoutCount": reached, "userOnlineStatus": known})
    return json_response(results)


def _event(event: Any) -> tuple[str, list[str]]:
    payload = event.get("payload") if isinstance(event, dict) else None
    users = (event.get("userIds") or []) if isinstance(event, dict) else []
    if not isinstance(payload, str):
        raise request_error(400, "MISSING_ARGUMENT", "Every event has a payload, which is a text")
    if len(payload) > _LONGEST:
        raise request_error(400, "STRING_TOO_LONG", f"A payload has up to {_LONGEST} characters")
    if not isinstance(users, list) or not all(isinstance(user, str) and is_id(user) for user in users):
        raise request_error(400, "MALFORMED_ID", "userIds is a list of ids of users")
    return payload, [to18(user) for user in users]


def _channel(call: Call) -> str:
    if not is_id(call.args["id"]):
        raise not_found()
    name = call.org.get("StreamingChannel", call.args["id"], fields=["Name"])["Name"]
    if not str(name).startswith("/u/"):
        raise not_found()
    return str(name)
