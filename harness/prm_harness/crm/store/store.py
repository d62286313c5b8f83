"""One SQLite table per sObject, one real column per stored field, both under their API names.

A field that an admin deletes keeps its column (dropping one rewrites the table); the schema just no longer names it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson

from prm_harness.crm.org.schema import Field, FieldType, SObjectType

StoredRow = dict[str, Any]

_COLUMN_TYPES = {
    FieldType.BOOLEAN: "INTEGER",
    FieldType.INT: "INTEGER",
    FieldType.DOUBLE: "REAL",
    FieldType.CURRENCY: "REAL",
    FieldType.PERCENT: "REAL",
    FieldType.ANY: "BLOB",
}
_NUMBERS = tuple(map(str, range(1, 65)))
_CASE_SENSITIVE = frozenset({FieldType.ID, FieldType.REFERENCE})


def numbered(values: Sequence[Any]) -> dict[str, Any]:
    """Values for the placeholders ``?1``, ``?2`` …, which Python 3.12 and later take by name only."""
    return dict(zip(_NUMBERS, values, strict=False)) if len(values) <= len(_NUMBERS) else _by_number(values)


def _by_number(values: Sequence[Any]) -> dict[str, Any]:
    return {str(number): value for number, value in enumerate(values, 1)}


def quote(name: str) -> str:
    """An API name as an SQL identifier."""
    return f'"{name}"'


def literal(value: str | int) -> str:
    """A value as an SQL literal."""
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(int(value))


class FileInUseError(Exception):
    """Another process, or another org of this one, has the database file open; the text says so in one line."""

    def __init__(self) -> None:
        super().__init__("it is in use by another sandbox; stop that one first, or name another file")


def open_database(path: str) -> sqlite3.Connection:
    """A connection in autocommit mode that any thread may use; callers serialise.

    A file is this connection's alone until it is closed or its process ends, however that ends.

    Raises:
        FileInUseError: another one has it.
    """
    connection = sqlite3.connect(
        path, timeout=0, check_same_thread=False, isolation_level=None, cached_statements=512
    )
    if path != ":memory:":
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            connection.close()
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise FileInUseError from None
            raise
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


class Store:
    """Rows in their stored form. It knows columns, not rules."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._indexed: set[tuple[str, str]] = set()
        self._columns: dict[str, tuple[str, ...]] = {}
        self._inserts: dict[str, str] = {}

    def open_table(self, obj: SObjectType) -> None:
        """The table of an object, which is there already or is made now; columns that it has not are added."""
        there = self.connection.execute(f"PRAGMA table_info({quote(obj.name)})").fetchall()
        if not there:
            self.create_table(obj)
            return
        self._remember(obj.name, tuple(name for _, name, *_ in there))
        for field in obj.fields.values():
            if field.stored and field.name not in self._columns[obj.name]:
                self.add_column(obj.name, field)

    def replace_table(self, obj: SObjectType) -> None:
        """A table for an object that is defined anew; one with rows in it is kept and gets what it lacks."""
        there = self.connection.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (obj.name,)
        ).fetchone()
        if there and not self.is_empty(obj.name):
            self.open_table(obj)
            return
        self.connection.execute(f"DROP TABLE IF EXISTS {quote(obj.name)}")
        self.forget_indexes()
        self.create_table(obj)

    def create_table(self, obj: SObjectType) -> None:
        """A table for a new object."""
        stored = [f for f in obj.fields.values() if f.stored]
        self.connection.execute(f"CREATE TABLE {quote(obj.name)} ({', '.join(_column(f) for f in stored)})")
        self._remember(obj.name, tuple(f.name for f in stored))

    def add_column(self, sobject: str, field: Field) -> None:
        """A column for a new field. The column of a field deleted before is kept under a name of its own."""
        columns = self._columns[sobject]
        if field.name in columns:
            retired = f"{field.name}#{len(columns)}"
            self.connection.execute(
                f"ALTER TABLE {quote(sobject)} RENAME COLUMN {quote(field.name)} TO {quote(retired)}"
            )
            self.connection.execute(f"DROP INDEX IF EXISTS {quote(f'{sobject}.{field.name}')}")
            self._indexed.discard((sobject, field.name))
            columns = tuple(retired if c == field.name else c for c in columns)
        self.connection.execute(f"ALTER TABLE {quote(sobject)} ADD COLUMN {_column(field)}")
        if field.type is FieldType.BOOLEAN:
            self.connection.execute(
                f"UPDATE {quote(sobject)} SET {quote(field.name)} = ?", (int(bool(field.default)),)
            )
        self._remember(sobject, (*columns, field.name))

    def rename_column(self, sobject: str, name: str, new_name: str) -> None:
        """Call a column otherwise. A column that had the new name, of a field deleted before, is kept under its own."""
        columns = self._columns[sobject]
        if new_name in columns:
            retired = f"{new_name}#{len(columns)}"
            self._call(sobject, new_name, retired)
            columns = tuple(retired if c == new_name else c for c in columns)
        self._call(sobject, name, new_name)
        self._remember(sobject, tuple(new_name if c == name else c for c in columns))

    def _call(self, sobject: str, name: str, new_name: str) -> None:
        self.connection.execute(f"DROP INDEX IF EXISTS {quote(f'{sobject}.{name}')}")
        self._indexed.discard((sobject, name))
        self.connection.execute(
            f"ALTER TABLE {quote(sobject)} RENAME COLUMN {quote(name)} TO {quote(new_name)}"
        )

    def _remember(self, sobject: str, columns: tuple[str, ...]) -> None:
        self._columns[sobject] = columns
        names = ", ".join(map(quote, columns))
        marks = ", ".join("?" * len(columns))
        self._inserts[sobject] = f"INSERT INTO {quote(sobject)} ({names}) VALUES ({marks})"

    def insert(self, sobject: str, row: Mapping[str, Any]) -> None:
        """Write a new row; columns it does not name are null."""
        value = row.get
        self.connection.execute(self._inserts[sobject], [value(c) for c in self._columns[sobject]])

    def insert_many(
        self,
        sobject: str,
        columns: Sequence[str],
        rows: Sequence[Sequence[Any]],
        shared: Mapping[str, str | int] | None = None,
    ) -> None:
        """Write new rows, given as values of ``columns``; the other columns are null.

        ``shared`` is what other columns hold in all of the rows: said once in the statement, not bound for each row.
        """
        shared = shared or {}
        names = ", ".join(map(quote, (*columns, *shared)))
        values = ", ".join([*"?" * len(columns), *map(literal, shared.values())])
        self.connection.executemany(f"INSERT INTO {quote(sobject)} ({names}) VALUES ({values})", rows)

    def update(self, sobject: str, record_id: str, changes: Mapping[str, Any]) -> None:
        """Write some columns of a row."""
        settings = ", ".join(f"{quote(c)} = ?" for c in changes)
        self.connection.execute(
            f'UPDATE {quote(sobject)} SET {settings} WHERE "Id" = ?', [*changes.values(), record_id]
        )

    def update_many(self, sobject: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Write the same columns of many rows, given as their values and, last, the row's id."""
        settings = ", ".join(f"{quote(c)} = ?" for c in columns)
        self.connection.executemany(f'UPDATE {quote(sobject)} SET {settings} WHERE "Id" = ?', rows)

    def remove(self, sobject: str, record_id: str) -> None:
        """Take a row out for good."""
        self.connection.execute(f'DELETE FROM {quote(sobject)} WHERE "Id" = ?', (record_id,))

    def fetch(self, sobject: str, record_id: str) -> StoredRow | None:
        """A row, deleted or not, by its 18-character id."""
        hit = self.connection.execute(
            f'SELECT * FROM {quote(sobject)} WHERE "Id" = ?', (record_id,)
        ).fetchone()
        return None if hit is None else dict(zip(self._columns[sobject], hit, strict=True))

    def fetch_many(
        self, sobject: str, column: str, values: Sequence[Any], wanted: Collection[str]
    ) -> Iterator[StoredRow]:
        """Of the rows, deleted or not, with one of these values, the ``wanted`` columns, as far as there are such.

        Case does not matter where the column has none.
        """
        self.ensure_index(sobject, column)
        columns = [name for name in self._columns[sobject] if name in wanted]
        sql = (
            f"SELECT {', '.join(map(quote, columns))} FROM {quote(sobject)} "
            f"WHERE {quote(column)} IN (SELECT value FROM json_each(?))"
        )
        for hit in self.connection.execute(sql, (orjson.dumps(values).decode(),)):
            yield dict(zip(columns, hit, strict=True))

    def pick(self, sobject: str, record_id: str, columns: tuple[str, ...]) -> StoredRow | None:
        """Some columns of a row, deleted or not, by its 18-character id."""
        hit = self.connection.execute(_pick_sql(sobject, columns), (record_id,)).fetchone()
        return None if hit is None else dict(zip(columns, hit, strict=True))

    def ids_where(
        self, sobject: str, column: str, value: Any, *, exactly: bool = False, live_only: bool = False
    ) -> list[str]:
        """Ids of the rows with that value, in order; ``exactly`` tells upper from lower case."""
        self.ensure_index(sobject, column)
        found = self.connection.execute(_ids_sql(sobject, column, exactly, live_only), {"value": value})
        return sorted(record_id for (record_id,) in found)

    def is_empty(self, sobject: str) -> bool:
        """Whether the object has no row at all."""
        return self.connection.execute(f"SELECT 1 FROM {quote(sobject)} LIMIT 1").fetchone() is None

    def ensure_index(self, sobject: str, column: str) -> None:
        """An index on a column, made when first wanted: live indexes make loading three times slower."""
        if (sobject, column) in self._indexed or column == "Id":
            return
        self.connection.execute(
            f"CREATE INDEX IF NOT EXISTS {quote(f'{sobject}.{column}')} ON {quote(sobject)} ({quote(column)})"
        )
        self._indexed.add((sobject, column))

    def forget_indexes(self) -> None:
        """After a rollback: an index made inside the transaction is gone again."""
        self._indexed.clear()


_NAMED = {"CurrencyType": '"IsoCode" = ?', "Organization": "? = ''"}
_ID = 15


def fetch_named(connection: sqlite3.Connection, sobject: str, name: str) -> StoredRow | None:
    """A row that is known by something shorter than an id: a currency by its code, the organization by the empty text."""
    if len(name) >= _ID or sobject not in _NAMED:
        return None
    cursor = connection.execute(f"SELECT * FROM {quote(sobject)} WHERE {_NAMED[sobject]}", (name,))
    found = cursor.fetchone()
    return None if found is None else dict(zip((c[0] for c in cursor.description), found, strict=True))


@lru_cache(maxsize=256)
def _pick_sql(sobject: str, columns: tuple[str, ...]) -> str:
    return f'SELECT {", ".join(map(quote, columns))} FROM {quote(sobject)} WHERE "Id" = ?'


@lru_cache(maxsize=1024)
def _ids_sql(sobject: str, column: str, exactly: bool, live_only: bool) -> str:
    sql = f'SELECT "Id" FROM {quote(sobject)} WHERE {quote(column)} = :value'
    if exactly:
        sql += f" AND {quote(column)} COLLATE BINARY = :value"
    return sql + (' AND "IsDeleted" = 0' if live_only else "")


def _column(field: Field) -> str:
    if field.type is FieldType.ID and field.name == "Id":
        return f"{quote(field.name)} TEXT PRIMARY KEY NOT NULL"
    kind = _COLUMN_TYPES.get(field.type)
    if kind is None:
        kind = "TEXT" if field.type in _CASE_SENSITIVE else "TEXT COLLATE NOCASE"
    return f"{quote(field.name)} {kind}"
