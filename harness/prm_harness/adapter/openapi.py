"""The contract over HTTP as an OpenAPI 3.1 document, written from the same type hints that check every call."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any, Final, Literal

from pydantic import TypeAdapter

from .codec import ALL_OPERATIONS, READING, STREAMING, shape
from .contract import CONTRACT_VERSION, OPERATIONS, PrmAdapter, argument_too_new_for, too_new_for
from .http_client import NOT_REACHED, NOT_SUPPORTED

_REF: Final = "#/components/schemas/{model}"
_PROBLEM: Final = "application/problem+json"


def document() -> dict[str, Any]:
    """The whole document, as JSON values."""
    schemas = {**_schemas()[1], "Problem": _problem()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "prm-harness adapter",
            "version": CONTRACT_VERSION,
            "summary": "What a PRM must be able to be asked, over HTTP.",
            "description": inspect.cleandoc(
                """
                Serve these addresses and audit them with `prm-harness audit http://host:port`. Only the core is needed: an
                optional operation that is not served answers 501. Unknown members of a request may be ignored, those of an
                answer are errors. There is no authentication: keep it on loopback, or behind a proxy of yours.
                """
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {
            "/v1/info": {"get": _info()},
            **{f"/v1/ops/{name}": {"post": _operation(name)} for name in ALL_OPERATIONS if name != "info"},
        },
        "components": {
            "schemas": schemas,
            "responses": {
                "Refused": _answer(
                    "The product lacks this (`" + NOT_SUPPORTED + "`), or the adapter does not reach it (`" + NOT_REACHED + "`).",
                    {"$ref": "#/components/schemas/Problem"}, _PROBLEM,
                ),
                "Broken": _answer(
                    "The adapter broke. A refusal by the product is no error: it is an Outcome, with status 200.",
                    {"$ref": "#/components/schemas/Problem"}, _PROBLEM,
                ),
            },
        },
    }  # fmt: skip


@cache
def _schemas() -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """The schema of every argument (``submit.values``) and result (``submit``), and the records that they refer to."""
    wanted: list[tuple[str, Literal["validation"], TypeAdapter[Any]]] = []
    for name in ALL_OPERATIONS:
        known = shape(name)
        wanted.extend(
            (f"{name}.{argument}", "validation", kind) for argument, kind in known.arguments.items()
        )
        if known.result is not None:
            wanted.append((name, "validation", known.result))
    made, definitions = TypeAdapter.json_schemas(wanted, ref_template=_REF)
    return {key: schema for (key, _), schema in made.items()}, definitions["$defs"]


def _info() -> dict[str, Any]:
    return {
        "operationId": "info",
        "summary": _first_line("info"),
        "tags": ["core"],
        "responses": {
            "200": _answer("Who is there.", {"$ref": "#/components/schemas/AdapterInfo"}),
            **_failures(),
        },
    }


def _operation(name: str) -> dict[str, Any]:
    about: dict[str, Any] = {
        "operationId": name,
        "summary": _first_line(name),
        "description": inspect.cleandoc(getattr(PrmAdapter, name).__doc__ or ""),
        "tags": [OPERATIONS[name].value if name in OPERATIONS else "core"],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _arguments(name)}}},
        "responses": {"200": _result(name), **_failures()},
    }
    if since := too_new_for("1.0", name):
        about["x-since"] = since
    if name not in READING:
        about["parameters"] = [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string"},
                "description": "The same key again means the same request again: answer as before and do nothing.",
            }
        ]
    return about


def _arguments(name: str) -> dict[str, Any]:
    known = shape(name)
    required = [
        parameter.name
        for parameter in known.signature.parameters.values()
        if parameter.default is inspect.Parameter.empty
    ]
    members = {}
    for one in known.arguments:
        since = argument_too_new_for("1.0", name, one)
        members[one] = _schemas()[0][f"{name}.{one}"] | ({"x-since": since} if since else {})
    args: dict[str, Any] = {"type": "object", "properties": members, "additionalProperties": False}
    if required:
        args["required"] = required
    return {"type": "object", "properties": {"args": args}, "required": ["args"] if required else []}


def _result(name: str) -> dict[str, Any]:
    schema = _schemas()[0].get(name, {"type": "null"})
    if name in STREAMING:
        line = {
            "oneOf": [
                {"type": "object", "properties": {"item": schema}, "required": ["item"]},
                {
                    "type": "object",
                    "properties": {"end": {"type": "integer", "minimum": 0}},
                    "required": ["end"],
                },
                {"$ref": "#/components/schemas/Problem"},
            ]
        }
        told = "One JSON object a line: the items, then `end` with their number, or a problem when it broke on the way."
        return _answer(told, line, "application/x-ndjson")
    return _answer(
        "What came of it.", {"type": "object", "properties": {"result": schema}, "required": ["result"]}
    )


def _answer(description: str, schema: dict[str, Any], media: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": {media: {"schema": schema}}}


def _failures() -> dict[str, Any]:
    return {
        "501": {"$ref": "#/components/responses/Refused"},
        "default": {"$ref": "#/components/responses/Broken"},
    }


def _first_line(name: str) -> str:
    return inspect.cleandoc(getattr(PrmAdapter, name).__doc__ or "").split("\n", 1)[0]


def _problem() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "RFC 9457.",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "operation": {"type": "string"},
            "note": {"type": "string", "description": "why, for the buyer; on 501"},
        },
        "required": ["type"],
    }
