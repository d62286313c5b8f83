"""What formula functions and operators do with values. Nothing here sees a record.

Null counts as empty among text; with numbers, dates and times what is computed from null is null, and no comparison with
it is true. So are validation rules: ``Field__c <> 1`` says nothing of a blank field (help.salesforce.com, "ISNULL"), nor
does a sum with a blank in it (sfdc-learn.blogspot.com, January 2022).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal, DivisionByZero, InvalidOperation

from prm_harness.crm.formula.library import MORE
from prm_harness.crm.formula.tree import FormulaError, Value
from prm_harness.crm.formula.values import Function, is_blank, kind, number, numeric, text, truth
from prm_harness.crm.org.ids import is_id, to18

_DAY = timedelta(days=1)


def equal(left: Value, right: Value) -> bool:
    """The ``=`` of formulas: text by exact case, null as empty text."""
    left, right = _alike(left, right)
    if left is not None and right is not None and kind(left) != kind(right):
        raise FormulaError(
            f"Incorrect parameter type for operator '='. Expected {kind(left)}, received {kind(right)}"
        )
    return left == right


def less(left: Value, right: Value) -> bool:
    """The ``<`` of formulas; never true when a number, date or time is missing."""
    left, right = _alike(left, right)
    if left is None or right is None:
        return False
    if kind(left) != kind(right) or isinstance(left, bool):
        raise FormulaError(
            f"Incorrect parameter type for operator '<'. Expected {kind(left)}, received {kind(right)}"
        )
    return left < right  # type: ignore[operator]  # both are of one kind


def _alike(left: Value, right: Value) -> tuple[Value, Value]:
    return _filled(left, right), _filled(right, left)


def _filled(value: Value, other: Value) -> Value:
    return "" if value is None and isinstance(other, str) else value


def plus(left: Value, right: Value) -> Value:
    """Numbers add, text joins, a date moves on by days."""
    if isinstance(left, str) or isinstance(right, str):
        return text(left) + text(right)
    if left is None or right is None:
        return None
    if isinstance(left, date) and not isinstance(right, date):
        return _moved(left, number(right))
    if isinstance(right, date):
        return _moved(right, number(left)) if not isinstance(left, date) else _no_sum()
    return number(left) + number(right)


def minus(left: Value, right: Value) -> Value:
    """Numbers subtract; two dates give days; a date moves back by days."""
    if left is None or right is None:
        return None
    if isinstance(left, date) and isinstance(right, date):
        if isinstance(left, datetime) != isinstance(right, datetime):
            raise FormulaError("Incorrect parameter type for operator '-'. Expected Date, received DateTime")
        return Decimal((left - right) // timedelta(milliseconds=1)) / Decimal(86_400_000)
    if isinstance(left, date):
        return _moved(left, -number(right))
    if isinstance(right, date):
        return _no_sum()
    return number(left) - number(right)


def _moved(day: date, days: Decimal) -> Value:
    try:
        if isinstance(day, datetime):
            return day + timedelta(milliseconds=int(days * 86_400_000))
        return day + int(days) * _DAY
    except OverflowError:
        raise FormulaError("Date out of range") from None


def _no_sum() -> Value:
    raise FormulaError("Incorrect parameter type. Expected Number, received Date")


def times(left: Value, right: Value) -> Decimal | None:
    """``left`` multiplied by ``right``."""
    return None if left is None or right is None else number(left) * number(right)


def divide(left: Value, right: Value) -> Decimal | None:
    """Raises FormulaError for a division by zero."""
    if left is None or right is None:
        return None
    try:
        return number(left) / number(right)
    except (DivisionByZero, InvalidOperation):
        raise FormulaError("Division by zero") from None


def power(left: Value, right: Value) -> Decimal | None:
    """``left`` to the power of ``right``."""
    if left is None or right is None:
        return None
    try:
        return number(left) ** number(right)
    except ArithmeticError:
        raise FormulaError("Number out of range") from None


def as_text(value: Value) -> str:
    """TEXT(): numbers without trailing zeros, dates as ISO, date/times as ``2024-01-31 12:00:00Z``."""
    match value:
        case None:
            return ""
        case str():
            return value
        case Decimal():
            return format(value.normalize(), "f") if value else "0"
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat(timespec="milliseconds")
        case _:
            raise FormulaError("Incorrect parameter type for function 'TEXT()'. Received Boolean")


def _as_number(value: Value) -> Decimal | None:
    if is_blank(value):
        return None
    try:
        return Decimal(text(value).strip())
    except InvalidOperation:
        raise FormulaError(f"'{value}' is no number") from None


def _is_number(value: Value) -> bool:
    try:
        return _as_number(value) is not None
    except FormulaError:
        return False


def _day(value: Value) -> date | None:
    """DATEVALUE(): the day in UTC of a date/time, or the day that a text spells."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).date()
    if isinstance(value, date):
        return value
    if is_blank(value):
        return None
    try:
        return date.fromisoformat(text(value))
    except ValueError:
        raise FormulaError(f"'{value}' is no date") from None


