"""Conditions on one field: as a SOQL clause for the CRM, and evaluated on the portal's own records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from prm_harness.adapter import Filter, Rule

_OPERATORS: Final = {"eq": "=", "ne": "!=", "in": "IN", "gt": ">", "lt": "<"}
_UNQUOTED: Final = frozenset({"date", "datetime", "time", "int", "double", "currency", "percent", "boolean"})


def clause(rule: Filter | Rule, field_type: str) -> str:
    """The condition in SOQL."""
    return f"{rule.field} {_OPERATORS[rule.op]} {_literal(rule.value, field_type)}"


def inverse(rule: Filter | Rule, field_type: str) -> str:
    """The rows for which it does not hold, those without a value among them (SOQL's != and NOT IN include null)."""
    literal = _literal(rule.value, field_type)
    if rule.op == "eq":
        return f"{rule.field} != {literal}"
    if rule.op == "ne":
        return f"{rule.field} = {literal}"
    if rule.op == "in":
        return f"{rule.field} NOT IN {literal}"
    opposite = "<=" if rule.op == "gt" else ">="
    return f"({rule.field} {opposite} {literal} OR {rule.field} = null)"


def holds(rule: Filter | Rule, fields: Mapping[str, Any]) -> bool:
    """Whether a record matches; a record without a value matches only ``ne`` (and ``eq`` None)."""
    value, wanted = fields.get(rule.field), rule.value
    if rule.op == "in":
        return any(_same(value, one) for one in wanted)
    if rule.op in {"eq", "ne"}:
        return _same(value, wanted) == (rule.op == "eq")
    if value is None or wanted is None:
        return False
    left, right = _comparable(value, wanted)
    return bool(left > right if rule.op == "gt" else left < right)


def quoted(text: str) -> str:
    """A SOQL string literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


def _literal(value: Any, field_type: str) -> str:
    if isinstance(value, list | tuple | set):
        return f"({', '.join(_literal(one, field_type) for one in value)})"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if field_type in _UNQUOTED:
        return str(value)
    return quoted(str(value))


def _same(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is right
    left, right = _comparable(left, right)
    return bool(left == right)


def _comparable(left: Any, right: Any) -> tuple[Any, Any]:
    if isinstance(left, bool) or isinstance(right, bool):
        return str(left).lower(), str(right).lower()
    try:
        return float(left), float(right)
    except (TypeError, ValueError):
        return str(left), str(right)
