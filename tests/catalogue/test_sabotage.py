"""No check passes by not looking: with our own arrangements taken away, none is passed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from prm_harness.audit import campaign, settle
from prm_harness.audit.barriers import Settled
from prm_harness.audit.registry import load_catalogue
from prm_harness.audit.running import Running
from prm_harness.crm.backend import Power
from prm_harness.crm.faults import FaultBox
from prm_harness.record.model import Result
from prm_harness.record.verdicts import Verdict

CHECKS = {check.id: check for check in load_catalogue().checks}
FAULTS = tuple(id_ for id_, check in CHECKS.items() if Power.FAULTS in check.powers)


@pytest.mark.slow
@pytest.mark.parametrize("check", FAULTS)
def test_a_fault_that_never_fired_shows_nothing(kill_matrix, tmp_path, monkeypatch, check):
    monkeypatch.setattr(FaultBox, "hit", lambda *_, **__: None)
    result = kill_matrix.audited("mirror", (check,), defect="", seed=1, out=tmp_path)[check]
    assert result.verdict is Verdict.INCONCLUSIVE, f"{result.verdict.value}: {result.finding}"


AT_ONCE = {"H1", "H2", "H3", "H4", "S3", "P2", "N1", "U3", "S5"}
"""What they look at happens while the mirror is asked: its setup ends with the load, and backfill, health check and import are
done when the call returns."""


@pytest.mark.slow
def test_a_barrier_that_was_never_waited_for_shows_nothing(kill_matrix, tmp_path, monkeypatch):
    def nobody_waits(_settler, wave, _seconds=0):
        return Settled(wave, False, 0.0, None, None, quiet=False, reason="nobody waited")

    monkeypatch.setattr(settle.Settler, "settle", nobody_waits)
    monkeypatch.setattr(settle.Settler, "pause", nobody_waits)
    results = kill_matrix.audited("mirror", None, defect="", seed=1, out=tmp_path)
    passed = {id_ for id_, r in results.items() if r.verdict in {Verdict.PASSED, Verdict.PARTIAL}}
    assert passed <= AT_ONCE


ACTS = (
    "create", "update", "change", "delete", "merge", "convert_lead", "schema", "logins.lock", "quota.set", "hooks.when",
)  # fmt: skip
"""Everything by which a check arranges something in the CRM: an operation of the backend, or those of one of its powers."""

ONLY_IN_THE_PORTAL = {"S1", "S2", "S3", "S5", "F1", "F3", "F4", "R5", "B6", "T9"}
"""They look at how the portal is set up and at what is entered in it: in the CRM they arrange nothing, and only look."""


class Lossy:
    """The backend as a check meets it, with one act that says that it was done, and does nothing (or is only noted)."""

    def __init__(self, crm: Any, act: str, lost: Callable[[], object], *, does_it: bool = False) -> None:
        self._crm = crm
        self._power, _, self._operation = act.partition(".")
        self._lost = lost
        self._does_it = does_it

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._crm, name)
        if name != self._power:
            return found
        if callable(found) and not self._operation:
            return self._nothing(name, found)
        return LossyPower(found, self._operation, self._nothing)

    def _nothing(self, name: str, found: Callable[..., Any]) -> Callable[..., Any]:
        def nothing(*given: Any, **more: Any) -> Any:
            self._lost()
            if self._does_it:
                return found(*given, **more)
            if name == "create":
                return [f"0069Z{number:010d}AAA" for number, _ in enumerate(given[1])]
            if name == "convert_lead":
                return dict.fromkeys(("accountId", "contactId", "opportunityId"), "0069Z0000000000AAA")
            return None

        return nothing


class LossyPower:
    """One of the backend's powers, of which one operation, or every one that changes something, does nothing."""

    def __init__(self, power: Any, operation: str, nothing: Callable[..., Any]) -> None:
        self._power = power
        self._operation = operation
        self._nothing = nothing

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._power, name)
        wanted = name == self._operation if self._operation else name != "describe"
        return self._nothing(name, found) if callable(found) and wanted else found


@pytest.fixture(scope="module")
def robbed(kill_matrix, tmp_path_factory):
    """Audit the sound mirror; the acts of each check pass through ``meddle``, made of the check's id and the backend."""

    def run(meddle: Callable[[str, Any], Any], checks: tuple[str, ...] | None = None) -> dict[str, Result]:
        class Robbed(Running):
            def __init__(self, check: Any, crm: Any, *given: Any) -> None:
                super().__init__(check, meddle(check.id, crm), *given)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(campaign, "Running", Robbed)
            out = tmp_path_factory.mktemp("run")
            return kill_matrix.audited("mirror", checks, defect="", seed=1, out=out)

    return run


@pytest.fixture(scope="module")
def doing(robbed):
    """Act → the checks that do it, in a sound run."""
    found: dict[str, set[str]] = {act: set() for act in ACTS}

    def watched(check: str, crm: Any) -> Any:
        for act in ACTS:
            crm = Lossy(crm, act, lambda act=act: found[act].add(check), does_it=True)
        return crm

    robbed(watched)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("act", ACTS)
def test_what_was_never_done_in_the_crm_shows_nothing(robbed, doing, act):
    checks = tuple(sorted(doing[act]))
    assert checks
    lost: set[str] = set()
    results = robbed(lambda check, crm: Lossy(crm, act, lambda: lost.add(check)), checks)
    assert lost == set(checks)
    others = {
        id_: f"{r.verdict.value}: {r.finding}"
        for id_, r in results.items()
        if r.verdict is not Verdict.INCONCLUSIVE
    }
    assert others == {}


@pytest.mark.slow
def test_every_check_was_robbed_of_something(doing):
    assert set(CHECKS) - set().union(*doing.values(), FAULTS) == ONLY_IN_THE_PORTAL
