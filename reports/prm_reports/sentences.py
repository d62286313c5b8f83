"""What the scorecard says in words: each sentence a rule over the score, none a template per vendor.

The order of the rules in :func:`verdict` is the order of what a buyer must hear first.
"""

from __future__ import annotations

from collections.abc import Sequence

from prm_harness.record.verdicts import WORST_FIRST, Verdict
from prm_harness.scoring.model import CheckScore, KnockOut, QuestionScore, Scorecard

from . import numbers
from .text import clip, closed, sentence

ENOUGH = 0.8
"""Coverage under this holds the grade at C, and the verdict says that too little was seen (scoring.md)."""

MEANING = {
    "A": "Ready for the buyer's use as tested",
    "B": "Ready with named gaps",
    "C": "Usable with extra work each month",
    "D": "Not ready without vendor changes",
    "F": "Not suitable as tested",
    "–": "Nothing could be judged",
}

_ACTION = {
    "A": "Ready to sign on what was tested.",
    "B": "Sign with the named gaps in the contract.",
    "C": "Expect extra work each month.",
    "D": "Not ready without changes by the vendor.",
    "F": "Not suitable as tested.",
}


_TWO_LINES = 140
"""About as many characters as two lines of page 1 hold."""


def name(product: str) -> str:
    """A product's name, short enough for a sentence."""
    return clip(product, 44)


def verdict(card: Scorecard) -> str:
    """The answer in one or two sentences: what to do, what is good, what stands in the way."""
    product = name(card.contestant.product)
    if not card.complete:
        return f"Do not decide on this. The run of {product} stopped early; {_demonstrated(card)}."
    if nothing_judged(card):
        return f"No answer yet. Nothing could be judged, so this speaks neither for nor against {product}."
    good, strong = _strength(card)
    link = ", but" if strong else ", and"
    if failed := failed_knock_outs(card):
        how = "failed" if all(k.verdict is Verdict.FAILED for k in failed) else "did not pass"
        still_open = len(unjudged_knock_outs(card))
        more = f"; {still_open} more could not be judged" if still_open else ""
        return f"Do not sign yet. {product} {good}{link} it {how} {_named(card, failed)}{more}."
    if unjudged := unjudged_knock_outs(card):
        return f"Not ready to decide. {product} {good}, but {_named(card, unjudged)} could not be judged."
    if card.coverage is not None and card.coverage < ENOUGH:
        return f"Too little was seen to decide. Only {numbers.percent(card.coverage)} of the weight could be judged; {_demonstrated(card)}."
    answer = f"{_ACTION[card.raw_grade]} {product} passed every knock-out and {good}"
    dearest = _dearest(card)
    return f"{answer}{dearest if len(answer + dearest) < _TWO_LINES else ''}."


def grade_reason(card: Scorecard) -> str:
    """The words beside the letter: why it is held down, or what it means."""
    if nothing_judged(card):
        return MEANING["–"]
    why = ""
    if failed_knock_outs(card):
        why = "by a failed knock-out"
    elif unjudged_knock_outs(card):
        why = "by a knock-out that was not judged"
    elif card.coverage is not None and card.coverage < ENOUGH:
        why = f"because only {numbers.percent(card.coverage)} was judged"
    if card.raw_grade != card.grade:
        return f"Grade {card.raw_grade} held down to {card.grade} {why}".strip()
    if missed := [k for k in card.knock_outs if not k.passed]:
        return f"{numbers.count(len(missed), 'knock-out')} not passed"
    return MEANING[card.grade]


def nothing_judged(card: Scorecard) -> bool:
    """Whether the run says nothing at all about the product."""
    return not card.judged


def missed_words(verdict_: Verdict) -> str:
    """What to call a knock-out that did not pass, in one word of a table."""
    return "knock-out " + (
        "failed" if verdict_ is Verdict.FAILED else "missed" if verdict_.judged else "open"
    )


def failed_knock_outs(card: Scorecard) -> list[KnockOut]:
    """Knock-outs that were judged and not passed."""
    return [k for k in card.knock_outs if k.judged and not k.passed]


def unjudged_knock_outs(card: Scorecard) -> list[KnockOut]:
    """Knock-outs that nobody can speak about; they count as not passed."""
    return [k for k in card.knock_outs if not k.judged and not k.passed]


def finding(question: QuestionScore) -> str:
    """One question in one or two sentences: how many passed, and what did not."""
    if not question.checks:
        why = question.not_tested_yet
        return f"Not tested yet. {closed(sentence(why))}" if why else "Not tested yet."
    if all(c.result.verdict is Verdict.NOT_APPLICABLE for c in question.checks):
        return "Left out: no check of it applies here."
    tally = _tally(question)
    trouble = [said(c) for c in worst_first(question.checks)[:2]]
    more = len(worst_first(question.checks)) - len(trouble)
    return " ".join([tally, *trouble, *([f"{more} more below."] if more > 0 else [])])


