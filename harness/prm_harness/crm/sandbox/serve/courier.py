"""Delivers a served sandbox's outbound messages by itself, as Salesforce's own queue does."""

from __future__ import annotations

import threading
from typing import Final, Self

from prm_harness.crm.salesforce.streaming.outbound import Outbox

_LONGEST_SLEEP: Final = 60.0
"""Seconds between two looks at the org's clock, if nothing is queued meanwhile."""
_PATIENCE: Final = 0.5
"""Seconds that ending waits for an endpoint which is just being called; the thread dies with the process."""


class Courier:
    """A thread of its own, so that a slow endpoint holds up nobody, and may itself call the sandbox meanwhile."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._news = threading.Event()
        self._ended = False
        outbox.queued = self._news.set
        self._thread = threading.Thread(target=self._run, name="prm-sandbox-outbound", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Deliver nothing from now on; may be called twice."""
        self._ended = True
        self._outbox.queued = None
        self._news.set()
        self._thread.join(_PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        while True:
            self._news.wait(min(self._outbox.rest(), _LONGEST_SLEEP))
            if self._ended:
                return
            self._news.clear()
            self._outbox.deliver()
