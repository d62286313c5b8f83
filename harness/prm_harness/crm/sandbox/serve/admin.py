"""The admin's door: a second listener for whoever runs the sandbox. The CRM's own routes lead nowhere near it.

Every request carries ``Authorization: Bearer <admin token>``. Answers and bodies are JSON; a refusal is
``{"error": "one sentence"}``.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import asdict, fields, is_dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from prm_harness.crm.backend import CrmRefusal, RequestMatch
from prm_harness.crm.salesforce.http import Request, Response, json_response
from prm_harness.crm.sandbox.sandbox import Sandbox
from prm_harness.crm.sandbox.serve.openapi import HookBody, document
from prm_harness.crm.sandbox.serve.operations import operations

if TYPE_CHECKING:
    from prm_harness.crm.salesforce.streaming.outbound import OutboundMessage

_MOST_EXCHANGES: Final = 1000
"""Exchanges in one answer of the log; ``last`` says where to go on."""


class RefusalError(Exception):
    """What the admin asked cannot be done."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


class AdminDoor:
    """Answers the admin's requests: one method a resource and verb."""

    def __init__(self, sandbox: Sandbox, *, token: str) -> None:
        self._sandbox = sandbox
        self._token = token
        self._routes: dict[tuple[str, str], Callable[[Request], Any]] = {
            ("GET", "/health"): self._health,
            ("GET", "/facts"): self._facts,
            ("GET", "/jwt-key"): self._jwt_key,
            ("GET", "/openapi.json"): self._description,
            ("GET", "/log"): self._log,
            ("GET", "/log/mark"): self._mark,
            ("GET", "/faults"): self._faults,
            ("POST", "/faults"): self._inject,
            ("DELETE", "/faults"): self._heal,
            ("POST", "/clock"): self._advance,
            ("PUT", "/quota"): self._set_quota,
            ("GET", "/hooks"): self._hooks,
            ("POST", "/hooks"): self._wait,
            ("DELETE", "/hooks"): self._cancel,
            ("POST", "/capture"): self._capture,
            ("GET", "/outbound"): self._outbound,
            ("POST", "/outbound"): self._define,
            ("DELETE", "/outbound"): self._undefine,
        }
        self._operations = operations()
        self._waiting: dict[str, list[str]] = {}
        for name in self._operations:
            self._routes["POST", f"/{name}"] = partial(self._operate, name)

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        try:
            self._demand_token(request)
            return json_response(self._route(request)(request))
        except RefusalError as refusal:
            return json_response({"error": str(refusal)}, refusal.status)

    def _demand_token(self, request: Request) -> None:
        scheme, _, token = request.header("authorization").partition(" ")
        given = token.strip().encode() if scheme.lower() == "bearer" else b""
        if not hmac.compare_digest(given, self._token.encode()):
            raise RefusalError(401, "the admin token is needed: Authorization: Bearer <admin_token>")

    def _route(self, request: Request) -> Callable[[Request], Any]:
        path = request.path.rstrip("/")
        found = self._routes.get((request.method, path))
        if found is not None:
            return found
        verbs = [verb for verb, known in self._routes if known == path]
        if verbs:
            raise RefusalError(405, f"{path} takes {', '.join(verbs)}")
        raise RefusalError(404, f"there is no {path or '/'}; known: {', '.join(sorted(self._paths()))}")

    def _paths(self) -> set[str]:
        return {path for _, path in self._routes}

    # -- resources ----------------------------------------------------------------------------------------------

    def _health(self, _: Request) -> Any:
        return {"status": "ok", "version": self._sandbox.facts.version}

    def _facts(self, _: Request) -> Any:
        facts, clock = self._sandbox.facts, self._sandbox.clock
        return {
            **asdict(facts),
            "powers": sorted(facts.powers),
            "clock": {"now": clock.now(), "virtual": clock.virtual},
            "quota": self._quota(),
            "objects": sorted(self._sandbox.objects()),
        }

    def _jwt_key(self, _: Request) -> Any:
        return {"private_key": self._sandbox.app_private_key()}

    def _log(self, request: Request) -> Any:
        since = _whole(request.params.get("since", "0"), "since")
        user, route = request.params.get("user"), request.params.get("route")
        exchanges = list(self._sandbox.log.exchanges(since=since, user=user, route=route))[:_MOST_EXCHANGES]
        return {
            "exchanges": [asdict(exchange) for exchange in exchanges],
            "last": exchanges[-1].number if exchanges else since,
        }

    def _mark(self, _: Request) -> Any:
        exchange, change = self._sandbox.log.mark()
        return {"exchange": exchange, "change": change}

    def _faults(self, _: Request) -> Any:
        faults = self._sandbox.faults
        return {
            "faults": [{**asdict(spec), "fired": faults.fired(spec.name)} for spec in faults.switched_on()]
        }

    def _inject(self, request: Request) -> Any:
        package = _package(request)
        bodies = [_checked(self._operations["faults/inject"].model, one) for one in package]
        for one in package:
            self._operate("faults/inject", one)
        names = [body.model_dump()["name"] for body in bodies]
        return {"names": names} if _is_list(request) else {"name": names[0]}

    def _heal(self, request: Request) -> Any:
        name = request.params.get("name")
        self._sandbox.faults.heal(name)
        return {"healed": name or "all"}

    def _advance(self, request: Request) -> Any:
        self._operate("clock/advance", request)
        return {"now": self._sandbox.clock.now()}

    def _set_quota(self, request: Request) -> Any:
        if not _object(request):
            raise RefusalError(400, 'the body names what to set: {"used": number}, {"maximum": number} …')
        self._operate("quota/set", request)
        return self._quota()

    def _capture(self, request: Request) -> Any:
        objects = _object(request).get("objects")
        if not isinstance(objects, list) or not all(isinstance(name, str) for name in objects):
            raise RefusalError(400, 'the body is {"objects": ["Account", …]}')
        self._sandbox.capture_changes(objects)
        return {"captured": sorted(objects)}

    # -- hooks ----------------------------------------------------------------------------------------------------

    def _wait(self, request: Request) -> Any:
        body = _checked(HookBody, request)
        match = RequestMatch(**body.match.model_dump())
        steps = [Request(s.method.upper(), s.path, "", {}, orjson.dumps(s.body or {})) for s in body.do]
        for step in steps:
            self._route(step)

        def act() -> None:
            for step in steps:
                self._route(step)(step)

        self._sandbox.hooks.when(body.name, match, act, answered=body.answered)
        self._waiting[body.name] = [f"{step.method} {step.path}" for step in steps]
        return {"name": body.name}

    def _hooks(self, _: Request) -> Any:
        shown = []
        for name, steps in self._waiting.items():
            error = ""
            fired = 0
            try:
                fired = self._sandbox.hooks.fired(name)
            except (RefusalError, CrmRefusal, ValueError) as trouble:
                error = str(trouble)
            shown.append({"name": name, "do": steps, "fired": fired, "error": error})
        return {"hooks": shown}

    def _cancel(self, request: Request) -> Any:
        name = request.params.get("name")
        self._sandbox.hooks.cancel(name)
        return {"cancelled": name or "all"}

    # -- operations -----------------------------------------------------------------------------------------------

    def _operate(self, name: str, request: Request) -> Any:
        operation = self._operations[name]
        body = _checked(operation.model, request)
        try:
            return {"result": _plain(operation.call(self._sandbox, body))}
        except (CrmRefusal, OverflowError) as error:
            raise RefusalError(409, str(error)) from None
        except (ValueError, TypeError) as error:
            raise RefusalError(409 if name == "clock/advance" else 400, str(error)) from None

    def _description(self, _: Request) -> Any:
        return document(self._operations)

    # -- outbound messages ----------------------------------------------------------------------------------------

    def _outbound(self, _: Request) -> Any:
        outbox = self._sandbox.outbox()
        return {"messages": [_shown(message) for message in outbox.defined], "waiting": outbox.waiting}

    def _define(self, request: Request) -> Any:
        from prm_harness.crm.salesforce.streaming.outbound import OutboundMessage

        given = _object(request)
        known = {field.name: str(field.type) for field in fields(OutboundMessage)}
        if not {"name", "sobject", "fields", "endpoint"} <= set(given) <= set(known):
            raise RefusalError(
                400, f"a message has name, sobject, fields, endpoint and any of: {', '.join(known)}"
            )
        for name, value in given.items():
            lists = name in {"fields", "operations"}
            words = value if lists and isinstance(value, list) else [value]
            kind = bool if name == "with_session" else str
            if (lists and not isinstance(value, list)) or not all(isinstance(word, kind) for word in words):
                declared = "a list of texts" if lists else "true or false" if kind is bool else "a text"
                raise RefusalError(400, f"{name} is {declared}")
        given["fields"] = tuple(given["fields"])
        if "operations" in given:
            given["operations"] = frozenset(given["operations"])
        message = OutboundMessage(**given)
        try:
            self._sandbox.outbox().define(message)
        except ValueError as error:
            raise RefusalError(400, str(error)) from None
        return _shown(message)

    def _undefine(self, request: Request) -> Any:
        name = request.params.get("name", "")
        if not self._sandbox.outbox().remove(name):
            raise RefusalError(404, f"there is no outbound message {name!r}")
        return {"removed": name}

    def _quota(self) -> dict[str, int]:
        return {"used": self._sandbox.quota.used, "maximum": self._sandbox.quota.maximum}


