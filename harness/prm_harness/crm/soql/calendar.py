"""Date words: which days TODAY, LAST_N_WEEKS:3 and the rest span (contract §7.2).

Days are those of the running user's time zone; a week begins where the user's locale says. Fiscal years are taken to
begin in January, as an org's do until an admin changes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

_UNITS = ("WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR")
_FIXED = re.compile(
    rf"YESTERDAY|TODAY|TOMORROW|(?:LAST|NEXT)_90_DAYS|(?P<which>LAST|THIS|NEXT)_(?P<unit>{'|'.join(_UNITS)})"
)
_COUNTED = re.compile(
    rf"(?:(?P<way>LAST|NEXT)_N_(?P<span>DAY|{'|'.join(_UNITS)})S|N_(?P<ago>DAY|{'|'.join(_UNITS)})S_AGO)"
)

Span = tuple[date, date]
"""First day, and the day after the last."""


def is_date_word(word: str) -> bool:
    """Whether the upper-case word is a date literal."""
    return bool(_FIXED.fullmatch(word) or _COUNTED.fullmatch(word))


def takes_count(word: str) -> bool:
    """Whether the date literal is followed by ``:n``."""
    return bool(_COUNTED.fullmatch(word))


def span(word: str, count: int, today: date, *, monday: bool) -> Span:
    """The days a date word covers, seen from ``today``.

    Args:
        word: An upper-case date word.
        count: Its ``n``, 0 where it takes none.
        today: The user's day.
        monday: Whether the user's week begins on Monday (else Sunday).

    Raises:
        OverflowError: beyond the years 1 to 9999.
    """
    day = timedelta(days=1)
    match word:
        case "YESTERDAY":
            return today - day, today
        case "TODAY":
            return today, today + day
        case "TOMORROW":
            return today + day, today + 2 * day
        case "LAST_90_DAYS":
            return today - 90 * day, today + day
        case "NEXT_90_DAYS":
            return today + day, today + 91 * day
    fixed = _FIXED.fullmatch(word)
    step = _stepper(today, monday=monday)
    if fixed:
        shift = {"LAST": -1, "THIS": 0, "NEXT": 1}[fixed["which"]]
        return step(fixed["unit"], shift), step(fixed["unit"], shift + 1)
    counted = _COUNTED.fullmatch(word)
    if counted is None:
        raise ValueError(f"{word} is no date literal")
    if counted["ago"]:
        return step(counted["ago"], -count), step(counted["ago"], 1 - count)
    if counted["way"] == "NEXT":
        return step(counted["span"], 1), step(counted["span"], 1 + count)
    # LAST_N_DAYS runs on through today; the longer units end with the last whole one.
    return step(counted["span"], -count), step(counted["span"], 1 if counted["span"] == "DAY" else 0)


def _stepper(today: date, *, monday: bool) -> Callable[[str, int], date]:
    """(unit, n) → first day of the unit that is n units after the present one."""

    def step(unit: str, shift: int) -> date:
        unit = unit.removeprefix("FISCAL_")
        if unit == "DAY":
            return today + timedelta(days=shift)
        if unit == "WEEK":
            since = today.weekday() if monday else (today.weekday() + 1) % 7
            return today - timedelta(days=since) + timedelta(weeks=shift)
        months = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit]
        ordinal = (today.year * 12 + today.month - 1) // months * months + shift * months
        year, month = divmod(ordinal, 12)
        if not date.min.year <= year <= date.max.year:
            raise OverflowError("date value out of range")
        return date(year, month + 1, 1)

    return step
