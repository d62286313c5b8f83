"""Small runs to score, and strategies for runs of any shape."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from prm_harness.record.model import (
    Checklist,
    CheckPlan,
    Contestant,
    Footer,
    Header,
    Part,
    Profile,
    Question,
    Result,
)
from prm_harness.record.run import Run
from prm_harness.record.verdicts import Verdict

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
V = Verdict


def make_run(
    questions,
    results,
    *,
    weights=None,
    knock_outs=(),
    product="Birch PRM",
    run_id=None,
    plan=None,
    complete=True,
    interrupted=False,
    not_tested_yet=None,
    not_needed=None,
    **header,
):
    """A run of ``{question: {check: weight inside the question}}`` with ``{check: Verdict or Result}``."""
    parts = tuple(
        Part(
            id=number,
            title=f"part {number}",
            questions=tuple(
                Question(id=q, title=q, text=f"{q}?", ask_vendor="why?") for q in questions if q[1] == number
            ),
        )
        for number in sorted({q[1] for q in questions})
    )
    checks = tuple(
        CheckPlan(id=check, question=question, title=f"check {check}", weight=weight)
        for question, group in questions.items()
        for check, weight in group.items()
    )
    profile = Profile(
        name="smb",
        weights=weights or {question: 100 / len(questions) for question in questions},
        knock_outs=knock_outs,
        not_needed=not_needed or {},
    )
    values = {
        "run_id": run_id or f"run of {product}",
        "seed": 7,
        "started_at": NOON,
        "versions": {},
        "contestant": Contestant(
            vendor=product.split()[0], product=product, version="1", style="mirror", connect="x"
        ),
        "checklist": Checklist(
            version="1.0", source="tests", parts=parts, checks=checks, not_tested_yet=not_tested_yet or {}
        ),
        "profile": profile,
        "org": {"template": "standard", "seed": 7},
        "plan": tuple(check.id for check in checks) if plan is None else plan,
        "plan_hash": "",
    }
    found = {
        check: verdict if isinstance(verdict, Result) else Result(check=check, verdict=verdict)
        for check, verdict in results.items()
    }
    return Run(
        header=Header(**{**values, **header}),
        results=found,
        attempts={check: (one,) for check, one in found.items()},
        footer=Footer(ended_at=NOON, counts={}, events=1, interrupted=interrupted)
        if complete or interrupted
        else None,
        complete=complete and not interrupted,
    )


def partial(check, share=None):
    return Result(check=check, verdict=V.PARTIAL, share=share)


QUESTIONS = ("Q1.1", "Q2.1", "Q2.3", "Q3.2")
weights = st.floats(0.05, 20) | st.integers(1, 10).map(float)


@st.composite
def results(draw, check, verdicts=tuple(Verdict)):
    verdict = draw(st.sampled_from(verdicts))
    share = draw(st.none() | st.floats(0, 1)) if verdict is V.PARTIAL else None
    return Result(check=check, verdict=verdict, share=share)


@st.composite
def runs(draw, *, knock_outs=True, min_checks=0):
    """Runs of up to four questions of up to four checks, any verdicts, some results missing."""
    names = draw(st.lists(st.sampled_from(QUESTIONS), unique=True, min_size=1))
    questions = {
        q: {f"{q}-{n}": draw(weights) for n in range(draw(st.integers(min_checks, 4)))} for q in sorted(names)
    }
    checks = [check for group in questions.values() for check in group]
    groups = draw(st.lists(st.sampled_from(checks), unique=True, max_size=2)) if knock_outs and checks else []
    found = {check: draw(results(check)) for check in checks if draw(st.integers(0, 9))}
    return make_run(
        questions,
        found,
        weights={q: draw(st.just(0.0) | weights) for q in questions},
        knock_outs=tuple((check,) for check in groups),
    )


def with_result(run, result):
    """The run with one result put in the place of what was there."""
    return run.model_copy(update={"results": {**run.results, result.check: result}})


def without_result(run, check):
    """The run with one check left out."""
    kept = {name: result for name, result in run.results.items() if name != check}
    return run.model_copy(update={"results": kept})
