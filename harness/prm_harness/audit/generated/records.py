"""Records: one value a field, so arranged that every kind of value comes up whatever the seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from prm_harness.record.digests import sha256

from .draws import draw
from .fields import kinds, may_be_empty

_TEXT: Final = frozenset({"string", "textarea", "email", "phone", "url"})


def draw_records(
    describe: Mapping[str, Mapping[str, Any]], fields: Iterable[str], seed: str, count: int
) -> list[dict[str, Any]]:
    """Records of the fields that the object has and that can be filled.

    A field goes through its kinds of values (fields.py) from record to record, beginning at another one with every seed, so
    that no seed leaves a kind out once there are as many records. What may be empty is empty in some of them: ``""``
    where it is text, else left out.

    Args:
        describe: the object's fields.
        fields: the names of those to fill.
        seed: what the values follow from, together with the field's name alone.
        count: how many records.
    """
    records: list[dict[str, Any]] = [{} for _ in range(count)]
    for name in fields:
        entry = describe.get(name)
        if entry is None or not entry.get("createable", True):
            continue
        for place, value in enumerate(_column(name, entry, seed, count)):
            if value is not None:
                records[place][name] = value
    return records


def _column(name: str, field: Mapping[str, Any], seed: str, count: int) -> list[Any]:
    from hypothesis import strategies as st

    strategies = kinds(field)
    if not strategies or not count:
        return []
    if may_be_empty(field):
        # One in four at most: a field of one kind is not to be empty every second time.
        strategies *= max(3 // len(strategies), 1)
        strategies = [*strategies, st.just("" if field.get("type") in _TEXT else None)]
    number = int(sha256(f"{seed}:{name}")[:8], 16)
    start, width = number % len(strategies), len(strategies)
    drawn = draw(st.tuples(*strategies), number, -(-(start + count) // width))
    return [drawn[at // width][at % width] for at in range(start, start + count)]
