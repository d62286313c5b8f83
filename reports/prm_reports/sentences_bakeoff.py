"""What the bake-off says in words: the answer, how sure it is, and what would change it."""

from __future__ import annotations

from collections.abc import Sequence

from prm_harness.record.verdicts import WORST_FIRST, Verdict
from prm_harness.scoring.model import Bakeoff, KnockOut, Scorecard, Standing

from . import numbers
from .charts import reach
from .sentences import ENOUGH, failed_knock_outs, missed_title, name
from .text import clip, sentence


def headline(bakeoff: Bakeoff) -> str:
    """The recommendation, in as few words as a title has."""
    group = in_question(bakeoff)
    if not group:
        judged = any(s.card.judged for s in bakeoff.standings)
        return "No vendor passed every knock-out" if judged else "No answer yet"
    if waiting(bakeoff) and not _level(group):
        return f"{_product(group[0])} leads; not settled"
    if len(group) > 1 and not bakeoff.sure:
        return f"Too close: {_product(group[0])} or {_product(group[1])}"
    return f"Choose {_product(group[0])}"


def verdict(bakeoff: Bakeoff) -> str:
    """Why, in two sentences at most."""
    group = in_question(bakeoff)
    if not group:
        return _nobody(bakeoff)
    first = group[0]
    if len(group) > 1 and not bakeoff.sure and (_level(group) or not waiting(bakeoff)):
        second = group[1]
        said = (
            f"{_product(first)} and {_product(second)} both passed every knock-out, and the score does not "
            f"separate them: {_range(first.card)} against {_range(second.card)}."
        )
    elif len(group) == 1:
        said = f"{_product(first)} is the only one of {numbers.count(len(bakeoff.standings), 'vendor')} that passed every knock-out."
    else:
        said = f"{_product(first)} is the highest scorer that passed every knock-out."
    return " ".join([said, *_but(bakeoff, first)])


def how_sure(bakeoff: Bakeoff) -> list[tuple[str, str]]:
    """Three statements, each its answer first: the knock-outs, first place, what is open."""
    cards = [s.card for s in bakeoff.standings]
    groups = max(len(card.knock_outs) for card in cards)
    unjudged = sum(not k.judged for card in cards for k in card.knock_outs)
    if unjudged:
        of = sum(len(card.knock_outs) for card in cards)
        knock_outs = (
            "Knock-outs: not sure.",
            f"{unjudged} of {of} results could not be judged, and count as not passed.",
        )
    elif groups:
        knock_outs = ("Knock-outs: sure.", f"All {groups} were judged for every vendor.")
    else:
        knock_outs = ("Knock-outs: none.", "The profile names no knock-out.")
    still_open = sum(check.result.verdict.open for card in cards for check in card.checks())
    every = sum(len(card.checks()) for card in cards)
    return [
        knock_outs,
        (f"First place: {'sure' if bakeoff.sure else 'not sure'}.", clip(sentence(bakeoff.why_sure), 130)),
        (
            f"Open: {numbers.count(still_open, 'check')}",
            f"of {every:,}: not judged, or a vendor's word only.",
        ),
    ]


def would_change(bakeoff: Bakeoff) -> list[str]:
    """What could still turn the answer, from the numbers alone."""
    group = in_question(bakeoff)
    said = []
    first = group[0] if group else bakeoff.standings[0]
    for standing in bakeoff.standings:
        card = standing.card
        if standing is first or card.ceiling is None or first.card.score is None:
            continue
        missed = [k for k in card.knock_outs if not k.passed]
        if not missed and card.ceiling > first.card.score and (card.score or 0) < card.ceiling:
            said.append(
                f"If every open check of {_product(standing)} is settled in its favour it reaches "
                f"{numbers.whole(card.ceiling)}, above the {numbers.whole(first.card.score)} that "
                f"{_product(first)} has shown."
            )
        elif missed and group and card.ceiling >= first.card.score:
            said.append(
                f"If {_product(standing)} passes {_checks(missed)} on a re-run, it "
                f"{_would(card, first.card)} on score "
                f"({reach(card)} against {numbers.whole(first.card.score)})."
            )
    if not group:
        said.append(
            "The first vendor that passes every knock-out on a re-run takes the lead, whatever its score."
        )
    elif not said:
        said.append(
            f"Nothing that is still open can move {_product(first)} from first place; only other weights or a re-run can."
        )
    if len(said) > 2:
        said[2:] = [f"{numbers.count(len(said) - 2, 'other vendor')} could still lead in the same way."]
    untested = max(s.card.untested_weight for s in bakeoff.standings)
    if untested >= 0.5:
        said.append(f"Questions with a weight of {numbers.weight(untested)} of 100 have no check yet.")
    return said


