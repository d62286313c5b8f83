"""Expressions to columns: paths, date functions, aggregates."""

from __future__ import annotations

from prm_harness.crm.org.errors import SandboxGapError
from prm_harness.crm.soql.columns import Column, Kind
from prm_harness.crm.soql.faults import Problem, malformed
from prm_harness.crm.soql.functions import (
    AGGREGATES,
    DATE_FUNCTIONS,
    DATETIME_ONLY,
    aggregable,
    aggregate_kind,
    aggregate_sql,
)
from prm_harness.crm.soql.geography import distance_column
from prm_harness.crm.soql.money import corporate
from prm_harness.crm.soql.scope import Scope
from prm_harness.crm.soql.tree import Call, Distance, Expression, Ordering, Path


def is_aggregate(expression: Expression) -> bool:
    """Whether it is an aggregate."""
    return isinstance(expression, Call) and expression.name in AGGREGATES


def shown_aggregate(expression: Expression) -> Call | None:
    """The aggregate that ``FORMAT`` is of, as in ``FORMAT(MIN(CloseDate))``."""
    inner = expression.args[0] if isinstance(expression, Call) and expression.name == "FORMAT" else None
    return inner if isinstance(inner, Call) and is_aggregate(inner) else None


def column_of(scope: Scope, expression: Expression) -> Column:
    """The column of an expression that is computed row by row.

    Raises:
        Problem: an aggregate where rows are meant; a function of a field it does not take.
    """
    if isinstance(expression, Path):
        return scope.column(expression)
    if isinstance(expression, Distance):
        return distance_column(scope, expression)
    if is_aggregate(expression):
        raise malformed("Aggregate functions are not allowed in this context", expression.at)
    if expression.name in DATE_FUNCTIONS:
        return _date_function(scope, expression)
    if expression.name == "TOLABEL":
        return _label(scope, expression)
    raise malformed(f"{expression.name} is not allowed in this context", expression.at)


def aggregate_column(scope: Scope, expression: Expression) -> Column:
    """The column of an aggregate, or of what is grouped by."""
    if not isinstance(expression, Call) or not is_aggregate(expression):
        return column_of(scope, expression)
    if not isinstance(expression.args[0], Path):
        only = "nested functional syntax can only be used in the following manner"
        raise malformed(
            f"{only}: date_function(convertTimezone(columnName)): {expression.name}", expression.at
        )
    argument = column_of(scope, expression.args[0])
    if not aggregable(expression.name, argument.kind) or not argument.filterable:
        raise malformed(
            f"field {argument.name} does not support aggregate operator {expression.name}", expression.at
        )
    if expression.name not in {"COUNT", "COUNT_DISTINCT"}:
        argument = corporate(scope.context.schema, argument)
    # COUNT(Id) counts rows; whether text differs is judged without regard to case, by the column's own collation.
    sql = aggregate_sql(expression.name, argument.sql)
    field = argument.field if expression.name in {"MIN", "MAX"} else None
    return Column(sql, aggregate_kind(expression.name, argument.kind), argument.name, argument.entity, field)


def _date_function(scope: Scope, call: Call) -> Column:
    argument = call.args[0]
    local = isinstance(argument, Call) and argument.name == "CONVERTTIMEZONE"
    column = column_of(scope, argument.args[0] if local and isinstance(argument, Call) else argument)
    wanted = {Kind.DATETIME} if local or call.name in DATETIME_ONLY else {Kind.DATE, Kind.DATETIME}
    if column.kind not in wanted:
        raise Problem("INVALID_FIELD", f"field {column.name} does not support function {call.name}", call.at)
    kind = Kind.DATE if call.name == "DAY_ONLY" else Kind.NUMBER
    sql = column.sql
    if local:
        scope.context.extras.add("soql_local")
        sql = f"soql_local({sql})"
    return Column(DATE_FUNCTIONS[call.name].format(sql), kind, column.name, column.entity)


def _label(scope: Scope, call: Call) -> Column:
    """The label behind a picklist's value, to filter and sort by."""
    column = column_of(scope, call.args[0])
    field = column.field
    if field is None or not field.picklist:
        return column
    if column.kind is Kind.MULTI:
        raise SandboxGapError("SOQL: toLabel() of a multi-select picklist outside SELECT")
    cases = " ".join(f"WHEN {_text(v.value)} THEN {_text(v.label or v.value)}" for v in field.picklist)
    sql = f"(CASE {column.sql} {cases} ELSE {column.sql} END COLLATE NOCASE)"
    return Column(sql, Kind.TEXT, column.name, column.entity)


def _text(value: str) -> str:
    """A text of the schema as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def ordering_sql(sql: str, term: Ordering | None) -> str:
    """One term of ORDER BY: nulls come first going up and last going down unless told otherwise, as in SQLite."""
    if term is None:
        return sql
    direction = " DESC" if term.descending else ""
    return f"{sql}{direction}{f' NULLS {term.nulls}' if term.nulls else ''}"
