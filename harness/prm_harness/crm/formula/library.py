"""Further functions of values: times, calendar weeks, logarithms, characters, links (help: Formula Operators and Functions)."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal
from html import escape

from prm_harness.crm.formula.tree import FormulaError, Value
from prm_harness.crm.formula.values import Function, number, numeric, text
from prm_harness.crm.geography import RADII, Place, distance

_SECONDS_A_DAY = 86400
_MOST_NORTH, _MOST_EAST = 90, 180


def _day(value: Value, part: Callable[[date], int]) -> Decimal | None:
    if value is None:
        return None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise FormulaError("Expected Date")
    return Decimal(part(value))


def _clock(value: Value, part: Callable[[time], int]) -> Decimal | None:
    if value is None:
        return None
    if not isinstance(value, time):
        raise FormulaError("Expected Time")
    return Decimal(part(value))


def _time_of(value: Value) -> time | None:
    """TIMEVALUE(): the time of day in UTC of a date/time, or the one that a text spells."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).time()
    if isinstance(value, time):
        return value
    if value is None or value == "":
        return None
    try:
        return time.fromisoformat(text(value))
    except ValueError:
        raise FormulaError(f"'{value}' is no time") from None


def _unix(value: Value) -> Decimal | None:
    """UNIXTIMESTAMP(): seconds since 1970 of a date or date/time, seconds since midnight of a time."""
    match value:
        case None:
            return None
        case datetime():
            return Decimal(int(value.timestamp()))
        case date():
            return Decimal(int(datetime.combine(value, time(), UTC).timestamp()))
        case time():
            return Decimal(value.hour * 3600 + value.minute * 60 + value.second)
    raise FormulaError("Expected Date, DateTime or Time")


def _from_unix(value: Value) -> datetime | None:
    if value is None:
        return None
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(number(value)))
    except OverflowError:
        raise FormulaError("Date out of range") from None


def _duration(first: Value, second: Value = None) -> str:
    """FORMATDURATION(): ``HH:MM:SS`` of seconds or of what lies between two times, with days where asked or needed."""
    if isinstance(second, bool) or (second is None and not isinstance(first, time | datetime)):
        total, days = int(number(first)), second is True
    else:
        start, end = _unix(first), _unix(second)
        total, days = abs(int(number(end) - number(start))), isinstance(first, datetime)
    if days:
        whole, total = divmod(total, _SECONDS_A_DAY)
        return f"{whole}:{_hours(total)}"
    return _hours(total)


def _hours(total: int) -> str:
    return f"{total // 3600:02d}:{total % 3600 // 60:02d}:{total % 60:02d}"


def _log(value: Value, function: Callable[[float], float]) -> Decimal:
    try:
        return Decimal(repr(function(float(number(value)))))
    except (ValueError, OverflowError):
        raise FormulaError("Number out of range") from None


def _truncated(value: Value, places: Value = Decimal(0)) -> Decimal:
    return number(value).quantize(Decimal(1).scaleb(-int(number(places))), rounding=ROUND_DOWN)


def _code(value: Value) -> Decimal:
    if not text(value):
        raise FormulaError("ASCII() needs a character")
    return Decimal(ord(text(value)[0]))


def _character(value: Value) -> str:
    try:
        return chr(int(number(value)))
    except (ValueError, OverflowError):
        raise FormulaError(f"{value} is no character") from None


def _link(url: Value, label: Value, target: Value = "_blank") -> str:
    return f'<a href="{escape(text(url))}" target="{escape(text(target))}">{text(label)}</a>'


def _image(url: Value, alternative: Value, height: Value = None, width: Value = None) -> str:
    size = f' height="{number(height)}" width="{number(width)}"' if height is not None else ""
    return f'<img src="{escape(text(url))}" alt="{escape(text(alternative))}" border="0"{size}/>'


def _place(latitude: Value, longitude: Value) -> Place | None:
    """GEOLOCATION(): degrees to a place."""
    if latitude is None or longitude is None:
        return None
    north, east = float(number(latitude)), float(number(longitude))
    if abs(north) > _MOST_NORTH or abs(east) > _MOST_EAST:
        raise FormulaError(f"There is no place at {north}, {east}")
    return Place(north, east)


def _distance(here: Value, there: Value, unit: Value) -> Decimal | None:
    """DISTANCE() between two places, in ``mi`` or ``km``."""
    if text(unit) not in RADII:
        raise FormulaError(
            f"Incorrect parameter for function 'DISTANCE()'. Expected 'mi' or 'km', received '{unit}'"
        )
    if here is None or there is None:
        return None
    if not (isinstance(here, Place) and isinstance(there, Place)):
        raise FormulaError("Incorrect parameter for function 'DISTANCE()'. Expected Geolocation")
    return Decimal(repr(distance(*here, *there, RADII[text(unit)])))


MORE: dict[str, Function] = {
    "ASCII": Function(1, 1, _code),
    "CHR": Function(1, 1, _character),
    "DAYOFYEAR": Function(1, 1, lambda v: _day(v, lambda d: d.timetuple().tm_yday)),
    "DISTANCE": Function(3, 3, _distance),
    "EXP": numeric(1, lambda v: _log(v, math.exp)),
    "FORMATDURATION": Function(1, 2, _duration),
    "FROMUNIXTIME": Function(1, 1, _from_unix),
    "GEOLOCATION": Function(2, 2, _place),
    "HOUR": Function(1, 1, lambda v: _clock(v, lambda t: t.hour)),
    "HYPERLINK": Function(2, 3, _link),
    "IMAGE": Function(2, 4, _image),
    "INITCAP": Function(1, 1, lambda v: text(v).title()),
    "ISCLONE": Function(0, 0, lambda: False),
    "ISOWEEK": Function(1, 1, lambda v: _day(v, lambda d: d.isocalendar().week)),
    "ISOYEAR": Function(1, 1, lambda v: _day(v, lambda d: d.isocalendar().year)),
    "LN": numeric(1, lambda v: _log(v, math.log)),
    "LOG": numeric(1, lambda v: _log(v, math.log10)),
    "MCEILING": numeric(1, lambda v: number(v).to_integral_value(rounding=ROUND_CEILING)),
    "MFLOOR": numeric(1, lambda v: number(v).to_integral_value(rounding=ROUND_FLOOR)),
    "MILLISECOND": Function(1, 1, lambda v: _clock(v, lambda t: t.microsecond // 1000)),
    "MINUTE": Function(1, 1, lambda v: _clock(v, lambda t: t.minute)),
    "PI": Function(0, 0, lambda: Decimal("3.14159265358979323846")),
    "PICKLISTCOUNT": Function(1, 1, lambda v: Decimal(len([p for p in text(v).split(";") if p]))),
    "REVERSE": Function(1, 1, lambda v: text(v)[::-1]),
    "SECOND": Function(1, 1, lambda v: _clock(v, lambda t: t.second)),
    "TIMEVALUE": Function(1, 1, _time_of),
    "TRUNC": numeric(2, _truncated),
    "UNIXTIMESTAMP": Function(1, 1, _unix),
}