def _shown(message: OutboundMessage) -> dict[str, Any]:
    return {**asdict(message), "operations": sorted(message.operations)}


def _object(request: Request) -> dict[str, Any]:
    try:
        value = orjson.loads(request.body or b"{}")
    except orjson.JSONDecodeError as error:
        raise RefusalError(400, f"the body is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise RefusalError(400, "the body is a JSON object")
    return value


_Body = TypeVar("_Body", bound=BaseModel)


def _checked(model: type[_Body], request: Request) -> _Body:
    try:
        _object(request)
        return model.model_validate_json(request.body or b"{}", strict=True)
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in found["loc"]) or "the body"
        if found["type"] == "extra_forbidden":
            raise RefusalError(
                400, f"unknown key {where!r}; known: {', '.join(model.model_fields)}"
            ) from None
        raise RefusalError(400, f"{where}: {found['msg'][0].lower()}{found['msg'][1:]}") from None


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _is_list(request: Request) -> bool:
    return request.body.lstrip()[:1] == b"["


def _package(request: Request) -> list[Request]:
    """A package of faults is a list of them: each as a request of its own."""
    if not _is_list(request):
        return [request]
    try:
        several = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise RefusalError(400, f"the body is not JSON: {error}") from None
    if not several:
        raise RefusalError(400, "the body is a fault, or a list of at least one")
    return [Request("POST", request.path, "", request.headers, orjson.dumps(one)) for one in several]


def _whole(text: str, name: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise RefusalError(400, f"{name} is a whole number from 0")
    return int(text)
