"""A CONNECT proxy and an https listener that both end TLS and relay to one place: the sandbox.

A client whose login host is hard-coded (``https://login.salesforce.com``) is pointed at the proxy with ``HTTPS_PROXY``
and given the authority's certificate; whatever host it asks for, it speaks to the sandbox. Nothing leaves the machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Coroutine
from typing import Any, Final, Self
from weakref import WeakSet

from prm_harness.crm.salesforce.tls.authority import Authority
from prm_harness.crm.salesforce.transport.server import reachable

_CHUNK: Final = 65536
_HANDSHAKE_SECONDS: Final = 10.0
_ESTABLISHED: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"
_ONLY_CONNECT: Final = (
    b"HTTP/1.1 405 Method Not Allowed\r\nAllow: CONNECT\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    b"This proxy only takes CONNECT: it carries https to the sandbox and nothing anywhere else.\n"
)
_BAD_REQUEST: Final = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"


class TlsFront:
    """A running front. ``proxy_url`` takes CONNECT, ``tls_url`` is the sandbox itself by https.

    ``ca_pem`` is what clients have to trust. ``stop`` (or leaving the ``with`` block) ends it.
    """

    def __init__(
        self, upstream: tuple[str, int], *, host: str = "127.0.0.1", proxy_port: int = 0, tls_port: int = 0
    ) -> None:
        """Start listening; port 0 takes a free one. ``upstream`` is the only address that is ever connected to.

        Raises:
            OSError: a port is taken.
        """
        self._upstream = upstream
        self._authority = Authority()
        self.ca_pem = self._authority.pem
        self._host = host
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.Task[None]] = set()
        self._writers: WeakSet[asyncio.StreamWriter] = WeakSet()
        self._thread = threading.Thread(target=self._loop.run_forever, name="prm-tls-front", daemon=True)
        self._thread.start()
        try:
            proxy, direct = self._call(self._listen(proxy_port, tls_port))
        except BaseException:
            self._end_loop()
            raise
        self._servers = (proxy, direct)
        self.proxy_url = f"http://{reachable(host)}:{proxy.sockets[0].getsockname()[1]}"
        self.tls_url = f"https://{reachable(host)}:{direct.sockets[0].getsockname()[1]}"

    def stop(self) -> None:
        """Stop listening and break what is still open; may be called twice."""
        if self._thread.is_alive():
            self._call(self._close())
            self._end_loop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # -- the loop's thread --------------------------------------------------------------------------------------

    def _call(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def _end_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self, proxy_port: int, tls_port: int) -> tuple[asyncio.Server, asyncio.Server]:
        proxy = await asyncio.start_server(self._tunnel, self._host, proxy_port)
        try:
            context = self._authority.by_server_name(reachable(self._host))
            direct = await asyncio.start_server(self._relay, self._host, tls_port, ssl=context)
        except BaseException:
            proxy.close()
            raise
        return proxy, direct

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for task in tuple(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        for writer in tuple(self._writers):
            # A farewell by TLS would wait for the other side.
            writer.transport.abort()
        for _ in range(3):
            # What was aborted ends in the next turns of the loop, which is about to stop.
            await asyncio.sleep(0)

    # -- one connection -----------------------------------------------------------------------------------------

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer CONNECT, end TLS for the host that was asked, relay."""
        with self._tracked(writer), _closing(writer):
            host = await _connect_host(reader, writer)
            if host is None:
                return
            writer.write(_ESTABLISHED)
            await writer.drain()
            context = self._authority.context(host)
            await writer.start_tls(context, ssl_handshake_timeout=_HANDSHAKE_SECONDS)
            await self._pipe(reader, writer)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """TLS is ended already: relay."""
        with self._tracked(writer), _closing(writer):
            await self._pipe(reader, writer)

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_sandbox, to_sandbox = await asyncio.open_connection(*self._upstream)
        self._writers.add(to_sandbox)
        with _closing(to_sandbox):
            up = asyncio.create_task(_copy(reader, to_sandbox))
            down = asyncio.create_task(_copy(from_sandbox, writer))
            try:
                # Once either side is done there is nobody left to speak for: HTTP needs both directions.
                await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (up, down):
                    task.cancel()
                ended = await asyncio.gather(up, down, return_exceptions=True)
            if any(isinstance(end, ConnectionError) for end in ended):
                writer.transport.abort()

    @contextlib.contextmanager
    def _tracked(self, writer: asyncio.StreamWriter) -> Any:
        self._writers.add(writer)
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            # A client that breaks off, or does not trust the authority, ends its own connection and nothing else.
            with contextlib.suppress(
                OSError, ValueError, asyncio.IncompleteReadError, asyncio.CancelledError
            ):
                yield
        finally:
            self._open.discard(task)


async def _connect_host(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str | None:
    """The host of a CONNECT request, its headers read and dropped; None when it was refused."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        writer.write(_BAD_REQUEST)
        return None
    verb, _, rest = head.split(b"\r\n", 1)[0].decode("latin-1").partition(" ")
    host, _, _port = rest.partition(" ")[0].rpartition(":")
    if verb.upper() != "CONNECT":
        writer.write(_ONLY_CONNECT)
        return None
    if not host:
        writer.write(_BAD_REQUEST)
        return None
    return host


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK):
        writer.write(chunk)
        await writer.drain()


@contextlib.contextmanager
def _closing(writer: asyncio.StreamWriter) -> Any:
    try:
        yield
    finally:
        with contextlib.suppress(OSError, ssl.SSLError):
            writer.close()
