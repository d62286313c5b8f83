"""The field-type matrix: which type of CRM field is carried how, in each direction, and what the vendor says of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from prm_harness.record.run import Run
from prm_harness.record.verdicts import Verdict

from .text import clip

DIRECTIONS: Final = ("portal → CRM", "CRM → portal")
OUTCOMES: Final = ("lossy", "refused", "not carried", "exact")
"""Worst first: a value that arrives changed is worse than one that everybody sees missing."""

MARKS: Final = {
    "exact": Verdict.PASSED,
    "lossy": Verdict.FAILED,
    "refused": Verdict.UNSUPPORTED,
    "not carried": Verdict.UNSUPPORTED,
}
_CLAIMED: Final = {"portal → CRM": "portal to CRM", "CRM → portal": "CRM to portal"}
_FORM: Final = "field-type-matrix"


@dataclass(frozen=True)
class Cell:
    """One type in one direction: the worst outcome, and of how many compared values it was the outcome."""

    outcome: str
    many: int
    of: int
    fields: tuple[str, ...]
    claimed: str = ""

    @property
    def words(self) -> str:
        """``exact, 6 values`` or ``lossy, 2 of 6``."""
        if not self.of:
            return "not tried"
        if self.outcome == "exact":
            return f"exact, {self.of} value{'s' if self.of > 1 else ''}"
        return f"{self.outcome}, {self.many} of {self.of}"

    @property
    def contradicted(self) -> bool:
        """Whether the vendor says "exact" and something else was seen."""
        return self.claimed == "exact" and self.outcome not in {"", "exact"}


@dataclass(frozen=True)
class Row:
    """One type of field; ``cells`` in the order of :data:`DIRECTIONS`."""

    kind: str
    fields: tuple[str, ...]
    cells: tuple[Cell, ...]


def matrix(run: Run) -> list[Row]:
    """All types that the run compared, and those that only the vendor speaks of, in alphabetical order."""
    seen: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for told in _told(run):
        seen[told["type"], told["direction"]].append((told["outcome"], told["field"]))
    claimed = _claimed(run)
    kinds = sorted({kind for kind, _ in (*seen, *claimed)})
    return [
        Row(
            kind=kind,
            fields=tuple(sorted({field for d in DIRECTIONS for _, field in seen.get((kind, d), [])})),
            cells=tuple(_cell(seen.get((kind, d), []), claimed.get((kind, d), "")) for d in DIRECTIONS),
        )
        for kind in kinds
    ]


def lede(rows: Iterable[Row]) -> str:
    """What the matrix says, in one or two sentences."""
    cells = [cell for row in rows for cell in row.cells if cell.of]
    if not cells:
        return "No field type was compared in this run."
    exact = sum(cell.outcome == "exact" for cell in cells)
    lossy = sum(cell.outcome == "lossy" for cell in cells)
    said = f"Of {len(cells)} pairs of type and direction {exact} are exact"
    said += f", {lossy} lossy" if lossy else ""
    said += (
        f" and {len(cells) - exact - lossy} refused or not carried." if exact + lossy < len(cells) else "."
    )
    wrong = sum(cell.contradicted for cell in cells)
    return f"{said} In {wrong} of them the vendor says exact, and something else was seen." if wrong else said


def _told(run: Run) -> Iterable[dict[str, str]]:
    """Cells as the checks left them; anything that is not of that shape is passed over."""
    for result in run.results.values():
        cells: Any = result.evidence.facts.get("field_matrix")
        for cell in cells if isinstance(cells, list) else []:
            if (
                isinstance(cell, dict)
                and cell.get("direction") in DIRECTIONS
                and cell.get("outcome") in OUTCOMES
            ):
                yield {key: str(cell.get(key, "")) for key in ("type", "field", "direction", "outcome")}


def _claimed(run: Run) -> dict[tuple[str, str], str]:
    rows = [row for attested in run.attestations if attested.id == _FORM for row in attested.rows]
    return {
        (clip(row.get("type", ""), 40).lower(), direction): row.get(column, "")
        for row in rows
        for direction, column in _CLAIMED.items()
    }


def _cell(found: list[tuple[str, str]], claimed: str) -> Cell:
    outcomes = [outcome for outcome, _ in found]
    worst = min(outcomes, key=OUTCOMES.index, default="")
    return Cell(
        outcome=worst,
        many=outcomes.count(worst),
        of=len(found),
        fields=tuple(sorted({field for outcome, field in found if outcome == worst})),
        claimed=claimed,
    )