def _would(card: Scorecard, first: Scorecard) -> str:
    """What a card could do to the first one's place once its knock-outs pass."""
    mine, best = card.ceiling or 0.0, first.score or 0.0
    if (card.score or 0.0) > best:
        return "leads"
    return "can lead" if mine > best else "can draw level"


def _level(group: Sequence[Standing]) -> bool:
    """Whether first place is shared."""
    return len(group) > 1 and group[0].place == group[1].place


def in_question(bakeoff: Bakeoff) -> list[Standing]:
    """Vendors that can be recommended at all: every knock-out passed and a score."""
    return [s for s in bakeoff.standings if s.card.knock_outs_passed and s.card.judged]


def waiting(bakeoff: Bakeoff) -> list[Standing]:
    """Vendors that missed no knock-out but for want of judging, and whose ceiling reaches the first's score."""
    group = in_question(bakeoff)
    if not group:
        return []
    return [
        s
        for s in bakeoff.standings
        if not s.card.knock_outs_passed
        and not failed_knock_outs(s.card)
        and (s.card.ceiling or 0) >= (group[0].card.score or 0)
    ]


def rival(bakeoff: Bakeoff) -> Standing:
    """Whom the first is compared with: the highest scorer of all the others, knock-outs or not."""
    return max(
        bakeoff.standings[1:], key=lambda s: (s.card.score if s.card.score is not None else -1, -s.place)
    )


def _but(bakeoff: Bakeoff, first: Standing) -> list[str]:
    said = []
    best = rival(bakeoff)
    mine, theirs = first.card.printed_score or 0, best.card.printed_score or 0
    if not best.card.knock_outs_passed and theirs >= mine - 1:
        level = "higher" if theirs > mine + 1 else "level with it"
        how = "failed" if failed_knock_outs(best.card) else "could not show"
        missed = min(
            (k for k in best.card.knock_outs if not k.passed), key=lambda k: WORST_FIRST.index(k.verdict)
        )
        said.append(f"{_product(best)} scores {level}, but {how} “{missed_title(best.card, missed)}”.")
    elif later := waiting(bakeoff):
        said.append(f"{_product(later[0])} could still pass it: its knock-outs are not judged yet.")
    elif first.card.coverage is not None and first.card.coverage < ENOUGH:
        said.append(f"But only {numbers.percent(first.card.coverage)} of it could be judged.")
    return said


def _nobody(bakeoff: Bakeoff) -> str:
    judged = [s for s in bakeoff.standings if s.card.judged]
    if not judged:
        return "Nothing could be judged for any vendor, so there is nothing to compare."
    nearest = min(judged, key=lambda s: (sum(not k.passed for k in s.card.knock_outs), -(s.card.score or 0)))
    missed = sum(not k.passed for k in nearest.card.knock_outs)
    return (
        f"Each of the {len(bakeoff.standings)} vendors missed a knock-out. {_product(nearest)} comes nearest: "
        f"{missed} missed, {numbers.whole(nearest.card.score)} of 100."
    )


def _checks(knock_outs: Sequence[KnockOut]) -> str:
    ids = [check for k in knock_outs for check in k.checks]
    return ", ".join(ids[:4]) + (f" and {len(ids) - 4} more" if len(ids) > 4 else "")


def _range(card: Scorecard) -> str:
    if card.printed_ceiling == card.printed_score:
        return str(card.printed_score)
    return f"{card.printed_score} (at most {card.printed_ceiling})"


def _product(standing: Standing) -> str:
    return clip(name(standing.card.contestant.product), 30)


def open_checks(card: Scorecard) -> list[str]:
    """Ids of the checks nobody can speak about yet, in checklist order."""
    return [
        c.plan.id for c in card.checks() if c.result.verdict.open and c.result.verdict is not Verdict.ATTESTED
    ]
