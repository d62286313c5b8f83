"""Scores worked out by hand, the letters and what holds them down."""

import pytest

from prm_harness.record.model import Result
from prm_harness.scoring import load_profile, score
from prm_harness.scoring.grade import half_up, letter

from .runs import V, make_run, partial

TWO = {"Q1.1": {"A": 1, "B": 3}, "Q2.3": {"C": 1}}
WEIGHTS = {"Q1.1": 40.0, "Q2.3": 60.0}
TEN = tuple(f"C{n}" for n in range(10))


def test_weights_sit_on_questions_and_checks_share_them():
    card = score(make_run(TWO, {"A": V.PASSED, "B": V.FAILED, "C": partial("C", 0.5)}, weights=WEIGHTS))
    assert [(check.plan.id, check.weight, check.earned) for check in card.checks()] == [
        ("A", 10, 10),
        ("B", 30, 0),
        ("C", 60, 30),
    ]
    assert (card.score, card.ceiling, card.coverage, card.printed_score) == (40, 40, 1, 40)
    assert [(question.score, question.lost) for question in card.questions()] == [(25, 30), (50, 30)]
    assert [(part.id, part.weight, part.score) for part in card.parts] == [("1", 40, 25), ("2", 60, 50)]


def test_partial_without_a_measured_share_earns_half():
    assert score(make_run({"Q1.1": {"A": 1}}, {"A": partial("A")})).score == 50


def test_many_easy_checks_do_not_drown_a_hard_one():
    many = {"Q1.1": {f"E{n}": 1 for n in range(50)}, "Q2.3": {"C": 1}}
    passed = {f"E{n}": V.PASSED for n in range(50)}
    assert score(make_run(many, {**passed, "C": V.FAILED}, weights=WEIGHTS)).score == pytest.approx(40)


@pytest.mark.parametrize("verdict", [V.ATTESTED, V.ERROR, V.INCONCLUSIVE, V.NOT_RUN])
def test_open_checks_raise_the_ceiling_and_lower_the_coverage(verdict):
    card = score(make_run(TWO, {"A": V.PASSED, "B": V.PASSED, "C": verdict}, weights=WEIGHTS))
    assert (card.score, card.ceiling, card.coverage) == (40, 100, pytest.approx(0.4))
    assert card.checks()[2].open == 60
    assert card.questions()[1].lost == 0


def test_what_does_not_apply_leaves_its_weight_to_the_others():
    card = score(make_run(TWO, {"A": V.PASSED, "B": V.NOT_APPLICABLE, "C": V.FAILED}, weights=WEIGHTS))
    assert [check.weight for check in card.checks()] == [40, 0, 60]
    assert card.score == 40
    nothing = score(make_run(TWO, {"A": V.PASSED, "B": V.PASSED, "C": V.NOT_APPLICABLE}, weights=WEIGHTS))
    assert nothing.score == 100
    assert nothing.questions()[1].score is None
    assert nothing.parts[1].score is None


def test_what_the_buyer_does_not_need_drops_out_with_the_reason():
    run = make_run(TWO, {"A": V.PASSED, "B": V.FAILED, "C": V.PASSED}, not_needed={"B": "one currency"})
    card = score(run)
    assert card.score == 100
    assert card.checks()[1].result.verdict is V.NOT_APPLICABLE
    assert card.checks()[1].result.reason == "the buyer does not need it: one currency"
    assert card.counts == {"passed": 2, "not_applicable": 1}


def test_another_profile_can_be_laid_over_a_run():
    run = make_run(TWO, {"A": V.PASSED, "B": V.PASSED, "C": V.FAILED}, weights=WEIGHTS)
    other = run.header.profile.model_copy(update={"weights": {"Q1.1": 90.0, "Q2.3": 10.0}, "name": "mine"})
    assert score(run, other).score == pytest.approx(90)
    assert score(run, other).profile == "mine"
    assert score(run).score == pytest.approx(40)


