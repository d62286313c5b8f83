"""What a comparison says, ready to be printed; change.json is this model written down."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from prm_harness.record.model import Model
from prm_harness.record.verdicts import Verdict

FailOn = Literal["regression", "any"]


class Move(StrEnum):
    """Which way a check went. The order is the order in which a reader must hear of them."""

    WORSE = "worse"
    UNJUDGED = "unjudged"
    NEW = "new"
    REMOVED = "removed"
    CHANGED = "changed"
    BETTER = "better"
    SAME = "same"

    @property
    def words(self) -> str:
        """How reports print it."""
        return _WORDS[self]


_WORDS = {
    Move.WORSE: "worse",
    Move.UNJUDGED: "no longer judged",
    Move.NEW: "new",
    Move.REMOVED: "removed",
    Move.CHANGED: "otherwise changed",
    Move.BETTER: "better",
    Move.SAME: "unchanged",
}


class Expected(Model):
    """One entry of the expected-failures file: somebody answers for this failure, for this reason, until this day."""

    check: str = Field(min_length=1)
    verdict: Verdict | None = Field(description="how it ends; None: now so, now so, it is in quarantine")
    reason: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    expires: date = Field(description="the last day on which the entry holds")

    @property
    def word(self) -> str:
        """What reports call it."""
        return "expected" if self.verdict else "quarantined"


class End(Model):
    """One of the two runs."""

    run_id: str
    product: str
    release: str
    started_at: datetime
    digest: str = Field(description="sha256 of the run file")
    complete: bool
    grade: str
    raw_grade: str = Field(description="before caps")
    score: float | None
    printed_score: int | None
    printed_ceiling: int | None
    coverage: float | None
    sample: bool = Field(description="a reference product, no product of a vendor's")


class Basis(Model):
    """One thing that both runs should share."""

    name: str
    before: str
    after: str
    needed: bool = Field(description="without it there is no comparison")

    @property
    def same(self) -> bool:
        """Whether they share it."""
        return self.before == self.after


class Side(Model):
    """A check as one of the runs left it."""

    verdict: Verdict
    share: float | None
    finding: str
    reason: str
    earned: float = Field(description="points of 100")
    weight: float = Field(description="points of 100 that hang on it")
    repeats: int
    flaky: bool = Field(description="its repeats disagree; the worst one counts")
    revision: int


class Shape(Model):
    """Evidence of another kind than before: another thing was looked at, whatever the verdict says."""

    effects_lost: tuple[str, ...] = ()
    effects_gained: tuple[str, ...] = ()
    compared_lost: tuple[str, ...] = ()
    compared_gained: tuple[str, ...] = ()
    measured_lost: tuple[str, ...] = ()
    measured_gained: tuple[str, ...] = ()
    grade: tuple[str, str] | None = Field(
        default=None, description="evidence grade before and now, where it changed"
    )

    @property
    def words(self) -> tuple[str, ...]:
        """One phrase for each difference."""
        told = (
            ("no longer seen", self.effects_lost),
            ("newly seen", self.effects_gained),
            ("no longer compared", self.compared_lost),
            ("newly compared", self.compared_gained),
            ("no longer measured", self.measured_lost),
            ("newly measured", self.measured_gained),
        )
        phrases = [f"{words}: {_some(names)}" for words, names in told if names]
        grades = [f"evidence grade {self.grade[0]} → {self.grade[1]}"] if self.grade else []
        return (*phrases, *grades)


class Change(Model):
    """One check in both runs; ``before`` is None for a new one, ``after`` for a removed one."""

    check: str
    question: str
    title: str
    knock_out: bool
    own: bool = Field(default=False, description="of a pack of the user's own, on which no point hangs")
    move: Move
    before: Side | None
    after: Side | None
    shape: Shape | None = None
    expected: Expected | None = Field(default=None, description="the entry that answers for how it ended")

    @property
    def points(self) -> float:
        """Points of 100 gained (or lost, below 0)."""
        return (self.after.earned if self.after else 0.0) - (self.before.earned if self.before else 0.0)

    @property
    def revised(self) -> bool:
        """Whether the check itself was changed, so that its two verdicts answer different questions."""
        return bool(self.before and self.after and self.before.revision != self.after.revision)

    @property
    def fails_new(self) -> bool:
        """Whether it is a check that the baseline does not have, and fails."""
        bad = {Verdict.FAILED, Verdict.ERROR}
        return self.move is Move.NEW and self.after is not None and self.after.verdict in bad

    @property
    def flaky(self) -> bool:
        """Whether repeats disagree in either run."""
        return any(side.flaky for side in (self.before, self.after) if side)

    @property
    def differs(self) -> bool:
        """Whether anything about it is worth a line."""
        return self.move is not Move.SAME or self.revised or self.shape is not None

    @property
    def marks(self) -> tuple[str, ...]:
        """What a reader must know beside the two verdicts."""
        marks = ["knock-out"] if self.knock_out else []
        marks += ["own check"] if self.own else []
        marks += ["flaky"] if self.flaky else []
        if self.before and self.after and self.revised:
            marks.append(f"check revised {self.before.revision} → {self.after.revision}")
        if self.expected:
            marks.append(f"{self.expected.word} until {self.expected.expires} ({self.expected.owner})")
        return tuple(marks)


class CapabilityChange(Model):
    """A capability that is declared otherwise than before; an empty level is none declared."""

    name: str
    before: str
    after: str


class MetricChange(Model):
    """A measurement in both runs, every repeat of it."""

    check: str = Field(description="empty for the run's own facts")
    name: str
    unit: str
    before: tuple[float, ...]
    after: tuple[float, ...]
    limit: float | None = None
    spread: Literal["beyond", "within"] | None = Field(
        description="beyond: no repeat of one run lies among the other's; None: not repeated, hence no verdict"
    )
    towards: Literal["worse", "better"] | None = Field(
        default=None, description="known where a limit says which way is good"
    )


class Comparison(Model):
    """Two runs compared: change.json."""

    format: Literal["prm-harness-change/1"] = "prm-harness-change/1"
    fail_on: FailOn
    before: End
    after: End
    basis: tuple[Basis, ...]
    checks: tuple[Change, ...] = Field(
        description="every check of either run, in checklist order, then own checks"
    )
    capabilities: tuple[CapabilityChange, ...]
    metrics: tuple[MetricChange, ...] = Field(description="those whose values differ")
    knock_outs_lost: tuple[str, ...] = Field(description="knock-outs that passed before and do not now")

    def moved(self, *moves: Move, expected: bool | None = None) -> tuple[Change, ...]:
        """Checks that went one of these ways, knock-outs and lost points first; ``expected`` filters by entry."""
        found = [
            change
            for change in self.checks
            if change.move in moves and (expected is None or expected is bool(change.expected))
        ]
        return tuple(sorted(found, key=lambda change: (not change.knock_out, change.points)))

    @property
    def regressions(self) -> tuple[Change, ...]:
        """Checks that got worse and that nobody answers for."""
        return self.moved(Move.WORSE, expected=False)

    @property
    def flaky(self) -> tuple[Change, ...]:
        """Checks whose repeats disagree."""
        return tuple(change for change in self.checks if change.flaky)

    @property
    def beyond(self) -> tuple[MetricChange, ...]:
        """Measurements that moved farther than their repeats scatter."""
        return tuple(metric for metric in self.metrics if metric.spread == "beyond")

    @property
    def expected(self) -> tuple[Change, ...]:
        """Checks that ended as an entry of the expected-failures file says."""
        return tuple(change for change in self.checks if change.expected)


def _some(names: Iterable[str], limit: int = 4) -> str:
    listed = list(names)
    more = f" and {len(listed) - limit} more" if len(listed) > limit else ""
    return ", ".join(listed[:limit]) + more
