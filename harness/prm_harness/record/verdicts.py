"""The words a check can end with, and what each means for the score (scoring.md's table, in one place)."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """How a check ended. "Skipped" is never one word: each way of not knowing has its own."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    UNSUPPORTED = "unsupported"
    ATTESTED = "attested"
    ERROR = "error"
    INCONCLUSIVE = "inconclusive"
    NOT_RUN = "not_run"
    NOT_APPLICABLE = "not_applicable"

    @property
    def wanted(self) -> bool:
        """Whether the check's weight counts at all."""
        return self is not Verdict.NOT_APPLICABLE

    @property
    def open(self) -> bool:
        """Whether the check could still be earned: nothing was demonstrated either way."""
        return self in _OPEN

    @property
    def judged(self) -> bool:
        """Whether the product was seen to do it, or not to do it."""
        return self.wanted and not self.open

    @property
    def words(self) -> str:
        """How reports print it."""
        return _WORDS[self]


_OPEN = frozenset({Verdict.ATTESTED, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.NOT_RUN})
_WORDS = {
    Verdict.PASSED: "passed",
    Verdict.PARTIAL: "partly passed",
    Verdict.FAILED: "failed",
    Verdict.UNSUPPORTED: "not supported",
    Verdict.ATTESTED: "vendor's word only",
    Verdict.ERROR: "adapter error",
    Verdict.INCONCLUSIVE: "could not be judged",
    Verdict.NOT_RUN: "not run",
    Verdict.NOT_APPLICABLE: "not applicable",
}

WORST_FIRST = (
    Verdict.FAILED,
    Verdict.ERROR,
    Verdict.INCONCLUSIVE,
    Verdict.NOT_RUN,
    Verdict.UNSUPPORTED,
    Verdict.ATTESTED,
    Verdict.PARTIAL,
    Verdict.PASSED,
    Verdict.NOT_APPLICABLE,
)
"""Roll-up order: of several attempts at one check the first of these that occurred is the verdict."""