@pytest.mark.parametrize(
    ("plan", "complete", "reason"),
    [((), True, "it was not selected for this run"), (("A",), False, "the run ended before it was judged"), (("A",), True, "it left no result")],
)  # fmt: skip
def test_a_check_without_a_result_was_not_run_and_says_why(plan, complete, reason):
    card = score(make_run({"Q1.1": {"A": 1}}, {}, plan=plan, complete=complete))
    assert card.checks()[0].result == Result(check="A", verdict=V.NOT_RUN, reason=reason)
    assert card.checks()[0].attempts == 0
    assert (card.score, card.ceiling, card.coverage, card.complete) == (0, 100, 0, complete)


def test_a_product_of_which_nothing_was_seen_has_no_grade():
    card = score(make_run({"Q1.1": {"A": 1}}, {"A": V.INCONCLUSIVE}))
    assert (card.printed_score, card.printed_ceiling, card.grade, card.raw_grade) == (None, 100, "–", "–")
    assert not card.judged
    assert not card.questions()[0].judged
    seen = score(make_run({"Q1.1": {"A": 1}}, {"A": V.FAILED}))
    assert (seen.printed_score, seen.grade, seen.judged) == (0, "F", True)


def test_questions_without_checks_are_not_wanted_but_told():
    questions = {"Q1.1": {"A": 1}, "Q1.2": {}, "Q2.3": {}}
    weights = {"Q1.1": 60.0, "Q1.2": 20.0, "Q2.3": 15.0, "Q3.3": 5.0}
    card = score(
        make_run(questions, {"A": V.PASSED}, weights=weights, not_tested_yet={"Q1.2": "needs a person"})
    )
    assert (card.score, card.coverage, card.untested_weight) == (100, 1, 40)
    assert [(q.weight, q.score, q.not_tested_yet) for q in card.questions()] == [
        (60, 100, ""),
        (0, None, "needs a person"),
        (0, None, "no check of it exists yet"),
    ]


@pytest.mark.parametrize("questions", [{"Q1.1": {}}, {"Q1.1": {"A": 1}}])
def test_nothing_wanted_prints_as_not_available(questions):
    card = score(make_run(questions, dict.fromkeys(questions["Q1.1"], V.NOT_APPLICABLE)))
    assert (card.score, card.ceiling, card.coverage, card.printed_score, card.printed_ceiling) == (None,) * 5
    assert (card.grade, card.raw_grade) == ("–", "–")


def test_a_question_that_the_buyer_weighs_nothing_still_shows_its_score():
    card = score(
        make_run(TWO, {"A": V.PASSED, "B": V.FAILED, "C": V.PASSED}, weights={"Q1.1": 0.0, "Q2.3": 100.0})
    )
    assert card.score == 100
    assert card.questions()[0].score == 25
    assert card.parts[0].score is None


def test_a_check_of_no_question_is_an_error():
    run = make_run(TWO, {})
    stray = run.header.checklist.model_copy(update={"parts": run.header.checklist.parts[:1]})
    with pytest.raises(ValueError, match=r"check C belongs to question Q2\.3"):
        score(run.model_copy(update={"header": run.header.model_copy(update={"checklist": stray})}))


def test_flaky_is_a_flag_and_the_verdict_the_worst():
    run = make_run({"Q1.1": {"A": 1}}, {"A": V.FAILED})
    attempts = (Result(check="A", verdict=V.PASSED), Result(check="A", verdict=V.FAILED, attempt=2))
    check = score(run.model_copy(update={"attempts": {"A": attempts}})).checks()[0]
    assert (check.flaky, check.attempts, check.earned) == (True, 2, 0)


@pytest.mark.parametrize(
    ("number", "printed"),
    [(0.49, 0), (0.5, 1), (64.49, 64), (64.5, 65), (64.5 - 1e-12, 65), (79.4999, 79), (100, 100)],
)
def test_half_is_rounded_up(number, printed):
    assert half_up(number) == printed


@pytest.mark.parametrize(
    ("printed", "grade"),
    [(100, "A"), (90, "A"), (89, "B"), (80, "B"), (79, "C"), (65, "C"), (64, "D"), (50, "D"), (49, "F"), (0, "F"), (None, "–")],
)  # fmt: skip
def test_letters(printed, grade):
    assert letter(printed) == grade


