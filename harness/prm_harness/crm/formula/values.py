"""Values where a formula wants a number, a text or a truth, and what a function is.

Null counts as zero among numbers and as empty among text, as formulas with "treat blank fields as zeroes" do.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from prm_harness.crm.formula.tree import FormulaError, Value


def number(value: Value) -> Decimal:
    """A value where a number is wanted."""
    if value is None:
        return Decimal(0)
    if isinstance(value, Decimal):
        return value
    raise FormulaError(f"Expected Number, received {kind(value)}")


def text(value: Value) -> str:
    """A value where text is wanted."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    raise FormulaError(f"Expected Text, received {kind(value)}")


def truth(value: Value) -> bool:
    """A value where true or false is wanted."""
    if value is None:
        return False
    if isinstance(value, bool):
        return value
    raise FormulaError(f"Expected Boolean, received {kind(value)}")


def is_blank(value: Value) -> bool:
    """Null and empty text are blank; zero and false are not."""
    return value is None or value == ""


def kind(value: Value) -> str:
    """What the editor calls a value's type."""
    match value:
        case None:
            return "Null"
        case bool():
            return "Boolean"
        case str():
            return "Text"
        case Decimal():
            return "Number"
        case datetime():
            return "DateTime"
        case date():
            return "Date"
        case _:
            return "Time"


class Function(NamedTuple):
    """A function of values: how many arguments it takes, and what it does."""

    least: int
    most: int
    apply: Callable[..., Value]
