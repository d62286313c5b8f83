"""The portal's copy of the CRM: what the engine sent, in SQLite, value by value as it came."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

PARTNER_FIELD: Final = "Partner_Account__c"
RECORD_TYPE: Final = "RecordType"

Row = dict[str, Any]


class Replica:
    """One table of records. Its key is the CRM's id: the copy has no ids of its own."""

    def __init__(self, path: str = ":memory:") -> None:
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS records (stream TEXT, id TEXT, name TEXT, deleted INTEGER, content TEXT,"
            " PRIMARY KEY (stream, id)) WITHOUT ROWID"
        )
        self._db.execute("CREATE INDEX IF NOT EXISTS by_name ON records (stream, name)")

    def load(self, messages: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
        """Take what a run sent, all or nothing; returns the state to start the next run from, if it sent one."""
        state = None
        with self._transaction():
            for message in messages:
                if message["type"] == "RECORD":
                    self.put(message["stream"], message["record"])
                elif message["type"] == "STATE":
                    state = message["value"]
        return state

    def put(self, stream: str, row: Row) -> None:
        """Insert or replace one record."""
        name = row.get("LastName") or row.get("Name")
        self._db.execute(
            "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?)",
            (stream, row["Id"], name, bool(row.get("IsDeleted")), json.dumps(row)),
        )

    def get(self, stream: str, record_id: str) -> Row | None:
        """A live record by its CRM id of 15 or 18 characters."""
        # The first 15 characters say everything, and count in their case; the last three are their checksum.
        return self._one("id >= ? AND substr(id, 1, 15) = ?", stream, record_id[:15], record_id[:15])

    def by_name(self, stream: str, name: str) -> Row | None:
        """A live record by its exact name (of people: their last name)."""
        return self._one("name = ?", stream, name)

    def rows(self, stream: str) -> Iterator[Row]:
        """Every live record."""
        found = self._db.execute("SELECT content FROM records WHERE stream = ? AND NOT deleted", (stream,))
        return (json.loads(content) for (content,) in found.fetchall())

    def record_types(self, stream: str) -> dict[str, str]:
        """DeveloperName → id of the object's record types."""
        rows = self.rows(RECORD_TYPE)
        return {row["DeveloperName"]: row["Id"] for row in rows if row.get("SobjectType") == stream}

    def _one(self, condition: str, stream: str, *values: Any) -> Row | None:
        found = self._db.execute(
            f"SELECT content FROM records WHERE stream = ? AND {condition} AND NOT deleted LIMIT 1",
            (stream, *values),
        ).fetchone()
        return None if found is None else json.loads(found[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def belongs_to(row: Row, stream: str, partner: str) -> bool:
    """Whether users of the partner Account see the record."""
    field = "Id" if stream == "Account" else PARTNER_FIELD if PARTNER_FIELD in row else "AccountId"
    owner = row.get(field)
    return isinstance(owner, str) and owner[:15] == partner[:15]
