"""When trouble comes: the moment follows from the seed, so that no product can wait for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from prm_harness import Data

WAVES: Final = 3
"""Bursts of entries, each followed by a barrier; trouble comes with one of them."""


@dataclass(frozen=True, slots=True)
class Moment:
    """``wave`` is the burst with which the trouble comes, ``row`` the entry in it, both counted from 0."""

    wave: int
    row: int

    def __str__(self) -> str:
        return f"burst {self.wave + 1}, entry {self.row + 1}"


def moment_of(data: Data, purpose: str, rows: int = 1) -> Moment:
    """The moment for the trouble of that purpose in a burst of so many rows: the same with the same seed."""
    chance = data.apart(f"moment of {purpose}")
    return Moment(chance.randrange(WAVES), chance.randrange(rows))


def mark_of(data: Data, values: dict[str, Any]) -> str:
    """The part of a made record's name by which the request that carries it is known, in whatever encoding."""
    name = str(values["Name"])
    return name[name.index(data.nonce) :]
