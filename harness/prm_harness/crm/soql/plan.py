"""A compiled statement: SQL to run, and how its rows become JSON-ready records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from prm_harness.crm.soql.context import Bind

SqlRow: TypeAlias = Sequence[Any]
Record: TypeAlias = dict[str, Any]
UrlFor: TypeAlias = Callable[[str, str], str]


@dataclass(slots=True)
class Node:
    """One kind of record in the answer, its own fields a run of columns from ``first`` to ``last``.

    ``patches`` replace what is no plain value: booleans, labels, compounds, parents. ``type_column`` holds the type of
    a polymorphic parent, for its address; ``shown_type`` is empty where that type is also what ``attributes`` say.
    """

    sobject: str
    identity: int
    first: int
    keys: tuple[str, ...]
    patches: tuple[tuple[str, Patch], ...] = ()
    type_column: int | None = None
    last: int = field(init=False)
    _row_keys: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.last = self.first + len(self.keys)
        self._row_keys = ("attributes", *self.keys)

    def records(self, rows: Sequence[SqlRow], url_for: UrlFor) -> list[Record]:
        """Rows of the statement's own object as records.

        The hot path of every page: such a row begins with the Id and its fields follow at once, so the Id's place in
        the row is the place of ``attributes`` in the record.
        """
        assert self.identity == 0
        assert self.first == 1
        keys, sobject, patches = self._row_keys, self.sobject, self.patches
        records = []
        for row in rows:
            record: Record = dict(zip(keys, row, strict=False))
            record["attributes"] = {"type": sobject, "url": url_for(sobject, row[0])}
            for key, patch in patches:
                record[key] = patch(row, url_for)
            records.append(record)
        return records

    def record(self, row: SqlRow, url_for: UrlFor) -> Record:
        """The part of a row that is a joined record."""
        real = self.sobject if self.type_column is None else row[self.type_column]
        record: Record = {
            "attributes": {"type": self.sobject or real, "url": url_for(real, row[self.identity])}
        }
        record.update(zip(self.keys, row[self.first : self.last], strict=True))
        for key, patch in self.patches:
            record[key] = patch(row, url_for)
        return record

    def parent(self, row: SqlRow, url_for: UrlFor) -> Record | None:
        """A joined record; null where the lookup is."""
        return None if row[self.identity] is None else self.record(row, url_for)


Patch: TypeAlias = Callable[[SqlRow, UrlFor], Any]


@dataclass(slots=True)
class Groups:
    """The columns of an aggregate query; ``decoders`` by position turn stored values into JSON ones."""

    keys: tuple[str, ...]
    decoders: Mapping[int, Callable[[Any], Any]]

    def record(self, row: SqlRow) -> Record:
        """A row as an AggregateResult."""
        record: Record = {"attributes": {"type": "AggregateResult"}}
        record.update(zip(self.keys, row, strict=True))
        for position, decode in self.decoders.items():
            record[self.keys[position]] = decode(row[position])
        return record


Layout: TypeAlias = tuple[Sequence[str], Node]
"""The SQL of a statement's columns, and what makes records of its rows."""


@dataclass(slots=True)
class Select:
    """One SQL statement. In a child's, the first bound value is the list of parents, and ``parent_column`` the parent.

    ``limit`` and ``offset`` of a child count within each parent, so they are applied to its rows; a root's are in SQL.
    """

    sobject: str
    rows: str
    """FROM and all that follows."""
    binds: tuple[Bind, ...]
    layout: Callable[[], Layout]
    """What the columns are; asked when the statement first runs, which it need not where there are ``texts``."""
    children: tuple[tuple[str, Select], ...] = ()
    parent_column: int = 0
    limit: Bind | None = None
    offset: Bind | None = None
    texts: str = ""
    """The same rows as (JSON text,); the last bound value is their addresses up to the id. Empty: not to be had."""
    _made: tuple[str, Node] | None = None

    def made(self) -> tuple[str, Node]:
        """The statement, and what makes records of its rows."""
        if self._made is None:
            columns, node = self.layout()
            self._made = f"SELECT {', '.join(columns)} {self.rows}", node
        return self._made


@dataclass(slots=True)
class Plan:
    """A whole statement: exactly one of ``select``, ``groups`` and ``counts_only`` says what it answers.

    ``sql`` is empty where ``select`` has it.
    """

    sobject: str
    sql: str
    binds: tuple[Bind, ...]
    select: Select | None = None
    groups: Groups | None = None
    counts_only: bool = False
    folds: bool = False
    formulas: bool = False
    extras: frozenset[str] = frozenset()
    indexes: frozenset[tuple[str, ...]] = field(default_factory=frozenset)
    runs: int = 0
