"""What scoring says about a run: numbers with the reasons for them, ready to be printed."""

from __future__ import annotations

from pydantic import Field

from prm_harness.record.model import CheckPlan, Contestant, Fact, Model, Result, SetupStep
from prm_harness.record.verdicts import Verdict


class CheckScore(Model):
    """One check with its place in the score."""

    plan: CheckPlan
    result: Result
    knock_out: bool
    weight: float = Field(description="points of 100 that hang on it; 0 when not wanted")
    earned: float
    open: float = Field(description="points that could still be earned")
    attempts: int = Field(default=1, description="how often it was tried; 0 when it left no result")
    flaky: bool = Field(default=False, description="its attempts disagree; the worst one counts")


class QuestionScore(Model):
    """One question. ``score`` and ``ceiling`` are 0–100 or None when nothing is wanted ("n/a")."""

    id: str
    part: str
    title: str
    text: str
    ask_vendor: str
    weight: float = Field(description="as in the profile; 0 when no check of it is in the plan")
    score: float | None
    ceiling: float | None
    lost: float = Field(description="points of the total score lost here and not open any more")
    checks: tuple[CheckScore, ...]
    not_tested_yet: str = Field(default="", description="why no check of this question exists yet")

    @property
    def judged(self) -> bool:
        """Whether any check of it was judged; if none was, its score says nothing and prints as n/a."""
        return any(check.result.verdict.judged for check in self.checks)


class PartScore(Model):
    """One part."""

    id: str
    title: str
    weight: float
    score: float | None
    ceiling: float | None
    questions: tuple[QuestionScore, ...]

    @property
    def judged(self) -> bool:
        """Whether any check of it was judged."""
        return any(question.judged for question in self.questions)


class KnockOut(Model):
    """One knock-out (a group of checks that must all have passed)."""

    checks: tuple[str, ...]
    title: str
    verdict: Verdict = Field(description="worst of the group")
    passed: bool
    judged: bool


class Cap(Model):
    """A rule that holds the grade down, applied or not."""

    rule: str
    at_best: str
    applied: bool
    reason: str


class PackScore(Model):
    """A user's own checks, scored apart: none of it is part of the score, the grade, a ranking or a certificate."""

    name: str
    version: str
    score: float | None = Field(description="0–100 by the checks' own weights; None when nothing was wanted")
    ceiling: float | None
    checks: tuple[CheckScore, ...]


class Scorecard(Model):
    """One vendor's result."""

    run_id: str
    contestant: Contestant
    profile: str
    customised_profile: bool
    score: float | None = Field(description="0–100, unrounded; None prints as n/a")
    ceiling: float | None
    coverage: float | None = Field(description="0–1: weight judged ÷ weight wanted")
    printed_score: int | None = Field(
        description="rounded half up; the grade is computed from this. None (n/a) when nothing was judged"
    )
    printed_ceiling: int | None
    grade: str = Field(description="after caps; '–' when there is no score")
    raw_grade: str = Field(description="before caps")
    caps: tuple[Cap, ...]
    knock_outs: tuple[KnockOut, ...]
    parts: tuple[PartScore, ...]
    packs: tuple[PackScore, ...] = Field(default=(), description="the users' own checks, scored apart")
    counts: dict[str, int] = Field(description="verdict -> checks")
    facts: tuple[Fact, ...]
    setup: tuple[SetupStep, ...]
    complete: bool = Field(description="the run file had its footer and was not interrupted")
    untested_weight: float = Field(description="profile weight on questions that have no check yet")
    basis: dict[str, str] = Field(
        default_factory=dict, description="what two cards must share to be compared"
    )

    @property
    def judged(self) -> bool:
        """Whether anything was judged at all; a product of which nothing was seen has not earned an F."""
        return bool(self.coverage)

    @property
    def knock_outs_passed(self) -> bool:
        """Whether nothing stands in the way of a recommendation."""
        return all(k.passed for k in self.knock_outs)

    def questions(self) -> tuple[QuestionScore, ...]:
        """All questions in checklist order."""
        return tuple(q for p in self.parts for q in p.questions)

    def checks(self) -> tuple[CheckScore, ...]:
        """All checks in checklist order."""
        return tuple(c for q in self.questions() for c in q.checks)


class Standing(Model):
    """One vendor's place in a bake-off."""

    place: int
    card: Scorecard
    first_share: float = Field(description="share of re-weightings in which it comes first in its own group")
    place_shares: tuple[float, ...] = Field(
        default=(), description="share of re-weightings for each place in its own group, first place first"
    )


class Bakeoff(Model):
    """Vendors compared: those that passed every knock-out first, by score inside each group."""

    standings: tuple[Standing, ...]
    recommended: str | None = Field(description="product to choose, or None")
    sure: bool
    why_sure: str = Field(description="one sentence: ranges apart, or share of re-weightings")
    reweightings: int
    seed: int
