"""Running a plan: values bound, rows fetched, records made."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from prm_harness.crm.org.errors import SandboxGapError
from prm_harness.crm.org.schema import Schema
from prm_harness.crm.soql.columns import quote
from prm_harness.crm.soql.context import Moment
from prm_harness.crm.soql.faults import Problem
from prm_harness.crm.soql.geography import distance
from prm_harness.crm.soql.plan import Plan, Record, Select, SqlRow, UrlFor
from prm_harness.crm.soql.table import Table
from prm_harness.crm.soql.tokens import Tokens
from prm_harness.crm.store.store import fetch_named, numbered

_MAX_GROUPS = 2000
_ROWS_AT_ONCE = 10_000
_WORTH_AN_INDEX = 2000
"""Rows from which a scan costs more than the index."""
_RUNS_BETWEEN_LOOKS = 32
"""How often a plan looks whether its table has grown, or lost the index to a rollback."""
_LIMITS = ("too many", "too large", "too big", "too complex", "variable number", "parser stack overflow")
"""How SQLite says that a statement is beyond what it was built for."""


class Execution:
    """One run of one plan."""

    def __init__(
        self,
        tokens: Tokens,
        moment: Moment,
        *,
        connection: sqlite3.Connection,
        schema: Schema,
        url_for: UrlFor,
    ) -> None:
        self.tokens = tokens
        self.moment = moment
        self.connection = connection
        self.schema = schema
        self.url_for = url_for
        self._failure: Exception | None = None

    def answer(self, plan: Plan, *, as_text: bool = False) -> tuple[int, list[Any]]:
        """The total and the records; ``as_text`` prefers them as JSON text."""
        self._prepare(plan)
        if plan.select is not None:
            if as_text and plan.select.texts:
                texts = self._texts(plan.select)
                return len(texts), texts
            records, _ = self._records(plan.select)
            return len(records), records
        rows = self._fetch(plan.sql, [bind(self.tokens, self.moment) for bind in plan.binds])
        if plan.groups is None:
            return rows[0][0], []
        if len(rows) > _MAX_GROUPS:
            raise Problem(
                "EXCEEDED_ID_LIMIT",
                "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch",
            )
        return len(rows), [plan.groups.record(row) for row in rows]

    def table(self, table: Table, id_range: Sequence[str] = ()) -> Iterator[list[SqlRow]]:
        """The rows of a flat statement, some thousands at a time."""
        self._functions(table)
        cursor = self.connection.cursor()
        cursor.row_factory = None
        values = [bind(self.tokens, self.moment) for bind in table.binds]
        try:
            cursor.execute(table.sql, numbered([*id_range, *values]))
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                yield rows
        except sqlite3.OperationalError:
            if self._failure is not None:
                raise self._failure from None
            raise

    def _functions(self, plan: Plan | Table) -> None:
        if plan.folds:
            self.connection.create_function("soql_fold", 1, _fold, deterministic=True)
        if plan.formulas:
            self.connection.create_function("soql_formula", 3, self._formula)
        if "soql_distance" in plan.extras:
            self.connection.create_function("soql_distance", 5, distance, deterministic=True)
        if "soql_local" in plan.extras:
            self.connection.create_function("soql_local", 1, self.moment.local)

    def _prepare(self, plan: Plan) -> None:
        self._functions(plan)
        if plan.indexes and plan.runs % _RUNS_BETWEEN_LOOKS == 0:
            for table, *columns in plan.indexes:
                self._ensure_index(table, columns)
        plan.runs += 1

    def _ensure_index(self, table: str, columns: Sequence[str]) -> None:
        """An index when a query first wants one of a table worth it: live indexes make loading three times slower."""
        (last,) = self.connection.execute(f"SELECT max(rowid) FROM {quote(table)}").fetchone()
        if (last or 0) >= _WORTH_AN_INDEX:
            name, keys = quote(".".join([table, *columns])), ", ".join(map(quote, columns))
            self.connection.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {quote(table)} ({keys})")

    def _fetch(self, sql: str, values: Sequence[Any]) -> list[SqlRow]:
        cursor = self.connection.cursor()
        cursor.row_factory = None
        try:
            return cursor.execute(sql, numbered(values)).fetchall()
        except (sqlite3.OperationalError, sqlite3.DataError) as error:
            if self._failure is not None:
                raise self._failure from None
            if any(words in str(error) for words in _LIMITS):
                raise SandboxGapError(f"SOQL: beyond the store's limits ({error})") from error
            raise

    # -- records and their children

    def _texts(self, select: Select) -> list[orjson.Fragment]:
        values = [bind(self.tokens, self.moment) for bind in select.binds]
        address = self.url_for(select.sobject, "")
        return [orjson.Fragment(text) for (text,) in self._fetch(select.texts, [*values, address])]

    def _records(self, select: Select, parents: Sequence[str] = ()) -> tuple[list[Record], list[SqlRow]]:
        values = [bind(self.tokens, self.moment) for bind in select.binds[bool(parents) :]]
        if parents:
            values.insert(0, orjson.dumps(parents).decode())
        sql, node = select.made()
        rows = self._fetch(sql, values)
        records = node.records(rows, self.url_for)
        ids = [row[0] for row in rows] if select.children else []
        for key, child in select.children:
            families = self._families(child, ids)
            for record, parent in zip(records, ids, strict=True):
                record[key] = families.get(parent)
        return records, rows

    def _families(self, child: Select, parents: Sequence[str]) -> Mapping[str, Record]:
        """Parent → its sub-select's answer; a parent without children has none."""
        if not parents:
            return {}
        by_parent: dict[str, list[Record]] = defaultdict(list)
        for record, row in zip(*self._records(child, parents), strict=True):
            by_parent[row[child.parent_column]].append(record)
        start = child.offset(self.tokens, self.moment) if child.offset else 0
        stop = start + child.limit(self.tokens, self.moment) if child.limit else None
        cut = {parent: records[start:stop] for parent, records in by_parent.items()}
        return {
            parent: {"totalSize": len(records), "done": True, "records": records}
            for parent, records in cut.items()
            if records
        }

    # -- formula fields

    def _formula(self, sobject: str, name: str, record_id: str | None) -> Any:
        """A formula field of a stored row. What goes wrong inside is raised again once SQLite has stopped."""
        from prm_harness.crm.org.computed import evaluate

        row = None if record_id is None else self._row(sobject, record_id)
        if row is None:
            return None
        schema = self.schema.whole or self.schema
        obj = schema.objects[sobject]
        try:
            return evaluate(
                schema,
                obj,
                obj.fields[name],
                row,
                self._row,
                user_id=self.moment.user_id,
                now=lambda: self.moment.now,
            )
        except Exception as error:
            self._failure = error
            raise

    def _row(self, sobject: str, record_id: str) -> dict[str, Any] | None:
        named = fetch_named(self.connection, sobject, record_id)
        if named is not None:
            return named
        cursor = self.connection.cursor()
        cursor.row_factory = None
        cursor.execute(f'SELECT * FROM {quote(sobject)} WHERE "Id" = ?', (record_id,))
        found = cursor.fetchone()
        return None if found is None else dict(zip((c[0] for c in cursor.description), found, strict=True))


def _fold(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
