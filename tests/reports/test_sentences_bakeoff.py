from __future__ import annotations

import pytest

from prm_harness.scoring import bakeoff
from prm_reports import sentences_bakeoff as say


@pytest.fixture
def compared(samples):
    def compare(**vendors):
        return bakeoff(
            [samples.run(name.replace("_", " "), *made) for name, made in vendors.items()], reweightings=200
        )

    return compare


def test_a_clear_first(compared):
    result = compared(Ash=[{}], Birch=[{"T1": "failed", "F1": "failed", "B1": "failed"}])
    assert say.headline(result) == "Choose Ash"
    assert say.verdict(result) == "Ash is the highest scorer that passed every knock-out."
    assert say.how_sure(result)[1][0] == "First place: sure."


def test_the_best_score_failed_a_knock_out(compared):
    result = compared(Ash=[{"L1": "failed"}], Birch=[{"T1": "failed", "F1": "failed", "S1": "failed"}])
    assert say.headline(result) == "Choose Birch"
    assert say.verdict(result) == (
        "Birch is the only one of 2 vendors that passed every knock-out. "
        "Ash scores higher, but failed “Only what the filter allows is synced”."
    )
    assert "If Ash passes L1 on a re-run, it leads on score" in say.would_change(result)[0]


def test_too_close_to_call(compared):
    result = compared(Ash=[{"F1": "failed", "T1": "failed"}], Birch=[{"U2": "failed", "N1": "inconclusive"}])
    assert not result.sure
    assert say.headline(result).startswith("Too close: ")
    assert "the score does not separate them" in say.verdict(result)


def test_nobody_passed(compared):
    result = compared(Ash=[{"L1": "failed"}], Birch=[{"L1": "failed", "E1": "failed"}])
    assert say.headline(result) == "No vendor passed every knock-out"
    assert "Ash comes nearest: 1 missed" in say.verdict(result)


def test_a_rival_that_was_not_judged_keeps_the_answer_open(compared):
    result = compared(Ash=[{"T1": "failed"}], Birch=[{"L1": "inconclusive"}])
    assert say.headline(result) == "Ash leads; not settled"
    assert say.how_sure(result)[0][0] == "Knock-outs: not sure."


def test_nothing_open_means_nothing_can_change_it(compared):
    result = compared(Ash=[{}], Birch=[{"T1": "failed"}])
    assert say.would_change(result)[0].startswith("Nothing that is still open can move Ash")


def test_an_open_check_can_change_it(compared):
    result = compared(Ash=[{"T1": "failed"}], Birch=[{"T1": "inconclusive", "N2": "inconclusive"}])
    assert "If every open check of Birch is settled in its favour" in " ".join(say.would_change(result))


def test_untested_weight_is_said(compared):
    result = compared(Ash=[{}], Birch=[{"T1": "failed"}])
    assert "have no check yet" in say.would_change(result)[-1]
