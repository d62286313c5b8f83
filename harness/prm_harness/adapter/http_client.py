"""A PRM behind HTTP: each operation is ``POST /v1/ops/{operation}``; lists come as NDJSON."""

from __future__ import annotations

import uuid
import weakref
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from .bounded import Bounds, parsed
from .codec import READING, STREAMING, CodecError, decode_result, encode_arguments
from .contract import NotReached, NotSupported, PrmAdapter
from .dispatch import Dispatch
from .faults import AdapterFault, described, excerpt
from .session import DEFAULT_LIMIT, LONG_LIMIT, LONG_OPERATIONS

INFO_LIMIT: Final = 10.0
"""Seconds allowed to ``GET /v1/info``, which must answer before anything is connected."""

NOT_SUPPORTED: Final = "urn:prm-harness:not-supported"
"""Problem type (RFC 9457) of an operation that the product lacks."""

NOT_REACHED: Final = "urn:prm-harness:not-reached"
"""Problem type of an operation that the adapter does not reach, whatever the product can."""

_NDJSON: Final = "application/x-ndjson"
_PROBLEM: Final = "application/problem+json"


def http_adapter(base_url: str, *, timeout: float | None = None) -> PrmAdapter:
    """The adapter served at ``base_url``; nothing is asked of it yet.

    Args:
        base_url: scheme, host and port, perhaps a path prefix.
        timeout: seconds for every operation; None means each operation's own limit.
    """
    return _HttpAdapter(base_url.rstrip("/"), timeout)


class _HttpAdapter(Dispatch):
    def __init__(self, base_url: str, timeout: float | None) -> None:
        self._timeout = timeout
        # A proxy of the environment must not get between us and a service on this machine.
        loopback = urlsplit(base_url).hostname in {"127.0.0.1", "localhost", "::1"}
        self._http = httpx.Client(base_url=base_url, trust_env=not loopback)
        weakref.finalize(self, self._http.close)

    def _perform(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        request = self._request(operation, arguments)
        if operation in STREAMING:
            return self._stream(operation, request)
        body = self._send(operation, request, lambda response, bounds: bounds.whole(response.iter_bytes()))
        payload = _object(operation, parsed(operation, body))
        return _decoded(operation, payload if operation == "info" else _member(operation, payload, "result"))

    def _request(self, operation: str, arguments: Mapping[str, Any]) -> httpx.Request:
        limit = self._timeout or (LONG_LIMIT if operation in LONG_OPERATIONS else DEFAULT_LIMIT)
        if operation == "info":
            return self._http.build_request("GET", "/v1/info", timeout=min(limit, INFO_LIMIT))
        headers = {"Accept": f"{_NDJSON if operation in STREAMING else 'application/json'}, {_PROBLEM}"}
        if operation not in READING:
            headers["Idempotency-Key"] = str(uuid.uuid4())
        return self._http.build_request(
            "POST",
            f"/v1/ops/{operation}",
            json={"args": encode_arguments(operation, arguments)},
            headers=headers,
            timeout=limit,
        )

    def _send(
        self, operation: str, request: httpx.Request, read: Callable[[httpx.Response, Bounds], bytes]
    ) -> bytes:
        """One answer, read to its end; asked again once when it was lost."""
        try:
            try:
                return self._once(operation, request, read)
            except (httpx.ConnectError, httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                # The same idempotency key makes a second try safe where the first was answered and the answer lost.
                return self._once(operation, request, read)
        except httpx.HTTPError as error:
            raise AdapterFault(operation, f"no answer from {request.url.host}: {described(error)}") from None

    def _once(
        self, operation: str, request: httpx.Request, read: Callable[[httpx.Response, Bounds], bytes]
    ) -> bytes:
        bounds = Bounds(operation, _seconds(request))
        response = self._http.send(request, stream=True)
        try:
            if not response.is_success:
                raise _problem(operation, response.status_code, bounds.whole(response.iter_bytes()))
            return read(response, bounds)
        finally:
            response.close()

    def _stream(self, operation: str, request: httpx.Request) -> Iterator[Any]:
        count = 0
        bounds = Bounds(operation, _seconds(request))
        try:
            response = self._http.send(request, stream=True)
        except httpx.HTTPError as error:
            raise AdapterFault(operation, f"no answer from {request.url.host}: {described(error)}") from None
        try:
            if not response.is_success:
                raise _problem(operation, response.status_code, bounds.whole(response.iter_bytes()))
            for line in bounds.lines(response.iter_bytes()):
                payload = _object(operation, parsed(operation, line))
                if "end" in payload:
                    if payload["end"] != count:
                        raise AdapterFault(operation, f"announced {payload['end']} records and sent {count}")
                    return
                if "type" in payload:
                    raise AdapterFault(operation, str(payload.get("detail") or payload["type"]))
                yield _decoded(operation, _member(operation, payload, "item"))
                count += 1
        except httpx.HTTPError as error:
            raise AdapterFault(
                operation, f"the stream broke after {count} records: {described(error)}"
            ) from None
        finally:
            response.close()
        raise AdapterFault(operation, f"the stream ended after {count} records without its closing line")


def _seconds(request: httpx.Request) -> float:
    return float(request.extensions["timeout"]["read"])


def _problem(operation: str, status: int, body: bytes) -> Exception:
    try:
        problem = parsed(operation, body)
    except AdapterFault:
        problem = None
    if not isinstance(problem, dict):
        return AdapterFault(operation, f"HTTP {status}: {excerpt(body)}")
    if problem.get("type") == NOT_SUPPORTED:
        return NotSupported(operation, str(problem.get("note", "")))
    if problem.get("type") == NOT_REACHED:
        return NotReached(operation, str(problem.get("note", "")))
    detail = str(problem.get("detail") or problem.get("title") or "without a reason")
    return AdapterFault(operation, f"HTTP {status}: {detail}")


def _object(operation: str, payload: Any) -> dict[str, Any]:
    if not isinstance(payload, dict):
        raise AdapterFault(
            operation, f"answered with a JSON {type(payload).__name__} where an object was due"
        )
    return payload


def _member(operation: str, payload: Mapping[str, Any], name: str) -> Any:
    if name not in payload:
        raise AdapterFault(operation, f"answered without {name!r}, but with {sorted(payload)[:8]}")
    return payload[name]


def _decoded(operation: str, payload: Any) -> Any:
    try:
        return decode_result(operation, payload)
    except CodecError as error:
        raise AdapterFault(operation, f"answered with the wrong type: {error}") from None