def test_the_letter_follows_the_printed_score():
    card = score(make_run({"Q1.1": {"A": 1}}, {"A": partial("A", 0.6451)}))
    assert (card.printed_score, card.grade) == (65, "C")


class TestCaps:
    def card(self, changes=None, **values):
        return score(
            make_run(
                {"Q1.1": dict.fromkeys(TEN, 1)}, {**dict.fromkeys(TEN, V.PASSED), **(changes or {})}, **values
            )
        )

    def test_none_applied_is_said(self):
        card = self.card(knock_outs=(("C1",), ("C2", "C3")))
        assert (card.grade, card.raw_grade) == ("A", "A")
        assert [(cap.at_best, cap.applied, cap.reason) for cap in card.caps] == [
            ("D", False, "all 2 knock-outs passed"),
            ("C", False, "100.0 % of the weight was judged"),
        ]

    @pytest.mark.parametrize(
        "verdict", [V.FAILED, V.PARTIAL, V.UNSUPPORTED, V.ATTESTED, V.ERROR, V.INCONCLUSIVE, V.NOT_RUN]
    )
    def test_a_knock_out_that_did_not_pass(self, verdict):
        card = self.card({"C1": verdict}, knock_outs=(("C1", "C2"),))
        assert (card.raw_grade, card.grade) == ("A", "D")
        assert card.caps[0].applied
        assert card.caps[0].reason == f"C1 + C2: {verdict.words}"
        group = card.knock_outs[0]
        assert (group.verdict, group.passed, group.judged) == (verdict, False, verdict.judged)
        assert [check.knock_out for check in card.checks()[:4]] == [False, True, True, False]

    def test_the_worst_of_a_group_speaks_for_it(self):
        card = self.card({"C1": V.PARTIAL, "C2": V.FAILED, "C3": V.ERROR}, knock_outs=(("C1", "C2", "C3"),))
        assert card.knock_outs[0].verdict is V.FAILED
        assert card.knock_outs[0].judged

    def test_a_knock_out_that_the_catalogue_lacks_is_not_judged(self):
        card = self.card(knock_outs=(("C1", "V5"),))
        assert card.grade == "D"
        assert card.knock_outs[0].verdict is V.NOT_RUN
        assert not card.knock_outs[0].judged
        assert card.knock_outs[0].title == "check C1; V5 (not tested yet)"

    def test_a_knock_out_that_does_not_apply_stands_in_nobodys_way(self):
        card = self.card({"C1": V.NOT_APPLICABLE}, knock_outs=(("C1",), ("C1", "C2")))
        assert card.knock_outs_passed
        assert card.grade == "A"
        assert [group.verdict for group in card.knock_outs] == [V.NOT_APPLICABLE, V.PASSED]

    def test_exactly_eighty_percent_judged_is_enough(self):
        assert not self.card({"C0": V.NOT_RUN, "C1": V.ERROR}).caps[1].applied
        # 70 %, and a score of 70 is a C already; the cap is told all the same.
        three = self.card({"C0": V.NOT_RUN, "C1": V.ERROR, "C2": V.ATTESTED})
        assert three.caps[1].applied
        assert three.caps[1].reason == "70.0 % of the weight was judged"

    def test_a_cap_never_lifts_a_letter(self):
        card = self.card({f"C{n}": V.FAILED for n in range(9)}, knock_outs=(("C1",),))
        assert (card.raw_grade, card.grade, card.caps[0].applied) == ("F", "F", True)

    def test_both_caps_and_no_knock_outs(self):
        assert self.card().caps[0].reason == "the profile has no knock-outs"
        assert self.card(knock_outs=(("C1",),)).caps[0].reason == "the knock-out passed"


def test_the_shipped_profiles_score_a_run_of_all_questions():
    for name in ("smb", "mid-market", "enterprise"):
        profile = load_profile(name)
        run = make_run(
            {q: {f"{q}-1": 1} for q in profile.weights}, {f"{q}-1": V.PASSED for q in profile.weights}
        )
        card = score(run, profile)
        assert card.score == 100
        assert card.raw_grade == "A"
        assert [(q.id, q.weight) for q in card.questions()] == list(profile.weights.items())
