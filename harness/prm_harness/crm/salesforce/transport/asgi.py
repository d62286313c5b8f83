"""The wire as a raw ASGI application: any ASGI server can carry it."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, Protocol

from prm_harness.crm.salesforce.http import LARGEST_BODY, Request, Response
from prm_harness.crm.salesforce.transport.holding import Held

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Abort(Protocol):
    """Breaks the connection of a client; ``gently`` lets it read first what was sent."""

    def __call__(self, client: Any, *, gently: bool = False) -> None:
        """Break it."""
        ...


_WORTH_PACKING: Final = 2048


class AsgiApp:
    """Hands requests to ``handle``. Delays hold no thread; a dropped answer calls ``abort`` with the client's address."""

    def __init__(
        self,
        handle: Callable[[Request], Response],
        *,
        abort: Abort | None = None,
        sleep_on_delay: bool = True,
        scheme: str | None = None,
    ) -> None:
        self._handle = handle
        self._scheme = scheme
        self._abort = abort
        self._sleep = sleep_on_delay
        self._held = Held()

    def release(self) -> None:
        """Answer the requests that wait for news: the server is about to stop. May be called from any thread."""
        self._held.release()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection event of the ASGI protocol."""
        if scope["type"] != "http":
            return
        body = await _read(receive)
        if body is None:
            await _send(
                send, Response(413, {"Content-Type": "text/plain"}, b"the body is larger than 150 MB")
            )
            return
        request = _request(scope, body)
        request.scheme = self._scheme or request.scheme
        answer = self._handle(request)
        if self._sleep and answer.delay:
            try:
                await asyncio.sleep(answer.delay)
            finally:
                if answer.done is not None:
                    answer.done()
        if answer.hold is not None and not answer.dropped:
            late = answer
            answer = await self._held.answer(answer.hold, late, receive)
            answer.headers = {**late.headers, **answer.headers}
        if answer.dropped and self._abort is not None:
            self._abort(scope.get("client"))
            await receive()
            return
        if answer.cut is not None and self._abort is not None:
            await _send(send, answer)
            self._abort(scope.get("client"), gently=True)
            return
        if "gzip" in request.header("accept-encoding") and len(answer.body) >= _WORTH_PACKING:
            answer.body = gzip.compress(answer.body, compresslevel=1)
            answer.headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        await _send(send, answer, head=scope["method"] == "HEAD")


async def _read(receive: Receive) -> bytes | None:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > LARGEST_BODY:
            return None
        chunks.append(chunk)
        if message["type"] != "http.request" or not message.get("more_body"):
            return b"".join(chunks)


def _request(scope: Scope, body: bytes) -> Request:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    query = scope.get("query_string", b"").decode("latin-1")
    return Request(scope["method"], path, query, headers, body, scope.get("scheme", "http"))


async def _send(send: Send, answer: Response, *, head: bool = False) -> None:
    # Spelt as by HTTP/1.1 servers, Content-Type and not content-type: airbyte-source-salesforce fails on the latter.
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
    if answer.status not in {204, 304} and not head:
        headers.append((b"Content-Length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    body = b"" if answer.status in {204, 304} or head else answer.body
    cut = answer.cut is not None
    await send({"type": "http.response.body", "body": body[: answer.cut], "more_body": cut})
