"""The wire on a loopback socket: uvicorn in a background thread."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Any, Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from prm_harness.crm.salesforce.http import Request, Response
from prm_harness.crm.salesforce.transport.asgi import AsgiApp


class Server:
    """A running sandbox server. ``url`` is its address; ``stop`` (or leaving the ``with`` block) ends it."""

    def __init__(
        self,
        handle: Callable[[Request], Response],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        sleep_on_delay: bool = True,
        behind_tls: bool = False,
    ) -> None:
        """Start listening, on loopback unless told otherwise; port 0 takes a free one.

        ``behind_tls`` says that a front ends TLS before this listener, so that answers name https addresses.

        Raises:
            OSError: the port is taken, or the host is not one of this machine's.
        """
        self._connections: dict[Any, asyncio.Transport] = {}
        scheme = "https" if behind_tls else None
        app = self._app = AsgiApp(handle, abort=self._abort, sleep_on_delay=sleep_on_delay, scheme=scheme)
        self._socket = socket.create_server((host, port), backlog=128)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://{reachable(host)}:{self.port}"
        config = uvicorn.Config(
            app,
            http=_tracking(self._connections),
            ws="none",
            lifespan="off",
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="prm-sandbox", daemon=True)
        self._thread.start()
        self._started.wait(10)

    def begin_stop(self) -> None:
        """Stop listening soon; several servers are told first and waited for afterwards."""
        self._server.should_exit = True
        self._app.release()

    def stop(self) -> None:
        """Stop listening and wait for the thread; may be called twice."""
        self.begin_stop()
        self._thread.join(10)
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        async def main() -> None:
            asyncio.get_running_loop().call_soon(self._started.set)
            await self._server.serve(sockets=[self._socket])

        asyncio.run(main())

    def _abort(self, client: Any, *, gently: bool = False) -> None:
        """Break a connection as a network does: without a byte of an answer, or in the middle of one."""
        transport = self._connections.get(tuple(client) if client else None)
        if transport is not None:
            transport.close() if gently else transport.abort()


def reachable(host: str) -> str:
    """The address by which this machine reaches a listener: loopback when it listens on all of them."""
    return "127.0.0.1" if host in {"", "0.0.0.0"} else host  # noqa: S104 - compared, not bound


def _tracking(connections: dict[Any, asyncio.Transport]) -> type[H11Protocol]:
    """uvicorn's own protocol class, which also keeps open connections by the client's address."""

    class Tracking(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            # asyncio does so only for sockets that name their protocol; else the head of every answer waits 40 ms for
            # the client's delayed acknowledgement before the body follows.
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connections[transport.get_extra_info("peername")] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            connections.pop(self.transport.get_extra_info("peername"), None)
            super().connection_lost(exc)

    return Tracking
