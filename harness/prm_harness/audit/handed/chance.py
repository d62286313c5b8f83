"""Chance that can be written down and given back, result by result."""

from __future__ import annotations

import random
from collections.abc import Callable, MutableSequence, Sequence
from typing import Any, Final, TypeVar

from prm_harness.record.case import Draw

T = TypeVar("T")
_PLAIN: Final = (str, int, float, bool, type(None))


class Chance(random.Random):
    """A seeded generator that keeps what it gave.

    Kept are results, not the bits they were made of: a case must give the same records after a list of names has grown.
    What is not plain JSON is kept by its place.

    Args:
        seed: as for ``random.Random``.
        kept: takes what is drawn.
        again: draws to give back, in order, before anything new is drawn; where the kind of draw differs the check has
            changed, and new ones are drawn from there on.
    """

    def __init__(self, seed: str, kept: MutableSequence[Draw], again: Sequence[Draw] = ()) -> None:
        super().__init__(seed)
        self._kept = kept
        self._again = list(again)
        self._inside = False

    def choice(self, seq: Any) -> Any:
        """One of them."""
        place = self._drawn("choice", lambda: _written(seq, super(Chance, self).choice(range(len(seq)))))
        return _read(seq, place)

    def sample(self, population: Any, k: int, *, counts: Any = None) -> list[Any]:
        """Several of them, none twice."""
        if counts is not None:
            return super().sample(population, k, counts=counts)
        places = self._drawn(
            "sample",
            lambda: [
                _written(population, at) for at in super(Chance, self).sample(range(len(population)), k)
            ],
        )
        return [_read(population, place) for place in places]

    def shuffle(self, x: Any) -> None:
        """Their order."""

        def drawn() -> list[int]:
            places = list(range(len(x)))
            super(Chance, self).shuffle(places)
            return places

        order = self._drawn("shuffle", drawn)
        x[:] = [x[at] for at in order] if sorted(order) == list(range(len(x))) else x

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        """A whole number."""
        return int(self._drawn("randrange", lambda: super(Chance, self).randrange(start, stop, step)))

    def getrandbits(self, k: int, /) -> int:
        """So many bits."""
        return int(self._drawn("getrandbits", lambda: super(Chance, self).getrandbits(k)))

    def random(self) -> float:
        """From 0 up to 1."""
        return float(self._drawn("random", super().random))

    def _drawn(self, how: str, draw: Callable[[], T]) -> T:
        if self._inside:
            return draw()
        if self._again:
            given = self._again.pop(0)
            if given.how == how:
                self._kept.append(given)
                value: T = given.value
                return value
            self._again.clear()
        self._inside = True
        try:
            value = draw()
        finally:
            self._inside = False
        self._kept.append(Draw(how=how, value=value))
        return value


def _written(population: Sequence[Any], place: int) -> Any:
    value = population[place]
    return {"is": value} if isinstance(value, _PLAIN) else {"at": place}


def _read(population: Sequence[Any], kept: Any) -> Any:
    return kept["is"] if "is" in kept else population[min(kept["at"], len(population) - 1)]
