"""Simpler fields than one that failed: with less to their definition, and with a simpler value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from .schemas import CHOICES, DrawnField
from .smaller import smaller, weight

_FLAGS: Final = ("required", "restricted")
_WITH_FLAGS: Final = frozenset({*_FLAGS, "default", "defaulted_on_create"})
_MOST_VALUES: Final = 24
_MOST: Final = 40
_MOST_OF_A_TEXT: Final = 255


def simpler_fields(field: DrawnField, value: Any) -> list[tuple[DrawnField, Any]]:
    """Definitions with a value each that are simpler than this pair, the simplest first.

    Their names are the field's own: whoever adds them gives each another.

    Args:
        field: what failed.
        value: what it held.
    """
    at = field_weight(field, value)
    found: list[tuple[DrawnField, Any]] = []
    for one in _candidates(field, value):
        if one not in found and field_weight(*one) < at:
            found.append(one)
    return sorted(found, key=lambda one: field_weight(*one))[:_MOST]


def field_weight(field: DrawnField, value: Any) -> tuple[int, int]:
    """How much there is to say about a field with its value: the smaller, the simpler."""
    given = field.properties
    told = sum(bool(given.get(flag)) for flag in _FLAGS) + len(field.choices)
    told += (field.type != "string") + (given.get("length", _MOST_OF_A_TEXT) != _MOST_OF_A_TEXT)
    return told, weight(value, {"type": "string" if field.type == "picklist" else field.type})


def _candidates(field: DrawnField, value: Any) -> Iterator[tuple[DrawnField, Any]]:
    definitions = list(_definitions(field, value))
    yield from ((one, value) for one in definitions)
    for definition in (*definitions[:1], field):
        yield from _values(definition, value)


def _definitions(field: DrawnField, value: Any) -> Iterator[DrawnField]:
    """The barest first."""
    bare = {name: one for name, one in field.properties.items() if name not in _WITH_FLAGS}
    chosen = _chosen(field, value)
    if chosen:
        bare = {**bare, "values": chosen}
    if field.type in CHOICES | {"textarea"} and len(str(value)) <= _MOST_OF_A_TEXT:
        yield DrawnField(field.name, "string", {"length": _MOST_OF_A_TEXT})
    yield replace(field, properties=bare)
    for flag in _FLAGS:
        if field.properties.get(flag):
            with_it = _WITH_FLAGS - {flag} if flag == "restricted" else _WITH_FLAGS - {"restricted"}
            left = {
                name: one for name, one in field.properties.items() if name not in with_it or name == flag
            }
            if flag == "restricted":
                left = {
                    name: one for name, one in left.items() if name not in {"default", "defaulted_on_create"}
                }
            yield replace(
                field, properties=left | ({"values": chosen} if chosen and flag == "restricted" else {})
            )


def _values(field: DrawnField, value: Any) -> Iterator[tuple[DrawnField, Any]]:
    if field.type not in CHOICES:
        for one in smaller(value, field.entry, _MOST_VALUES):
            if one not in {"", None} or isinstance(one, bool):
                yield field, one
        return
    if field.properties.get("required"):
        return
    chosen = _chosen(field, value)
    for number in range(len(chosen) if len(chosen) > 1 else 0):
        yield replace(field, properties={**field.properties, "values": [chosen[number]]}), chosen[number]
    for one in smaller(chosen[0], {"type": "string"}, _MOST_VALUES) if chosen else ():
        if one and one.strip() == one and not (field.type == "multipicklist" and ";" in one):
            yield replace(field, properties={**field.properties, "values": [one]}), one


def _chosen(field: DrawnField, value: Any) -> list[str]:
    if field.type not in CHOICES:
        return []
    return str(value).split(";") if field.type == "multipicklist" else [str(value)]
