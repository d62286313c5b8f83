"""Sentences of findings, filled with what a check measured: counted things in the right number, times as people say them.

Besides Python's own format specifications:

``{sent:~deal}``       "1 deal", "5 deals"; ``{copies:~copy|copies}`` where the plural is another word
``{sent:~all deal}``   "no deal", "the one deal", "all 5 deals"
``{seconds:~time}``    "a second", "45 seconds", "20 minutes", "3 hours"
``[[, and {late} are missing]]``   left out when the first figure in it is nothing
``[[{lost} are lost ;; {copies} doubled]]``   what of it is about something, with commas and an "and" between
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from typing import Any, Final

_CLAUSE: Final = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_FIRST: Final = re.compile(r"\{(\w+)")
_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_FROM: Final = {"day": 3, "hour": 2, "minute": 2, "second": 0}
"""From how many of a unit on it is the one to speak in: 90 minutes are not 1.5 hours, 82 hours are not three days."""


def filled(sentence: str, facts: Mapping[str, Any]) -> str:
    """The sentence with its figures; one that the check did not set is a question mark."""
    kept = _CLAUSE.sub(lambda found: _kept(found[1], facts), sentence)
    return _Sentence().vformat(kept, (), facts)


def duration(seconds: float) -> str:
    """As people say it."""
    if seconds < 0.5:
        return "a second"
    for size, unit in _UNITS:
        count = seconds / size
        exact = count == round(count)
        if count >= _FROM[unit] and (exact or unit != "day"):
            return counted(round(count, 0 if exact or count >= 10 else 1), unit)
        if exact and count >= 1 and unit != "day":
            return counted(count, unit)
    return counted(round(seconds, 1), "second")


def counted(number: Any, noun: str) -> str:
    """``1 deal``, ``5 deals``."""
    one, _, many = noun.partition("|")
    figure = f"{number:,}" if isinstance(number, int) and number >= 10_000 else f"{number:g}"
    return f"{figure} {one if number == 1 else many or one + 's'}"


def _kept(clauses: str, facts: Mapping[str, Any]) -> str:
    parts = clauses.split(" ;; ")
    kept = [part for part in parts if _something(part, facts)]
    if len(parts) == 1:
        return "".join(kept)
    if not kept:
        return "something else was not as it had to be"
    return kept[0] if len(kept) == 1 else f"{', '.join(kept[:-1])} and {kept[-1]}"


def _something(clause: str, facts: Mapping[str, Any]) -> bool:
    first = _FIRST.search(clause)
    return first is None or bool(facts.get(first[1]))


class _Sentence(string.Formatter):
    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:  # noqa: ARG002
        return kwargs.get(str(key), "?")

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, str) or not format_spec.startswith("~"):
            return format(value, "" if isinstance(value, str) else format_spec)
        words = format_spec[1:]
        if words == "time":
            return duration(value)
        if not words.startswith("all "):
            return counted(value, words)
        noun = words.removeprefix("all ")
        one = noun.partition("|")[0]
        return f"no {one}" if not value else f"the one {one}" if value == 1 else f"all {counted(value, noun)}"
