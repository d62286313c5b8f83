"""Where a product's messages arrive that it sends on its own accord: a web address on loopback, for one run."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from typing import Any, Final

from pydantic import ValidationError

from prm_harness.adapter import Notification, NotificationSink

LARGEST: Final = 256 * 1024
"""Bytes of one message."""

MOST: Final = 10_000
"""Messages that are kept."""

PATIENCE: Final = 5.0
"""Seconds for a message that has begun."""


class Mailbox:
    """What has arrived.

    Attributes:
        sink: what the adapter is told.
        received: messages, oldest first.
        unreadable: how many were none.
    """

    def __init__(self, url: str) -> None:
        self.sink = NotificationSink(url=url)
        self.received: list[Notification] = []
        self.unreadable = 0

    def has(self, message: Notification) -> bool:
        """Whether the message arrived, whatever the channel it is said to have taken."""
        return any((one.subject, one.body) == (message.subject, message.body) for one in self.received)

    def besides(self, handed_over: Sequence[Notification], since: datetime | None) -> list[Notification]:
        """Messages that arrived, from a time on, and that the adapter does not hand over."""
        known = {(one.subject, one.body) for one in handed_over}
        return [
            one
            for one in [*self.received]
            if (one.subject, one.body) not in known and (since is None or one.at >= since)
        ]

    def take(self, body: bytes) -> bool:
        """Keep a message; whether it was one."""
        try:
            message = Notification.model_validate_json(body)
        except ValidationError:
            self.unreadable += 1
            return False
        if len(self.received) < MOST:
            self.received.append(message)
        return True


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A mailbox for as long as the block runs. Its address holds a random part: nobody else's mail gets in."""
    path = f"/{token_urlsafe(16)}"

    class Door(BaseHTTPRequestHandler):
        timeout = PATIENCE

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path != path:
                self._answer(404)
            elif not length.isdecimal() or int(length) > LARGEST:
                self._answer(413 if length.isdecimal() else 411)
            else:
                self._answer(204 if box.take(self.rfile.read(int(length))) else 422)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    box = Mailbox(f"http://127.0.0.1:{server.server_port}{path}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="prm-mailbox", daemon=True)
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
