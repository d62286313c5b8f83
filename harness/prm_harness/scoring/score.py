"""A run and a profile make a scorecard (scoring.md). A pure function: the same run always scores the same.

Sums are taken with ``math.fsum``, whose result does not depend on the order of what is added.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from prm_harness.record.digests import canonical_json, checklist_hash, profile_hash, sha256
from prm_harness.record.model import CheckPlan, Header, Pack, Part, Profile, Question, Result
from prm_harness.record.run import Run, credit
from prm_harness.record.verdicts import Verdict

from .grade import cap_grade, caps, half_up, letter
from .knock_outs import judge_knock_outs
from .model import CheckScore, PackScore, PartScore, QuestionScore, Scorecard


def score(run: Run, profile: Profile | None = None) -> Scorecard:
    """Score a run.

    Args:
        run: what was seen.
        profile: the buyer's weights and must-haves; the run's own when left out. Limits were applied while the run
            was made: a profile given here cannot change a verdict, except that what it does not need drops out.

    Raises:
        ValueError: a check belongs to no question of the checklist.
    """
    profile = profile or run.header.profile
    checks = _weighed(run, profile)
    parts = tuple(_part(part, run, profile, checks) for part in run.header.checklist.parts)
    in_order = [check for part in parts for question in part.questions for check in question.checks]
    total, ceiling, coverage = _ratios(in_order)
    knock_outs = judge_knock_outs(profile.knock_outs, {check.plan.id: check for check in in_order})
    applied = caps(knock_outs, coverage)
    printed = half_up(total) if total is not None and coverage else None
    return Scorecard(
        run_id=run.header.run_id,
        contestant=run.header.contestant,
        profile=profile.name,
        customised_profile=profile.customised,
        score=total,
        ceiling=ceiling,
        coverage=coverage,
        printed_score=printed,
        printed_ceiling=None if ceiling is None else half_up(ceiling),
        grade=cap_grade(letter(printed), applied),
        raw_grade=letter(printed),
        caps=applied,
        knock_outs=knock_outs,
        parts=parts,
        packs=tuple(_pack(pack, run, profile) for pack in run.header.packs),
        counts=_counts(in_order),
        facts=run.facts,
        setup=run.setup,
        complete=run.complete,
        untested_weight=_untested(run.header, profile),
        basis=_basis(run.header, profile),
    )


def _weighed(run: Run, profile: Profile) -> dict[str, list[CheckScore]]:
    """Every check of the checklist by question, with the points of the total that hang on it."""
    plans: dict[str, list[CheckPlan]] = {
        question.id: [] for part in run.header.checklist.parts for question in part.questions
    }
    for plan in run.header.checklist.checks:
        if plan.question not in plans:
            raise ValueError(
                f"check {plan.id} belongs to question {plan.question}, which the checklist does not have"
            )
        plans[plan.question].append(plan)
    results = {plan.id: _result(plan, run, profile) for plan in run.header.checklist.checks}
    shares = {
        plan.id: share * profile.weights.get(question, 0.0)
        for question, group in plans.items()
        for plan, share in zip(group, _shares(group, results), strict=True)
    }
    whole = math.fsum(shares.values())
    flaky = run.flaky
    knock_outs = {check for group in profile.knock_outs for check in group}
    return {
        question: [
            CheckScore(
                plan=plan,
                result=(result := results[plan.id]),
                knock_out=plan.id in knock_outs,
                weight=(weight := 100 * (shares[plan.id] / whole) if whole else 0.0),
                earned=weight * credit(result),
                open=weight if result.verdict.open else 0.0,
                attempts=len(run.attempts.get(plan.id, ())),
                flaky=plan.id in flaky,
            )
            for plan in group
        ]
        for question, group in plans.items()
    }


def _pack(pack: Pack, run: Run, profile: Profile) -> PackScore:
    """Own checks, among themselves: points of 100 by their own weights."""
    results = {plan.id: _result(plan, run, profile) for plan in pack.checks}
    shares = dict(zip([p.id for p in pack.checks], _shares(pack.checks, results), strict=True))
    checks = tuple(
        CheckScore(
            plan=plan,
            result=(result := results[plan.id]),
            knock_out=False,
            weight=(weight := 100 * shares[plan.id]),
            earned=weight * credit(result),
            open=weight if result.verdict.open else 0.0,
            attempts=len(run.attempts.get(plan.id, ())),
            flaky=plan.id in run.flaky,
        )
        for plan in pack.checks
    )
    total, ceiling, _ = _ratios(checks)
    return PackScore(name=pack.name, version=pack.version, score=total, ceiling=ceiling, checks=checks)


def _shares(group: Sequence[CheckPlan], results: dict[str, Result]) -> list[float]:
    """What part of their question each check holds: what does not apply leaves its part to the others."""
    weights = [plan.weight if results[plan.id].verdict.wanted else 0.0 for plan in group]
    whole = math.fsum(weights)
    return [weight / whole if whole else 0.0 for weight in weights]


def _result(plan: CheckPlan, run: Run, profile: Profile) -> Result:
    if plan.id in profile.not_needed:
        reason = f"the buyer does not need it: {profile.not_needed[plan.id]}"
        return Result(check=plan.id, verdict=Verdict.NOT_APPLICABLE, reason=reason)
    if plan.id in run.results:
        return run.results[plan.id]
    if plan.id not in run.header.plan:
        reason = "it was not selected for this run"
    else:
        reason = "it left no result" if run.complete else "the run ended before it was judged"
    return Result(check=plan.id, verdict=Verdict.NOT_RUN, reason=reason)


def _part(part: Part, run: Run, profile: Profile, checks: dict[str, list[CheckScore]]) -> PartScore:
    questions = tuple(
        _question(part, question, run, profile, checks[question.id]) for question in part.questions
    )
    total, ceiling, _ = _ratios(check for question in questions for check in question.checks)
    return PartScore(
        id=part.id,
        title=part.title,
        weight=math.fsum(question.weight for question in questions),
        score=total,
        ceiling=ceiling,
        questions=questions,
    )


def _question(
    part: Part, question: Question, run: Run, profile: Profile, checks: Sequence[CheckScore]
) -> QuestionScore:
    # Inside a question only the checks' own weights matter, so that one that the buyer weighs 0 still shows its score.
    wanted = [check for check in checks if check.result.verdict.wanted]
    total, ceiling = (
        _percent(
            math.fsum(
                check.plan.weight * (credit(check.result) + extra * check.result.verdict.open)
                for check in wanted
            ),
            math.fsum(check.plan.weight for check in wanted),
        )
        for extra in (0, 1)
    )
    not_tested = run.header.checklist.not_tested_yet.get(question.id, "no check of it exists yet")
    return QuestionScore(
        id=question.id,
        part=part.id,
        title=question.title,
        text=question.text,
        ask_vendor=question.ask_vendor,
        weight=profile.weights.get(question.id, 0.0) if checks else 0.0,
        score=total,
        ceiling=ceiling,
        lost=math.fsum(check.weight - check.earned - check.open for check in checks),
        checks=tuple(checks),
        not_tested_yet="" if checks else not_tested,
    )


def _ratios(checks: Iterable[CheckScore]) -> tuple[float | None, float | None, float | None]:
    """Score and ceiling (0–100) and coverage (0–1); None where no weight is wanted."""
    checks = list(checks)
    whole = math.fsum(check.weight for check in checks)
    earned = math.fsum(check.earned for check in checks)
    reachable = math.fsum(check.earned + check.open for check in checks)
    judged = math.fsum(check.weight for check in checks if check.result.verdict.judged)
    return _percent(earned, whole), _percent(reachable, whole), judged / whole if whole else None


def _percent(part: float, whole: float) -> float | None:
    return 100 * (part / whole) if whole else None


def _counts(checks: Iterable[CheckScore]) -> dict[str, int]:
    found = Counter(check.result.verdict for check in checks)
    return {verdict.value: found[verdict] for verdict in Verdict if found[verdict]}


def _untested(header: Header, profile: Profile) -> float:
    tested = {plan.question for plan in header.checklist.checks}
    return math.fsum(weight for question, weight in profile.weights.items() if question not in tested)


def _basis(header: Header, profile: Profile) -> dict[str, str]:
    """What has to be the same before two scorecards are compared, in words that a refusal can print."""
    limits = {"thresholds": header.profile.thresholds, "data": header.profile.data}
    return {
        "catalogue version": header.checklist.version,
        "checklist": checklist_hash(header.checklist)[:12],
        "org template": str(header.org.get("template", "")),
        "org seed": str(header.org.get("seed", "")),
        "seed of the records": str(header.seed),
        "limits and amounts of data": sha256(canonical_json(limits))[:12],
        "profile": f"{profile.name} {profile_hash(profile)[:8]}",
    }
