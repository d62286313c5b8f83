"""Transactions, and the account of what was changed in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from prm_harness.crm.backend import RowChange
from prm_harness.crm.history import Difference, History, Load
from prm_harness.crm.store.store import Store
from prm_harness.crm.store.values import as_datetime


class Journal:
    """Nested, all-or-nothing units of work; committed changes are numbered from 1 and told to the watchers."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self.changes = History()
        self._store = store
        self._now = now
        self._watchers: list[Callable[[RowChange], None]] = []
        self._commit_watchers: list[Callable[[int, int], None]] = []
        self._pending: list[tuple[datetime, str, str, str, str, Difference] | Load] = []
        self._amended: set[str] = set()
        self._depth = 0
        self._latest: datetime | None = None
        self._stamp = ""
        self._behind = timedelta()

    @contextmanager
    def late(self, seconds: float) -> Iterator[None]:
        """Stamp what is saved inside so many seconds ago: its transaction began then and commits only now."""
        before, self._behind = self._behind, timedelta(seconds=seconds)
        try:
            yield
        finally:
            self._behind = before

    @property
    def is_open(self) -> bool:
        """Whether a transaction is under way."""
        return self._depth > 0

    def watch(self, callback: Callable[[RowChange], None]) -> None:
        """Call back after each commit, once for each change in it."""
        self._watchers.append(callback)

    def watch_commits(self, callback: Callable[[int, int], None]) -> None:
        """Call back after each commit with the index of its first change in ``changes`` and their number."""
        self._commit_watchers.append(callback)

    def moment(self) -> tuple[datetime, str]:
        """Now, in whole seconds, and as columns hold it; inside one transaction it never runs backwards."""
        now = (self._now() - self._behind).replace(microsecond=0)
        latest = self._latest
        if latest is not None and self._depth and now < latest:
            now = latest
        if now != latest:
            self._latest, self._stamp = now, as_datetime(now)
        return now, self._stamp

    def note(
        self, at: datetime, user: str, sobject: str, record_id: str, operation: str, fields: Difference
    ) -> None:
        """Remember a change; it counts once its transaction commits: at once when none is open."""
        if record_id in self._amended and self._amend(record_id, operation, fields):
            return
        self._pending.append((at, user, sobject, record_id, operation, fields))
        if not self._depth:
            self._publish()

    @contextmanager
    def amending(self, record_id: str) -> Iterator[None]:
        """What is noted of the record inside belongs to its change before: one save, one change."""
        inner = record_id in self._amended
        self._amended.add(record_id)
        try:
            yield
        finally:
            if not inner:
                self._amended.discard(record_id)

    def _amend(self, record_id: str, operation: str, fields: Difference) -> bool:
        for place in range(len(self._pending) - 1, -1, -1):
            one = self._pending[place]
            if isinstance(one, Load) or one[3] != record_id:
                continue
            if operation != "update" or one[4] not in {"create", "update", "delete"}:
                return False
            merged = dict(one[5])
            for name, (old, new) in fields.items():
                before = merged[name][0] if name in merged else None if one[4] == "create" else old
                if one[4] == "create" and new is None:
                    merged.pop(name, None)
                else:
                    merged[name] = (before, new)
            kept = {name: pair for name, pair in merged.items() if pair[0] != pair[1] or one[4] == "create"}
            self._pending[place] = (*one[:5], kept)
            return True
        return False

    def note_many(
        self,
        at: datetime,
        user: str,
        sobject: str,
        record_ids: Sequence[str],
        operation: str,
        fields: Sequence[Difference],
    ) -> None:
        """Remember the same kind of change of many records, in order."""
        self._pending.append(Load(at, user, sobject, record_ids, operation, fields))
        if not self._depth:
            self._publish()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, the account of changes included. Transactions nest."""
        run = self._store.connection.execute
        point = f"unit{self._depth}"
        mark = len(self._pending)
        run(f"SAVEPOINT {point}")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            run(f"ROLLBACK TO {point}")
            run(f"RELEASE {point}")
            del self._pending[mark:]
            self._store.forget_indexes()
            raise
        self._depth -= 1
        run(f"RELEASE {point}")
        if not self._depth:
            self._publish()

    def _publish(self) -> None:
        pending, self._pending = self._pending, []
        first = len(self.changes)
        for one in pending:
            if isinstance(one, Load):
                self.changes.extend(one)
            else:
                self.changes.append(*one)
        if self._watchers:
            for change in self.changes.view(first):
                for tell in self._watchers:
                    tell(change)
        if len(self.changes) > first:
            count = len(self.changes) - first
            for tell_commit in self._commit_watchers:
                tell_commit(first, count)
