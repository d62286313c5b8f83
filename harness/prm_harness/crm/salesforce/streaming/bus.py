"""The event bus: everything that was committed, in order, numbered by replay ids, kept for a while.

A commit costs one small entry. What its events look like is worked out when somebody asks for them, so that loading a
million rows with no subscriber costs next to nothing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from prm_harness.crm.backend import RowChange
from prm_harness.crm.history import History

RETENTION: Final = timedelta(hours=72)
"""How long change and platform events can be replayed (contract §10)."""
TOPIC_RETENTION: Final = timedelta(hours=24)
"""How long PushTopic and generic events can be replayed (contract §10)."""

NEW_ONLY: Final = -1
ALL_RETAINED: Final = -2

_FIRST_REPLAY_ID: Final = 2_000_001
_PRUNE_EVERY: Final = 4096


@dataclass(
    slots=True
)  # not frozen: there is one for every commit, and frozen ones take thrice as long to make
class Commit:
    """One transaction: its changes, and a replay id reserved for each of them."""

    first: int
    count: int
    at: datetime
    changes: Sequence[RowChange]
    origin: str
    number: int


@dataclass(frozen=True, slots=True)
class Notice:
    """One message made when it was to be told: a PushTopic's shows the row as it was then, a generic one is a text.

    ``users`` are those it is for; none: for all.
    """

    first: int
    at: datetime
    topic: str
    data: dict[str, Any]
    count: int = 1
    users: frozenset[str] = frozenset()


Entry: TypeAlias = Commit | Notice


class Bus:
    """Entries by replay id. Callers hold the wire's lock; ``listen`` may be called from anywhere."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._entries: list[Entry] = []
        self._next = _FIRST_REPLAY_ID
        self._commits = 0
        self._listeners: dict[object, Callable[[], None]] = {}

    @property
    def last(self) -> int:
        """The newest replay id given out so far."""
        return self._next - 1

    def commit(self, changes: History, first: int, count: int, origin: str) -> None:
        """Keep a transaction, given as a run of the org's change log."""
        self._commits += 1
        # By the org's clock, not by the row's date: an import may set audit dates of long ago.
        self._append(
            Commit(self._next, count, self._now(), changes.view(first, count), origin, self._commits)
        )
        if self._commits % _PRUNE_EVERY == 0:
            self._prune()

    def notice(
        self, topic: str, data: Callable[[int], dict[str, Any]], *, users: frozenset[str] = frozenset()
    ) -> None:
        """Keep a message of a PushTopic or a generic channel; ``data`` makes it, given its replay id."""
        self._append(Notice(self._next, self._now(), topic, data(self._next), users=users))

    def after(self, position: int, *, retention: timedelta = RETENTION) -> Iterator[Entry]:
        """Retained entries that hold replay ids above ``position``, oldest first."""
        horizon = self._now() - retention
        start = bisect_right(self._entries, position, key=_last_id)
        for entry in self._entries[start:]:
            if entry.at >= horizon:
                yield entry

    def position(self, replay_id: int, *, retention: timedelta = RETENTION) -> int | None:
        """Where a subscription with that replay id begins to read; None for one that cannot be replayed."""
        if replay_id == NEW_ONLY:
            return self.last
        if replay_id == ALL_RETAINED:
            return _FIRST_REPLAY_ID - 1
        index = bisect_left(self._entries, replay_id, key=_last_id)
        if index == len(self._entries):
            return None
        entry = self._entries[index]
        known = entry.first <= replay_id and entry.at >= self._now() - retention
        return replay_id if known else None

    # -- those who wait

    def listen(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call ``wake`` after each new entry, until the function given back is called."""
        key = object()
        self._listeners[key] = wake
        return lambda: self._listeners.pop(key, None) and None

    def wake(self) -> None:
        """Tell those who wait to look again."""
        for tell in list(self._listeners.values()):
            tell()

    def _append(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._next += entry.count
        self.wake()

    def _prune(self) -> None:
        horizon = self._now() - RETENTION
        keep = next((i for i, e in enumerate(self._entries) if e.at >= horizon), len(self._entries))
        del self._entries[:keep]


def _last_id(entry: Entry) -> int:
    return entry.first + entry.count - 1
