"""From what a check saw to its verdict: the rules of scoring.md in one function that reads top-down."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any

from prm_harness.adapter import OPERATIONS, Level, NotReached, NotSupported
from prm_harness.adapter.faults import AdapterFault
from prm_harness.crm.backend import CrmRefusal
from prm_harness.record.model import Result
from prm_harness.record.verdicts import Verdict

from .evidence import Evidence
from .faults import HarnessMisuse, Inconclusive, NotApplicable
from .registry import Check


def judge(
    check: Check, evidence: Evidence, ended: Exception | None, levels: Mapping[str, Level], gaps: int
) -> Result:
    """The result of a check that ran to its end, or ended early with ``ended``.

    Args:
        check: what it declared.
        evidence: what it saw.
        ended: the exception that ended it, or None.
        levels: the adapter's declared level by capability.
        gaps: how many requests the sandbox could not answer (501 SANDBOX_GAP) while it ran; with any, a failure may
            be ours, so it is open instead.
    """
    verdict, reason, share = _verdict(check, evidence, ended, levels, gaps)
    return Result(
        check=check.id,
        verdict=verdict,
        share=share,
        reason=reason,
        finding=finding(check, verdict, reason, evidence.facts),
        evidence=evidence.record(),
    )


def _verdict(
    check: Check, evidence: Evidence, ended: Exception | None, levels: Mapping[str, Level], gaps: int
) -> tuple[Verdict, str, float | None]:
    match ended:
        case None:
            pass
        case NotApplicable():
            return Verdict.NOT_APPLICABLE, str(ended), None
        case Inconclusive():
            return Verdict.INCONCLUSIVE, str(ended), None
        case NotReached():
            return Verdict.NOT_RUN, f"the adapter does not reach it: {ended}", None
        case NotSupported():
            return _refused(check, ended, levels)
        case AdapterFault():
            return Verdict.ERROR, str(ended), None
        case CrmRefusal():
            return Verdict.INCONCLUSIVE, f"the arrangement was refused by the CRM: {ended}", None
        case HarnessMisuse():
            return Verdict.INCONCLUSIVE, f"harness fault: {ended}", None
        case _:
            return Verdict.INCONCLUSIVE, f"the check itself broke: {_where(ended)}", None
    wrong = [d for d in evidence.diffs if not d.ok]
    if wrong and gaps:
        return (
            Verdict.INCONCLUSIVE,
            f"{gaps} requests met something that the sandbox does not implement yet",
            None,
        )
    if wrong and evidence.share is not None and 0 < evidence.share[0] < evidence.share[1]:
        right, of = evidence.share
        return Verdict.PARTIAL, f"{right} of {of} right", right / of
    if wrong:
        return Verdict.FAILED, "", None
    unseen = [name for name, seen in evidence.effects.items() if not seen]
    if unseen:
        return Verdict.INCONCLUSIVE, f"nothing was exercised: {', '.join(unseen)} did not happen", None
    return Verdict.PASSED, "", None


def _refused(check: Check, ended: NotSupported, levels: Mapping[str, Level]) -> tuple[Verdict, str, None]:
    """By the level of what was refused; a check may only use other capabilities than those that it needs."""
    capability = OPERATIONS.get(ended.operation)
    asked = [capability] if capability is not None else sorted(check.needs)
    declared = [levels.get(one) for one in asked]
    if None in declared or Level.NOT_IMPLEMENTED in declared:
        return Verdict.NOT_RUN, f"the adapter does not reach it: {ended}", None
    if declared and all(level is Level.FULL for level in declared):
        return Verdict.FAILED, f"declared in full, but {ended}", None
    return Verdict.UNSUPPORTED, str(ended), None


def finding(check: Check, verdict: Verdict, reason: str, facts: Mapping[str, Any]) -> str:
    """One sentence for the buyer."""
    if verdict is Verdict.PASSED:
        return _filled(check.passed, facts)
    if verdict in {Verdict.FAILED, Verdict.PARTIAL}:
        return _filled(check.failed, facts)
    if verdict is Verdict.UNSUPPORTED:
        return f"The product does not offer this: {reason}." if reason else "The product does not offer this."
    return f"{reason[:1].upper()}{reason[1:]}." if reason else ""


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def _filled(sentence: str, facts: Mapping[str, Any]) -> str:
    return sentence.format_map(_Blank(facts))


def _where(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    place = f" at {last.filename.rsplit('/', 1)[-1]}:{last.lineno}" if last else ""
    return f"{type(error).__name__}: {error}{place}"
