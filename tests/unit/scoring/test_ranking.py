"""Who comes first, how sure that is, and when vendors may not be compared at all."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm_harness.record.model import Result
from prm_harness.scoring import NotComparableError, bakeoff, load_profile, score

from .runs import V, make_run, partial

FOUR = {"Q1.1": {"A": 1}, "Q2.3": {"B": 1}, "Q3.2": {"C": 1}, "Q4.1": {"D": 1}}


def vendor(product, shares, knock_outs=(), **values):
    """A run with one share (0–1), or a verdict, for each of the four questions."""
    found = {
        check: share if isinstance(share, (V, Result)) else partial(check, share)
        for check, share in zip("ABCD", shares, strict=True)
    }
    return make_run(FOUR, found, product=product, knock_outs=knock_outs, **values)


def order(result):
    return [(standing.place, standing.card.contestant.product) for standing in result.standings]


def test_who_passed_every_knock_out_comes_first_and_then_the_score_decides():
    knock_outs = (("A",),)
    result = bakeoff(
        [
            vendor("Alder", [V.FAILED, 1, 1, 1], knock_outs),
            vendor("Birch", [V.PASSED, 0.2, 0.2, 0.2], knock_outs),
            vendor("Cedar", [V.PASSED, 0.4, 0.4, 0.4], knock_outs),
            vendor("Dogwood", [V.FAILED, 0, 0, 0], knock_outs),
        ]
    )
    assert order(result) == [(1, "Cedar"), (2, "Birch"), (3, "Alder"), (4, "Dogwood")]
    assert [standing.first_share for standing in result.standings] == [1, 0, 1, 0]
    assert result.recommended == "Cedar"


def test_nobody_is_recommended_when_nobody_passed_every_knock_out():
    result = bakeoff(
        [vendor(name, [V.FAILED, 1, 1, share], (("A",),)) for name, share in (("Alder", 1), ("Birch", 0))]
    )
    assert result.recommended is None
    assert order(result) == [(1, "Alder"), (2, "Birch")]


def test_sure_because_the_ranges_do_not_overlap():
    result = bakeoff([vendor("Alder", [1, 0, 1, 0.02]), vendor("Birch", [0, 1, 0, 1])])
    assert 0.4 < result.standings[0].first_share < 0.6
    assert result.sure
    assert result.why_sure.endswith(
        " % of the re-weightings, and no rival can still reach what it has shown."
    )


def test_sure_because_first_place_holds_whatever_the_weights():
    result = bakeoff([vendor("Alder", [0.6, 0.6, 0.6, 0.6]), vendor("Birch", [0.5, 0.5, 0.5, V.ERROR])])
    assert result.standings[1].card.ceiling > result.standings[0].card.score
    assert (result.sure, result.why_sure) == (
        True,
        "Alder comes first in 100 % of the re-weightings, and a rival's open checks could still decide.",
    )


def test_not_sure_when_the_ranges_overlap_and_the_weights_decide():
    result = bakeoff([vendor("Alder", [1, 0, 1, 0.02]), vendor("Birch", [0, V.ERROR, 1, 1])])
    first, second = result.standings
    assert 0.4 < first.first_share < 0.6
    assert first.first_share + second.first_share == pytest.approx(1)
    assert not result.sure
    assert result.why_sure.endswith("and a rival's open checks could still decide.")
    assert result.recommended == "Alder"


def test_ranges_that_touch_overlap():
    result = bakeoff([vendor("Alder", [1, 0, 0, 1]), vendor("Birch", [0, 1, V.ERROR, 0])])
    assert result.standings[0].card.score == result.standings[1].card.ceiling
    assert result.why_sure.endswith("and a rival's open checks could still decide.")


def test_equals_share_their_place_and_nobody_is_recommended():
    result = bakeoff([vendor(name, [1, 0, 1, 0]) for name in ("Cedar", "Alder", "Birch")])
    assert order(result) == [(1, "Alder"), (1, "Birch"), (1, "Cedar")]
    assert result.recommended is None
    assert not result.sure
    assert "Alder and Birch are level" in result.why_sure
    assert [standing.first_share for standing in result.standings] == [pytest.approx(1 / 3)] * 3


def test_the_only_one_that_passed_is_sure_unless_another_may_still_pass():
    knock_outs = (("A",), ("B",))
    leader = vendor("Alder", [V.PASSED, V.PASSED, 0.5, 0.5], knock_outs)
    out = vendor("Birch", [V.FAILED, V.ERROR, 1, 1], knock_outs)
    result = bakeoff([leader, out])
    assert (result.sure, result.why_sure) == (True, "only Alder passed every knock-out.")
    waiting = vendor("Cedar", [V.PASSED, V.ERROR, 1, 1], knock_outs)
    result = bakeoff([leader, out, waiting])
    assert order(result)[0] == (1, "Alder")
    assert (result.sure, result.recommended) == (False, "Alder")
    assert result.why_sure == "Cedar could still overtake Alder: knock-outs are not judged yet."
    behind = vendor("Dogwood", [V.PASSED, V.ERROR, 0, 0], knock_outs)
    assert bakeoff([leader, behind]).sure


def test_first_among_the_failed_is_not_sure_while_another_may_still_pass():
    knock_outs = (("A",),)
    failed = vendor("Alder", [V.FAILED, 1, 1, 1], knock_outs)
    waiting = vendor("Birch", [V.ERROR, 0, 0, 0], knock_outs)
    result = bakeoff([failed, waiting])
    assert not result.sure
    assert result.recommended is None
    assert bakeoff([failed, vendor("Birch", [V.FAILED, 0, 0, 0], knock_outs)]).sure


def test_no_score_comes_last_and_is_never_recommended():
    nothing = [V.NOT_APPLICABLE] * 4
    result = bakeoff([vendor("Alder", nothing), vendor("Birch", [0, 0, 0, 0])])
    assert order(result) == [(1, "Birch"), (2, "Alder")]
    result = bakeoff([vendor("Alder", nothing), vendor("Birch", nothing)])
    assert (result.recommended, result.sure, result.why_sure) == (None, False, "nothing was judged.")


def test_what_does_not_apply_to_one_vendor_has_no_weight_for_that_vendor():
    result = bakeoff([vendor("Alder", [V.NOT_APPLICABLE, 1, 1, 1]), vendor("Birch", [1, 1, 1, 0.99])])
    assert order(result)[0] == (1, "Alder")
    assert result.standings[0].first_share == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"seed": 8}, "seed of the records: 7 (Alder), 8 (Birch)"),
        ({"org": {"template": "standard", "seed": 8}}, "org seed: 7 (Alder), 8 (Birch)"),
        ({"org": {"template": "complex", "seed": 7}}, "org template: standard (Alder), complex (Birch)"),
        ({"not_tested_yet": {"Q1.2": "later"}}, "checklist: "),
        ({"weights": {"Q1.1": 70.0, "Q2.3": 10.0, "Q3.2": 10.0, "Q4.1": 10.0}}, "profile: smb "),
        ({"knock_outs": (("A",),)}, "profile: smb "),
    ],
)
def test_only_like_is_compared_with_like(change, words):
    with pytest.raises(NotComparableError) as caught:
        bakeoff([vendor("Alder", [1, 1, 1, 1]), vendor("Birch", [1, 1, 1, 1], **change)])
    assert words in str(caught.value)
    assert str(caught.value).startswith("these runs cannot be compared, they differ in ")


def changed(run, **values):
    return run.model_copy(update={"header": run.header.model_copy(update=values)})


def test_another_catalogue_and_other_limits_are_named():
    alder, birch = vendor("Alder", [1, 1, 1, 1]), vendor("Birch", [1, 1, 1, 1])
    newer = changed(birch, checklist=birch.header.checklist.model_copy(update={"version": "1.1"}))
    with pytest.raises(NotComparableError, match=r"catalogue version: 1\.0 \(Alder\), 1\.1 \(Birch\)"):
        bakeoff([alder, newer])
    # Rescoring under one profile does not undo that the checks were judged by other limits.
    stricter = changed(
        birch, profile=birch.header.profile.model_copy(update={"thresholds": {"alert_minutes": 5.0}})
    )
    with pytest.raises(NotComparableError, match="limits and amounts of data"):
        bakeoff([score(alder), score(stricter, alder.header.profile)])


def test_the_buyers_name_does_not_stand_in_the_way():
    alder, birch = vendor("Alder", [1, 1, 1, 1]), vendor("Birch", [1, 1, 1, 1])
    named = changed(birch, profile=birch.header.profile.model_copy(update={"buyer": "Acme"}))
    assert len(bakeoff([alder, named]).standings) == 2


def test_one_vendor_is_no_comparison_and_one_run_counts_once():
    alder = vendor("Alder", [1, 1, 1, 1])
    with pytest.raises(NotComparableError, match="at least two"):
        bakeoff([alder])
    with pytest.raises(NotComparableError, match="run of Alder is given twice"):
        bakeoff([alder, score(alder)])


def test_runs_and_cards_give_the_same_and_twice_is_the_same():
    runs = [vendor("Alder", [1, 0, 0.3, 0.2]), vendor("Birch", [0, 1, 0.2, 0.4])]
    assert bakeoff(runs) == bakeoff([score(run) for run in runs]) == bakeoff(runs)
    other_seed = bakeoff(runs, seed=1)
    assert other_seed.seed == 1
    assert other_seed.standings[0].first_share != bakeoff(runs).standings[0].first_share


@given(
    st.lists(
        st.lists(st.floats(0, 1) | st.sampled_from(list(V)), min_size=4, max_size=4), min_size=2, max_size=4
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_entries_does_not_matter(shares, shuffle):
    def filled(name, row):
        row = [
            Result(check=c, verdict=v) if isinstance(v, V) else v for c, v in zip("ABCD", row, strict=True)
        ]
        return score(vendor(name, row, (("B",),)))

    cards = [filled(f"Vendor {number}", row) for number, row in enumerate(shares)]
    result = bakeoff(cards, reweightings=50)
    assert bakeoff(shuffle.sample(cards, len(cards)), reweightings=50) == result
    for group in (True, False):
        led = [
            standing.first_share for standing in result.standings if standing.card.knock_outs_passed is group
        ]
        assert not led or sum(led) == pytest.approx(1)
    levels = [
        (card.knock_outs_passed, -1 if card.score is None else round(card.score, 9))
        for card in (standing.card for standing in result.standings)
    ]
    assert levels == sorted(levels, reverse=True)


def test_eight_vendors_are_ranked_within_a_second():
    profile = load_profile("mid-market")
    questions = {q: {f"{q}-{n}": 1 for n in range(4)} for q in profile.weights}
    rng = random.Random(1)
    cards = [
        score(
            make_run(
                questions,
                {check: rng.choice([V.PASSED, V.FAILED]) for group in questions.values() for check in group},
                weights=dict(profile.weights),
                product=f"Vendor {number}",
            )
        )
        for number in range(8)
    ]
    started = time.process_time()
    result = bakeoff(cards)
    assert time.process_time() - started < 1
    assert (result.reweightings, len(result.standings)) == (10_000, 8)
