"""Before anything is run: which checks can be, and what is said of those that cannot."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from prm_harness.adapter import Capability, Level, NotSupported, Ref, Rule
from prm_harness.adapter.faults import AdapterFault
from prm_harness.crm.backend import Power
from prm_harness.record.model import Profile, Result
from prm_harness.record.verdicts import Verdict

from .judge import finding
from .portal import Caller
from .registry import Check

_NOBODY: Final = Ref(by="name", value="prm-harness capability probe, no such record")
_RULE: Final = Rule(kind="Account", field="Name", op="eq", value=_NOBODY.value)

_PROBES: Final[Mapping[Capability, Callable[[Caller], Any]]] = {
    Capability.WRITE: lambda s: s.call("update", "Opportunity", _NOBODY, {}),
    Capability.PARTNER_VIEW: lambda s: s.call("read_as", "001000000000000AAA", "Opportunity", _NOBODY),
    Capability.SYNC_CONTROL: lambda s: s.call("sync_status"),
    Capability.SCHEDULE: lambda s: s.call("get_schedule"),
    Capability.SCHEMA: lambda s: s.call("list_types"),
    Capability.HISTORY: lambda s: s.call("backfill", "Account", ["Name"]),
    Capability.FILTERS: lambda s: s.call("get_filter", "Account"),
    Capability.ERRORS: lambda s: s.call("list_errors"),
    Capability.NOTIFY: lambda s: s.call("notifications"),
    Capability.AUDIT: lambda s: s.call("list_sync_history"),
    Capability.ROLLBACK: lambda s: s.call("checkpoint"),
    Capability.HEALTH: lambda s: s.call("health_check"),
    Capability.LOGIC: lambda s: s.call("create_rule", _RULE),
    Capability.SETUP: lambda s: s.call("setup_steps"),
}


def levels_of(session: Caller) -> dict[str, Level]:
    """Declared level by capability."""
    return {cap.value: declared.level for cap, declared in session.info.capabilities.items()}


def probe_refusals(session: Caller, levels: Mapping[str, Level]) -> dict[str, str]:
    """Ask once for every capability declared unsupported.

    Returns:
        capability → "refused" when it was refused cleanly, "answers" when it works although declared absent, or
        what went wrong.
    """
    seen = {}
    for capability, ask in _PROBES.items():
        if levels.get(capability) is not Level.UNSUPPORTED:
            continue
        try:
            ask(session)
        except NotSupported:
            seen[capability.value] = "refused"
        except AdapterFault as fault:
            seen[capability.value] = str(fault)
        else:
            seen[capability.value] = "answers"
    return seen


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
            answer = probes.get(need, "refused")
            if answer == "refused":
                return _result(check, Verdict.UNSUPPORTED, f"capability {need.value!r} is declared absent")
            if answer == "answers":
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
