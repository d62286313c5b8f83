"""GROUP BY and aggregates: what may stand in SELECT, and under which key each value is answered."""

from __future__ import annotations

from dataclasses import dataclass

from prm_harness.crm.soql.columns import Column
from prm_harness.crm.soql.expressions import aggregate_column, is_aggregate, ordering_sql
from prm_harness.crm.soql.faults import Problem, malformed, ungrouped
from prm_harness.crm.soql.functions import WRAPPERS
from prm_harness.crm.soql.plan import Groups
from prm_harness.crm.soql.projection import decoder
from prm_harness.crm.soql.scope import Scope
from prm_harness.crm.soql.tree import Call, Expression, Item, Path, Query, Selected


def is_aggregated(query: Query) -> bool:
    """Whether the answer is AggregateResults."""
    if query.group or query.having is not None:
        return True
    return any(isinstance(item, Selected) and is_aggregate(item.expression) for item in query.items)


@dataclass(slots=True)
class Aggregation:
    """The clauses of an aggregate statement."""

    columns: str
    group: str
    order: str
    groups: Groups


class Aggregator:
    """Compiles what is grouped; every expression must be an aggregate or one of GROUP BY."""

    def __init__(self, query: Query, scope: Scope) -> None:
        self.query = query
        self.scope = scope
        self.grouped = [self._grouped(term) for term in query.group]

    def _grouped(self, term: Expression) -> str:
        if is_aggregate(term):
            raise malformed("Aggregate functions are not allowed in GROUP BY", term.at)
        column = aggregate_column(self.scope, term)
        if not column.groupable:
            raise Problem(
                "INVALID_FIELD", f"field '{column.name}' can not be grouped in a query call", term.at
            )
        return column.sql

    def resolve(self, expression: Expression) -> Column:
        """The column of an expression of SELECT, HAVING or ORDER BY."""
        column = aggregate_column(self.scope, expression)
        if not is_aggregate(expression) and column.sql not in self.grouped:
            raise ungrouped(column.name, expression.at)
        return column

    def clauses(self) -> Aggregation:
        """SELECT, GROUP BY and ORDER BY."""
        if not self.query.group and (self.query.limit is not None or self.query.offset is not None):
            raise malformed("Non-grouped query that uses overall aggregate functions cannot also use LIMIT")
        keys: list[str] = []
        columns: list[Column] = []
        unnamed = 0
        for item in self.query.items:
            selected = self._selected(item)
            column = self.resolve(selected.expression)
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
        decoders = {i: decode for i, column in enumerate(columns) if (decode := decoder(column)) is not None}
        order = ", ".join(ordering_sql(self.resolve(term.expression).sql, term) for term in self.query.order)
        return Aggregation(
            columns=", ".join(column.sql for column in columns),
            group=f" GROUP BY {', '.join(self.grouped)}" if self.grouped else "",
            order=f" ORDER BY {order}" if order else "",
            groups=Groups(tuple(keys), decoders),
        )

    def _selected(self, item: Item) -> Selected:
        if not isinstance(item, Selected):
            raise malformed("Grouped queries can only select fields and aggregates", item.at)
        if isinstance(item.expression, Call) and item.expression.name in WRAPPERS:
            raise ungrouped(item.expression.name, item.at)
        return item
