"""Requests that are answered later: held in the event loop, woken by news, by a timeout or by the client going away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from prm_harness.crm.salesforce.http import Response


class Hold(Protocol):
    """What a held answer waits for."""

    seconds: float

    def listen(self, wake: Callable[[], None]) -> Callable[[], Any]:
        """Have ``wake`` called (from any thread) when there may be news, until the function given back is called."""
        ...

    def poll(self) -> Response | None:
        """The answer if there is news now."""
        ...


class Held:
    """The requests that one server holds. No thread waits: each is a sleeping task of the event loop."""

    def __init__(self) -> None:
        self._wakes: set[Callable[[], None]] = set()
        self._closing = False

    def release(self) -> None:
        """Answer everything that is held now: the server stops. May be called from any thread."""
        self._closing = True
        for wake in list(self._wakes):
            wake()

    async def answer(self, hold: Hold, late: Response, gone: Callable[[], Awaitable[Any]]) -> Response:
        """What ``hold`` has news of, or ``late`` when there is none in its time.

        ``gone`` returns when the client has left; then nobody reads the answer.
        """
        loop = asyncio.get_running_loop()
        news = asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(news.set)

        stop = hold.listen(wake)
        self._wakes.add(wake)
        left = asyncio.ensure_future(gone())
        try:
            deadline = loop.time() + hold.seconds
            while not (self._closing or left.done()):
                news.clear()
                found = hold.poll()
                if found is not None:
                    return found
                waiting = asyncio.ensure_future(news.wait())
                done, _ = await asyncio.wait(
                    {waiting, left}, timeout=deadline - loop.time(), return_when=asyncio.FIRST_COMPLETED
                )
                waiting.cancel()
                if not done:
                    break
            return late
        finally:
            stop()
            self._wakes.discard(wake)
            left.cancel()
