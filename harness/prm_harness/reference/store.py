"""The product's own database: portal records, what still has to be sent, and what is known of sent things."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

import orjson

_SCHEMA = """
CREATE TABLE records (
    prm_id TEXT PRIMARY KEY, kind TEXT NOT NULL, crm_id TEXT, crm_key TEXT, name TEXT, last_name TEXT,
    run_id TEXT NOT NULL, local INTEGER NOT NULL, deleted INTEGER NOT NULL, successor_kind TEXT, successor_id TEXT,
    shown TEXT NOT NULL, base TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX by_crm ON records (kind, crm_key);
CREATE INDEX by_name ON records (kind, name);
CREATE INDEX by_last_name ON records (kind, last_name);
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY, prm_id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, operation TEXT NOT NULL,
    changes TEXT NOT NULL, actor TEXT NOT NULL, attempts INTEGER NOT NULL, due REAL NOT NULL, unsure INTEGER NOT NULL
);
"""


@dataclass(slots=True)
class PortalRecord:
    """One record of the portal.

    ``shown`` is what the portal shows; ``base`` is what the CRM said last, which tells a change in the CRM from one
    made here. A record whose ``successor`` is set lives on as another one (converted lead, merged account).
    """

    kind: str
    prm_id: str
    crm_id: str | None = None
    shown: dict[str, Any] = field(default_factory=dict)
    base: dict[str, Any] = field(default_factory=dict)
    run_id: str = ""
    local: bool = False
    """Whether it was made in the portal."""
    deleted: bool = False
    successor: tuple[str, str] | None = None
    """Kind and CRM id."""

    @property
    def name(self) -> str:
        """The record's name, as people call it."""
        parts = (self.shown.get("FirstName"), self.shown.get("LastName"))
        return str(self.shown.get("Name") or " ".join(str(part) for part in parts if part))


@dataclass(slots=True)
class Pending:
    """Something that still has to be written to the CRM; at most one a record, later edits are merged into it."""

    prm_id: str
    kind: str
    operation: Literal["create", "update", "delete", "undelete"]
    changes: dict[str, Any] = field(default_factory=dict)
    actor: str = ""
    attempts: int = 0
    due: float = 0.0
    unsure: bool = False
    """Whether an attempt was lost on the way, so that it may have been done."""