def _moment(value: Value) -> datetime | None:
    """DATETIMEVALUE(): midnight UTC of a date, or the moment that a text spells."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    if is_blank(value):
        return None
    try:
        return datetime.fromisoformat(text(value)).replace(tzinfo=UTC)
    except ValueError:
        raise FormulaError(f"'{value}' is no date/time") from None


def _date(year: Value, month: Value, day: Value) -> date:
    try:
        return date(int(number(year)), int(number(month)), int(number(day)))
    except ValueError:
        raise FormulaError("No such date") from None


def _part(value: Value, part: Callable[[date], int]) -> Decimal | None:
    if value is None:
        return None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise FormulaError(f"Expected Date, received {kind(value)}")
    return Decimal(part(value))


def _add_months(value: Value, months: Value) -> Value:
    if value is None:
        return None
    if not isinstance(value, date):
        raise FormulaError(f"Expected Date, received {kind(value)}")
    year, month = divmod(value.year * 12 + value.month - 1 + int(number(months)), 12)
    try:
        last = calendar.monthrange(year, month + 1)[1]
        stays_last = value.day == calendar.monthrange(value.year, value.month)[1]
        return value.replace(year=year, month=month + 1, day=last if stays_last else min(value.day, last))
    except ValueError:
        raise FormulaError("Date out of range") from None


def _round(value: Value, places: Value) -> Decimal:
    return number(value).quantize(Decimal(1).scaleb(-int(number(places))), rounding=ROUND_HALF_UP)


def _whole(rounding: str) -> Callable[..., Value]:
    return lambda value: number(value).to_integral_value(rounding=rounding)


def _remainder(value: Value, divisor: Value) -> Decimal:
    try:
        return number(value) % number(divisor)
    except InvalidOperation:
        raise FormulaError("Division by zero") from None


def _root(value: Value) -> Decimal:
    if number(value) < 0:
        raise FormulaError("Square root of a negative number")
    return number(value).sqrt()


def _regex(value: Value, pattern: Value) -> bool:
    try:
        return re.fullmatch(text(pattern), text(value)) is not None
    except re.error as problem:
        raise FormulaError(f"Invalid regular expression: {problem}") from None


def _count(value: Value) -> int:
    return max(0, int(number(value)))


def _left(value: Value, count: Value) -> str:
    return text(value)[: _count(count)]


def _right(value: Value, count: Value) -> str:
    return text(value)[-_count(count) :] if _count(count) else ""


def _mid(value: Value, start: Value, count: Value) -> str:
    first = max(0, _count(start) - 1)
    return text(value)[first : first + _count(count)]


def _find(wanted: Value, within: Value, start: Value = None) -> Decimal:
    return Decimal(text(within).find(text(wanted), max(0, _count(start) - 1)) + 1)


def _padded(value: Value, width: Value, filler: Value, *, left: bool) -> str:
    base, size = text(value), _count(width)
    if size <= len(base) or not text(filler):
        return base[:size]
    padding = (text(filler) * size)[: size - len(base)]
    return padding + base if left else base + padding


def _safe_id(value: Value) -> str:
    return to18(text(value)) if is_id(text(value)) else text(value)


FUNCTIONS: dict[str, Function] = {
    "ABS": numeric(1, lambda v: abs(number(v))),
    "ADDMONTHS": Function(2, 2, _add_months),
    "BEGINS": Function(2, 2, lambda v, start: text(v).startswith(text(start))),
    "BLANKVALUE": Function(2, 2, lambda v, other: other if is_blank(v) else v),
    "BR": Function(0, 0, lambda: "\n"),
    "CASESAFEID": Function(1, 1, _safe_id),
    "CEILING": numeric(1, _whole(ROUND_UP)),
    "CONTAINS": Function(2, 2, lambda v, part: text(part) in text(v)),
    "DATE": Function(3, 3, _date),
    "DATETIMEVALUE": Function(1, 1, _moment),
    "DATEVALUE": Function(1, 1, _day),
    "DAY": Function(1, 1, lambda v: _part(v, lambda d: d.day)),
    "FIND": Function(2, 3, _find),
    "FLOOR": numeric(1, _whole(ROUND_DOWN)),
    "INCLUDES": Function(2, 2, lambda v, one: text(one) in text(v).split(";")),
    "ISBLANK": Function(1, 1, is_blank),
    "ISNULL": Function(1, 1, lambda v: v is None),
    "ISNUMBER": Function(1, 1, _is_number),
    "ISPICKVAL": Function(2, 2, lambda v, one: text(v) == text(one)),
    "LEFT": Function(2, 2, _left),
    "LEN": Function(1, 1, lambda v: Decimal(len(text(v)))),
    "LOWER": Function(1, 2, lambda v, _locale=None: text(v).lower()),
    "LPAD": Function(2, 3, lambda v, width, fill=" ": _padded(v, width, fill, left=True)),
    "MAX": numeric(99, lambda *vs: max(map(number, vs))),
    "MID": Function(3, 3, _mid),
    "MIN": numeric(99, lambda *vs: min(map(number, vs))),
    "MOD": numeric(2, _remainder, least=2),
    "MONTH": Function(1, 1, lambda v: _part(v, lambda d: d.month)),
    "NOT": Function(1, 1, lambda v: not truth(v)),
    "NULLVALUE": Function(2, 2, lambda v, other: other if v is None else v),
    "REGEX": Function(2, 2, _regex),
    "RIGHT": Function(2, 2, _right),
    "ROUND": numeric(2, _round, least=2),
    "RPAD": Function(2, 3, lambda v, width, fill=" ": _padded(v, width, fill, left=False)),
    "SQRT": numeric(1, _root),
    "SUBSTITUTE": Function(
        3, 3, lambda v, old, new: text(v).replace(text(old), text(new)) if text(old) else text(v)
    ),
    "TEXT": Function(1, 1, as_text),
    "TRIM": Function(1, 1, lambda v: text(v).strip()),
    "UPPER": Function(1, 2, lambda v, _locale=None: text(v).upper()),
    "VALUE": Function(1, 1, _as_number),
    "WEEKDAY": Function(1, 1, lambda v: _part(v, lambda d: d.isoweekday() % 7 + 1)),
    "YEAR": Function(1, 1, lambda v: _part(v, lambda d: d.year)),
} | MORE
