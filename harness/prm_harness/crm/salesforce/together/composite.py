"""``composite`` and ``composite/batch``: several requests in one (contract §8)."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any, Final

import orjson

from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import request_error, routing_error
from prm_harness.crm.salesforce.http import Request, Response, json_response

MOST_PARTS: Final = 25
_ROLLED_BACK: Final = (
    "The transaction was rolled back since another operation in the same transaction failed."
)
_REFERENCE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")
_REFERENCE: Final = re.compile(r"@\{([A-Za-z0-9_]+)((?:\.\w+|\[\d+\])*)\}")
_STEP: Final = re.compile(r"\.(\w+)|\[(\d+)\]")
_PASSED_ON: Final = ("sforce-duplicate-rule-header", "sforce-auto-assign")
"""Headers of the whole request that hold for its parts, too."""
_KEPT_HEADERS: Final = frozenset({"Location", "ETag", "Last-Modified"})

Item = dict[str, Any]


class _Unresolved(Exception):  # noqa: N818 - a reference that points nowhere
    """A later part refers to something that an earlier one did not return."""


class Undo(Exception):  # noqa: N818 - leaves the transaction so that nothing of it stays
    """A part failed and the request wanted all or none."""


def composite(call: Call) -> Response:
    """``POST /composite``: parts may refer to earlier answers as ``@{ref.path}``."""
    body = call.json_object()
    parts = _parts(call, body.get("compositeRequest"), "compositeRequest")
    all_or_none = body.get("allOrNone") is True
    check_reference_ids(parts)
    items: list[Item] = []
    with suppress(Undo), call.org.transaction():
        answers: dict[str, Any] = {}
        for part in parts:
            item = answered(call, part, answers)
            items.append(item)
            answers[part["referenceId"]] = item["body"]
            if all_or_none and item["httpStatusCode"] >= 400:
                items = halted(parts, items)
                raise Undo
    return json_response({"compositeResponse": items})


def batch(call: Call) -> Response:
    """``POST /composite/batch``: independent parts; ``haltOnError`` skips what follows a failure."""
    body = call.json_object()
    parts = _parts(call, body.get("batchRequests"), "batchRequests")
    results: list[Item] = []
    for part in parts:
        if body.get("haltOnError") is True and any(r["statusCode"] >= 400 for r in results):
            halted = routing_error(
                412, "BATCH_PROCESSING_HALTED", "Batch processing halted because of an error."
            )
            results.append({"statusCode": 412, "result": halted.body})
            continue
        url = str(part.get("url", ""))
        address = url if url.startswith("/services/") else f"/services/data/{url.lstrip('/')}"
        answer = _answer(call, str(part.get("method", "")), address, part.get("richInput"))
        results.append({"statusCode": answer.status, "result": _body(answer)})
    return json_response({"hasErrors": any(r["statusCode"] >= 400 for r in results), "results": results})


def classify(request: Request) -> str:
    """A composite of nothing but reads is a read: faults on writes must not hit it."""
    name = "composite.batch" if request.segments[-1].lower() == "batch" else "composite"
    with suppress(orjson.JSONDecodeError, AttributeError, TypeError):
        body = orjson.loads(request.body)
        parts = body.get("compositeRequest") or body.get("batchRequests") or ()
        if parts and all(str(part.get("method")).upper() in {"GET", "HEAD"} for part in parts):
            return f"read.{name}"
    return f"write.{name}"


def _parts(call: Call, value: Any, name: str) -> list[Item]:
    if value is not None and not isinstance(value, list):
        raise call.unexpected(name)
    if not value:
        raise request_error(400, "JSON_PARSER_ERROR", f"{name} has to be a list of requests")
    for place, part in enumerate(value):
        if not isinstance(part, dict):
            raise call.unexpected(name, place)
    if len(value) > MOST_PARTS:
        raise request_error(
            400, "LIMIT_EXCEEDED", f"Limit of {MOST_PARTS} reached for number of requests in {name}"
        )
    return value


def check_reference_ids(parts: list[Item]) -> None:
    """Refuse parts without a proper, unique referenceId.

    Raises:
        WireError: 400 INVALID_INPUT.
    """
    seen: set[str] = set()
    for part in parts:
        reference = part.get("referenceId")
        if not isinstance(reference, str) or not _REFERENCE_ID.fullmatch(reference):
            message = (
                f"Provided referenceId ('{reference}') must start with a letter or a number, and it can contain only"
                " letters, numbers and underscores ('_')."
            )
            raise request_error(400, "INVALID_INPUT", message)
        if reference in seen:
            raise request_error(400, "INVALID_INPUT", f"Provided referenceId ('{reference}') is not unique.")
        seen.add(reference)


def answered(call: Call, part: Item, answers: dict[str, Any]) -> Item:
    """One part run, with what it refers to filled in from earlier answers."""
    try:
        url = _resolve(part.get("url", ""), answers)
        body = _resolve(part.get("body"), answers)
    except _Unresolved as error:
        answer = routing_error(400, "PROCESSING_HALTED", str(error)).response()
    else:
        answer = _answer(call, str(part.get("method", "")), str(url), body, part.get("httpHeaders"))
    return {
        "body": _body(answer),
        "httpHeaders": {name: value for name, value in answer.headers.items() if name in _KEPT_HEADERS},
        "httpStatusCode": answer.status,
        "referenceId": part["referenceId"],
    }


def _answer(call: Call, method: str, address: str, body: Any, said: Any = None) -> Response:
    path, _, query = address.strip().partition("?")
    own = {str(name).lower(): str(value) for name, value in said.items()} if isinstance(said, dict) else {}
    outer = {name: value for name in _PASSED_ON if (value := call.request.header(name))}
    request = Request(
        method.upper(),
        path,
        query,
        headers={**outer, **own, "host": call.request.host, "content-type": "application/json"},
        body=b"" if body is None else orjson.dumps(body),
        scheme=call.request.scheme,
    )
    answer = call.wire.route_part(request, user=call.user, tally=call.tally)
    if answer.error_code:
        call.tally.part_errors.append(answer.error_code)
    return answer


def _body(answer: Response) -> Any:
    return orjson.loads(answer.body) if answer.body else None


def halted(parts: list[Item], items: list[Item]) -> list[Item]:
    """The culprit (the last that ran) keeps its own error; every other part is told of the rollback."""
    innocent = [{"errorCode": "PROCESSING_HALTED", "message": _ROLLED_BACK}]
    return [
        items[-1]
        if position == len(items) - 1
        else {"body": innocent, "httpHeaders": {}, "httpStatusCode": 400, "referenceId": part["referenceId"]}
        for position, part in enumerate(parts)
    ]


def _resolve(value: Any, answers: dict[str, Any]) -> Any:
    """``value`` with every ``@{ref.path}`` in its texts replaced."""
    if isinstance(value, str):
        whole = _REFERENCE.fullmatch(value)
        if whole:
            return _look_up(whole, answers)
        return _REFERENCE.sub(lambda match: str(_look_up(match, answers)), value)
    if isinstance(value, dict):
        return {key: _resolve(item, answers) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolve(item, answers) for item in value]
    return value


def _look_up(match: re.Match[str], answers: dict[str, Any]) -> Any:
    reference, path = match.groups()
    found = answers.get(reference)
    for name, index in _STEP.findall(path):
        if name and isinstance(found, dict) and name in found:
            found = found[name]
        elif index and isinstance(found, list) and int(index) < len(found):
            found = found[int(index)]
        else:
            dotted = f"{reference}{path}"
            raise _Unresolved(f"Invalid reference specified. No value for {dotted} found in {reference}")
    return found