def strongest(card: Scorecard, many: int = 2) -> list[tuple[QuestionScore, str]]:
    """The questions that earned most, none under 65."""
    good = [q for q in card.questions() if q.judged and q.score is not None and q.score >= 65]
    best = sorted(good, key=lambda q: (-(q.score or 0), -q.weight, q.id))[:many]
    return [(q, f"{q.title}: {_lowered(_tally(q))}") for q in best]


def weakest(card: Scorecard, many: int = 2) -> list[tuple[QuestionScore, str, str]]:
    """The questions that lost most: what was found, and what to ask the vendor."""
    lossy = sorted((q for q in card.questions() if q.lost > 0.05), key=lambda q: (-q.lost, q.id))[:many]
    found = []
    for question in lossy:
        trouble = worst_first(question.checks)
        words = (
            clip(said(trouble[0]), 150)
            if trouble
            else f"{question.title}: {numbers.whole(question.score)} of 100."
        )
        found.append((question, words, clip(question.ask_vendor, 130)))
    return found


def worst_first(checks: Sequence[CheckScore]) -> list[CheckScore]:
    """Checks that did not plainly pass, in roll-up order, the heaviest first."""
    trouble = [c for c in checks if c.result.verdict not in {Verdict.PASSED, Verdict.NOT_APPLICABLE}]
    return sorted(trouble, key=lambda c: (WORST_FIRST.index(c.result.verdict), -c.weight, c.plan.id))


def said(check: CheckScore) -> str:
    """What is said of one check: its finding, or its title and how it ended."""
    if check.result.finding:
        return closed(check.result.finding)
    return f"{check.plan.title.rstrip('.')}: {check.result.verdict.words}."


def _tally(question: QuestionScore) -> str:
    wanted = [c for c in question.checks if c.result.verdict.wanted]
    passed = sum(c.result.verdict is Verdict.PASSED for c in wanted)
    left_out = len(question.checks) - len(wanted)
    if not wanted:
        told = "No check applies"
    elif passed == len(wanted):
        told = {1: "The one check passed", 2: "Both checks passed"}.get(passed, f"All {passed} checks passed")
    elif len(wanted) == 1:
        ended = wanted[0].result.verdict
        told = "The one check " + (
            "passed in part"
            if ended is Verdict.PARTIAL
            else "was not judged"
            if ended.open
            else "did not pass"
        )
    else:
        told = f"{passed or 'None'} of {len(wanted)} checks passed"
    return told + (f"; {left_out} not applicable." if left_out and wanted else ".")


def _strength(card: Scorecard) -> tuple[str, bool]:
    good = sorted(
        (p for p in card.parts if p.score is not None and p.score >= 85),
        key=lambda p: (-(p.score or 0), p.id),
    )
    if good:
        return f"is strong on {_lowered(good[0].title)}", True
    if card.printed_score is not None and card.printed_score >= 65:
        return f"earns {card.printed_score} of 100", True
    return f"earns only {numbers.whole(card.score)} of 100", False


def _dearest(card: Scorecard) -> str:
    lossy = weakest(card, 1)
    if not lossy or card.raw_grade == "A":
        return ""
    question = lossy[0][0]
    return f"; most is lost on {_lowered(question.title)} ({question.id[1:]})"


def _demonstrated(card: Scorecard) -> str:
    if card.score is None:
        return "nothing could be judged"
    top = "" if card.printed_ceiling == card.printed_score else f", at most {card.printed_ceiling}"
    return f"{card.printed_score} of 100 points were demonstrated{top}"


def missed_title(card: Scorecard, knock_out: KnockOut) -> str:
    """What the worst check of a knock-out asks."""
    group = worst_first([c for c in card.checks() if c.plan.id in knock_out.checks])
    return clip((group[0].plan.title if group else knock_out.title).rstrip("."), 70)


def _named(card: Scorecard, knock_outs: Sequence[KnockOut]) -> str:
    worst = min(knock_outs, key=lambda k: WORST_FIRST.index(k.verdict))
    first = f"“{missed_title(card, worst)}”"
    if len(knock_outs) == 1:
        return f"one knock-out: {first}"
    return f"{len(knock_outs)} knock-outs, among them {first}"


def _lowered(words: str) -> str:
    """Lower-case a first word that is not an abbreviation."""
    return words[0].lower() + words[1:] if len(words) > 1 and words[1].islower() else words
