"""A run as read back from its file: what scores, reports, comparisons and certificates are computed from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from pydantic import Field

from .attestations import Attestation
from .case import Case
from .model import Barrier, Fact, Footer, Header, Model, Result, SetupStep
from .style import StyleSeen
from .verdicts import WORST_FIRST, Verdict


class Run(Model):
    """One run. ``results`` holds one result a check (its worst attempt), in the checklist's order."""

    header: Header
    results: dict[str, Result] = Field(
        default_factory=dict, description="check id -> the attempt that counts"
    )
    attempts: dict[str, tuple[Result, ...]] = Field(
        default_factory=dict, description="check id -> all, in order"
    )
    cases: dict[str, tuple[Case, ...]] = Field(
        default_factory=dict, description="check id -> the case of every attempt that failed"
    )
    facts: tuple[Fact, ...] = ()
    setup: tuple[SetupStep, ...] = ()
    style: StyleSeen | None = Field(
        default=None, description="the integration style as it was seen; None: the run did not get that far"
    )
    barriers: tuple[Barrier, ...] = ()
    attestations: tuple[Attestation, ...] = Field(
        default=(), description="the vendor's word, in the checklist's order; never part of a score"
    )
    probes: tuple[dict[str, Any], ...] = ()
    notes: tuple[dict[str, Any], ...] = ()
    footer: Footer | None = None
    complete: bool = Field(default=False, description="has its footer and was not interrupted")
    digest: str = Field(default="", description="sha256 of the whole file")

    @property
    def flaky(self) -> frozenset[str]:
        """Checks whose attempts disagree. A flag only: the verdict is the worst attempt's."""
        return frozenset(
            check for check, attempts in self.attempts.items() if len({one.verdict for one in attempts}) > 1
        )

    def case(self, check: str) -> Case | None:
        """The case of the attempt that counts; the first that was kept where that attempt left none."""
        kept = self.cases.get(check, ())
        counts = self.results[check].attempt if check in self.results else 0
        return next((case for case in kept if case.attempt == counts), kept[0] if kept else None)


def worst_attempt(attempts: Iterable[Result]) -> Result:
    """The attempt that counts: the worst verdict, among partial ones the smallest share, then the first made.

    Raises:
        ValueError: no attempt was given.
    """
    return min(attempts, key=_badness)


def count_verdicts(results: Iterable[Result]) -> dict[str, int]:
    """Verdict -> how many checks ended with it, each check by its worst attempt; verdicts that did not occur are left out."""
    by_check: dict[str, list[Result]] = {}
    for result in results:
        by_check.setdefault(result.check, []).append(result)
    found = Counter(worst_attempt(attempts).verdict for attempts in by_check.values())
    return {verdict.value: found[verdict] for verdict in Verdict if found[verdict]}


def _badness(result: Result) -> tuple[int, float, int]:
    return WORST_FIRST.index(result.verdict), credit(result), result.attempt


def credit(result: Result) -> float:
    """What a result earns of its check's weight, 0–1: the share for partial (½ where none was measured), 1 for passed."""
    if result.verdict is Verdict.PARTIAL:
        return 0.5 if result.share is None else result.share
    return 1.0 if result.verdict is Verdict.PASSED else 0.0
