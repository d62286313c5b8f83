"""Any PrmAdapter as an HTTP service: plain ASGI on uvicorn, one operation at a time."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final

from .codec import ALL_OPERATIONS, READING, STREAMING, CodecError, decode_arguments, encode_result
from .contract import NotReached, NotSupported, PrmAdapter
from .faults import described, shortened
from .http_client import NOT_REACHED, NOT_SUPPORTED

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

REMEMBERED_KEYS: Final = 256
"""Answers kept by idempotency key, the oldest forgotten first."""

_LINES_AT_A_TIME: Final = 200
_JSON: Final = "application/json"
_NDJSON: Final = "application/x-ndjson"
_PROBLEM: Final = "application/problem+json"


class _Answer(Exception):  # noqa: N818 - an early answer, not an error
    """Ends a request with a problem body (RFC 9457)."""

    def __init__(self, status: int, kind: str, detail: str, **more: Any) -> None:
        self.status = status
        self.body = {
            "type": kind,
            "title": kind.rpartition(":")[2],
            "status": status,
            "detail": shortened(detail),
        } | more
        super().__init__(detail)


class AdapterApp:
    """The ASGI application. Adapter calls run on one thread, in order: adapters are not asked to be thread-safe."""

    def __init__(self, adapter: PrmAdapter) -> None:
        self._adapter = adapter
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="prm-adapter")
        self._answers: OrderedDict[str, bytes] = OrderedDict()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        body = await _body(receive)
        try:
            await self._route(scope, body, send)
        except _Answer as answer:
            await _reply(send, answer.status, _PROBLEM, json.dumps(answer.body).encode())

    async def _route(self, scope: Mapping[str, Any], body: bytes, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        if path == "/v1/info":
            if method != "GET":
                raise _Answer(405, "urn:prm-harness:method-not-allowed", f"{method} {path}: use GET")
            info = await self._in_thread(lambda: encode_result("info", self._adapter.info()), "info")
            await _reply(send, 200, _JSON, json.dumps(info).encode())
            return
        if path == "/v1/openapi.json" and method == "GET":
            from .openapi import document

            await _reply(send, 200, _JSON, json.dumps(document()).encode())
            return
        operation = path.removeprefix("/v1/ops/")
        if operation not in ALL_OPERATIONS:
            raise _Answer(404, "urn:prm-harness:not-found", f"no such operation: {path}")
        if method != "POST":
            raise _Answer(405, "urn:prm-harness:method-not-allowed", f"{method} {path}: use POST")
        arguments = _arguments(operation, body)
        if operation in STREAMING:
            await self._stream(operation, arguments, send)
        else:
            await _reply(
                send, 200, _JSON, await self._once(operation, arguments, _header(scope, b"idempotency-key"))
            )

    async def _once(self, operation: str, arguments: Mapping[str, Any], key: str) -> bytes:
        remembered = self._answers.get(key) if key and operation not in READING else None
        if remembered is not None:
            return remembered

        def work() -> Any:
            return encode_result(operation, getattr(self._adapter, operation)(**arguments))

        answer = json.dumps({"result": await self._in_thread(work, operation)}).encode()
        if key:
            self._answers[key] = answer
            while len(self._answers) > REMEMBERED_KEYS:
                self._answers.popitem(last=False)
        return answer

    async def _stream(self, operation: str, arguments: Mapping[str, Any], send: Send) -> None:
        items: Iterator[Any] = iter(
            await self._in_thread(lambda: getattr(self._adapter, operation)(**arguments), operation)
        )

        def lines() -> list[bytes]:
            chunk = islice(items, _LINES_AT_A_TIME)
            return [json.dumps({"item": encode_result(operation, item)}).encode() for item in chunk]

        # The first lines are made before the status is sent: an operation that refuses must not answer 200.
        chunk = await self._in_thread(lines, operation)
        await _start(send, 200, _NDJSON)
        count = 0
        try:
            while chunk:
                count += len(chunk)
                await send(
                    {"type": "http.response.body", "body": b"\n".join([*chunk, b""]), "more_body": True}
                )
                chunk = await self._in_thread(lines, operation)
            last: dict[str, Any] = {"end": count}
        except _Answer as answer:
            last = answer.body
        await send(
            {"type": "http.response.body", "body": json.dumps(last).encode() + b"\n", "more_body": False}
        )

    async def _in_thread(self, work: Callable[[], Any], operation: str) -> Any:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except NotSupported as refusal:
            kind = NOT_REACHED if isinstance(refusal, NotReached) else NOT_SUPPORTED
            raise _Answer(501, kind, str(refusal), operation=operation, note=refusal.note) from None
        except Exception as error:
            raise _Answer(
                500, "urn:prm-harness:adapter-fault", described(error), operation=operation
            ) from error


def serve(adapter: PrmAdapter, host: str = "127.0.0.1", port: int = 8765) -> None:
    """Serve until interrupted. There is no authentication: keep it on loopback unless the network is yours."""
    import uvicorn

    uvicorn.run(AdapterApp(adapter), host=host, port=port, lifespan="off", log_level="warning")


@contextmanager
def serving(adapter: PrmAdapter) -> Iterator[str]:
    """Serve on a free loopback port in the background; yields the base URL."""
    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(AdapterApp(adapter), lifespan="off", log_level="error", access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="prm-server", daemon=True
        )
        port = listener.getsockname()[1]
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def _arguments(operation: str, body: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(body or b"{}")
        return decode_arguments(operation, payload.get("args", {}) if isinstance(payload, dict) else payload)
    except ValueError:
        raise _Answer(400, "urn:prm-harness:bad-request", f"{operation}: the body is not JSON") from None
    except CodecError as error:
        raise _Answer(422, "urn:prm-harness:bad-request", f"{operation}: {error}") from None


def _header(scope: Mapping[str, Any], name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _start(send: Send, status: int, content_type: str) -> None:
    headers = [(b"content-type", content_type.encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _reply(send: Send, status: int, content_type: str, body: bytes) -> None:
    await _start(send, status, content_type)
    await send({"type": "http.response.body", "body": body, "more_body": False})
