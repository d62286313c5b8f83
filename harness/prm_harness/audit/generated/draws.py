"""Drawing from a Hypothesis strategy by seed, outside of any test."""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

T = TypeVar("T")


def draw(strategy: SearchStrategy[T], seed: int, count: int) -> list[T]:
    """So many values; a strategy that has fewer gives them again.

    Strategies must draw below 100 and no text of Hypothesis' own: into wider ranges and into ``text()`` it mixes
    constants that it finds in imported modules, a vendor's adapter among them, and every vendor is to get the same.

    Args:
        strategy: what is drawn from.
        seed: the same seed gives the same values.
        count: how many.
    """
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded

    drawn: list[T] = []

    # The first example is always the simplest one; it is kept only where there is no other.
    @seeded(seed)
    @settings(
        max_examples=count + 1, database=None, derandomize=False, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), backend="hypothesis",
    )  # fmt: skip
    @given(strategy)
    def collect(value: T) -> None:
        drawn.append(value)

    collect()
    return list(islice(cycle(drawn[1:] or drawn), count))
