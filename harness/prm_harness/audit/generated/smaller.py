"""Simpler values than one that failed, so that the failure can be told in a line.

Hypothesis' own shrinker tries one value after the other, and each try would be a sync cycle. Here many simpler values are
named at once; a check tries them side by side and goes on from the simplest that still fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_NUMBERS: Final = frozenset({"int", "double", "currency", "percent"})
_DAY, _TIME, _ZONE = "2027-06-15", "12:00:00", "Z"
_LENGTHS: Final = (1, 40, 80, 81, 100, 128, 255, 256, 512, 1000, 1024, 4000, 4096, 8192, 16000, 32000)
"""Lengths at which columns and forms like to end."""
_MOST_SIGNS: Final = 12
_INSTANT: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(.*)")


def smaller(value: Any, field: Mapping[str, Any], most: int = 40) -> list[Any]:
    """Values of the field's type that are simpler than this one, the simplest first; none when it is as simple as can be.

    Args:
        value: what failed.
        field: its describe entry.
        most: how many at most.
    """
    kind = str(field.get("type"))
    at = weight(value, field)
    found = dict.fromkeys(one for one in _candidates(value, kind) if one != value and weight(one, field) < at)
    return sorted(found, key=lambda one: weight(one, field))[:most]


def weight(value: Any, field: Mapping[str, Any]) -> int:
    """How much there is to say about a value: the smaller, the simpler. Comparable between values of one type only."""
    kind = str(field.get("type"))
    if value is None or value == "":
        return 0
    if isinstance(value, bool):
        return 1
    if kind in _NUMBERS:
        digits: str = repr(value).removesuffix(".0")
        return len(digits) + int(value < 0) + sum(digit not in "01.-" for digit in digits)
    if kind in {"date", "datetime", "time"}:
        return _unlike_a_plain_day(str(value))
    if kind == "multipicklist":
        chosen = str(value).split(";")
        return 1000 * len(chosen) + len(str(value))
    return len(str(value)) + 4 * len(set(str(value)) - {"a"})


def worded(values: Mapping[str, Any]) -> str:
    """A record in a line; what is long is told by its length, what cannot be seen by its number in Unicode."""
    return ", ".join(f"{name} = {_worded(value)}" for name, value in values.items()) or "no field filled"


def _worded(value: Any) -> str:
    if not isinstance(value, str):
        return "(empty)" if value is None else str(value)
    if len(value) > 40 and len(set(value)) == 1:
        return f'{len(value)} times "{value[0]}"'
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in value)
    return f'"{shown}"' if len(shown) <= 60 else f'"{shown[:40]}…" ({len(value)} characters)'


def _candidates(value: Any, kind: str) -> Iterator[Any]:
    if isinstance(value, bool) or value in {None, ""}:
        return
    if kind in _NUMBERS:
        yield from _simpler_numbers(value)
    elif kind == "date":
        yield from (_DAY, f"{_DAY[:4]}{str(value)[4:]}" if not str(value).endswith("02-29") else _DAY)
        yield f"{str(value)[:4]}{_DAY[4:]}"
    elif kind == "datetime" and (parts := _INSTANT.fullmatch(str(value))):
        for day in (_DAY, parts[1]):
            for time in (_TIME, parts[2]):
                yield from (f"{day}T{time}{zone}" for zone in (_ZONE, parts[3]))
    elif kind == "time":
        yield f"{_TIME}.000Z"
    elif kind == "multipicklist":
        yield from _simpler_choices(str(value).split(";"))
    elif kind == "email":
        yield from _simpler_addresses(str(value))
    elif kind == "url":
        yield "https://example.com"
        yield from (f"https://example.com/{sign}" for sign in dict.fromkeys(str(value).partition("//")[2]))
    elif kind not in {"picklist", "reference", "id"} and isinstance(value, str):
        yield from _simpler_texts(value)


def _simpler_numbers(value: float) -> Iterator[float]:
    whole = isinstance(value, int)
    for sign in (1, -1) if value < 0 else (1,):
        size = abs(value)
        for one in (0, 1, int(size), int(size) % 1000, *(10**n for n in range(2, 15) if 10**n <= size)):
            yield sign * one
        if not whole:
            places = len(repr(size).partition(".")[2])
            part = round(size - int(size), places)
            for one in (
                part,
                *(10.0**-n for n in range(1, places + 1)),
                round(size, 1),
                round(1 + part, places),
            ):
                yield round(sign * one, places)


def _simpler_choices(chosen: list[str]) -> Iterator[str]:
    half = len(chosen) // 2
    for some in (*([one] for one in chosen), chosen[:2], chosen[:half], chosen[half:], chosen[:-1]):
        if some:
            yield ";".join(some)


def _simpler_addresses(value: str) -> Iterator[str]:
    name, _, host = value.partition("@")
    yield from ("a@example.com", f"{name}@example.com", f"a@{host}")
    yield from (f"a{sign}a@example.com" for sign in dict.fromkeys(name) if not sign.isalnum())


def _simpler_texts(text: str) -> Iterator[str]:
    length, half = len(text), len(text) // 2
    for number in sorted({*(n for n in _LENGTHS if n <= length), length, length - 1, half, half + half // 2}):
        yield "a" * number
    for size in (half, half // 2, half // 4):
        if size:
            yield from (part.strip() for part in (text[:size], text[-size:]))
    signs = sorted(
        set(text) - set("aeinorst "), key=lambda sign: (sign.isalnum() and sign.isascii(), text.index(sign))
    )
    for sign in signs[:_MOST_SIGNS]:
        yield sign if sign.isprintable() and sign.strip() else f"a{sign}a"
    for place in range(min(length, 12)):
        yield (text[:place] + text[place + 1 :]).strip()


def _unlike_a_plain_day(value: str) -> int:
    """How many parts of it are not those of a plain noon in June."""
    parts = _INSTANT.fullmatch(value)
    day, time, zone = (parts[1], parts[2], parts[3]) if parts else (value, _TIME, _ZONE)
    if len(value) > 2 and value[2] == ":":
        return 1 + (value[:8] != _TIME)
    return (
        1
        + 2 * (day[:4] != _DAY[:4])
        + 2 * (day[4:] != _DAY[4:])
        + (time != _TIME)
        + (zone not in {"Z", "+00:00"})
    )
