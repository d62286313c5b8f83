"""What people say beside the measurements: the vendor's comment, the buyer's waivers, what the vendor put in writing."""

from __future__ import annotations

from typing import Any, Final

from prm_harness.record.attestations import Attestation
from prm_harness.record.enclosures import Enclosures
from prm_harness.record.run import Run
from prm_harness.scoring.model import Scorecard

from . import numbers
from .html import Medium
from .text import clip

_COMMENT: Final = {"paper": 1600, "screen": 20_000}
_OF_CHECKS: Final = {"paper": 12, "screen": 400}
_ROWS: Final = {"paper": 15, "screen": 200}


def context(run: Run, card: Scorecard, enclosed: Enclosures, medium: Medium) -> dict[str, Any]:
    """What statements.html needs; ``stated`` says whether there is anything to show."""
    paragraphs, cut = _paragraphs(enclosed.comment.text if enclosed.comment else "", _COMMENT[medium])
    about = list(enclosed.comment.checks.items()) if enclosed.comment else []
    by_id = {check.plan.id: check for check in card.checks()}
    made = (run.footer.ended_at if run.footer else run.header.started_at).date()
    return {
        "stated": bool(enclosed.comment or enclosed.waivers or run.attestations),
        "enclosed": enclosed,
        "comment_paragraphs": paragraphs,
        "comment_checks": about[: _OF_CHECKS[medium]],
        "comment_cut": cut or len(about) > _OF_CHECKS[medium],
        "waivers": [
            {"waiver": waiver, "check": by_id[waiver.check], "expired": waiver.until < made}
            for waiver in enclosed.waivers
            if waiver.check in by_id
        ],
        "attestations": run.attestations,
        "attested_words": _attested(run.attestations),
        "raci_ref": any(a.id == "raci" and a.rows for a in run.attestations),
        "row_limit": _ROWS[medium],
    }


def _paragraphs(text: str, room: int) -> tuple[list[str], bool]:
    """The comment's paragraphs as far as there is room, and whether something was cut."""
    shown: list[str] = []
    for paragraph in filter(None, (" ".join(block.split()) for block in text.split("\n\n"))):
        if room <= 0:
            return shown, True
        shown.append(clip(paragraph, max(room, 20)))
        if len(paragraph) > room:
            return shown, True
        room -= len(paragraph)
    return shown, False


def _attested(attestations: tuple[Attestation, ...]) -> str:
    answered = sum(a.state == "answered" for a in attestations)
    return (
        f"{answered} of {numbers.count(len(attestations), 'question')} answered. These are the vendor's words; "
        "they count for nothing in the score."
    )
