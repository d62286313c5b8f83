"""A verdict in pytest's places: the word of the summary, the letter of a dot, the text under a failure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from prm_harness.audit.registry import Check
from prm_harness.record.case import Case
from prm_harness.record.model import Result
from prm_harness.record.verdicts import Verdict

RED: Final = frozenset({Verdict.FAILED, Verdict.ERROR})
GREEN: Final = frozenset({Verdict.PASSED, Verdict.PARTIAL})

WORDS: Final = {
    Verdict.PASSED: ("passed", ".", "PASSED"),
    Verdict.PARTIAL: ("partial", "p", "PARTIAL"),
    Verdict.FAILED: ("failed", "F", "FAILED"),
    Verdict.ERROR: ("error", "E", "ERROR"),
    Verdict.UNSUPPORTED: ("unsupported", "u", "UNSUPPORTED"),
    Verdict.ATTESTED: ("attested", "a", "ATTESTED"),
    Verdict.INCONCLUSIVE: ("inconclusive", "i", "INCONCLUSIVE"),
    Verdict.NOT_RUN: ("not_run", "-", "NOT_RUN"),
    Verdict.NOT_APPLICABLE: ("n/a", "/", "N/A"),
}
"""Verdict → the summary's category, the letter of a short report, the word of a long one."""

_ROWS: Final = 20
_STEPS: Final = 40
_OPERATIONS: Final = 12


def status(verdict: Verdict) -> tuple[str, str, tuple[str, dict[str, bool]]]:
    """Category, letter and coloured word."""
    category, letter, word = WORDS[verdict]
    colour = "red" if verdict in RED else "green" if verdict in GREEN else "yellow"
    return category, letter, (word, {colour: True})


def explanation(check: Check, result: Result) -> str:
    """What a failure shows: the finding, the rows that are wrong, and what happened on both sides."""
    return "\n".join(_lines(check, result))


def how_to_replay(case: Case, run_file: str) -> Iterator[str]:
    """The command that runs the failure again, and the CRM's side of it as curl lines."""
    from prm_harness.record.curl import curl_lines

    yield "run it again:"
    yield f"  prm-harness replay {run_file} {case.check}"
    yield "the CRM's side of it:"
    yield from (f"  {line}" for line in curl_lines(case, most=_OPERATIONS))


def shown_path(path: Path) -> str:
    """The path as somebody in this folder would type it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _lines(check: Check, result: Result) -> Iterator[str]:
    yield f"{check.id} {check.title} ({check.question}): {result.verdict.words}"
    if result.finding:
        yield result.finding
    if result.reason and result.reason not in result.finding:
        yield f"reason: {result.reason}"
    wrong = [diff for diff in result.evidence.diffs if not diff.ok]
    if wrong:
        yield ""
        yield f"wrong ({len(wrong)} of {len(result.evidence.diffs)} compared):"
    for diff in wrong[:_ROWS]:
        note = f" ({diff.note})" if diff.note else ""
        yield f"  {diff.field}: expected {diff.expected}, observed {diff.observed}{note}"
    yield from _more(len(wrong) - _ROWS)
    for metric in result.evidence.metrics:
        if metric.ok is False:
            yield f"  {metric.name}: {metric.value:g} {metric.unit}, limit {metric.limit:g}"
    if result.evidence.steps:
        yield ""
        yield f"evidence (grade {result.evidence.grade}):"
    for step in result.evidence.steps[:_STEPS]:
        yield f"  {step.at:%H:%M:%S} {step.side}  {step.text}"
    yield from _more(len(result.evidence.steps) - _STEPS)


def _more(left: int) -> Iterator[str]:
    if left > 0:
        yield f"  … {left} more in the run file"
