"""What must hold for every run, whatever its shape: nobody gains by hiding, crashing or reordering."""

from hypothesis import assume, given
from hypothesis import strategies as st

from prm_harness.record.model import CheckPlan, Result
from prm_harness.record.run import credit
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring import score

from .runs import V, partial, results, runs, with_result, without_result

GRADES = "–FDCBA"
NOTHING_SHOWN = (V.ATTESTED, V.ERROR, V.INCONCLUSIVE, V.NOT_RUN)


def pick(data, run):
    checks = [check.id for check in run.header.checklist.checks]
    assume(checks)
    return data.draw(st.sampled_from(checks), "check")


def value(card):
    """What must never rise by a trick: the score, and the letter with it."""
    return -1 if card.score is None else card.score, GRADES.index(card.grade)


@given(runs(), st.randoms(use_true_random=False))
def test_order_does_not_matter(run, random):
    checklist = run.header.checklist
    checks = tuple(random.sample(checklist.checks, len(checklist.checks)))
    parts = tuple(
        part.model_copy(update={"questions": tuple(random.sample(part.questions, len(part.questions)))})
        for part in random.sample(checklist.parts, len(checklist.parts))
    )
    found = random.sample(list(run.results), len(run.results))
    header = run.header.model_copy(
        update={"checklist": checklist.model_copy(update={"checks": checks, "parts": parts})}
    )
    card, other = (
        score(run),
        score(
            run.model_copy(
                update={"header": header, "results": {check: run.results[check] for check in found}}
            )
        ),
    )
    assert (other.score, other.ceiling, other.coverage) == (card.score, card.ceiling, card.coverage)
    assert (other.grade, other.raw_grade, other.counts) == (card.grade, card.raw_grade, card.counts)
    assert {q.id: (q.score, q.ceiling, q.lost) for q in other.questions()} == {
        q.id: (q.score, q.ceiling, q.lost) for q in card.questions()
    }


@given(runs(), st.data())
def test_a_better_verdict_never_lowers_the_score(run, data):
    """Better means: earns more, and is judged where the other was. What does not apply is neither better nor worse."""
    check = pick(data, run)
    wanted = tuple(verdict for verdict in Verdict if verdict.wanted)
    one, other = data.draw(results(check, wanted)), data.draw(results(check, wanted))
    worse, better = sorted((one, other), key=credit)
    low, high = score(with_result(run, worse)), score(with_result(run, better))
    assert value(low)[0] <= value(high)[0]
    if better.verdict.judged or not worse.verdict.judged:
        assert value(low) <= value(high)
        assert GRADES.index(low.grade) <= GRADES.index(high.grade)


@given(runs(), st.data())
def test_passing_is_the_best_that_can_happen(run, data):
    check = pick(data, run)
    before = data.draw(results(check, tuple(verdict for verdict in Verdict if verdict.wanted)))
    low, high = (
        score(with_result(run, before)),
        score(with_result(run, Result(check=check, verdict=V.PASSED))),
    )
    assert value(low) <= value(high)
    assert (low.ceiling or 0) <= (high.ceiling or 0)
    assert (low.coverage or 0) <= (high.coverage or 0)
    assert GRADES.index(low.grade) <= GRADES.index(high.grade)


@given(runs(), st.data())
def test_redeclaring_a_failing_capability_unsupported_gains_nothing(run, data):
    check = pick(data, run)
    failed, declared = (
        score(with_result(run, Result(check=check, verdict=v))) for v in (V.FAILED, V.UNSUPPORTED)
    )
    assert value(declared) == value(failed)
    assert (declared.ceiling, declared.coverage) == (failed.ceiling, failed.coverage)
    assert declared.knock_outs_passed == failed.knock_outs_passed


@given(runs(), st.data())
def test_leaving_out_crashing_and_timing_out_gain_nothing(run, data):
    check = pick(data, run)
    judged = tuple(verdict for verdict in Verdict if verdict.judged)
    seen = score(with_result(run, data.draw(results(check, judged))))
    hidden = score(with_result(run, data.draw(results(check, NOTHING_SHOWN))))
    left_out = score(without_result(run, check))
    for card in (hidden, left_out):
        assert value(card)[0] <= value(seen)[0]
        assert GRADES.index(card.grade) <= GRADES.index(seen.grade)
        assert (card.coverage or 0) <= (seen.coverage or 0)
        if not seen.knock_outs_passed:
            assert not card.knock_outs_passed


