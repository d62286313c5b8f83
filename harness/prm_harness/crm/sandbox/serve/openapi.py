"""The control API's own description."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from prm_harness._version import __version__
from prm_harness.crm.sandbox.serve.operations import Operation, of_dataclass
from prm_harness.crm.trouble import RequestMatch


class Step(BaseModel):
    """One request to this very API that a hook sends when it is set off."""

    model_config = ConfigDict(extra="forbid")

    method: str = "POST"
    path: str
    body: dict[str, Any] | None = None


class HookBody(BaseModel):
    """Steps that wait for a request of the portal."""

    model_config = ConfigDict(extra="forbid")

    name: str
    match: of_dataclass(RequestMatch)  # type: ignore[valid-type]
    do: list[Step]
    answered: bool = False


READS: Final = {
    "/health": "whether it is there, and its version",
    "/facts": "which org, its clock, quota, objects and what can be done to it",
    "/jwt-key": "the private key that JWT bearer assertions are signed with",
    "/log": "requests after number `since`, at most 1000 of them; `last` is where to go on; also by `user`, `route`",
    "/log/mark": "the last request's and the last row change's number",
    "/faults": "the faults that are switched on, and how often each has hit",
    "/hooks": "the hooks that wait, how often each ran, and what went wrong in it",
    "/outbound": "the outbound messages that are defined, and how many notifications wait",
    "/openapi.json": "this description",
}
"""What is read with GET."""

OTHERS: Final = {
    (
        "POST",
        "/faults",
    ): "switch a fault on; the body is that of `faults/inject`, or a list of such: a package, all or none",
    ("DELETE", "/faults"): "heal the fault `name`, or without a name all",
    ("POST", "/clock"): "let `seconds` pass; the body is that of `clock/advance`",
    ("PUT", "/quota"): "change allowances; the body is that of `quota/set`",
    ("POST", "/hooks"): "wait for a request of the portal, then send the steps in `do`",
    ("DELETE", "/hooks"): "forget the hook `name`, or without a name all",
    ("POST", "/capture"): "switch Change Data Capture on for `objects` and off for all others",
    ("POST", "/outbound"): "define an outbound message",
    ("DELETE", "/outbound"): "take the outbound message `name` back",
}
"""What has an address of its own beside the operations."""


def document(operations: dict[str, Operation]) -> dict[str, Any]:
    """The OpenAPI document."""
    paths: dict[str, dict[str, Any]] = {}
    for path, summary in READS.items():
        paths.setdefault(path, {})["get"] = {"summary": summary, "responses": _ANSWERS}
    for (method, path), summary in OTHERS.items():
        entry: dict[str, Any] = {"summary": summary, "responses": _ANSWERS}
        if (method, path) == ("POST", "/hooks"):
            entry["requestBody"] = _body(HookBody)
        paths.setdefault(path, {})[method.lower()] = entry
    for name, operation in operations.items():
        entry = {"summary": operation.summary, "requestBody": _body(operation.model), "responses": _ANSWERS}
        paths.setdefault(f"/{name}", {})["post"] = entry
    return {
        "openapi": "3.1.0",
        "info": {"title": "The sandbox's control API", "version": __version__},
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}],
        "paths": paths,
    }


_ANSWERS: Final = {
    "200": {"description": "done; JSON"},
    "400": {"description": 'the request cannot be understood: `{"error": "one sentence"}`'},
    "401": {"description": "the admin token is missing or wrong"},
    "409": {"description": "the org refused, or it cannot be done now"},
}


def _body(model: type[BaseModel]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": model.model_json_schema()}}}
