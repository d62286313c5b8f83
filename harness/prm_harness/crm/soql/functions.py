"""SOQL's functions of a field: which there are, what they give, and how SQLite computes them."""

from __future__ import annotations

from prm_harness.crm.soql.columns import Kind

AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"})

_DAY = "substr({0}, 1, 10)"
_NUMBER = "CAST(substr({{0}}, {start}, {length}) AS INTEGER)"
_MONTH = _NUMBER.format(start=6, length=2)
_YEAR = _NUMBER.format(start=1, length=4)
_QUARTER = f"(({_MONTH} + 2) / 3)"
_DAY_OF_YEAR = f"CAST(strftime('%j', {_DAY}) AS INTEGER)"

DATE_FUNCTIONS: dict[str, str] = {
    "CALENDAR_YEAR": _YEAR,
    "CALENDAR_QUARTER": _QUARTER,
    "CALENDAR_MONTH": _MONTH,
    "FISCAL_YEAR": _YEAR,
    "FISCAL_QUARTER": _QUARTER,
    "FISCAL_MONTH": _MONTH,
    "DAY_IN_MONTH": _NUMBER.format(start=9, length=2),
    "DAY_IN_WEEK": f"(CAST(strftime('%w', {_DAY}) AS INTEGER) + 1)",
    "DAY_IN_YEAR": _DAY_OF_YEAR,
    "WEEK_IN_MONTH": f"(({_NUMBER.format(start=9, length=2)} - 1) / 7 + 1)",
    "WEEK_IN_YEAR": f"(({_DAY_OF_YEAR} - 1) / 7 + 1)",
    "DAY_ONLY": _DAY,
    "HOUR_IN_DAY": _NUMBER.format(start=12, length=2),
}
"""SQL of a date function over the stored text of a date or datetime; Sunday is day 1, fiscal years begin in January."""

DATETIME_ONLY = frozenset({"DAY_ONLY", "HOUR_IN_DAY"})

WRAPPERS = frozenset({"TOLABEL", "FORMAT", "CONVERTCURRENCY"})
"""Functions that change only how a selected field is shown."""

FUNCTIONS = AGGREGATES | WRAPPERS | DATE_FUNCTIONS.keys() | {"CONVERTTIMEZONE", "GROUPING"}

_SUMMABLE = {Kind.NUMBER}
_ORDERED = {Kind.NUMBER, Kind.DATE, Kind.DATETIME, Kind.TIME, Kind.TEXT, Kind.ID}


def aggregate_sql(name: str, sql: str) -> str:
    """The SQL of an aggregate over an expression."""
    if name == "COUNT_DISTINCT":
        return f"COUNT(DISTINCT {sql})"
    return f"{name}({sql})"


def aggregable(name: str, kind: Kind) -> bool:
    """Whether an aggregate is allowed over values of that kind."""
    if name in {"SUM", "AVG"}:
        return kind in _SUMMABLE
    if name in {"MIN", "MAX"}:
        return kind in _ORDERED
    return kind is not Kind.COMPOUND


def aggregate_kind(name: str, kind: Kind) -> Kind:
    """What an aggregate over values of that kind gives."""
    return kind if name in {"MIN", "MAX"} else Kind.NUMBER
