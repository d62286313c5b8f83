"""The bake-off's charts: ranked dots, what separates two vendors, how steady first place is."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from prm_harness.scoring.model import Bakeoff, QuestionScore, Scorecard, Standing

from . import numbers
from .charts import GRADES, earned, reach
from .doc import style_words
from .svg import Drawing

_LEFT, _WIDTH = 136.0, 288.0


def ranked_dots(bakeoff: Bakeoff, *, dense: bool) -> Markup:
    """Vendors in order, in two groups; a dot is the score, its whisker the ceiling, a cross a knock-out not passed."""
    passed = [s for s in bakeoff.standings if s.card.knock_outs_passed]
    others = [s for s in bakeoff.standings if not s.card.knock_outs_passed]
    groups = [
        (words, group)
        for words, group in (("Passed every knock-out", passed), ("Did not pass a knock-out", others))
        if group
    ]
    row = 19.5 if dense else 27.0
    low = _from(bakeoff)
    height = 16 + sum(15 + row * len(group) for _, group in groups) + 14
    told = ". ".join(
        f"{words}: " + ", ".join(f"{s.card.contestant.product} {reach(s.card)}" for s in group)
        for words, group in groups
    )
    d = Drawing(493, height, f"Score of 100, and what it can still become. {told}.", css="chart wide")
    for letter, start, end in GRADES:
        if end > low:
            d.text((_x(max(start, low), low) + _x(end, low)) / 2, 9, letter, weight=600, at="middle")
    y = 16.0
    for words, group in groups:
        d.text(0, y + 9.5, words, weight=600, size=7.8, fill="ink" if group is passed else "red")
        d.line(0, y + 14, 493, y + 14, stroke="rule", width=0.6)
        y += 15
        for letter, start, end in GRADES[1:]:
            if end > low:
                at = _x(max(start, low), low)
                d.rect(at, y, _x(end, low) - at, row * len(group), fill=f"band-{letter.lower()}")
        for standing in group:
            _dot(d, standing.card, y, row, low, crossed=group is others)
            y += row
    for mark in sorted({low, 50, 65, 80, 90, 100}):
        if mark >= low:
            d.text(_x(mark, low), y + 11, str(mark), size=7.2, fill="muted", at="middle")
    return d.markup()


def _from(bakeoff: Bakeoff) -> int:
    lowest = min(
        (s.card.score for s in bakeoff.standings if s.card.score is not None and s.card.judged), default=0
    )
    return 40 if lowest >= 44 else 20 if lowest >= 24 else 0


def _x(score: float, low: int) -> float:
    return _LEFT + _WIDTH * (score - low) / (100 - low)


def _dot(d: Drawing, card: Scorecard, y: float, row: float, low: int, *, crossed: bool) -> None:
    middle = y + row / 2
    d.text(0, middle - 0.5, card.contestant.product, weight=600, size=8.6, room=_LEFT - 6)
    d.text(0, middle + 8.5, style_words(card.contestant.style), size=7.2, fill="muted", room=_LEFT - 6)
    if card.score is None or not card.judged:
        d.text(_LEFT + 6, middle + 3, "nothing could be judged", size=7.6, fill="muted")
        d.text(462, middle + 4, "n/a", size=11, weight=700, at="end")
        return
    x = _x(card.score, low)
    d.whisker(x, _x(card.ceiling or card.score, low), middle, stroke="ink")
    if crossed:
        d.circle(x, middle, 4.9, fill="paper", stroke="red", line=1.6)
        d.path(f"M{x - 2:.2f} {middle - 2:.2f}l4 4m0 -4l-4 4", stroke="red", line=1.4)
    else:
        d.circle(x, middle, 4.8, fill="ink")
    d.text(462, middle + 4, numbers.whole(card.score), size=11.5, weight=700, at="end")
    if card.ceiling is not None and card.ceiling - card.score >= 0.5:
        d.text(493, middle + 4, f"≤ {numbers.whole(card.ceiling)}", size=7.4, fill="muted", at="end")


def difference(first: Scorecard, second: Scorecard) -> Markup:
    """Points per question, first against second, largest lead first; questions where they tie are left out."""
    rows = differences(first, second)
    most = max((abs(gap) for _, gap in rows), default=1)
    middle, reach_, row = 322.0, 140.0, 17.0
    names = first.contestant.product, second.contestant.product
    told = "; ".join(f"{q.id[1:]} {q.title} {numbers.signed(gap)}" for q, gap in rows)
    d = Drawing(
        493, 18 + row * len(rows), f"Points by which {names[0]} leads {names[1]}: {told}.", css="chart wide"
    )
    d.text(middle - 6, 9, f"{names[1]} ahead", weight=600, size=7.8, at="end", room=160)
    d.text(middle + 6, 9, f"{names[0]} ahead", weight=600, size=7.8, room=160)
    d.line(middle, 14, middle, 18 + row * len(rows), stroke="ink", width=1.2)
    for index, (question, gap) in enumerate(rows):
        y = 18 + row * index
        d.text(0, y + 9.5, question.id[1:], weight=600, fill="muted")
        d.text(19, y + 9.5, question.title, size=8.4, room=130)
        length = max(reach_ * abs(gap) / most, 0.6)
        if gap > 0:
            d.rect(middle, y + 2, length, 9.5, fill="ink")
        else:
            d.rect(middle - length, y + 2, length, 9.5, fill="paper", stroke="ink", line=1)
        beside = middle + length + 4 if gap > 0 else middle - length - 4
        d.text(beside, y + 9.8, numbers.signed(gap), size=7.8, weight=600, at="start" if gap > 0 else "end")
    return d.markup()


def differences(first: Scorecard, second: Scorecard) -> list[tuple[QuestionScore, float]]:
    """Questions on which two vendors differ by a tenth of a point or more, the first's largest lead first."""
    theirs = {q.id: earned(q) for q in second.questions()}
    gaps = [(q, earned(q) - theirs.get(q.id, 0.0)) for q in first.questions()]
    return sorted([(q, gap) for q, gap in gaps if abs(gap) >= 0.05], key=lambda pair: (-pair[1], pair[0].id))


