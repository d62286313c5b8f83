"""WHERE and HAVING to SQL.

SOQL knows no third truth value: what is null is simply not equal, not less, not like, so ``!=``, ``NOT`` and
``NOT IN`` find rows without a value (contract §7.2). Negation is therefore pushed down to the single comparisons.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from prm_harness.crm.soql import literals, money
from prm_harness.crm.soql.calendar import span
from prm_harness.crm.soql.columns import Column, Kind
from prm_harness.crm.soql.context import Binds, Context, Moment
from prm_harness.crm.soql.faults import Problem, malformed
from prm_harness.crm.soql.tokens import STRINGS, Tokens
from prm_harness.crm.soql.tree import (
    All,
    AnyOf,
    Comparison,
    Condition,
    DateWord,
    Distance,
    Expression,
    Literal,
    Money,
    Not,
    Null,
    Path,
    Query,
    SemiJoin,
    Truth,
    Value,
)

_ORDERINGS = frozenset({"<", "<=", ">", ">="})
_FINDABLE = _ORDERINGS | {"=", "IN"}
"""What an index helps to find."""
_MAX_SEMI_JOINS = 2
_LONG_LIST = 200
_RANGED = frozenset({Kind.ID, Kind.DATE, Kind.DATETIME})
_INDEXED = frozenset({Kind.ID, Kind.TEXT, Kind.NUMBER, Kind.DATE, Kind.DATETIME})

_TEXTS = frozenset({Kind.TEXT, Kind.MULTI})
_CONVERSIONS: dict[tuple[Kind, str], Callable[[str, int], Any]] = {
    (Kind.NUMBER, "number"): lambda raw, _at: literals.number(raw),
    (Kind.DATE, "date"): literals.day,
    (Kind.DATETIME, "datetime"): literals.moment,
    (Kind.TIME, "time"): literals.clock,
}
"""What a literal of the kind is in a column of the kind."""
_WORDS = {
    Kind.ID: "id",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.DATETIME: "dateTime",
    Kind.TIME: "time",
    Kind.MULTI: "multipicklist",
    Kind.TEXT: "string",
}


class Conditions:
    """Compiles the conditions of one SELECT.

    ``resolve`` gives the column of an expression; ``subquery`` the SQL of a semi-join's query, given the column it is
    compared with and where that stands.
    """

    def __init__(
        self,
        context: Context,
        binds: Binds,
        resolve: Callable[[Expression], Column],
        subquery: Callable[[Query, Column, int], str],
    ) -> None:
        self.context = context
        self.binds = binds
        self.resolve = resolve
        self.subquery = subquery

    def compile(self, condition: Condition) -> str:
        """The SQL of a whole condition."""
        if not isinstance(condition, Comparison):
            _check_semi_joins(condition)
        return self._sql(condition, negated=False, top=True)

    def _sql(self, condition: Condition, *, negated: bool, top: bool = False) -> str:
        match condition:
            case Comparison():  # first: most conditions are nothing else
                return self._comparison(condition, negated=negated, top=top)
            case Not(part):
                return self._sql(part, negated=not negated)
            case All(parts) | AnyOf(parts):
                conjunction = isinstance(condition, All)
                word = "AND" if conjunction != negated else "OR"
                return _balanced(
                    word, [self._sql(p, negated=negated, top=top and conjunction) for p in parts]
                )
            case SemiJoin(left, query, at):
                return self._semi_join(left, query, at, negated=negated)

    def _semi_join(self, left: Path, query: Query, at: int, *, negated: bool) -> str:
        column = self.resolve(left)
        sql = f"{column.sql} IN ({self.subquery(query, column, at)})"
        return f"({sql}) IS NOT TRUE" if negated else sql

    def _comparison(self, condition: Comparison, *, negated: bool, top: bool) -> str:
        column = self.resolve(condition.left)
        if not column.filterable:
            raise Problem(
                "INVALID_FIELD", f"field '{column.name}' can not be filtered in a query call", condition.at
            )
        operator, values = condition.operator, condition.values
        if isinstance(condition.left, Distance) and operator not in {"<", ">"}:
            # "DISTANCE only supports the logical operators > and <" (vendor documentation); the words are ours.
            raise Problem(
                "INVALID_QUERY_FILTER_OPERATOR", "DISTANCE is compared with < or > only", condition.at
            )
        if operator == "!=":
            operator, negated = "=", not negated
        if top and not negated and column.plain and operator in _FINDABLE:
            self._wish_index(column, operator)
        if operator == "=":
            return self._equal(column, values[0], condition.at, negated=negated)
        if operator in {"INCLUDES", "EXCLUDES"}:
            return self._choices(column, values, condition.at, negated=negated != (operator == "EXCLUDES"))
        if operator == "LIKE":
            return self._like(column, values[0], condition.at, negated=negated)
        if operator in _ORDERINGS:
            return self._ordered(column, operator, values[0], condition.at, negated=negated)
        if operator == "IN" and all(isinstance(v, Literal) for v in values):
            return self._listed(
                column, [v for v in values if isinstance(v, Literal)], condition.at, negated=negated
            )
        parts = [self._equal(column, value, condition.at, negated=negated) for value in values]
        return _balanced("AND" if negated else "OR", parts)

    def _wish_index(self, column: Column, operator: str) -> None:
        if column.field is None or column.name == "Id" or column.kind not in _INDEXED:
            return
        if operator not in _ORDERINGS or column.kind in _RANGED:
            self.context.indexes.add((column.entity, column.field.name))

    # -- single comparisons

    def _equal(self, column: Column, value: Value, at: int, *, negated: bool) -> str:
        if column.kind is Kind.BOOLEAN:
            if isinstance(value, Null):
                return "1" if negated else "0"
            if not isinstance(value, Truth):
                raise _wrong_type(column, value, at)
            return f"{column.sql} {'IS' if value.value != negated else 'IS NOT'} 1"
        if isinstance(value, Null):
            return f"{column.sql} IS {'NOT ' if negated else ''}NULL"
        if isinstance(value, DateWord):
            first, after = self._edge(column, value, at, 0), self._edge(column, value, at, 1)
            sql = f"({column.sql} >= {first} AND {column.sql} < {after})"
            return f"{sql} IS NOT TRUE" if negated else sql
        left, right = self._operands(column, value, at)
        return f"{left} {'IS NOT' if negated else '='} {right}"

    def _listed(self, column: Column, values: Sequence[Literal], at: int, *, negated: bool) -> str:
        if len({value.kind for value in values} & STRINGS) > 1:
            values = [Literal("unicode", value.at) for value in values]
        if len(values) > _LONG_LIST:
            return self._long_list(column, values, at, negated=negated)
        operands = [self._operands(column, value, at) for value in values]
        sql = f"{operands[0][0]} IN ({', '.join(right for _, right in operands)})"
        return f"({sql}) IS NOT TRUE" if negated else sql

    def _long_list(self, column: Column, values: Sequence[Literal], at: int, *, negated: bool) -> str:
        """All values as one: finding a placeholder takes SQLite the longer, the more of them there are."""
        apart = Conditions(self.context, Binds(), self.resolve, self.subquery)
        (left, _), *_ = [apart._operands(column, value, at) for value in values]
        binds = tuple(apart.binds.all)

        def listed(tokens: Tokens, moment: Moment) -> str:
            return orjson.dumps([bind(tokens, moment) for bind in binds]).decode()

        sql = f"{left} IN (SELECT value FROM json_each({self.binds.add(listed)}))"
        return f"({sql}) IS NOT TRUE" if negated else sql

    def _ordered(self, column: Column, operator: str, value: Value, at: int, *, negated: bool) -> str:
        if column.kind in {Kind.BOOLEAN, Kind.MULTI}:
            raise _bad_operator(column, at)
        if isinstance(value, Null):
            return "1" if negated else "0"
        if isinstance(value, DateWord):
            edge = self._edge(column, value, at, 0 if operator in {"<", ">="} else 1)
            sql = f"{column.sql} {'<' if operator[0] == '<' else '>='} {edge}"
        else:
            left, right = self._operands(column, value, at)
            sql = f"{left} {operator} {right}"
        return f"({sql}) IS NOT TRUE" if negated else sql

    def _like(self, column: Column, value: Value, at: int, *, negated: bool) -> str:
        if column.kind is not Kind.TEXT:
            raise _bad_operator(column, at)
        if isinstance(value, Null):
            return f"{column.sql} IS {'NOT ' if negated else ''}NULL"
        if not isinstance(value, Literal) or value.kind not in STRINGS:
            raise _wrong_type(column, value, at)
        left, right = self._folded(column.sql, value.kind, value.at, literals.pattern)
        sql = f"{left} LIKE {right} ESCAPE '\\'"
        return f"({sql}) IS NOT TRUE" if negated else sql

    def _choices(self, column: Column, values: Sequence[Value], at: int, *, negated: bool) -> str:
        if column.kind is not Kind.MULTI:
            raise Problem(
                "INVALID_QUERY_FILTER_OPERATOR",
                "includes and excludes are only valid on multipicklist fields",
                at,
            )
        for value in values:
            if not isinstance(value, Null) and not (isinstance(value, Literal) and value.kind in STRINGS):
                raise _wrong_type(column, value, at)
        ats = [value.at for value in values if isinstance(value, Literal)]

        def wanted(tokens: Tokens, _moment: Moment) -> str:
            return orjson.dumps([literals.choices(tokens.texts[i], i) for i in ats]).decode()

        # One list is met when no choice of it is missing; the filter is met when one list is.
        listed = (
            f"({column.sql} IS NOT NULL AND EXISTS (SELECT 1 FROM json_each({self.binds.add(wanted)}) AS g WHERE NOT "
            f"EXISTS (SELECT 1 FROM json_each(g.value) AS v WHERE instr(lower(';' || {column.sql} || ';'), v.value) = 0)))"
        )
        if any(isinstance(value, Null) for value in values):
            listed = f"({column.sql} IS NULL OR {listed})"
        return f"NOT {listed}" if negated else listed

    # -- values

    def _operands(self, column: Column, value: Value, at: int) -> tuple[str, str]:
        """Both sides of a comparison with one value, of the column's own kind."""
        if isinstance(value, Money) and column.kind is Kind.NUMBER:
            amount = value.amount
            if money.is_money(self.context.schema, column):
                compared = money.corporate(self.context.schema, column)
                return compared.sql, money.worth(self.binds, value.currency, amount)
            return column.sql, self.binds.add(lambda _tokens, _moment: amount)
        if not isinstance(value, Literal):
            raise _wrong_type(column, value, at)
        if value.kind in STRINGS:
            if column.kind is Kind.ID:
                return column.sql, self.binds.literal(lambda raw, i: literals.record_id(raw, i, at), value.at)
            if column.kind in _TEXTS:
                return self._folded(column.sql, value.kind, value.at, literals.text)
        convert = _CONVERSIONS.get((column.kind, value.kind))
        if convert is None:
            raise _wrong_type(column, value, at)
        return column.sql, self.binds.literal(convert, value.at)

    def _folded(self, sql: str, kind: str, at: int, convert: Callable[[str, int], str]) -> tuple[str, str]:
        """SQLite ignores case in ASCII only: text with other letters is folded by us, on both sides."""
        if kind == "ascii":
            return sql, self.binds.literal(convert, at)
        self.context.folds = True
        return f"soql_fold({sql})", self.binds.literal(lambda raw, i: convert(raw, i).casefold(), at)

    def _edge(self, column: Column, word: DateWord, at: int, which: int) -> str:
        """Where a date word's days begin (0) or have ended (1), in the column's own form."""
        if column.kind not in {Kind.DATE, Kind.DATETIME}:
            raise _wrong_type(column, word, at)
        moments = column.kind is Kind.DATETIME

        def bind(tokens: Tokens, moment: Moment) -> str:
            number = 0 if word.count is None else literals.count(tokens.texts[word.count], word.count)
            try:
                day = span(word.name, number, moment.today, monday=moment.monday)[which]
                return moment.midnight(day) if moments else day.isoformat()
            except OverflowError:
                raise Problem(
                    "NUMBER_OUTSIDE_VALID_RANGE", f"{word.name}: value out of range", word.at
                ) from None

        return self.binds.add(bind)


