"""Is it as declared? What is declared absent must be refused cleanly, what is declared must answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from prm_harness.adapter import Capability, FileContent, Level, NotSupported, Ref, Rule
from prm_harness.adapter.faults import AdapterFault

from .handed.portal import Caller

REFUSED: Final = "refused"
ANSWERS: Final = "answers"

_NOBODY: Final = Ref(by="name", value="prm-harness capability probe, no such record")
_NO_PARTNER: Final = "001000000000000AAA"
_RULE: Final = Rule(kind="Account", field="Name", op="eq", value=_NOBODY.value)
_FILE: Final = FileContent(name="probe.txt", content=b"probe")

Probe = Callable[[Caller], Any]

_READING: Final[Mapping[Capability, Probe]] = {
    Capability.FILES: lambda s: s.call("list_files", s.info.deal_target, _NOBODY),
    Capability.PARTNER_VIEW: lambda s: s.call("read_as", _NO_PARTNER, s.info.deal_target, _NOBODY),
    Capability.SYNC_CONTROL: lambda s: s.call("sync_status"),
    Capability.SCHEDULE: lambda s: s.call("get_schedule"),
    Capability.SCHEMA: lambda s: s.call("list_types"),
    Capability.MAPPING: lambda s: s.call("get_mapping", s.info.deal_target),
    Capability.FILTERS: lambda s: s.call("get_filter", "Account"),
    Capability.ERRORS: lambda s: s.call("list_errors"),
    Capability.NOTIFY: lambda s: s.call("notifications"),
    Capability.AUDIT: lambda s: s.call("list_sync_history"),
    Capability.USAGE: lambda s: s.call("api_usage"),
    Capability.SETUP: lambda s: s.call("setup_steps"),
    Capability.CONFIG: lambda s: s.call("export_config"),
}
"""Probes that change nothing, whatever the product."""

_CHANGING: Final[Mapping[Capability, Probe]] = {
    Capability.WRITE: lambda s: s.call("update", s.info.deal_target, _NOBODY, {}),
    Capability.SEED: lambda s: s.call("seed", s.info.deal_target, []),
    Capability.FILES: lambda s: s.call("attach", s.info.deal_target, _NOBODY, _FILE),
    Capability.HISTORY: lambda s: s.call("backfill", "Account", ["Name"]),
    Capability.ROLLBACK: lambda s: s.call("checkpoint"),
    Capability.HEALTH: lambda s: s.call("health_check"),
    Capability.LOGIC: lambda s: s.call("create_rule", _RULE),
    Capability.FLOWS: lambda s: s.call("assign_lead", _NOBODY, _NO_PARTNER),
}
"""Probes that a product which has the capability might act on; it has just said that it has not."""


def probe_refusals(session: Caller, levels: Mapping[str, Level]) -> dict[str, str]:
    """Ask once for every capability declared unsupported, before the PRM is connected to anything.

    Returns:
        capability → "refused" when it was refused cleanly, "answers" when it works although declared absent, or
        what went wrong.
    """
    probes = {**_READING, **_CHANGING}
    absent = [one for one in Capability if one in probes and levels.get(one) is Level.UNSUPPORTED]
    return {capability.value: _ask(session, probes[capability]) for capability in absent}


def probe_claims(session: Caller, levels: Mapping[str, Level]) -> dict[str, str]:
    """Ask once for every capability declared in full, once the PRM is connected: a promise that nobody keeps shows.

    Only by operations that change nothing. A person is not bothered with it.

    Returns:
        capability → what was wrong, for those where something was: "refused", or the fault.
    """
    if session.info.operated_by == "person":
        return {}
    claimed = {one: ask for one, ask in _READING.items() if levels.get(one) is Level.FULL}
    answers = {capability.value: _ask(session, ask) for capability, ask in claimed.items()}
    return {capability: answer for capability, answer in answers.items() if answer != ANSWERS}


def _ask(session: Caller, probe: Probe) -> str:
    try:
        probe(session)
    except NotSupported:
        return REFUSED
    except AdapterFault as fault:
        return str(fault)
    return ANSWERS
