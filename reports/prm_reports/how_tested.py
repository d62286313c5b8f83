"""How each check works, said inside the report: what is done, why, how it is judged, what it needs and catches.

It comes from the run file's own header, so that it is true of the run's revision of the check, and it is there for somebody
who has the PDF and nothing else. docs/reference/checks holds the same pages for whoever has the repository.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from prm_harness.record.model import CheckPlan

from .text import anchor

_STAGES: Final = {
    "before_connect": "before the first connect and after the first load",
    "shared": "together with the others, between the shared barriers",
    "alone": "alone, because it changes or disturbs the CRM",
}


@dataclass(frozen=True)
class HowTested:
    """One check's page. ``conditions`` are (what, value)."""

    id: str
    title: str
    anchor: str
    done: str
    why: str
    judged: str
    source: str
    conditions: tuple[tuple[str, str], ...]


def how_tested(plan: CheckPlan) -> HowTested:
    """The page of a check as it was planned."""
    done, _, rest = plan.doc.partition("\n\n")
    why, mark, judged = _flat(rest).partition("Judged")
    judged, _, source = judged.partition("Source: ")
    conditions = (
        ("a pass needs to have seen", ", ".join(plan.effects)),
        ("of the adapter, beyond the core", ", ".join(plan.needs)),
        ("of the CRM", ", ".join(word.replace("_", " ") for word in plan.powers)),
        ("runs", _STAGES[plan.stage]),
        ("proved on products that", ", ".join(name.replace("-", " ") for name in plan.catches)),
        ("revision", str(plan.revision)),
    )
    return HowTested(
        id=plan.id,
        title=plan.title,
        anchor=anchor("how", plan.id),
        done=_flat(done),
        why=_flat(why),
        judged=_flat(f"{mark}{judged}"),
        source=_flat(source),
        conditions=tuple((what, value) for what, value in conditions if value),
    )


def _flat(text: str) -> str:
    return " ".join(text.split())