@given(runs(), st.data())
def test_not_selecting_a_check_gains_nothing(run, data):
    check = pick(data, run)
    kept = tuple(one for one in run.header.plan if one != check)
    deselected = without_result(run, check).model_copy(
        update={"header": run.header.model_copy(update={"plan": kept})}
    )
    assert value(score(deselected)) <= value(score(with_result(run, Result(check=check, verdict=V.FAILED))))


@given(runs(min_checks=1), st.data())
def test_adding_what_does_not_apply_changes_nothing(run, data):
    question = data.draw(st.sampled_from([plan.question for plan in run.header.checklist.checks]))
    plan = CheckPlan(id="Z1", question=question, title="does not apply", weight=data.draw(st.floats(0.1, 9)))
    checklist = run.header.checklist
    header = run.header.model_copy(
        update={
            "checklist": checklist.model_copy(update={"checks": (*checklist.checks, plan)}),
            "plan": (*run.header.plan, "Z1"),
        }
    )
    more = with_result(
        run.model_copy(update={"header": header}), Result(check="Z1", verdict=V.NOT_APPLICABLE)
    )
    card, other = score(run), score(more)
    assert (other.score, other.ceiling, other.coverage) == (card.score, card.ceiling, card.coverage)
    assert (other.grade, other.caps, other.knock_outs) == (card.grade, card.caps, card.knock_outs)
    assert [(q.score, q.ceiling, q.lost) for q in other.questions()] == [
        (q.score, q.ceiling, q.lost) for q in card.questions()
    ]


@given(runs())
def test_every_number_is_in_its_range(run):
    card = score(run)
    assert (card.score is None) == (card.ceiling is None) == (card.coverage is None)
    assert (card.printed_score is None) == (not card.coverage)
    if card.printed_score is None:
        assert (card.grade, card.raw_grade) == ("–", "–")
    if card.score is not None and card.ceiling is not None and card.coverage is not None:
        assert 0 <= card.score <= card.ceiling <= 100
        assert 0 <= card.coverage <= 1
        assert 0 <= (card.printed_score or 0) <= (card.printed_ceiling or 0) <= 100
        assert GRADES.index(card.grade) <= GRADES.index(card.raw_grade)
    for group in (*card.parts, *card.questions()):
        assert (group.score is None) == (group.ceiling is None)
        assert group.score is None or 0 <= group.score <= (group.ceiling or 0) <= 100


@given(runs())
def test_points_add_up(run):
    card = score(run)
    checks = card.checks()
    total = sum(check.weight for check in checks)
    if card.score is None or card.ceiling is None:
        assert total == 0
        return
    assert abs(total - 100) < 1e-9
    assert abs(sum(check.earned for check in checks) - card.score) < 1e-9
    assert abs(sum(check.open for check in checks) - (card.ceiling - card.score)) < 1e-9
    assert abs(sum(question.lost for question in card.questions()) - (100 - card.ceiling)) < 1e-9
    assert sum(card.counts.values()) == len(checks) == len(run.header.checklist.checks)


@given(runs(), st.data())
def test_coverage_and_ceiling_follow_what_is_open(run, data):
    check = pick(data, run)
    open_, failed = (
        score(with_result(run, Result(check=check, verdict=verdict)))
        for verdict in (data.draw(st.sampled_from(NOTHING_SHOWN)), V.FAILED)
    )
    assert (open_.ceiling or 0) >= (failed.ceiling or 0)
    assert (open_.coverage or 0) <= (failed.coverage or 0)


@given(runs(), st.data(), st.floats(0, 1))
def test_a_partial_check_earns_its_share(run, data, share):
    check = pick(data, run)
    card = score(with_result(run, partial(check, share)))
    earned = next(one for one in card.checks() if one.plan.id == check)
    assert earned.earned == earned.weight * share
    assert earned.open == 0
