"""Values where a formula wants a number, a text or a truth, and what a function is.

Null counts as empty among text. What is computed from a number that is null is null; a formula field that "treats blank
fields as zeroes" is handed zeroes to begin with (help.salesforce.com, "Build a Formula Field": blank field handling).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from prm_harness.crm.formula.tree import FormulaError, Value
from prm_harness.crm.geography import Place


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
        case Place():
            return "Geolocation"
        case _:
            return "Time"


class Function(NamedTuple):
    """A function of values: how many arguments it takes, and what it does."""

    least: int
    most: int
    apply: Callable[..., Value]


def numeric(most: int, apply: Callable[..., Value], *, least: int = 1) -> Function:
    """A function of numbers, which has no value where one of them is null."""
    return Function(least, most, lambda *args: None if None in args else apply(*args))
