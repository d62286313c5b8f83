"""The admin's door: a second listener for whoever runs the sandbox. The CRM's own routes lead nowhere near it.

Every request carries ``Authorization: Bearer <admin token>``. Answers and bodies are JSON; a refusal is
``{"error": "one sentence"}``.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, Final

import orjson

from prm_harness.crm.backend import FaultSpec
from prm_harness.crm.salesforce.http import Request, Response, json_response
from prm_harness.crm.sandbox.sandbox import Sandbox

if TYPE_CHECKING:
    from prm_harness.crm.salesforce.streaming.outbound import OutboundMessage

_FAULT_FIELDS: Final = {spec.name: str(spec.type) for spec in fields(FaultSpec)}
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
            ("GET", "/log"): self._log,
            ("POST", "/faults"): self._inject,
            ("DELETE", "/faults"): self._heal,
            ("POST", "/clock"): self._advance,
            ("PUT", "/quota"): self._set_quota,
            ("GET", "/outbound"): self._outbound,
            ("POST", "/outbound"): self._define,
            ("DELETE", "/outbound"): self._undefine,
        }

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
        exchanges = list(self._sandbox.log.exchanges(since=since))[:_MOST_EXCHANGES]
        return {
            "exchanges": [asdict(exchange) for exchange in exchanges],
            "last": exchanges[-1].number if exchanges else since,
        }

    def _inject(self, request: Request) -> Any:
        given = _object(request)
        unknown = sorted(set(given) - set(_FAULT_FIELDS))
        if unknown or not {"name", "kind"} <= set(given):
            known = ", ".join(_FAULT_FIELDS)
            raise RefusalError(400, f"a fault has name, kind and any of: {known}; not {', '.join(unknown)}")
        for name, value in given.items():
            _demand_type(name, value, _FAULT_FIELDS[name])
        try:
            self._sandbox.faults.inject(FaultSpec(**given))
        except ValueError as error:
            raise RefusalError(400, str(error)) from None
        return {"name": given["name"]}

    def _heal(self, request: Request) -> Any:
        name = request.params.get("name")
        self._sandbox.faults.heal(name)
        return {"healed": name or "all"}

    def _advance(self, request: Request) -> Any:
        seconds = _object(request).get("seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise RefusalError(400, 'the body is {"seconds": number}')
        try:
            self._sandbox.clock.advance(seconds)
        except (ValueError, OverflowError) as error:
            raise RefusalError(409, str(error)) from None
        return {"now": self._sandbox.clock.now()}

    def _set_quota(self, request: Request) -> Any:
        given = _object(request)
        if not given or not set(given) <= {"used", "maximum"}:
            raise RefusalError(400, 'the body is {"used": number} or {"maximum": number} or both')
        for name, value in given.items():
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise RefusalError(400, f"{name} is a whole number from 0")
        self._sandbox.quota.set(**given)
        return self._quota()

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
        value = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise RefusalError(400, f"the body is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise RefusalError(400, "the body is a JSON object")
    return value


def _whole(text: str, name: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise RefusalError(400, f"{name} is a whole number from 0")
    return int(text)


def _demand_type(name: str, value: Any, declared: str) -> None:
    accepted: dict[str, tuple[type, ...]] = {
        "str": (str,),
        "int": (int,),
        "float": (int, float),
        "int | None": (int, type(None)),
    }
    if isinstance(value, bool) or not isinstance(value, accepted[declared]):
        raise RefusalError(400, f"{name} is of type {declared}")
