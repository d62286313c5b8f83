"""Lives of deals, drawn by Hypothesis as plain data before anything happens, so that every vendor gets the same ones.

A state machine calls its subject step by step; a check must not, because its steps wait for one another at barriers
that many records share. So the steps are drawn first and played later (convergence.py), and a life that breaks the
invariant is replayed in parts, side by side, instead of being shrunk one attempt after the other.

Draws stay below 100: into wider ranges Hypothesis mixes constants that it finds in imported modules, a vendor's adapter
among them. Its rule-based state machines draw that wide for themselves, which is the other reason for a strategy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any, Final, Literal

Side = Literal["CRM", "portal"]
Action = Literal["edit", "clear", "move", "rate", "delete"]

SIDES: Final[tuple[Side, ...]] = ("CRM", "portal")
ROUNDS: Final = 3
"""A round is what happens between two barriers."""

RATING: Final = "Internal_Rating__c"
"""A field of the CRM team's own: only people in the CRM write it."""

_SOURCES: Final = ("Web", "Phone Inquiry", "Partner Referral", "Other")
_OWNER: Final[dict[str, Side]] = {
    "NextStep": "portal",
    "Description": "portal",
    "Amount": "CRM",
    "LeadSource": "CRM",
}
_CHOICES: Final[tuple[tuple[Side, Action, str], ...]] = (
    *((side, "edit", name) for name, owner in _OWNER.items() for side in (owner, owner, owner, *SIDES)),
    *((side, "clear", name) for name, side in _OWNER.items()),
    *((side, "move", "AccountId") for side in (*SIDES, *SIDES)),
    ("CRM", "rate", RATING), ("CRM", "rate", RATING),
)  # fmt: skip
"""What a step is drawn from. Each field is mostly edited on one side: an edit that nobody contests has to survive."""

_BIRTHS: Final[tuple[tuple[Side, int], ...]] = (
    ("CRM", 0), ("portal", 0), ("CRM", 1), ("portal", 1), ("CRM", 0), ("portal", 2),
)  # fmt: skip
"""Where and in which round; a deal is submitted in each round, whichever of them loses answers."""

_DELETED: Final[tuple[Side | None, ...]] = (None, None, "CRM", None, "portal")
"""Where the history ends with a delete, if it does; not in step with the births."""

_Drawn = tuple[int, tuple[Side, Action, str]]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody does to a deal; ``number`` makes its value unlike the others'."""

    round: int
    side: Side
    action: Action
    field: str
    number: int

    @property
    def value(self) -> Any:
        """What is written (for a move: which of the accounts, counted from 0)."""
        match self.action, self.field:
            case "clear", _:
                return None
            case "move", _:
                return self.number % 2
            case "edit", "Amount":
                return 1_000 * (self.number + 1)
            case "edit", "LeadSource":
                return _SOURCES[self.number % len(_SOURCES)]
            case _:
                return f"{self.number + 1}"

    @property
    def is_text(self) -> bool:
        """Whether the value is the end of a text, which begins differently with every seed."""
        return self.action == "rate" or (self.action == "edit" and self.field in {"NextStep", "Description"})

    def __str__(self) -> str:
        match self.action:
            case "delete":
                what = "deleted"
            case "move":
                what = "moved to another account"
            case "clear":
                what = f"{self.field} cleared"
            case _:
                what = f"{self.field} := {'text ' if self.is_text else ''}{self.value}"
        return f"{what} in the {self.side}"


@dataclass(frozen=True, slots=True)
class History:
    """The life of one deal: made on one side in round ``first``, then its steps in order."""

    born: Side
    first: int
    steps: tuple[Step, ...]

    def in_round(self, number: int) -> Iterator[Step]:
        """What happens to it in that round, besides its birth."""
        return (step for step in self.steps if step.round == number)

    def written(self) -> dict[str, Any]:
        """As plain data, for the case of a failure."""
        return asdict(self)

    @classmethod
    def read(cls, written: dict[str, Any]) -> History:
        """From what :meth:`written` gave."""
        return cls(written["born"], written["first"], tuple(Step(**step) for step in written["steps"]))

    def __str__(self) -> str:
        made = "entered in the CRM" if self.born == "CRM" else "submitted in the portal"
        lines = [(self.first, made), *((step.round, str(step)) for step in self.steps)]
        return "; ".join(f"round {number + 1}: {line}" for number, line in lines)


def draw_histories(seed: int, count: int, steps: int) -> list[History]:
    """So many histories of at most so many steps.

    Births and deletes do not depend on the draw, so that no seed leaves out what the check is about.

    Args:
        seed: the same seed gives the same histories.
        count: how many.
        steps: the most of one history, its birth and end not counted.
    """
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from hypothesis import strategies as st

    step = st.tuples(st.sampled_from(range(ROUNDS)), st.sampled_from(_CHOICES))
    drawn: list[list[_Drawn]] = []

    # The first example is always the simplest one, here an empty life.
    @seeded(seed)
    @settings(
        max_examples=count + 1, database=None, derandomize=False, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), backend="hypothesis",
    )  # fmt: skip
    @given(st.lists(step, min_size=steps // 3, max_size=steps))
    def collect(life: list[_Drawn]) -> None:
        drawn.append(life)

    collect()
    return [_framed(number, life) for number, life in enumerate(drawn[1 : count + 1])]


def parts(history: History, most: int) -> list[History]:
    """Shorter histories made of its steps: its birth alone, single steps, pairs (those of one round first), all but one.

    Args:
        history: the one to shorten.
        most: how many at most.
    """
    steps, whole = history.steps, len(history.steps)
    pairs = sorted(combinations(steps, 2), key=lambda pair: pair[1].round - pair[0].round)
    but_one = [steps[:place] + steps[place + 1 :] for place in range(whole)]
    room = max(most - whole, 0)
    chosen = [(), *((step,) for step in steps), *pairs][:room] + but_one
    return [replace(history, steps=kept) for kept in dict.fromkeys(chosen) if len(kept) < whole][:most]


def _framed(number: int, life: Sequence[_Drawn]) -> History:
    born, first = _BIRTHS[number % len(_BIRTHS)]
    ordered = sorted(((max(round_, first), choice) for round_, choice in life), key=lambda drawn: drawn[0])
    # In half of the histories nobody contests a field, however many steps there are.
    apart = number % 4 < 2
    steps = [
        Step(round_, _OWNER.get(name, side) if apart else side, action, name, place)
        for place, (round_, (side, action, name)) in enumerate(ordered)
    ]
    if (last := _DELETED[number % len(_DELETED)]) is not None:
        steps.append(Step(ROUNDS - 1, last, "delete", "", len(steps)))
    return History(born, first, tuple(steps))
