"""An org in a file: what is kept beside its records, and how it is opened again.

Records are committed as they are saved. What admins defined, who may see which field and which ids were given out is
kept as JSON beside them, once a request or an arrangement is done and before it is acknowledged. A process that dies in
between leaves at most a column or table that no schema names, and ids that nobody was told of.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from prm_harness.crm.org.schema import Schema, SObjectType
from prm_harness.crm.org.thawing import thawed
from prm_harness.crm.store.store import FileInUseError, open_database, quote
from prm_harness.crm.store.values import from_datetime

if TYPE_CHECKING:
    from prm_harness.crm.org.core import Core
    from prm_harness.crm.org.org import Org

FORMAT: Final = 1
"""Grows when a file of an older version can no longer be read."""

_NUMBERS: Final = re.compile(r"[0-9]+")
_TABLES: Final = (
    'CREATE TABLE IF NOT EXISTS "$org" ("Key" TEXT PRIMARY KEY NOT NULL, "Value" TEXT NOT NULL)',
    'CREATE TABLE IF NOT EXISTS "$schema" ("Name" TEXT PRIMARY KEY NOT NULL, "Place" INTEGER, "Value" TEXT NOT NULL)',
)


class NotAnOrgError(Exception):
    """The file holds no org, or one of another version; the text says so in one line."""


class Keeper:
    """Writes what changed since it was last asked to. An org in memory needs none."""

    def __init__(self, org: Org, *, seed: int, template: str) -> None:
        self._org = org
        self._connection = org.connection
        self._fixed = {"format": FORMAT, "seed": seed, "template": template}
        self._schema_version = -1
        self._objects: dict[str, bytes] = {}
        self._facts: dict[str, bytes] = {}
        for table in _TABLES:
            self._connection.execute(table)

    def keep(self) -> None:
        """Write down what is not in a record, as far as it is new: all of it or nothing."""
        facts = {**self._fixed, **self._org.beside_the_records()}
        fresh = {
            key: text for key, value in facts.items() if (text := orjson.dumps(value)) != self._facts.get(key)
        }
        schema = self._org.schema
        changed = self._changed(schema) if schema.version != self._schema_version else {}
        gone = [name for name in self._objects if name not in schema.objects]
        if not (fresh or changed or gone):
            self._schema_version = schema.version
            return
        run = self._connection.execute
        run('SAVEPOINT "keep"')
        try:
            for key, text in fresh.items():
                run('INSERT OR REPLACE INTO "$org" VALUES (?, ?)', (key, text.decode()))
            places = {name: place for place, name in enumerate(schema.objects)}
            for name, text in changed.items():
                run('INSERT OR REPLACE INTO "$schema" VALUES (?, ?, ?)', (name, places[name], text.decode()))
            for name in gone:
                run('DELETE FROM "$schema" WHERE "Name" = ?', (name,))
        except BaseException:
            run('ROLLBACK TO "keep"')
            raise
        finally:
            run('RELEASE "keep"')
        self._facts |= fresh
        self._objects |= changed
        for name in gone:
            del self._objects[name]
        self._schema_version = schema.version

    def _changed(self, schema: Schema) -> dict[str, bytes]:
        texts = {name: orjson.dumps(obj, default=list) for name, obj in schema.objects.items()}
        return {name: text for name, text in texts.items() if self._objects.get(name) != text}


def open_org(*, seed: int, now: Callable[[], datetime], path: str) -> Org:
    """The org in a file that a :class:`Keeper` kept, which was made with that seed.

    Raises:
        NotAnOrgError: there is none in it, or one of another version.
        FileInUseError: another sandbox has it open.
    """
    from prm_harness.crm.org.org import Org

    connection = open_database(path)
    try:
        facts = read_facts(connection)
        schema = read_schema(connection)
        _tidy(connection, schema)
    finally:
        connection.close()
    org = Org(schema, seed=seed, now=now, path=path)
    org.resume(facts)
    return org


def read_file(path: str) -> dict[str, Any]:
    """What an org's file says about it, and the ``latest`` SystemModstamp of its records.

    Raises:
        NotAnOrgError: there is none in it, or one of another version.
        FileInUseError: another sandbox has it open.
    """
    connection = sqlite3.connect(path, timeout=0)  # as it is: whatever else it holds is not touched
    try:
        _free(connection)
        facts = read_facts(connection)
        return {**facts, "latest": _latest(connection, read_schema(connection))}
    finally:
        connection.close()


def _free(connection: sqlite3.Connection) -> None:
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise FileInUseError from None
        raise
    except sqlite3.DatabaseError:
        return  # no database at all, which is_org finds


def _latest(connection: sqlite3.Connection, schema: Schema) -> datetime:
    tables = [name for name, obj in schema.objects.items() if "SystemModstamp" in obj.fields]
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    stamps = (
        connection.execute(f'SELECT max("SystemModstamp") FROM {quote(name)}').fetchone()[0]
        for name in tables
        if name in there
    )
    return from_datetime(max((stamp for stamp in stamps if stamp), default="2026-03-02T09:00:00"))


def is_org(connection: sqlite3.Connection) -> bool:
    """Whether a database holds an org already."""
    try:
        known = connection.execute("SELECT count(*) FROM sqlite_master WHERE name IN ('$org', '$schema')")
        return bool(known.fetchone()[0] == 2)
    except sqlite3.DatabaseError:
        return False


def read_facts(connection: sqlite3.Connection) -> dict[str, Any]:
    """What an org's file says about it.

    Raises:
        NotAnOrgError: it holds none, or one of another version.
    """
    if not is_org(connection):
        raise NotAnOrgError("it holds no org; name a new file, or one that `crm serve --store` made")
    rows = connection.execute('SELECT "Key", "Value" FROM "$org"').fetchall()
    facts = {key: orjson.loads(text) for key, text in rows}
    if facts.get("format") != FORMAT:
        raise NotAnOrgError(
            f"its org is of format {facts.get('format')}, this version reads {FORMAT}; make it anew"
        )
    return facts


def read_schema(connection: sqlite3.Connection) -> Schema:
    """The kept schema."""
    schema = Schema()
    for (text,) in connection.execute('SELECT "Value" FROM "$schema" ORDER BY "Place"').fetchall():
        schema.put(thawed(SObjectType, orjson.loads(text)))
    return schema


def _tidy(connection: sqlite3.Connection, schema: Schema) -> None:
    """Remove the tables that no schema names: their objects were never acknowledged, or are dropped."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (name,) in tables:
        if not name.startswith(("$", "sqlite_")) and name not in schema.objects:
            connection.execute(f"DROP TABLE {quote(name)}")


def skip_what_is_there(core: Core) -> None:
    """Have new ids and auto-numbers begin behind those of the records that are there."""
    for obj in core.schema.objects.values():
        run = core.store.connection.execute
        if obj.key_prefix and (highest := run(f'SELECT max("Id") FROM {quote(obj.name)}').fetchone()[0]):
            core.mint.skip(highest)
        for field in obj.fields.values():
            if field.auto_number:
                values = run(f"SELECT {quote(field.name)} FROM {quote(obj.name)}")
                numbers = [int(text[-1]) for (value,) in values if (text := _NUMBERS.findall(value or ""))]
                core.mint.skip_numbers(f"{obj.name}.{field.name}", max(numbers, default=0))