def _balanced(word: str, parts: Sequence[str]) -> str:
    """Joined as a tree of small depth: SQLite refuses a chain of a thousand terms."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return f"({_balanced(word, parts[:middle])} {word} {_balanced(word, parts[middle:])})"


def _wrong_type(column: Column, value: Value, at: int) -> Problem:
    quoted = isinstance(value, Literal) and value.kind in STRINGS
    word = (
        column.field.type.value
        if column.kind is Kind.NUMBER and column.field
        else _WORDS.get(column.kind, "double")
    )
    should = "should not be" if quoted or column.kind not in {Kind.TEXT, Kind.MULTI, Kind.ID} else "should be"
    return Problem(
        "INVALID_FIELD",
        f"value of filter criterion for field '{column.name}' must be of type {word} and {should} enclosed in quotes",
        at,
    )


def _bad_operator(column: Column, at: int) -> Problem:
    word = _WORDS.get(column.kind, "number")
    return Problem("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {word} field", at)


def _check_semi_joins(condition: Condition) -> None:
    """Semi-joins stand at the top of WHERE, joined by AND, at most two of them."""
    parts = condition.parts if isinstance(condition, All) else (condition,)
    top = [part for part in parts if _semi_join(part)]
    if len(top) > _MAX_SEMI_JOINS:
        raise malformed(
            f"Maximum {_MAX_SEMI_JOINS} semi join sub-selects are allowed", _at(top[_MAX_SEMI_JOINS])
        )
    for part in parts:
        if _semi_join(part):
            continue
        if isinstance(part, AnyOf) and any(_semi_join(p) for p in part.parts):
            raise malformed("Semi join sub-selects are not allowed with the 'OR' operator", _at(part))
        if _contains_semi_join(part):
            raise malformed(
                "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE "
                "expressions",
                _at(part),
            )


def _semi_join(part: Condition) -> bool:
    return isinstance(part, SemiJoin) or (
        isinstance(part, Not) and part.anti and isinstance(part.part, SemiJoin)
    )


def _contains_semi_join(part: Condition) -> bool:
    match part:
        case SemiJoin():
            return True
        case Not(inner):
            return _contains_semi_join(inner)
        case All(parts) | AnyOf(parts):
            return any(_contains_semi_join(p) for p in parts)
    return False


def _at(part: Condition) -> int:
    match part:
        case Not(inner):
            return _at(inner)
        case All(parts) | AnyOf(parts):
            return _at(parts[0])
        case SemiJoin(_, _, at):
            return at
        case _:
            return part.at
