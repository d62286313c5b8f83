"""The scorecard's charts. Each returns SVG whose title holds the numbers, so nothing is told by ink alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from prm_harness.record.verdicts import Verdict
from prm_harness.scoring.model import PartScore, QuestionScore, Scorecard

from . import numbers
from .svg import Drawing

GRADES = (("F", 0, 50), ("D", 50, 65), ("C", 65, 80), ("B", 80, 90), ("A", 90, 100))
"""Letter, from, to; computed from the printed score (scoring.md)."""

_STRIP = 186.0


def reach(scored: Scorecard | PartScore | QuestionScore) -> str:
    """``84, at most 90``; the second half only when something is still open, ``n/a`` before it when nothing was judged."""
    if scored.score is None or scored.ceiling is None:
        return "n/a"
    shown = numbers.scored(scored)
    if scored.judged and scored.ceiling - scored.score < 0.05:
        return shown
    return f"{shown}, at most {numbers.whole(scored.ceiling)}"


def score_line(card: Scorecard) -> Markup:
    """The score on the line of grades; the whisker ends where the score can still get to."""
    left, width, top, high = 6.0, 262.0, 10.0, 12.0
    d = Drawing(277, 50, f"Score {reach(card)} of 100, grade {card.grade}.")
    for letter, low, up in GRADES:
        x = left + width * low / 100
        span = width * (up - low) / 100
        d.rect(x, top, span, high, fill=f"band-{letter.lower()}", stroke="rule", line=0.5)
        d.text(x + span / 2, 36, letter, weight=600, at="middle")
        d.text(x, 47, str(low), size=7.2, fill="muted", at="middle")
    d.text(left + width, 47, "100", size=7.2, fill="muted", at="middle")
    if card.score is not None and card.judged:
        x = left + width * card.score / 100
        d.whisker(x, left + width * (card.ceiling or 0) / 100, top + high / 2, cap=6)
        d.rect(x - 1.5, top - 5, 3, high + 10, fill="ink")
    return d.markup()


def part_bars(parts: Sequence[PartScore]) -> Markup:
    """One bar a part: filled share is what was demonstrated, the whisker what is still open."""
    row, width = 31.0, 236.0
    told = "; ".join(f"{p.title} {reach(p)}" for p in parts)
    d = Drawing(277, row * len(parts) + 2, f"Score by part, of 100: {told}.")
    for index, part in enumerate(parts):
        y = row * index
        d.text(0, y + 8.5, part.title, weight=500, size=8.4, room=190)
        d.text(width, y + 8.5, f"weight {numbers.weight(part.weight)}", size=7.2, fill="muted", at="end")
        d.rect(0, y + 12, width, 9, fill="paper", stroke="rule")
        if part.score is not None:
            end = width * part.score / 100
            d.rect(0, y + 12, end, 9, fill="ink")
            d.whisker(end, width * (part.ceiling or 0) / 100, y + 16.5)
        d.text(277, y + 20.2, numbers.scored(part), size=10.5, weight=700, at="end")
    return d.markup()


def coverage_strip(card: Scorecard) -> Markup:
    """How many checks were judged, rest on a vendor's word, are unsettled or do not apply."""
    groups = how_known(card)
    total = sum(groups.values()) or 1
    told = ", ".join(f"{words} {many}" for words, many in groups.items())
    d = Drawing(_STRIP, 11, f"Of {numbers.count(sum(groups.values()), 'check')}: {told}.")
    x = 0.0
    for words, many in groups.items():
        span = _STRIP * many / total
        if words == "observed":
            d.rect(x, 0.5, span, 10, fill="ink")
        elif words == "vendor's word only":
            d.rect(x, 0.5, span, 10, fill="rule")
        elif words == "unsettled":
            for stripe in range(int(span // 3) + 1):
                d.line(x + 1 + stripe * 3, 0.5, x + 1 + stripe * 3, 10.5, stroke="red", width=1)
        x += span
    d.rect(0, 0.5, _STRIP, 10, stroke="ink", line=0.6)
    return d.markup()


def how_known(card: Scorecard) -> dict[str, int]:
    """The four ways a check can be known, and how many checks each holds."""
    many = {verdict: card.counts.get(verdict, 0) for verdict in Verdict}
    return {
        "observed": sum(n for verdict, n in many.items() if verdict.judged),
        "vendor's word only": many[Verdict.ATTESTED],
        "unsettled": many[Verdict.ERROR] + many[Verdict.INCONCLUSIVE] + many[Verdict.NOT_RUN],
        "not applicable": many[Verdict.NOT_APPLICABLE],
    }


def weight_bars(
    groups: Sequence[Sequence[QuestionScore]], missed: Mapping[str, str], knock_out: frozenset[str]
) -> Markup:
    """Outline: the weight of a question; fill: points earned; the gap is what was lost or is open.

    Args:
        groups: questions part by part, only those with checks.
        missed: id of a question whose knock-out did not pass -> what to call that.
        knock_out: ids of the questions that hold a knock-out.
    """
    rows = [q for group in groups for q in group]
    most = max((weighed(q) for q in rows), default=1) or 1
    tick = next(t for t in (1, 2, 4, 5, 10, 20, 50) if most / t <= 4.5)
    left, width, row = 158.0, 220.0, 17.0
    scale = width / (most * 1.05)
    height = 16 + row * len(rows) + 10 * (len(groups) - 1) + 4
    told = "; ".join(f"{q.id[1:]} {numbers.points(earned(q))} of {numbers.points(weighed(q))}" for q in rows)
    d = Drawing(
        493, height, f"Points earned of the points that hang on each question: {told}.", css="chart wide"
    )
    for mark in range(int(most / tick) + 1):
        x = left + mark * tick * scale
        d.line(x, 14, x, height, stroke="hair", width=0.5)
        d.text(x, 9, f"{mark * tick} pts" if mark else "0", size=7.2, fill="muted", at="middle")
    d.text(493, 9, "earned / weight", size=7.2, fill="muted", at="end")
    y = 16.0
    for number, group in enumerate(groups):
        if number:
            d.line(0, y + 3, 493, y + 3, stroke="rule", width=0.6)
            y += 10
        for question in group:
            _weight_row(d, question, y, left, scale, missed.get(question.id, ""), question.id in knock_out)
            y += row
    return d.markup()


def _weight_row(
    d: Drawing, question: QuestionScore, y: float, left: float, scale: float, missed: str, knock_out: bool
) -> None:
    all_points, got = weighed(question), earned(question)
    d.text(0, y + 10, question.id[1:], weight=600, fill="muted")
    d.text(19, y + 10, question.title, size=8.4, room=138)
    d.rect(left, y + 3, all_points * scale, 9, fill="paper", stroke="ink", line=0.6)
    d.rect(left, y + 3, got * scale, 9, fill="ink")
    if missed or knock_out:
        words = missed or "knock-out"
        d.text(
            left + all_points * scale + 4.5,
            y + 10,
            words,
            size=7.2,
            weight=600 if missed else 400,
            fill="red" if missed else "muted",
        )
    d.text(472, y + 10, numbers.points(got), size=8.4, weight=600, at="end")
    d.text(493, y + 10, f"/ {numbers.points(all_points)}", fill="muted", at="end")


def weighed(question: QuestionScore) -> float:
    """Points of the total that hang on the question in this run."""
    return sum(check.weight for check in question.checks)


def earned(question: QuestionScore) -> float:
    """Points of the total that the question earned."""
    return sum(check.earned for check in question.checks)
