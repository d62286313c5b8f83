"""GROUP BY and aggregates: what may stand in SELECT, and under which key each value is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from prm_harness.crm.soql.columns import Column, Kind
from prm_harness.crm.soql.display import formatter
from prm_harness.crm.soql.expressions import aggregate_column, column_of, is_aggregate, shown_aggregate
from prm_harness.crm.soql.faults import Problem, malformed, ungrouped
from prm_harness.crm.soql.functions import WRAPPERS
from prm_harness.crm.soql.plan import Groups
from prm_harness.crm.soql.projection import decoder
from prm_harness.crm.soql.scope import Scope
from prm_harness.crm.soql.tree import (
    Call,
    Distance,
    Expression,
    Fields,
    Item,
    Ordering,
    Path,
    Query,
    Selected,
)


def is_aggregated(query: Query) -> bool:
    """Whether the answer is AggregateResults."""
    if query.group or query.having is not None:
        return True
    if isinstance(query.items, Fields):
        return False
    for item in query.items:
        if (
            isinstance(item, Selected)
            and not isinstance(item.expression, Path)
            and (is_aggregate(item.expression) or shown_aggregate(item.expression))
        ):
            return True
    return False


@dataclass(slots=True)
class Aggregation:
    """The clauses of an aggregate statement; ``order`` is what it sorts by, each with how."""

    columns: list[str]
    group: str
    order: list[tuple[str, Ordering | None]]
    groups: Groups


class Aggregator:
    """Compiles what is grouped; every expression must be an aggregate or one of GROUP BY."""

    def __init__(self, query: Query, scope: Scope) -> None:
        self.query = query
        self.scope = scope
        self.grouped = [self._grouped(term) for term in query.group]
        self._kept = set(self.grouped)

    def _grouped(self, term: Expression) -> str:
        if is_aggregate(term) or isinstance(term, Distance):
            raise malformed("Aggregate functions are not allowed in GROUP BY", term.at)
        column = aggregate_column(self.scope, term)
        if not column.groupable:
            raise Problem(
                "INVALID_FIELD", f"field '{column.name}' can not be grouped in a query call", term.at
            )
        return column.sql

    def resolve(self, expression: Expression) -> Column:
        """The column of an expression of SELECT, HAVING or ORDER BY."""
        if isinstance(expression, Call) and expression.name == "GROUPING":
            return self._grouping(expression)
        column = aggregate_column(self.scope, expression)
        if is_aggregate(expression):
            return column
        if column.sql not in self.grouped:
            raise ungrouped(column.name, expression.at)
        return column if column.sql in self._kept else replace(column, sql="NULL")

    def _grouping(self, call: Call) -> Column:
        """1 in the rows where that field is summed up, 0 in all others."""
        column = aggregate_column(self.scope, call.args[0])
        if not self.query.subtotals or column.sql not in self.grouped:
            raise malformed(f"GROUPING takes a field of GROUP BY ROLLUP or CUBE, not {column.name}", call.at)
        return Column(str(int(column.sql not in self._kept)), Kind.NUMBER, "GROUPING", column.entity)

    def sets(self) -> Iterator[None]:
        """Goes through what ROLLUP or CUBE groups by, from all fields to none; clauses are then those of one set."""
        count = len(self.grouped)
        if self.query.subtotals == "ROLLUP":
            chosen = [tuple(range(n)) for n in range(count, -1, -1)]
        else:
            chosen = [c for n in range(count, -1, -1) for c in combinations(range(count), n)]
        for kept in chosen:
            self._kept = {self.grouped[i] for i in kept}
            yield

    def clauses(self) -> Aggregation:
        """SELECT, GROUP BY and ORDER BY."""
        if not self.query.group and (self.query.limit is not None or self.query.offset is not None):
            raise malformed("Non-grouped query that uses overall aggregate functions cannot also use LIMIT")
        keys: list[str] = []
        columns: list[Column] = []
        decoders: dict[int, Callable[[Any], Any]] = {}
        unnamed = 0
        for item in self.query.items:
            selected = self._selected(item)
            shown = shown_aggregate(selected.expression)
            column = self.resolve(shown or selected.expression)
            if selected.alias:
                key = selected.alias
            elif isinstance(selected.expression, Path):
                key = column.name
            else:
                key, unnamed = f"expr{unnamed}", unnamed + 1
            if key.lower() in {k.lower() for k in keys}:
                raise malformed(f"duplicate alias: {key}", selected.at)
            keys.append(key)
            columns.append(column)
            decode = self._formatter(shown, column) if shown else decoder(column)
            if decode is not None:
                decoders[len(columns) - 1] = decode
        if self.query.subtotals:
            decoders = {i: _or_none(decode) for i, decode in decoders.items()}
        by = [sql for sql in self.grouped if sql in self._kept] or (["NULL"] if self.grouped else [])
        return Aggregation(
            columns=[column.sql for column in columns],
            group=f" GROUP BY {', '.join(by)}" if by else "",
            order=self._order(),
            groups=Groups(tuple(keys), decoders),
        )

    def _formatter(self, shown: Call, column: Column) -> Callable[[Any], Any]:
        """How ``FORMAT`` shows an aggregate: a sum of money is money, how many there are is a number."""
        counts = shown.name in {"COUNT", "COUNT_DISTINCT"}
        field = None if counts else column_of(self.scope, shown.args[0]).field
        return formatter(replace(column, field=field))

    def _order(self) -> list[tuple[str, Ordering | None]]:
        """ORDER BY's terms; subtotals without one follow the rows that they sum up."""
        if self.query.order or not self.query.subtotals:
            return [(self._sortable(self._ordered(t.expression)), t) for t in self.query.order]
        terms: list[tuple[str, Ordering | None]] = []
        for expression, sql in zip(self.query.group, self.grouped, strict=True):
            terms += [
                (str(int(sql not in self._kept)), None),
                (self._sortable(self.resolve(expression)), None),
            ]
        return terms

    def _ordered(self, expression: Expression) -> Column:
        """The column of an expression of ORDER BY."""
        if not (isinstance(expression, Call) and (is_aggregate(expression) or expression.name == "GROUPING")):
            column = column_of(self.scope, expression)
            if column.sql not in self.grouped:
                raise malformed(f"Ordered field must be grouped or aggregated: {column.name}", expression.at)
        return self.resolve(expression)

    def _sortable(self, column: Column) -> str:
        """A column's SQL; out of a union it would be compared byte by byte, so it says how by itself."""
        exact = column.field is not None and column.field.case_sensitive
        by_text = self.query.subtotals and column.kind is Kind.TEXT and not exact
        return f"({column.sql}) COLLATE NOCASE" if by_text else column.sql

    def _selected(self, item: Item) -> Selected:
        if not isinstance(item, Selected):
            raise malformed("Grouped queries can only select fields and aggregates", item.at)
        wraps = isinstance(item.expression, Call) and item.expression.name in WRAPPERS
        if wraps and isinstance(item.expression, Call) and not shown_aggregate(item.expression):
            raise ungrouped(item.expression.name, item.at)
        return item


def _or_none(decode: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda stored: None if stored is None else decode(stored)
