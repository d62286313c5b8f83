"""What would change a scorecard's answer, and what to ask for: computed from the numbers, phrased by rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from prm_harness.record.model import Question
from prm_harness.record.run import Run
from prm_harness.scoring.grade import BANDS, COVERAGE_FLOOR, cap_grade, half_up, letter
from prm_harness.scoring.model import KnockOut, QuestionScore, Scorecard
from prm_harness.scoring.stability import Span, score_span

from . import numbers, sentences
from .text import clip

_LETTERS: Final = "ABCDF"


@dataclass(frozen=True)
class RedFlag:
    """One question that lost points or is open: what a buyer should fear, what was seen, what to ask."""

    question: QuestionScore
    flag: str
    seen: str
    ask: str
    again: tuple[str, ...]
    points: float


def would_change(card: Scorecard) -> list[str]:
    """What could turn the letter, the most direct way first; never empty."""
    if not card.judged or card.score is None:
        return [
            "Nothing was judged: any run in which the checks can be settled gives an answer.",
        ]
    said = [*_knock_outs(card), *_open(card), *_next_letter(card)]
    return said or [
        "The letter cannot rise any further; a re-run after a new release is what could lower it."
    ]


def weights_sentence(card: Scorecard) -> str:
    """What other weights would do; empty when nothing was judged."""
    span = score_span(card)
    if span is None:
        return ""
    return (
        f"Each weight was drawn anew between half and one and a half times itself, {span.draws:,} times: "
        f"in 95% of the draws the score lies between {numbers.whole(span.low)} and {numbers.whole(span.high)}, "
        f"{_letter(card, span)}."
    )


def red_flags(run: Run, card: Scorecard) -> list[RedFlag]:
    """Questions that lost a tenth of a point or more, or are open, the dearest first."""
    asked = {q.id: q for part in run.header.checklist.parts for q in part.questions}
    found = [
        flag for question in card.questions() if (flag := _flag(question, asked.get(question.id))) is not None
    ]
    return sorted(found, key=lambda flag: (-flag.points, flag.question.id))


def _flag(question: QuestionScore, asked: Question | None) -> RedFlag | None:
    still_open = sum(check.open for check in question.checks)
    trouble = sentences.worst_first(question.checks)
    if question.lost + still_open < 0.05 or not trouble:
        return None
    return RedFlag(
        question=question,
        flag=asked.red_flag if asked else "",
        seen=clip(sentences.said(trouble[0]), 230),
        ask=question.ask_vendor,
        again=tuple(check.plan.id for check in trouble[:8]),
        points=question.lost + still_open,
    )


def _knock_outs(card: Scorecard) -> Iterator[str]:
    missed = [k for k in card.knock_outs if not k.passed]
    for group in missed[:2]:
        others = [k for k in missed if k is not group]
        after = (card.score or 0) + _lost(card, group)
        grade = _grade(card, after, others)
        title = clip(sentences.missed_title(card, group), 70)
        rises = f"the grade rises from {card.grade} to {grade}" if grade != card.grade else "the grade stays"
        rest = f", because {numbers.count(len(others), 'other knock-out')} would still be missing"
        yield (
            f"If “{title}” ({' + '.join(group.checks)}) passes on a re-run, {rises}"
            f"{rest if others and grade == card.grade else ''}; the score becomes {half_up(min(after, 100))}."
        )


def _open(card: Scorecard) -> Iterator[str]:
    still_open = [c for c in card.checks() if c.open > 0]
    if still_open and card.printed_ceiling != card.printed_score:
        yield (
            f"{numbers.count(len(still_open), 'open check')} ({_ids([c.plan.id for c in still_open])}), all settled in "
            f"the product's favour, would lift the score from {card.printed_score} to {card.printed_ceiling}."
        )
    if card.coverage is not None and card.coverage < COVERAGE_FLOOR:
        yield f"From {numbers.percent(COVERAGE_FLOOR)} of the weight judged on, the grade is no longer held at C."


def _next_letter(card: Scorecard) -> Iterator[str]:
    """The fewest questions that would have to be answered in full for the next letter."""
    if card.raw_grade == "A" or card.score is None:
        return
    goal = next(
        least
        for least, grade in reversed(BANDS)
        if _LETTERS.index(grade) == _LETTERS.index(card.raw_grade) - 1
    )
    missing = goal - 0.5 - card.score
    chosen: list[QuestionScore] = []
    for question in sorted(card.questions(), key=lambda q: (-q.lost, q.id)):
        if missing <= 1e-9 or question.lost <= 0.05:
            break
        chosen.append(question)
        missing -= question.lost
    if chosen and missing <= 1e-9:
        yield (
            f"Grade {letter(goal)} starts at {goal}: it would take every check of "
            f"{_ids([f'{q.title} ({q.id[1:]})' for q in chosen], 3)} to pass."
        )


def _grade(card: Scorecard, score: float, still_missed: Sequence[KnockOut]) -> str:
    caps = [cap for cap in card.caps if cap.applied and (cap.at_best != "D" or still_missed)]
    return cap_grade(letter(half_up(min(score, 100))), caps)


def _lost(card: Scorecard, group: KnockOut) -> float:
    return sum(c.weight - c.earned for c in card.checks() if c.plan.id in group.checks)


def _letter(card: Scorecard, span: Span) -> str:
    if span.same_letter >= 1 - 1e-9:
        return f"and the letter before any cap is {card.raw_grade} in all of them"
    return (
        f"and the letter before any cap stays {card.raw_grade} in {numbers.percent(span.same_letter)} of them"
    )


def _ids(ids: Sequence[str], most: int = 6) -> str:
    shown = list(ids[:most])
    more = len(ids) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
