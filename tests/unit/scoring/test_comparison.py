"""Two runs held against each other: which way a check went, what that exits with, and when there is no comparison."""

import json
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm_harness.record.model import Diff, Evidence, Metric, Result
from prm_harness.record.run import worst_attempt
from prm_harness.scoring import NotComparableError, score
from prm_harness.scoring.comparison import (
    Move,
    as_json,
    compare,
    comparison_outcome,
    junit,
    markdown,
    text,
)
from prm_harness.scoring.comparison.compare import move

from .runs import V, make_run, partial, results, runs

QUESTIONS = {"Q1.1": {"A": 1, "B": 1}, "Q2.1": {"C": 1}}
PASSED = dict.fromkeys("ABC", V.PASSED)


def run(**verdicts):
    return make_run(QUESTIONS, {**PASSED, **verdicts})


def moved(comparison):
    return {change.check: change.move for change in comparison.checks}


def with_attempts(made, check, *attempts):
    numbered = tuple(one.model_copy(update={"attempt": n}) for n, one in enumerate(attempts, 1))
    return made.model_copy(
        update={
            "results": {**made.results, check: worst_attempt(numbered)},
            "attempts": {**made.attempts, check: numbered},
        }
    )


def with_header(made, **values):
    return made.model_copy(update={"header": made.header.model_copy(update=values)})


def saw(check, verdict=V.PASSED, **evidence):
    return Result(check=check, verdict=verdict, evidence=Evidence(**evidence))


# -- which way ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (V.PASSED, V.PASSED, Move.SAME),
        (V.PASSED, V.FAILED, Move.WORSE),
        (V.PASSED, V.ERROR, Move.WORSE),
        (V.PASSED, V.PARTIAL, Move.WORSE),
        (V.PASSED, V.UNSUPPORTED, Move.WORSE),
        (V.INCONCLUSIVE, V.FAILED, Move.WORSE),
        (V.UNSUPPORTED, V.FAILED, Move.WORSE),
        (V.NOT_APPLICABLE, V.FAILED, Move.WORSE),
        (V.NOT_APPLICABLE, V.PARTIAL, Move.WORSE),
        (V.PASSED, V.INCONCLUSIVE, Move.UNJUDGED),
        (V.PASSED, V.NOT_APPLICABLE, Move.UNJUDGED),
        (V.FAILED, V.NOT_RUN, Move.UNJUDGED),
        (V.NOT_APPLICABLE, V.NOT_RUN, Move.UNJUDGED),
        (V.FAILED, V.PASSED, Move.BETTER),
        (V.FAILED, V.PARTIAL, Move.BETTER),
        (V.ERROR, V.PASSED, Move.BETTER),
        (V.ATTESTED, V.PASSED, Move.BETTER),
        (V.FAILED, V.UNSUPPORTED, Move.CHANGED),
        (V.FAILED, V.ERROR, Move.CHANGED),
        (V.NOT_APPLICABLE, V.PASSED, Move.CHANGED),
        (V.NOT_RUN, V.INCONCLUSIVE, Move.CHANGED),
    ],
)
def test_which_way_a_check_went(before, after, expected):
    assert move(Result(check="A", verdict=before), Result(check="A", verdict=after)) is expected


def test_a_lost_share_is_worse():
    assert move(partial("A", 0.75), partial("A", 0.7)) is Move.WORSE
    assert move(partial("A", 0.7), partial("A", 0.75)) is Move.BETTER
    assert move(partial("A"), partial("A", 0.5)) is Move.SAME


@given(runs(knock_outs=False, min_checks=1), st.data())
def test_the_score_falls_only_where_something_is_worse_or_no_longer_judged(before, data):
    found = {check.id: data.draw(results(check.id)) for check in before.header.checklist.checks}
    after = before.model_copy(update={"results": found})
    moves = set(moved(compare(before, after)).values())
    one, other = score(before).score, score(after).score
    if not moves & {Move.WORSE, Move.UNJUDGED} and one is not None and other is not None:
        assert other >= one - 1e-6
    back = moved(compare(after, before))
    assert not {c for c, way in moved(compare(before, after)).items() if way is Move.BETTER is back[c]}


@given(runs())
def test_a_run_against_itself_is_unchanged(made):
    comparison = compare(made, made, fail_on="any")
    assert set(moved(comparison).values()) <= {Move.SAME}
    assert comparison_outcome(comparison)[0] == 0


def test_new_and_removed_checks_are_told_apart():
    more = make_run({"Q1.1": {"A": 1, "D": 1}, "Q2.1": {"C": 1}}, {**PASSED, "D": V.PASSED})
    comparison = compare(run(), more)
    assert moved(comparison) == {"A": Move.SAME, "D": Move.NEW, "C": Move.SAME, "B": Move.REMOVED}