class Store:
    """SQLite behind plain records. Callers hold the product's lock."""

    def __init__(
        self, path: str = ":memory:", id_key: Callable[[str], str] = lambda crm_id: crm_id[:15]
    ) -> None:
        # The first 15 characters of a Salesforce id are case-sensitive and say everything; the last 3 are a checksum.
        self._id_key = id_key
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.executescript(_SCHEMA)
        self._watchers: list[Callable[[PortalRecord], None]] = []
        self._prefix = uuid4().hex[:8]
        self._count = 0

    def close(self) -> None:
        """Forget everything (in memory)."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; may be nested."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def new_id(self) -> str:
        """A portal id; unique beyond this database, because the CRM keeps it as an external ID."""
        self._count += 1
        return f"prm-{self._prefix}-{self._count:06d}"

    def watch(self, told: Callable[[PortalRecord], None]) -> None:
        """Have ``told`` called with every record that is saved from now on."""
        self._watchers.append(told)

    # -- records ------------------------------------------------------------------------------------------------

    def save(self, record: PortalRecord) -> None:
        """Insert or replace."""
        successor = record.successor or (None, None)
        key = self._id_key(record.crm_id) if record.crm_id else None
        self._db.execute(
            "INSERT OR REPLACE INTO records VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                record.prm_id, record.kind, record.crm_id, key, record.name, record.shown.get("LastName"), record.run_id,
                record.local, record.deleted, *successor, json.dumps(record.shown), json.dumps(record.base),
            ),
        )  # fmt: skip
        for told in self._watchers:
            told(record)

    def get(self, prm_id: str) -> PortalRecord | None:
        """By portal id, deleted ones too."""
        return self._one("prm_id = ?", prm_id)

    def by_crm_id(self, kind: str, crm_id: str) -> PortalRecord | None:
        """By CRM id of 15 or 18 characters, deleted ones too."""
        return self._one("kind = ? AND crm_key = ?", kind, self._id_key(crm_id))

    def by_name(self, kind: str, name: str) -> PortalRecord | None:
        """A live record by its exact name, or by its last name where it has one."""
        return self._one("kind = ? AND name = ? AND NOT deleted", kind, name) or self._one(
            "kind = ? AND last_name = ? AND NOT deleted", kind, name
        )

    def binned(self, kind: str, name: str) -> PortalRecord | None:
        """A deleted record by its exact name."""
        return self._one("kind = ? AND (name = ? OR last_name = ?) AND deleted", kind, name, name)

    def alive(self, kind: str, name: str | None = None) -> list[PortalRecord]:
        """Every record of the kind (and exact name) that is not deleted, in the order of their ids."""
        rows = self._db.execute(
            f"SELECT * FROM records WHERE kind = ?{' AND name = ?' if name else ''} AND NOT deleted ORDER BY prm_id",
            (kind, name) if name else (kind,),
        )
        return [_record(row) for row in rows.fetchall()]

    def forget(self, prm_id: str) -> None:
        """Remove a record and whatever was still to be sent of it."""
        self._db.execute("DELETE FROM records WHERE prm_id = ?", (prm_id,))
        self.drop_pending(prm_id)

    def of_run(self, run_id: str) -> list[str]:
        """Portal ids of what was made in the portal, or came in, during a run."""
        return [row[0] for row in self._db.execute("SELECT prm_id FROM records WHERE run_id = ?", (run_id,))]

    # -- outbox -------------------------------------------------------------------------------------------------

    def put_pending(self, entry: Pending) -> None:
        """Insert or replace; an entry keeps its place in the queue."""
        values = (
            entry.kind, entry.operation, json.dumps(entry.changes), entry.actor, entry.attempts, entry.due, entry.unsure,
        )  # fmt: skip
        self._db.execute(
            "INSERT INTO outbox (prm_id, kind, operation, changes, actor, attempts, due, unsure) VALUES (?,?,?,?,?,?,?,?) "
            "ON CONFLICT (prm_id) DO UPDATE SET kind=?, operation=?, changes=?, actor=?, attempts=?, due=?, unsure=?",
            (entry.prm_id, *values, *values),
        )

    def pending(self, prm_id: str) -> Pending | None:
        """What is still to be sent of one record."""
        row = self._db.execute(f"SELECT {_PENDING} FROM outbox WHERE prm_id = ?", (prm_id,)).fetchone()
        return None if row is None else _pending(row)

    def all_pending(self, kind: str | None = None, due: float | None = None) -> list[Pending]:
        """What is still to be sent, oldest first."""
        rows = self._db.execute(
            f"SELECT {_PENDING} FROM outbox WHERE (:kind IS NULL OR kind = :kind) AND (:due IS NULL OR due <= :due) ORDER BY number",
            {"kind": kind, "due": due},
        )
        return [_pending(row) for row in rows.fetchall()]

    def drop_pending(self, prm_id: str) -> None:
        """It was sent, or there is nothing to send any more."""
        self._db.execute("DELETE FROM outbox WHERE prm_id = ?", (prm_id,))

    def _one(self, where: str, *values: Any) -> PortalRecord | None:
        row = self._db.execute(f"SELECT * FROM records WHERE {where} LIMIT 1", values).fetchone()
        return None if row is None else _record(row)


_PENDING = "prm_id, kind, operation, changes, actor, attempts, due, unsure"


def _record(row: tuple[Any, ...]) -> PortalRecord:
    prm_id, kind, crm_id, _, _, _, run_id, local, deleted, successor_kind, successor_id, shown, base = row
    return PortalRecord(
        kind=kind,
        prm_id=prm_id,
        crm_id=crm_id,
        shown=_read(shown),
        base=_read(base),
        run_id=run_id,
        local=bool(local),
        deleted=bool(deleted),
        successor=(successor_kind, successor_id) if successor_kind else None,
    )


def _read(text: str) -> Any:
    """What a text says; half a character, which only the slower way reads, is rare."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)


def _pending(row: tuple[Any, ...]) -> Pending:
    prm_id, kind, operation, changes, actor, attempts, due, unsure = row
    return Pending(prm_id, kind, operation, json.loads(changes), actor, attempts, due, bool(unsure))


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of ``after`` that are not the same in ``before``."""
    missing = object()
    return {name: value for name, value in after.items() if before.get(name, missing) != value}