_SHADES = (("ink", "paper"), ("second", "paper"), ("band-b", "ink"), ("paper", "ink"))
"""Fill and text of the first, second, third and every later place: four shades that grey paper tells apart."""


def place_shares(standings: Sequence[Standing]) -> Markup:
    """How often each vendor takes each place of its own group when every weight is moved at random."""
    row, left, width = 23.0, 136.0, 357.0
    told = "; ".join(
        f"{s.card.contestant.product} "
        + ", ".join(f"{words} {numbers.percent(share)}" for words, share in _named(s) if share > 0)
        for s in standings
    )
    d = Drawing(
        493,
        row * len(standings),
        f"Places in its own group, share of re-weightings: {told}.",
        css="chart wide",
    )
    for index, standing in enumerate(standings):
        y, x = row * index, left
        d.text(0, y + 13, standing.card.contestant.product, weight=500, size=8.4, room=left - 6)
        for place, (words, share) in enumerate(_named(standing)):
            fill, ink = _SHADES[min(place, len(_SHADES) - 1)]
            span = width * share
            if span > 0.3:
                d.rect(x, y + 3, span, 15, fill=fill, stroke="ink", line=0.6)
            label = f"{words} {numbers.percent(share)}"
            if span > 4.6 * len(label):
                d.text(x + span / 2, y + 13.4, label, size=7.6, weight=600, fill=ink, at="middle")
            x += span
    return d.markup()


def _named(standing: Standing) -> list[tuple[str, float]]:
    """``1st``, ``2nd`` … with the share of each place."""
    words = ("1st", "2nd", "3rd")
    return [(words[at] if at < 3 else f"{at + 1}th", share) for at, share in enumerate(standing.place_shares)]
