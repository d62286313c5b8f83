"""What a measurement is, and how two sides are timed in turn."""

import gc
import resource
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
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


def peak_memory(*, anew=False):
    """The most memory that this process had in use so far, in MB; ``anew`` forgets what came before.

    ``getrusage`` would say what the parent had in use when it started this process, where that is more: Linux hands
    the mark down. Where there is no ``/proc``, that is all there is.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


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
