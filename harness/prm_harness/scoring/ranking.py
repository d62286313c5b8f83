"""Vendors side by side: who comes first, and how sure that is."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import groupby
from operator import mul
from typing import Final

from prm_harness.record.run import Run

from .model import Bakeoff, Scorecard, Standing
from .score import score

REWEIGHTINGS: Final = 10_000
"""How often the weights are drawn anew, each between half and one and a half times itself."""

SURE_SHARE: Final = 0.9
"""First place has to hold in this share of re-weightings."""

SEED: Final = 20_260_101
_DECIMALS: Final = 9


class NotComparableError(ValueError):
    """Results that were not made under the same conditions. The message says what differs."""


def bakeoff(
    entries: Sequence[Scorecard | Run], *, reweightings: int = REWEIGHTINGS, seed: int = SEED
) -> Bakeoff:
    """Rank vendors: those that passed every knock-out first, by score inside each group.

    Raises:
        NotComparableError: fewer than two entries, the same run twice, or another catalogue, org or profile.
    """
    cards = [entry if isinstance(entry, Scorecard) else score(entry) for entry in entries]
    _demand_comparable(cards)
    cards.sort(key=_rank_key)
    shares = _place_shares(cards, reweightings, seed)
    standings = tuple(
        Standing(place=place, card=card, first_share=share[0], place_shares=share)
        for place, card, share in zip(_places(cards), cards, shares, strict=True)
    )
    sure, why = _how_sure(standings)
    return Bakeoff(
        standings=standings,
        recommended=_recommended(standings),
        sure=sure,
        why_sure=why,
        reweightings=reweightings,
        seed=seed,
    )


def _demand_comparable(cards: Sequence[Scorecard]) -> None:
    if len(cards) < 2:
        raise NotComparableError("a comparison needs at least two runs")
    runs = [card.run_id for card in cards]
    if twice := next((run for run in runs if runs.count(run) > 1), None):
        raise NotComparableError(f"run {twice} is given twice; give one run a vendor")
    names = {name: None for card in cards for name in card.basis}
    differing = []
    for name in names:
        values: dict[str, list[str]] = {}
        for card in cards:
            values.setdefault(card.basis.get(name, "") or "unknown", []).append(card.contestant.product)
        if len(values) > 1:
            differing.append(
                f"{name}: " + ", ".join(f"{value} ({', '.join(of)})" for value, of in values.items())
            )
    if differing:
        raise NotComparableError(
            f"these runs cannot be compared, they differ in {'; '.join(differing)}. "
            "Run every vendor with the same catalogue, org, seed and profile"
        )


def _level(card: Scorecard) -> float:
    """The score to rank by; no score at all comes last."""
    return -1.0 if card.score is None or not card.judged else round(card.score, _DECIMALS)


def _rank_key(card: Scorecard) -> tuple[bool, float, str, str]:
    return not card.knock_outs_passed, -_level(card), card.contestant.product, card.run_id


def _places(cards: Sequence[Scorecard]) -> list[int]:
    """1, 2, 2, 4 …: equals share a place."""
    ranks = [_rank_key(card)[:2] for card in cards]
    return [1 + ranks.index(rank) for rank in ranks]


def _place_shares(cards: Sequence[Scorecard], reweightings: int, seed: int) -> list[tuple[float, ...]]:
    """For each card the share of re-weightings in each place of its own group; those that tie share their places out."""
    questions = sorted({question.id for card in cards for question in card.questions()})
    weights = {question.id: question.weight for card in cards for question in card.questions()}
    # A question in which nothing applies to a vendor has no weight for that vendor.
    scores = [{q.id: q.score for q in card.questions() if q.score is not None} for card in cards]
    wanted = [[weights[q] if q in found else 0.0 for q in questions] for found in scores]
    earned = [[weights[q] * found.get(q, 0.0) for q in questions] for found in scores]
    groups = [
        list(group) for _, group in groupby(range(len(cards)), key=lambda at: cards[at].knock_outs_passed)
    ]
    rng = random.Random(seed)  # noqa: S311 - re-weighting is not a secret
    held = [[0.0] * next(len(group) for group in groups if at in group) for at in range(len(cards))]
    for _ in range(reweightings):
        factors = [0.5 + rng.random() for _ in questions]
        for group in groups:
            levels = []
            for at in group:
                whole = sum(map(mul, factors, wanted[at]))
                levels.append(round(sum(map(mul, factors, earned[at])) / whole, _DECIMALS) if whole else -1.0)
            place = 0
            for _, tied in groupby(sorted(zip(levels, group, strict=True), key=_by_level), key=_by_level):
                level_with = [at for _, at in tied]
                for at in level_with:
                    for shared in range(place, place + len(level_with)):
                        held[at][shared] += 1 / len(level_with)
                place += len(level_with)
    return [
        tuple(min(1.0, round(number / reweightings, _DECIMALS)) if reweightings else 0.0 for number in places)
        for places in held
    ]


def _by_level(entry: tuple[float, int]) -> float:
    return -entry[0]


def _recommended(standings: Sequence[Standing]) -> str | None:
    """The first, unless nobody passed every knock-out or the first place is shared."""
    leader, second = standings[0], standings[1]
    if not leader.card.knock_outs_passed or not leader.card.judged or second.place == 1:
        return None
    return leader.card.contestant.product


def _how_sure(standings: Sequence[Standing]) -> tuple[bool, str]:
    leader = standings[0]
    name = leader.card.contestant.product
    if not leader.card.judged:
        return False, "nothing was judged."
    others = [standing.card for standing in standings[1:]]
    rivals = [card for card in others if card.knock_outs_passed == leader.card.knock_outs_passed]
    if waiting := [card for card in others if _may_overtake(card, leader.card)]:
        return False, f"{_names(waiting)} could still overtake {name}: knock-outs are not judged yet."
    if not rivals:
        return True, f"only {name} passed every knock-out."
    share = f"{name} comes first in {100 * leader.first_share:.0f} % of the re-weightings"
    if standings[1].place == 1:
        return False, f"{name} and {standings[1].card.contestant.product} are level; {share}."
    apart = all((card.ceiling or 0.0) < (leader.card.score or 0.0) for card in rivals)
    steady = leader.first_share >= SURE_SHARE
    ranges = (
        "no rival can still reach what it has shown" if apart else "a rival's open checks could still decide"
    )
    return apart or steady, f"{share}, and {ranges}."


def _may_overtake(card: Scorecard, leader: Scorecard) -> bool:
    """Whether judging knock-outs that are open could lift the card over the leader."""
    if card.knock_outs_passed or not _could_pass(card):
        return False
    if leader.knock_outs_passed:
        return (card.ceiling or 0.0) >= (leader.score or 0.0)
    return not _could_pass(leader)


def _could_pass(card: Scorecard) -> bool:
    return all(group.passed or not group.judged for group in card.knock_outs)


def _names(cards: Sequence[Scorecard]) -> str:
    return " and ".join(card.contestant.product for card in cards)
