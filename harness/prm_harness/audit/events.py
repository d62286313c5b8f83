"""What a run says while it goes on: the run file is one listener, a terminal another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from prm_harness.record.model import Model


class Listener(Protocol):
    """Somebody who wants to know. Must not raise: a broken display must not break a run."""

    def event(self, kind: str, payload: Model | Mapping[str, Any]) -> None:
        """One event: wave, waiting, barrier, setup_step, started, result, fact, probe or note."""
        ...


class Broadcast:
    """Tells several listeners, in order."""

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self._listeners = listeners

    def event(self, kind: str, payload: Model | Mapping[str, Any]) -> None:
        """Pass it on."""
        for listener in self._listeners:
            listener.event(kind, payload)
