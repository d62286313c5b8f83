"""What a field of each type is tried with: kinds of values, every kind a Hypothesis strategy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from .moments import dates, instants, times
from .texts import emails, phones, texts, urls

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_EXACT_DIGITS: Final = 15
"""Significant digits that survive as a JSON number, which is a double for most who read it."""
_MOST_CHOSEN: Final = 20
_MOST_OFFERED: Final = 90


def kinds(field: Mapping[str, Any]) -> list[SearchStrategy[Any]]:
    """The kinds of values for a describe entry; none for a type that a check has to fill itself (references, files).

    Values are as the CRM's JSON has them: numbers as numbers, dates and instants as text, multi-selects joined by ``;``.
    """
    from hypothesis import strategies as st

    entry, kind = dict(field), str(field.get("type"))
    match kind:
        case "string" | "textarea":
            return texts(entry)
        case "email":
            return emails(entry)
        case "phone":
            return phones(entry)
        case "url":
            return urls(entry)
        case "int" | "double" | "currency" | "percent":
            return _numbers(entry)
        case "boolean":
            return [st.sampled_from((True, False))]
        case "date":
            return dates()
        case "datetime":
            return instants()
        case "time":
            return times()
        case "picklist":
            return [st.sampled_from(chosen)] if (chosen := _offered(entry)) else []
        case "multipicklist":
            chosen = _offered(entry)
            some = st.lists(
                st.sampled_from(chosen), min_size=1, max_size=min(len(chosen), _MOST_CHOSEN), unique=True
            )
            return [some.map(";".join)] if chosen else []
        case _:
            return []


def may_be_empty(field: Mapping[str, Any]) -> bool:
    """Whether the field can be left out."""
    return bool(field.get("nillable"))


def _offered(field: Mapping[str, Any]) -> list[str]:
    """Choices that every record type offers, and that depend on no other field."""
    if field.get("controller"):
        return []
    values = [str(value) for value in field.get("values") or ()]
    for offered in (field.get("offered") or {}).values():
        values = [value for value in values if value in offered]
    return values[:_MOST_OFFERED]


def _numbers(field: Mapping[str, Any]) -> list[SearchStrategy[Any]]:
    from hypothesis import strategies as st

    scale = int(field.get("scale") or 0)
    whole = int(field.get("precision") or field.get("digits") or 9) - scale
    whole = max(min(whole, _EXACT_DIGITS - scale), 1)
    digits = st.lists(st.sampled_from("0123456789"), min_size=1, max_size=whole).map("".join)
    part = st.lists(st.sampled_from("0123456789"), min_size=scale, max_size=scale).map("".join)
    signed = field.get("type") != "percent"
    sign = st.sampled_from(("", "-")) if signed else st.just("")
    if not signed:
        digits = st.sampled_from([str(number) for number in range(100)])
        whole = min(whole, 2)

    def number(parts: tuple[str, str, str]) -> int | float:
        text = f"{parts[0]}{parts[1]}.{parts[2] or '0'}"
        return float(text) if scale else int(text.split(".", maxsplit=1)[0])

    least = [st.sampled_from([0.0, 10.0**-scale, 1 - 10.0**-scale])] if scale else [st.sampled_from([0, 1])]
    return [
        st.tuples(sign, digits, part).map(number),
        st.tuples(sign, st.just("9" * whole), part).map(number),
        *(one.map(lambda value: round(value, scale)) for one in least),
    ]
