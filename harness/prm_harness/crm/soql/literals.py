"""Literals to the values columns hold. A bad value is found only here: its text is no part of a statement's shape."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any

from prm_harness.crm.org.ids import is_id, to18
from prm_harness.crm.soql.faults import Problem, malformed

_MAX_TEXT = 4000
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_DATETIME = re.compile(r"(.{10})[Tt](.{8})(?:\.(\d+))?(?:[Zz]|([+-]\d\d):?(\d\d))")
_DIGITS = 18
"""Digits that always fit into SQLite's integers; a longer count is cut to as many, which is endless all the same."""


def text(raw: str, at: int) -> str:
    """The text a quoted literal stands for."""
    return _unquote(raw, at, _PLAIN)


def pattern(raw: str, at: int) -> str:
    r"""A LIKE pattern, with ``\`` as SQLite's escape character: escaped wildcards stay escaped."""
    return _unquote(raw, at, {**_PLAIN, "\\": "\\\\", "%": "\\%", "_": "\\_"})


def _unquote(raw: str, at: int, escapes: dict[str, str]) -> str:
    body = raw[1:-1]
    if len(body) > _MAX_TEXT:
        raise malformed(f"string literals in WHERE cannot be longer than {_MAX_TEXT} characters", at)

    def replaced(match: re.Match[str]) -> str:
        code = match[1]
        if len(code) == 5:
            return chr(int(code[1:], 16))
        if code not in escapes:
            raise malformed(
                f"Invalid string literal '{body}'. Illegal character sequence '\\{code}' in string literal.",
                at,
            )
        return escapes[code]

    value = _ESCAPE.sub(replaced, body) if "\\" in body else body
    # A lone half of a surrogate pair cannot be stored as text, so nothing equals it.
    return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def record_id(raw: str, at: int, field_at: int) -> str:
    """The 18-character id of a quoted id."""
    value = text(raw, at)
    if not is_id(value):
        raise Problem("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {value}", field_at)
    return to18(value)


def number(raw: str) -> float:
    """A number; whole ones stay whole where SQLite can hold them."""
    if len(raw) <= _DIGITS and raw.lstrip("+-").isdigit():
        return int(raw)
    return float(raw)


def count(raw: str, at: int) -> int:
    """A number of rows or days: a whole, unsigned one."""
    if not raw.isdigit():
        raise malformed(f"unexpected token: '{raw}'", at)
    return int(raw[:_DIGITS])


def day(raw: str, at: int) -> str:
    """A date column's form of a date."""
    try:
        return date.fromisoformat(raw).isoformat()
    except ValueError:
        raise _invalid("date", raw, at) from None


def moment(raw: str, at: int) -> str:
    """A datetime column's form of a datetime in any zone, kept to the millisecond."""
    match = _DATETIME.fullmatch(raw)
    if match is None:
        raise _invalid("dateTime", raw, at)
    try:
        zone = f"{match[4]}:{match[5]}" if match[4] else "+00:00"
        local = datetime.fromisoformat(f"{match[1]}T{match[2]}{zone}")
        return stored_moment(local, (match[3] or "")[:3].ljust(3, "0"))
    except (ValueError, OverflowError):
        raise _invalid("dateTime", raw, at) from None


def stored_moment(when: datetime, milliseconds: str = "000") -> str:
    """A datetime column's form of an aware datetime."""
    return f"{when.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat()}.{milliseconds}+0000"


def clock(raw: str, at: int) -> str:
    """A time column's form of a time."""
    try:
        whole, _, fraction = raw[:-1].partition(".")
        return f"{time.fromisoformat(whole).isoformat()}.{fraction[:3].ljust(3, '0')}Z"
    except ValueError:
        raise _invalid("time", raw, at) from None


def _invalid(kind: str, raw: str, at: int) -> Problem:
    return Problem("INVALID_QUERY_FILTER_OPERATOR", f"invalid {kind} value: {raw}", at)


def choices(raw: str, at: int) -> list[str]:
    """The values of one INCLUDES item, each between semicolons and in lower case, as the filter looks for them."""
    parts: dict[str, Any] = dict.fromkeys(part.strip() for part in text(raw, at).split(";"))
    return [f";{part.lower()};" for part in parts if part]
