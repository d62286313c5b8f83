"""Filter expressions of channel members: which events a custom channel tells.

By the guides of Change Data Capture and of platform events, an expression is the WHERE of a SOQL statement over the event's
fields; change events also have those of ``ChangeEventHeader`` that are no lists. It sees a record as it is when the event is handed out, under what the event
says of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.ids import is_id, to18
from prm_harness.crm.org.schema import Field, FieldType, SObjectType
from prm_harness.crm.soql import literals
from prm_harness.crm.soql.columns import Column, Kind, kind_of
from prm_harness.crm.soql.faults import Problem
from prm_harness.crm.soql.parser import parse_tokens
from prm_harness.crm.soql.tokens import STRINGS, Tokens, tokenize
from prm_harness.crm.soql.tree import (
    All,
    AnyOf,
    Comparison,
    Condition,
    Literal,
    Not,
    Null,
    Path,
    Query,
    Truth,
    Value,
)

_HEADER: Final = "ChangeEventHeader."
_HEADER_FIELDS: Final = {
    "entityName": Kind.TEXT, "changeType": Kind.TEXT, "changeOrigin": Kind.TEXT, "transactionKey": Kind.TEXT,
    "sequenceNumber": Kind.NUMBER, "commitTimestamp": Kind.NUMBER, "commitUser": Kind.ID, "commitNumber": Kind.NUMBER,
}  # fmt: skip
_OPERATORS: Final = frozenset({"=", "!=", "<", "<=", ">", ">=", "LIKE", "IN"})
_READERS: Final[dict[Kind, Callable[[str, int], Any]]] = {
    Kind.TEXT: lambda raw, at: literals.text(raw, at).lower(),
    Kind.NUMBER: lambda raw, _at: literals.number(raw),
    Kind.DATE: literals.day,
    Kind.DATETIME: literals.moment,
    Kind.TIME: literals.clock,
}
_LITERALS: Final = {
    Kind.TEXT: STRINGS, Kind.ID: STRINGS, Kind.NUMBER: {"number"}, Kind.DATE: {"date"},
    Kind.DATETIME: {"datetime"}, Kind.TIME: {"time"},
}  # fmt: skip


def refuse_unfit(expression: str, obj: SObjectType) -> None:
    """Whether an object's events can be filtered so.

    Raises:
        SaveError: FIELD_INTEGRITY_EXCEPTION, with what is wrong.
    """
    try:
        tokens, query = _parsed(expression, obj.name)
        for comparison in _comparisons(query.where):
            _checked(comparison, tokens, obj)
    except (Problem, _UnfitError) as problem:
        raise SaveError.of(
            "FIELD_INTEGRITY_EXCEPTION",
            f"The filter expression is not valid: {str(problem).strip()}",
            "FilterExpression",
        ) from None


def named_fields(expression: str, obj: SObjectType) -> list[str]:
    """The fields of the record that an expression names: they are told with every event."""
    _, query = _parsed(expression, obj.name)
    found = (obj.field(comparison.left.text) for comparison in _comparisons(query.where)
             if isinstance(comparison.left, Path))  # fmt: skip
    return list(dict.fromkeys(field.name for field in found if field is not None))


def fits(
    expression: str, obj: SObjectType, values: Mapping[str, Any], header: Mapping[str, Any] | None = None
) -> bool:
    """Whether an event with these wire values of fields, and this header, is told."""
    tokens, query = _parsed(expression, obj.name)
    assert query.where is not None

    def holds(condition: Condition) -> bool:
        match condition:
            case All(parts):
                return all(map(holds, parts))
            case AnyOf(parts):
                return any(map(holds, parts))
            case Not(part):
                return not holds(part)
            case Comparison():
                return _compare(condition, tokens, obj, values, header or {})
            case _:
                return False

    return holds(query.where)


class _UnfitError(Exception):
    pass


@lru_cache(maxsize=64)
def _parsed(expression: str, sobject: str) -> tuple[Tokens, Query]:
    tokens = tokenize(f"SELECT Id FROM {sobject} WHERE {expression}")
    query = parse_tokens(tokens)
    if query.group or query.order or query.having or query.limit is not None or query.offset is not None:
        raise _UnfitError("only conditions can be given")
    return tokens, query


def _comparisons(condition: Condition | None) -> Iterator[Comparison]:
    match condition:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from _comparisons(part)
        case Not(part):
            yield from _comparisons(part)
        case Comparison():
            yield condition
        case _:
            raise _UnfitError("sub-selects are not supported")


def _checked(comparison: Comparison, tokens: Tokens, obj: SObjectType) -> None:
    name = comparison.left.text if isinstance(comparison.left, Path) else ""
    if not name or comparison.operator not in _OPERATORS:
        raise _UnfitError("this function or operator is not supported")
    kind, _ = _what(name, obj)
    if kind is None:
        raise _UnfitError(f"{name} is not a field that {obj.name} can be filtered by")
    for value in comparison.values:
        _value(value, kind, tokens, name)


def _what(name: str, obj: SObjectType) -> tuple[Kind | None, Field | None]:
    """The kind of what a name stands for, and the record's field."""
    if name.lower().startswith(_HEADER.lower()):
        return _HEADER_FIELDS.get(_header_name(name)), None
    field = obj.field(name)
    if field is None or not field.stored or field.type is FieldType.MULTIPICKLIST:
        return None, None
    column = Column("", kind_of(field), field.name, obj.name, field)
    return (column.kind if column.filterable else None), field


def _header_name(name: str) -> str:
    low = name[len(_HEADER) :].lower()
    return next((known for known in _HEADER_FIELDS if known.lower() == low), "")


def _value(value: Value, kind: Kind, tokens: Tokens, name: str) -> Any:
    if isinstance(value, Null):
        return None
    if isinstance(value, Truth) and kind is Kind.BOOLEAN:
        return value.value
    if isinstance(value, Literal) and value.kind in _LITERALS.get(kind, ()):
        raw = tokens.texts[value.at]
        if kind is Kind.ID:
            text = literals.text(raw, value.at)
            return to18(text) if is_id(text) else text
        return _READERS[kind](raw, value.at)
    raise _UnfitError(f"the value for {name} is of another type, or not supported")


def _compare(
    comparison: Comparison,
    tokens: Tokens,
    obj: SObjectType,
    values: Mapping[str, Any],
    header: Mapping[str, Any],
) -> bool:
    assert isinstance(comparison.left, Path)
    name = comparison.left.text
    kind, field = _what(name, obj)
    if kind is None:
        return False
    held = values.get(field.name) if field is not None else header.get(_header_name(name))
    if kind is Kind.BOOLEAN:
        held = bool(held)
    elif kind is Kind.TEXT and held is not None:
        held = str(held).lower()
    wanted = [_value(value, kind, tokens, name) for value in comparison.values]
    return _holds(comparison.operator, held, wanted)


def _holds(operator: str, held: Any, wanted: list[Any]) -> bool:
    first = wanted[0]
    if operator in {"=", "IN"}:
        return held in wanted
    if operator == "!=":
        return bool(held != first)
    if held is None or first is None:
        return False
    if operator == "LIKE":
        words = "".join(".*" if c == "%" else "." if c == "_" else re.escape(c) for c in str(first))
        return re.fullmatch(words, held, re.DOTALL) is not None
    return bool(
        held < first
        if operator == "<"
        else held <= first
        if operator == "<="
        else held > first
        if operator == ">"
        else held >= first
    )
