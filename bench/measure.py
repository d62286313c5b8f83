"""What a measurement is, and how two sides are timed in turn."""

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True)
class Result:
    """One row of the table.

    ``value`` is held against ``floor``: it has to be at least that where ``at_least``, else at most. ``definition``
    says what both sides do, ``figures`` what they took.
    """

    what: str
    value: float
    unit: str
    floor: float
    at_least: bool
    definition: str
    figures: str

    @property
    def held(self) -> bool:
        return self.value >= self.floor if self.at_least else self.value <= self.floor


Measurement = Callable[[], Iterator[Result]]


def timed(function, *args):
    """Seconds that a call takes, and what it returns; without the collector, which strikes either side by chance."""
    gc.collect()
    gc.disable()
    try:
        started = perf_counter()
        result = function(*args)
        return perf_counter() - started, result
    finally:
        gc.enable()


def rounds_of(count, *sides):
    """Seconds of each side, round by round: the sides take turns, so that a busy machine slows them alike."""
    return [[timed(side)[0] for side in sides] for _ in range(count)]


def over(rounds, ours=0, peer=1):
    """The median, over the rounds, of one side's seconds over another's."""
    return median(row[ours] / row[peer] for row in rounds)


def each(rounds, side, calls=1):
    """A side's median time for one call, as a person reads it."""
    return shown(median(row[side] for row in rounds) / calls)


def shown(seconds):
    if seconds < 0.001:
        return f"{seconds * 1e6:.1f} us"
    return f"{seconds * 1e3:.2f} ms" if seconds < 1 else f"{seconds:.2f} s"
