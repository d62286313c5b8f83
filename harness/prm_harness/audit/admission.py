"""Before anything is run: which checks can be, and what is said of those that cannot."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from prm_harness.adapter import Level
from prm_harness.crm.backend import Power
from prm_harness.record.model import Profile, Result
from prm_harness.record.verdicts import Verdict

from .handed.portal import Caller
from .judge import finding
from .probing import ANSWERS, REFUSED
from .registry import Check


def levels_of(session: Caller) -> dict[str, Level]:
    """Declared level by capability."""
    return {cap.value: declared.level for cap, declared in session.info.capabilities.items()}


def turned_away(
    check: Check,
    levels: Mapping[str, Level],
    probes: Mapping[str, str],
    powers: frozenset[Power],
    profile: Profile,
    kinds: Collection[str],
) -> Result | None:
    """The result of a check that will not be run, or None when it can be."""
    if check.id in profile.not_needed:
        return _result(
            check, Verdict.NOT_APPLICABLE, f"the buyer does not need it: {profile.not_needed[check.id]}"
        )
    missing = sorted(power.value for power in check.powers - powers)
    if missing:
        return _result(check, Verdict.NOT_RUN, f"this CRM backend lacks the power {', '.join(missing)}")
    if absent := sorted(check.kinds.difference(kinds)):
        return _result(check, Verdict.UNSUPPORTED, f"the portal does not carry {', '.join(absent)}")
    for need in sorted(check.needs):
        level = levels.get(need)
        if level is None:
            return _result(check, Verdict.NOT_RUN, f"the adapter does not declare capability {need.value!r}")
        if level is Level.NOT_IMPLEMENTED:
            return _result(check, Verdict.NOT_RUN, f"the adapter does not reach capability {need.value!r}")
        if level is Level.UNSUPPORTED:
            answer = probes.get(need, REFUSED)
            if answer == REFUSED:
                return _result(check, Verdict.UNSUPPORTED, f"capability {need.value!r} is declared absent")
            if answer == ANSWERS:
                return _result(
                    check, Verdict.UNSUPPORTED, f"{need.value!r} is declared absent, although it answers"
                )
            return _result(
                check,
                Verdict.ERROR,
                f"{need.value!r} is declared absent, but is not refused cleanly: {answer}",
            )
    return None


def _result(check: Check, verdict: Verdict, reason: str) -> Result:
    return Result(check=check.id, verdict=verdict, reason=reason, finding=finding(check, verdict, reason, {}))
