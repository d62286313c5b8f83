"""One mark per verdict and the five Harvey balls. Shape always decides; colour only helps."""

from __future__ import annotations

from functools import cache
from urllib.parse import quote

from markupsafe import Markup

from prm_harness.record.verdicts import Verdict

from .svg import PALETTE, Drawing

LEGEND = (
    Verdict.PASSED,
    Verdict.PARTIAL,
    Verdict.FAILED,
    Verdict.UNSUPPORTED,
    Verdict.ATTESTED,
    Verdict.ERROR,
    Verdict.INCONCLUSIVE,
    Verdict.NOT_RUN,
    Verdict.NOT_APPLICABLE,
)
BALLS = ((0, "0"), (25, "1–37"), (50, "38–62"), (75, "63–99"), (100, "100"))
"""Step of the ball -> the scores it stands for."""


@cache
def mark(verdict: Verdict, title: str = "") -> Markup:
    """The verdict's mark, 12 × 12, with the verdict's words as its text alternative."""
    d = Drawing(9, 9, title or verdict.words, css="mark")
    _SHAPES[verdict](d)
    return d.markup()


def ball(score: float | None) -> Markup:
    """The Harvey ball of a score of 0–100; nothing for None. Decorative: the number always stands beside it."""
    return Markup("") if score is None else Markup('<span class="ball ball-{}"></span>').format(step(score))


def step(score: float) -> int:
    """Which of the five balls: full only at 100, empty only at 0."""
    if score >= 100 - 1e-9:
        return 100
    if score <= 1e-9:
        return 0
    return 25 if score < 37.5 else 50 if score < 62.5 else 75


def ball_css(*, ink: str = PALETTE["ink"], paper: str = PALETTE["paper"]) -> str:
    """Style rules that draw the balls as background pictures."""
    return "\n".join(
        f".ball-{size}{{background-image:url('data:image/svg+xml,{quote(_ball(size, ink, paper))}')}}"
        for size, _ in BALLS
    )


def _ball(size: int, ink: str, paper: str) -> str:
    sector = {
        0: "",
        25: f'<path d="M8 8V1A7 7 0 0 1 15 8Z" fill="{ink}"/>',
        50: f'<path d="M8 1A7 7 0 0 1 8 15Z" fill="{ink}"/>',
        75: f'<path d="M8 8H1A7 7 0 1 0 8 1Z" fill="{ink}"/>',
        100: f'<circle cx="8" cy="8" r="7" fill="{ink}"/>',
    }[size]
    ring = f'<circle cx="8" cy="8" r="6.9" fill="{paper}" stroke="{ink}" stroke-width="1.3"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">{ring}{sector}</svg>'


def _passed(d: Drawing) -> None:
    d.path("M1.3 4.9L3.6 7.2L7.9 2.2", stroke="blue", line=1.6)


def _partial(d: Drawing) -> None:
    d.circle(4.5, 4.5, 3.5, stroke="amber", line=1.1)
    d.path("M4.5 1A3.5 3.5 0 0 0 4.5 8Z", fill="amber")


def _failed(d: Drawing) -> None:
    d.rect(0.4, 0.4, 8.2, 8.2, fill="red")
    d.path("M2.6 2.6L6.4 6.4M6.4 2.6L2.6 6.4", stroke="paper", line=1.4)


def _unsupported(d: Drawing) -> None:
    d.circle(4.5, 4.5, 3.5, stroke="ink", line=1.2)
    d.line(2.1, 6.9, 6.9, 2.1, stroke="ink", width=1.2)


def _attested(d: Drawing) -> None:
    d.path("M4.5 .8A3.7 3.7 0 1 1 4.49 .8Z", stroke="muted", line=0.9, extra=' stroke-dasharray="1.6 1.1"')
    d.path("M3.4 3.2V5.2M5.6 3.2V5.2", stroke="ink", line=1.1)


def _error(d: Drawing) -> None:
    d.path("M4.5 .6L8.4 4.5L4.5 8.4L.6 4.5Z", stroke="ink", line=1)
    d.path("M4.5 2.6V4.9M4.5 5.7V6.6", stroke="ink", line=1)


def _inconclusive(d: Drawing) -> None:
    d.path("M4.5 .9L8.5 8H.5Z", stroke="ink", line=1)
    d.path("M4.5 3.2V5.6M4.5 6.2V7.1", stroke="ink", line=1)


def _not_run(d: Drawing) -> None:
    d.path("M4.5 1A3.5 3.5 0 1 1 4.49 1Z", stroke="muted", line=1, extra=' stroke-dasharray=".5 1.3"')


def _not_applicable(d: Drawing) -> None:
    d.line(1.8, 4.5, 7.2, 4.5, stroke="muted", width=1.2)


_SHAPES = {
    Verdict.PASSED: _passed,
    Verdict.PARTIAL: _partial,
    Verdict.FAILED: _failed,
    Verdict.UNSUPPORTED: _unsupported,
    Verdict.ATTESTED: _attested,
    Verdict.ERROR: _error,
    Verdict.INCONCLUSIVE: _inconclusive,
    Verdict.NOT_RUN: _not_run,
    Verdict.NOT_APPLICABLE: _not_applicable,
}