# -- the end --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "code", "said"),
    [
        ({}, {}, 0, "nothing is worse"),
        ({"A": V.FAILED}, {"A": V.FAILED}, 0, "nothing is worse"),
        ({"A": V.FAILED}, {}, 0, "1 better"),
        ({}, {"A": V.FAILED}, 4, "A passed → failed"),
        ({}, {"A": V.FAILED, "B": V.INCONCLUSIVE}, 4, "A passed → failed"),
        ({}, {"B": V.INCONCLUSIVE}, 3, "no longer judged: B passed → could not be judged"),
    ],
)
def test_the_exit_code_and_why(before, after, code, said):
    found, line = comparison_outcome(compare(run(**before), run(**after)))
    assert found == code
    assert line.startswith(f"exit {code}: ")
    assert said in line


def test_a_new_check_that_fails_is_a_failure_and_no_regression():
    more = make_run(
        {**QUESTIONS, "Q2.3": {"D": 1}}, {**PASSED, "D": V.FAILED}, weights={"Q1.1": 50, "Q2.1": 50}
    )
    before = make_run(QUESTIONS, PASSED, weights={"Q1.1": 50, "Q2.1": 50})
    code, line = comparison_outcome(compare(before, more))
    assert (code, "D failed" in line) == (1, True)
    assert ET.fromstring(junit(compare(before, more))).get("failures") == "1"


@pytest.mark.parametrize("which", [0, 1])
def test_an_incomplete_run_is_never_a_clean_comparison(which):
    pair = [run(), run()]
    pair[which] = pair[which].model_copy(update={"complete": False})
    code, line = comparison_outcome(compare(*pair))
    assert code == 3
    assert ("the baseline" if which == 0 else "the run") in line


def test_any_counts_every_difference():
    better = compare(run(A=V.FAILED), run(), fail_on="any")
    assert comparison_outcome(better)[0] == 4
    assert "better: A failed → passed" in comparison_outcome(better)[1]
    contestant = run().header.contestant
    declared = with_header(
        run(), contestant=contestant.model_copy(update={"capabilities": {"errors": "full"}})
    )
    assert comparison_outcome(compare(run(), declared))[0] == 0
    code, line = comparison_outcome(compare(run(), declared, fail_on="any"))
    assert code == 4
    assert "capability declared otherwise: errors" in line


def test_a_revised_check_is_marked_and_counts_all_the_same():
    checks = run().header.checklist.checks
    revised = (checks[0].model_copy(update={"revision": 2}), *checks[1:])
    after = run(A=V.FAILED)
    after = with_header(after, checklist=after.header.checklist.model_copy(update={"checks": revised}))
    comparison = compare(run(), after)
    assert comparison.checks[0].marks == ("check revised 1 → 2",)
    assert comparison_outcome(comparison)[0] == 4


def test_a_lost_knock_out_is_named_and_comes_first():
    before, after = (
        make_run(QUESTIONS, {**PASSED, **more}, knock_outs=(("C",),))
        for more in ({}, {"A": V.FAILED, "C": V.FAILED})
    )
    comparison = compare(before, after)
    assert comparison.knock_outs_lost == ("C",)
    assert [change.check for change in comparison.regressions] == ["C", "A"]


# -- evidence -------------------------------------------------------------------------------------------------------


def test_evidence_of_another_kind_is_told_though_the_verdict_stays():
    diffs = [Diff(field=f"Deal 0a1b2c3d-{n} Name", expected="x", observed="x", ok=True) for n in (1, 2)]
    before = with_attempts(
        run(), "A", saw("A", diffs=diffs, effects={"written": True, "read": True}, grade="A")
    )
    renamed = [d.model_copy(update={"field": d.field.replace("0a1b2c3d", "ffffffff")}) for d in diffs[:1]]
    same = with_attempts(
        run(), "A", saw("A", diffs=renamed, effects={"written": True, "read": True}, grade="A")
    )
    assert compare(before, same).checks[0].shape is None, "another record is no other kind"
    other = with_attempts(run(), "A", saw("A", effects={"written": True, "read": False}))
    shape = compare(before, other).checks[0].shape
    assert shape is not None
    assert shape.words == ("no longer seen: read", "no longer compared: Deal … Name", "evidence grade A → B")
    assert comparison_outcome(compare(before, other))[0] == 0
    assert comparison_outcome(compare(before, other, fail_on="any"))[0] == 4


def test_what_was_not_judged_has_no_shape():
    before = with_attempts(run(), "A", saw("A", effects={"written": True}))
    assert compare(before, run(A=V.INCONCLUSIVE)).checks[0].shape is None


def measured(*values, limit=None, ok=None):
    return [saw("A", metrics=[Metric(name="delay", value=v, unit="s", limit=limit, ok=ok)]) for v in values]


