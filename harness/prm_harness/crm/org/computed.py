"""Formula fields: their value for a row, for ``Org.get`` and for queries alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from prm_harness.crm.formula.evaluate import evaluate as evaluate_tree
from prm_harness.crm.formula.parser import parse
from prm_harness.crm.formula.tree import FormulaError, Value
from prm_harness.crm.org.schema import Field, FieldType, Schema, SObjectType
from prm_harness.crm.org.scope import FetchParent, RecordScope
from prm_harness.crm.store.values import as_datetime

__all__ = ["FetchParent", "evaluate"]


def evaluate(
    schema: Schema,
    sobject_type: SObjectType,
    field: Field,
    row: Mapping[str, Any],
    fetch_parent: FetchParent,
    *,
    user_id: str | None = None,
    now: Callable[[], datetime] | None = None,
) -> Any:
    """The wire value of a formula field; null where a page would show ``#Error!``.

    Args:
        schema: All objects, for parent fields.
        sobject_type: The row's object.
        field: The formula field.
        row: The row in stored form, with every column the formula names.
        fetch_parent: (sObject, 18-character id) → stored row, or None.
        user_id: The running user, for ``$User`` and ``$Profile``.
        now: The org's clock, for NOW() and TODAY().

    Raises:
        SandboxGapError: the formula needs the user or the clock, and none was given.
    """
    scope = RecordScope(
        schema,
        sobject_type,
        row,
        fetch_parent,
        user_id=user_id,
        now=now,
        blanks_are_zero=not field.blank_as_blank,
    )
    try:
        return to_wire(field, evaluate_tree(parse(field.formula), scope))
    except (FormulaError, ArithmeticError):
        return None


def to_wire(field: Field, value: Value) -> Any:
    """A formula's value as the field shows it: percents as hundredths, numbers at the field's scale."""
    match value:
        case None | bool() | str():
            return (
                False
                if value is None and field.type is FieldType.BOOLEAN
                else (None if value == "" else value)
            )
        case Decimal():
            scaled = value * 100 if field.type is FieldType.PERCENT else value
            return float(scaled.quantize(Decimal(1).scaleb(-field.scale), rounding=ROUND_HALF_UP)) or 0.0
        case datetime():
            return as_datetime(value)
        case date():
            return value.isoformat()
        case time():
            return value.isoformat(timespec="milliseconds") + "Z"
