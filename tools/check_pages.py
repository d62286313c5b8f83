"""One page a check, for whoever has to explain or mend a verdict: docs/reference/checks/ID.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from prm_harness.audit.registry import load_catalogue
from prm_harness.reference.defects import DEFECTS
from prm_harness.scoring import load_profile

if TYPE_CHECKING:
    from prm_harness.audit.registry import Check
    from prm_harness.record.model import Question

_GENERATED: Final = "<!-- Written by tools/check_pages.py; change the code and run `make docs`. -->"
_PROFILES: Final = ("smb", "mid-market", "enterprise")
_LIMIT: Final = re.compile(r"(?:limits|sizes)\[\"(\w+)\"\]")


def pages() -> dict[str, str]:
    """File name → content."""
    catalogue = load_catalogue()
    questions = {q.id: q for part in catalogue.checklist.parts for q in part.questions}
    return {
        f"checks/{check.id}.md": "\n".join(_page(check, questions[check.question]))
        for check in catalogue.checks
    }


def _page(check: Check, question: Question) -> Iterator[str]:
    plan = check.plan
    done, _, rest = plan.doc.partition("\n\n")
    why, _, judged = rest.partition("Judged")
    judged, _, source = judged.partition("Source: ")
    knock_out = any(check.id in group for group in load_profile("mid-market").knock_outs)
    yield from (_GENERATED, "", f"# {check.id} {check.title}", "")
    yield f"[{question.id} {question.title}](../checks.md): {' '.join(question.text.split())}"
    if knock_out:
        yield from ("", "A knock-out in the profiles that ship: a product that does not pass is held at D.")
    yield from ("", "## What is done", "", _flat(done))
    if why.strip():
        yield from ("", "## Why it matters", "", _flat(why))
    yield from ("", "## What is measured, and when it passes", "", _flat(f"Judged{judged}"))
    yield from (
        "",
        f"The effects that have to be seen, or a pass is *inconclusive*: {', '.join(plan.effects)}.",
    )
    yield from _limits(check)
    yield from ("", "## What it needs", "")
    needs = (
        ("capabilities of the adapter", ", ".join(plan.needs) or "the core only"),
        ("used where they are offered", ", ".join(sorted(one.value for one in check.uses))),
        ("objects that the portal must carry", ", ".join(sorted(check.kinds))),
        ("powers of the CRM", ", ".join(plan.powers)),
        ("when it runs", _STAGES[plan.stage]),
    )
    yield from (f"- {what}: {value}" for what, value in needs if value)
    yield from (
        "",
        "## What it catches",
        "",
        "It is proved on reference PRMs in which exactly this is wrong:",
        "",
    )
    for name in check.catches:
        defect = DEFECTS[name]
        modes = f" ({', '.join(defect.failure_modes)})" if defect.failure_modes else ""
        yield f"- `{name}`: {defect.sentence}{modes}"
    yield from ("", "## How to mend a product that fails", "")
    yield "Begin with what is listed above: each line is what a developer had got wrong when the check failed. The evidence of the"
    yield "run names the records, the compared values and the CRM requests; `prm-harness replay` repeats the failure from its"
    yield "case. A buyer who cannot mend it asks the vendor:"
    yield from ("", f"> {' '.join(question.ask_vendor.split())}", "", f"Source: {_flat(source)}", "")


_STAGES: Final = {
    "before_connect": "before the first connect, and after the first load",
    "shared": "together with the others, between the shared barriers",
    "alone": "alone, because it changes or disturbs the CRM",
}


def _limits(check: Check) -> Iterator[str]:
    """What the profile decides of it, read off the check's own code."""
    import inspect

    source = inspect.getsource(check.body)
    names = list(dict.fromkeys(_LIMIT.findall(source)))
    if "tried(" in source:
        names.append("generated_records")
    if any(helper in source for helper in ("wanted(", "_given(", "_drawn(")):
        names.append("generated_fields")
    if not names:
        return
    profiles = [load_profile(name) for name in _PROFILES]
    yield from ("", f"| limit or size | {' | '.join(_PROFILES)} |", f"|---|{'---|' * len(_PROFILES)}")
    for name in names:
        values = [profile.thresholds.get(name, profile.data.get(name)) for profile in profiles]
        yield f"| {name.replace('_', ' ')} | {' | '.join('–' if v is None else f'{v:,g}' for v in values)} |"


def _flat(text: str) -> str:
    return " ".join(text.split())