@pytest.mark.parametrize(
    ("before", "after", "limit", "ok", "spread", "towards"),
    [
        ((10,), (90,), 100, True, None, None),
        ((10, 11), (90,), 100, True, None, None),
        ((10, 14), (13, 20), 100, True, "within", None),
        ((10, 14), (15, 20), 100, True, "beyond", "worse"),
        ((15, 20), (10, 14), 100, True, "beyond", "better"),
        ((15, 20), (10, 14), 5, True, "beyond", "worse"),
        ((10, 14), (15, 20), 5, False, "beyond", "worse"),
        ((10, 14), (15, 20), None, None, "beyond", None),
    ],
)
def test_a_measurement_is_judged_by_its_repeats_only(before, after, limit, ok, spread, towards):
    pair = (with_attempts(run(), "A", *measured(*values, limit=limit, ok=ok)) for values in (before, after))
    (found,) = compare(*pair).metrics
    assert (found.before, found.after) == (tuple(map(float, before)), tuple(map(float, after)))
    assert (found.spread, found.towards) == (spread, towards)


def test_the_same_measurement_is_not_told_and_what_is_no_number_neither():
    one = with_attempts(run(), "A", *measured(10))
    assert compare(one, one).metrics == ()
    assert compare(one, with_attempts(run(), "A", *measured(float("nan")))).metrics == ()


def test_repeats_that_disagree_are_flaky_and_the_worst_counts():
    tries = [Result(check="A", verdict=verdict) for verdict in (V.PASSED, V.FAILED, V.PASSED)]
    comparison = compare(run(), with_attempts(run(), "A", *tries))
    assert [change.check for change in comparison.flaky] == ["A"]
    assert comparison.checks[0].marks == ("flaky",)
    assert comparison_outcome(comparison)[0] == 4


# -- when there is no comparison ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda h: {"seed": 8}, "seed: 7 → 8"),
        (lambda h: {"org": {"template": "standard", "seed": 9}}, "org: standard, seed 7 → standard, seed 9"),
        (
            lambda h: {"checklist": h.checklist.model_copy(update={"version": "1.1"})},
            "catalogue: 1.0 → 1.1",
        ),
        (
            lambda h: {"profile": h.profile.model_copy(update={"weights": {"Q1.1": 60.0, "Q2.1": 40.0}})},
            "profile smb: weights (Q1.1: 50.0 → 60.0 and 1 more)",
        ),
        (
            lambda h: {"profile": h.profile.model_copy(update={"knock_outs": (("A",),)})},
            "profile smb: knock-outs",
        ),
        (lambda h: {"profile": h.profile.model_copy(update={"name": "enterprise"})}, "profile: smb "),
    ],
)
def test_what_was_not_asked_the_same_is_refused_with_the_reason(change, said):
    other = with_header(run(), **change(run().header))
    with pytest.raises(NotComparableError) as refused:
        compare(run(), other)
    assert said in str(refused.value)


def test_another_harness_release_or_buyer_is_shown_and_not_refused():
    profile = run().header.profile.model_copy(update={"buyer": "Somebody"})
    other = with_header(run(), versions={"harness": "0.2"}, profile=profile)
    rows = {row.name: row for row in compare(run(), other).basis}
    assert not rows["harness"].same
    assert rows["profile"].same
    assert "NOT harness (? → 0.2)" in text(compare(run(), other))


# -- renderings -----------------------------------------------------------------------------------------------------

HOSTILE = "a|b\n<b> \x1b[31m\u202e\ud800 `c` \x00"


def test_recorded_words_steer_no_terminal_and_break_no_table():
    after = run(A=Result(check="A", verdict=V.FAILED, finding=HOSTILE))
    comparison = compare(run(), after)
    for shown in (text(comparison), markdown(comparison), as_json(comparison), junit(comparison).decode()):
        shown.encode()
        assert not set(shown) & {"\x1b", "\u202e", "\x00"}
    row = next(line for line in markdown(comparison).splitlines() if "**A**" in line)
    assert row.replace("\\|", "").count("|") == 7
    assert "<b>" not in row


def test_json_and_junit_say_the_same_as_the_line():
    comparison = compare(run(), run(A=V.FAILED, B=V.INCONCLUSIVE))
    content = json.loads(as_json(comparison))
    assert content["format"] == "prm-harness-change/1"
    assert content["exit"] == {"code": 4, "why": "worse than the baseline: A passed → failed"}
    assert content["counters"]["worse"] == content["counters"]["no longer judged"] == 1
    suites = ET.fromstring(junit(comparison))
    assert [suites.get(name) for name in ("tests", "failures", "skipped")] == ["3", "1", "1"]
    failed = next(case for case in suites.iter("testcase") if case.find("failure") is not None)
    assert failed.get("name") == "A check A"
