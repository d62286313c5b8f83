"""From what a check saw to its verdict: the rules of scoring.md in one function that reads top-down."""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping, Sequence
from typing import Any, Final

from prm_harness.adapter import OPERATIONS, Level, NotReached, NotSupported
from prm_harness.adapter.faults import AdapterFault
from prm_harness.crm.backend import BUG, CrmRefusal
from prm_harness.record.model import Result
from prm_harness.record.verdicts import Verdict

from .faults import HarnessMisuse, Inconclusive, NotApplicable
from .handed.evidence import Evidence
from .registry import Check
from .wording import filled

UNSEEN: Final = "nothing was exercised"


def judge(
    check: Check,
    evidence: Evidence,
    ended: Exception | None,
    levels: Mapping[str, Level],
    gaps: Sequence[str],
) -> Result:
    """The result of a check that ran to its end, or ended early with ``ended``.

    Args:
        check: what it declared.
        evidence: what it saw.
        ended: the exception that ended it, or None.
        levels: the adapter's declared level by capability.
        gaps: error codes of requests that the sandbox could not answer (SANDBOX_GAP) or crashed on (SANDBOX_BUG) while
            it ran; with any, a failure may be ours, so it is open instead.
    """
    verdict, reason, share = _verdict(check, evidence, ended, levels, gaps)
    return Result(
        check=check.id,
        verdict=verdict,
        share=share,
        reason=reason,
        finding=finding(check, verdict, reason, evidence.facts, evidence.share),
        evidence=evidence.record(),
    )


def _verdict(
    check: Check,
    evidence: Evidence,
    ended: Exception | None,
    levels: Mapping[str, Level],
    gaps: Sequence[str],
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
        return Verdict.INCONCLUSIVE, _ours(gaps), None
    if wrong and evidence.share is not None and 0 < evidence.share[0] < evidence.share[1]:
        right, of = evidence.share
        return Verdict.PARTIAL, f"{right} of {of} right", right / of
    if wrong:
        return Verdict.FAILED, "", None
    unseen = [name for name, seen in evidence.effects.items() if not seen]
    if unseen:
        return Verdict.INCONCLUSIVE, f"{UNSEEN}: {', '.join(unseen)} did not happen", None
    return Verdict.PASSED, "", None


def _ours(gaps: Sequence[str]) -> str:
    crashes = sum(code == BUG for code in gaps)
    if crashes:
        return f"the sandbox itself crashed on {crashes} requests ({BUG}), please report it"
    return f"{len(gaps)} requests met something that the sandbox does not implement yet"


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


def finding(
    check: Check,
    verdict: Verdict,
    reason: str,
    facts: Mapping[str, Any],
    share: tuple[int, int] | None = None,
) -> str:
    """What the buyer is told: the figure, and what it means for the work with partners.

    The check's own sentences come first; where it has none, its title has to do. What could not be judged says what is
    not known before it says why.
    """
    title, because = check.title.rstrip("."), _sentence(reason)
    match verdict:
        case Verdict.PASSED:
            said = filled(check.passed, facts)
            return f"{said.rstrip('.')}: {check.words.good}." if check.words.good else said
        case Verdict.PARTIAL:
            right, of = share or (0, 0)
            counted = {**facts, "right": right, "of": of}
            if check.words.partial:
                return filled(check.words.partial, counted)
            return " ".join([*([f"{right} of {of} right."] if of else []), filled(check.failed, counted)])
        case Verdict.FAILED:
            # Refused although declared in full: nothing was counted, and the refusal is the finding.
            return f"{title}: {reason}." if reason and not facts else filled(check.failed, facts)
        case Verdict.UNSUPPORTED:
            own = (
                check.words.unsupported or f"The product does not offer this: {title[:1].lower()}{title[1:]}."
            )
            return f"{own} {_sentence(_in_plain_words(reason))}".strip()
        case Verdict.NOT_APPLICABLE:
            return because
        case _:
            own = check.words.open or f"Whether this holds is not known: {title[:1].lower()}{title[1:]}."
            return f"{own} {because}".strip()


_OPERATION: Final = re.compile(r"^\w+ is not supported(?:: )?")
_CAPABILITY: Final = re.compile(r"capability '\w+' is declared absent")


def _in_plain_words(reason: str) -> str:
    """A refusal without the names that only adapters know: what is left is the product's own note on it."""
    if _CAPABILITY.fullmatch(reason):
        return "the vendor says so itself"
    return _OPERATION.sub("", reason)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}." if words else ""


def _where(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    place = f" at {last.filename.rsplit('/', 1)[-1]}:{last.lineno}" if last else ""
    return f"{type(error).__name__}: {error}{place}"
