"""The entries of a long log: the newest as they came, older ones packed, so that a million of them stay small."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final

import orjson

from prm_harness.crm.backend import Exchange

LIVE: Final = 20_000
"""Entries that are kept as they came: an audit rarely has more."""
_BLOCK: Final = 1_000
_PLACES: Final = {field.name: place for place, field in enumerate(fields(Exchange))}
_MOMENT, _REFUSALS = _PLACES["at"], _PLACES["refusals"]

Entry = Exchange | Callable[[], Exchange]
"""A request's entry, or what writes it out when someone reads it."""


class Entries:
    """Grows at the end; entries are read by place. Packing writes an entry out, redacted as ever."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._live: list[Entry] = []
        self._open: tuple[int, list[Exchange]] = (-1, [])

    def __len__(self) -> int:
        return len(self._packed) * _BLOCK + len(self._live)

    def append(self, entry: Entry) -> None:
        """One more."""
        self._live.append(entry)
        if len(self._live) >= LIVE + _BLOCK:
            old = [self._written(place) for place in range(_BLOCK)]
            rows = [list(asdict(one).values()) for one in old]
            self._packed.append(zlib.compress(orjson.dumps(rows), 1))
            del self._live[:_BLOCK]

    def read(self, places: Iterator[int]) -> Iterator[Exchange]:
        """The entries at these places."""
        for place in places:
            block, rest = divmod(place, _BLOCK)
            if block >= len(self._packed):
                yield self._written(place - len(self._packed) * _BLOCK)
                continue
            if self._open[0] != block:
                self._open = (
                    block,
                    [_unpacked(row) for row in orjson.loads(zlib.decompress(self._packed[block]))],
                )
            yield self._open[1][rest]

    def _written(self, place: int) -> Exchange:
        kept = self._live[place]
        if not isinstance(kept, Exchange):
            kept = self._live[place] = kept()
        return kept


def _unpacked(row: list[Any]) -> Exchange:
    row[_MOMENT] = datetime.fromisoformat(row[_MOMENT])
    row[_REFUSALS] = tuple(row[_REFUSALS])
    return Exchange(*row)
