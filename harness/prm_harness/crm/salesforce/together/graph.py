"""``composite/graph``: several composites at once, each of them all or nothing (contract §8)."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import WireError, request_error
from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.salesforce.together.composite import Item, Undo, answered, check_reference_ids, halted

MOST_GRAPHS: Final = 75
MOST_NODES: Final = 500
_FAILURES_ALLOWED: Final = 14
"""Failed graphs after which the rest is not tried."""
_GIVEN_UP: Final = "The graph was not processed because too many graphs of the request have failed."


def graph(call: Call) -> Response:
    """``POST /composite/graph``: 200, however its graphs end."""
    graphs = call.json_object().get("graphs")
    if not isinstance(graphs, list) or not graphs or not all(_is_graph(one) for one in graphs):
        raise _no_graphs(call, graphs)
    if len(graphs) > MOST_GRAPHS:
        return _overflow(f"Limit of {MOST_GRAPHS} reached for number of Graphs in the payload")
    if sum(len(one["compositeRequest"]) for one in graphs) > MOST_NODES:
        return _overflow(f"Limit of {MOST_NODES} reached for number of Nodes in the Graph")
    results: list[Item] = []
    for one in graphs:
        failures = sum(not result["isSuccessful"] for result in results)
        results.append(_given_up(one) if failures > _FAILURES_ALLOWED else _ran(call, one))
    return json_response({"graphs": results})


def _no_graphs(call: Call, graphs: Any) -> WireError:
    """What is wrong with them: the first thing that is of another kind than it has to be."""
    if graphs is not None and not isinstance(graphs, list):
        return call.unexpected("graphs")
    for place, one in enumerate(graphs or ()):
        parts = one.get("compositeRequest") if isinstance(one, dict) else None
        if not isinstance(one, dict):
            return call.unexpected("graphs", place)
        if parts is not None and not isinstance(parts, list):
            return call.unexpected("graphs", place, "compositeRequest")
        for number, part in enumerate(parts or ()):
            if not isinstance(part, dict):
                return call.unexpected("graphs", place, "compositeRequest", number)
    return request_error(400, "JSON_PARSER_ERROR", "A graph with a list of requests is required")


def _is_graph(value: Any) -> bool:
    parts = value.get("compositeRequest") if isinstance(value, dict) else None
    return isinstance(parts, list) and bool(parts) and all(isinstance(part, dict) for part in parts)


def _ran(call: Call, one: Item) -> Item:
    parts: list[Item] = one["compositeRequest"]
    check_reference_ids(parts)
    items: list[Item] = []
    successful = False
    with suppress(Undo), call.org.transaction():
        answers: dict[str, Any] = {}
        for part in parts:
            item = answered(call, part, answers)
            items.append(item)
            answers[part["referenceId"]] = item["body"]
            if item["httpStatusCode"] >= 400:
                items = halted(parts, items)
                raise Undo
        successful = True
    return _result(one.get("graphId"), items, successful=successful)


def _given_up(one: Item) -> Item:
    body = [{"errorCode": "PROCESSING_HALTED", "message": _GIVEN_UP}]
    items = [
        {"body": body, "httpHeaders": {}, "httpStatusCode": 400, "referenceId": part.get("referenceId")}
        for part in one["compositeRequest"]
    ]
    return _result(one.get("graphId"), items, successful=False)


def _overflow(message: str) -> Response:
    """Too much of anything is told as one failed graph (recording composite_graph-003)."""
    body = [{"errorCode": "LIMIT_EXCEEDED", "message": message}]
    item: Item = {"body": body, "httpHeaders": {}, "httpStatusCode": 400, "referenceId": None}
    answer = json_response({"graphs": [_result("_default", [item], successful=False)]})
    answer.error_code = "LIMIT_EXCEEDED"
    return answer


def _result(graph_id: Any, items: list[Item], *, successful: bool) -> Item:
    return {
        "graphId": graph_id,
        "graphResponse": {"compositeResponse": items},
        "isSuccessful": successful,
    }
