"""No check passes by not looking: with our own arrangements taken away, none is passed."""

from __future__ import annotations

import pytest

from prm_harness.audit import settle
from prm_harness.audit.barriers import Settled
from prm_harness.audit.registry import load_catalogue
from prm_harness.crm.backend import Power
from prm_harness.crm.faults import FaultBox
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
