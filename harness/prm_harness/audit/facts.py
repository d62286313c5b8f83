"""The integration facts box: figures that every run reports, whatever the verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from prm_harness.adapter import AdapterInfo
from prm_harness.crm import backend
from prm_harness.record.model import Barrier, Fact, Result, SetupStep
from prm_harness.record.style import StyleSeen

SHARED: Final = ("initial load", "shared ")
"""How the names of barriers begin that all checks wait at together."""

_FROM_CHECKS = (
    ("Delay portal to CRM, half of changes", "to_crm_p50", "s"),
    ("Delay portal to CRM, 95 % of changes", "to_crm_p95", "s"),
    ("Delay portal to CRM, longest", "to_crm_max", "s"),
    ("Delay CRM to portal, half of changes", "to_prm_p50", "s"),
    ("Delay CRM to portal, 95 % of changes", "to_prm_p95", "s"),
    ("Delay CRM to portal, longest", "to_prm_max", "s"),
    ("Historical records that arrived", "history_share", "%"),
    ("Data accuracy rate", "data_accuracy", "%"),
    ("Time until a failure is visible", "error_visible_seconds", "s"),
    ("Time until somebody is alerted", "alert_seconds", "s"),
    ("Time to add a field, hands on", "add_field_minutes", "min"),
    ("API calls per 1,000 changes", "calls_per_1000", "calls"),
)


def measure(
    crm: backend.Crm,
    info: AdapterInfo,
    setup: Sequence[SetupStep],
    results: Mapping[str, Result],
    style: StyleSeen,
    waits: Sequence[Barrier],
) -> Iterable[Fact]:
    """All facts, in the order in which they are printed; ``waits`` are the settle barriers of the run."""
    yield from _effort(info, setup)
    known: dict[str, Any] = {}
    for result in results.values():
        known.update(result.evidence.facts)
    for name, key, unit in _FROM_CHECKS:
        value = known.get(key)
        yield Fact(name=name, value=value, unit=unit, note="" if value is not None else "not measured")
    calls = crm.log.exchanges(user=crm.facts.integration_user)
    yield Fact(name="API calls in this run", value=len(calls), unit="calls")
    yield _rounds(waits)
    yield Fact(name="Integration style claimed", value=info.style.replace("_", " "))
    yield Fact(
        name="Integration style seen",
        value=style.words,
        note="" if style.agrees is None else "as claimed" if style.agrees else "not as claimed",
    )


def _rounds(waits: Sequence[Barrier]) -> Fact:
    """How often all checks that share the CRM waited together: what decides how long an audit of a slow product takes."""
    shared = [wait for wait in waits if wait.wave.startswith(SHARED)]
    alone = len(waits) - len(shared)
    hours = sum(wait.waited_seconds for wait in waits) / 3600
    return Fact(
        name="Settle barriers of the shared checks",
        value=len(shared),
        unit="barriers",
        note=f"{alone} more of checks that had the CRM to themselves; {hours:.1f} h by the CRM's clock in all",
    )


def _effort(info: AdapterInfo, setup: Sequence[SetupStep]) -> Iterable[Fact]:
    if not setup:
        yield Fact(name="Hands-on setup", value=None, unit="min", note="the adapter reports no setup steps")
        return
    by_hand = [s for s in setup if s.actor != "automatic"]
    declared = info.declared_setup_minutes
    yield Fact(
        name="Hands-on setup",
        value=round(sum(s.hands_on_minutes for s in by_hand), 1),
        unit="min",
        note=f"{len(by_hand)} of {len(setup)} steps by hand"
        + (f"; the vendor says {declared:g} min" if declared is not None else ""),
    )
    vendor = [s for s in setup if s.actor == "vendor"]
    yield Fact(
        name="Steps only the vendor can do",
        value=len(vendor),
        unit="steps",
        note=f"{sum(s.waiting_minutes for s in vendor) / 60:g} h of waiting" if vendor else "",
    )
