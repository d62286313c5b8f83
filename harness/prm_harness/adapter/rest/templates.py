"""Texts with ``{placeholders}``: in addresses, queries, headers and bodies."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from .paths import MISSING, found

_PLACE: Final = re.compile(r"\{\{|\}\}|\{(?P<name>[A-Za-z_][\w.]*)(?:\|(?P<filter>\w+))?\}")

REST: Final = "..."
"""A key whose value, an object, is poured into the object around it: ``{Id: "{id}", "...": "{fields}"}``."""

FILTERS: Final[Mapping[str, Callable[[str], str]]] = {
    "doubled": lambda text: text.replace("'", "''"),
    "backslashed": lambda text: text.replace("\\", "\\\\").replace("'", "\\'"),
    "quoted": lambda text: quote(text, safe=""),
}
"""``doubled``: ' as '' (OData, SQL) · ``backslashed``: ' as \\' (SOQL) · ``quoted``: for an address."""


class UnknownPlaceholderError(Exception):
    """A text asks for something that is not there."""


def filled(template: Any, values: Mapping[str, Any], *, quoted: bool = False) -> Any:
    """The template with its placeholders replaced, through lists and objects.

    A text that is one placeholder and nothing else keeps the value's own type; ``{{`` and ``}}`` are braces.

    Args:
        template: a text, a list, an object, or a plain value.
        values: what can be put in; ``{ref.value}`` goes down into objects.
        quoted: percent-encode what is put in, as an address needs it.

    Raises:
        UnknownPlaceholderError: a name that is not among the values, or no such filter.
    """
    if isinstance(template, Mapping):
        made = {key: filled(value, values, quoted=quoted) for key, value in template.items()}
        rest = made.pop(REST, {})
        return {**rest, **made} if isinstance(rest, Mapping) else made
    if isinstance(template, list | tuple):
        return [filled(value, values, quoted=quoted) for value in template]
    if not isinstance(template, str):
        return template
    whole = _PLACE.fullmatch(template)
    if whole and whole["name"] and not whole["filter"] and not quoted:
        return _value(whole["name"], values)
    return _PLACE.sub(lambda match: _text(match, values, quoted), template)


def _text(match: re.Match[str], values: Mapping[str, Any], quoted: bool) -> str:
    if match["name"] is None:
        return match[0][0]
    value = _value(match["name"], values)
    text = "" if value is None else str(value)
    if match["filter"]:
        if match["filter"] not in FILTERS:
            raise UnknownPlaceholderError(f"no filter {match['filter']!r}; there are {', '.join(FILTERS)}")
        text = FILTERS[match["filter"]](text)
    return quote(text, safe="") if quoted else text


def _value(name: str, values: Mapping[str, Any]) -> Any:
    value = found(values, name)
    if value is MISSING:
        raise UnknownPlaceholderError(f"no value {name!r}; there are {', '.join(sorted(values))}")
    return value
