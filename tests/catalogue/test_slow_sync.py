"""A product that syncs every twenty minutes is audited in a handful of its cycles, and judged no worse for it."""

from __future__ import annotations

import pytest

from prm_harness.audit.run import AuditSpec, run_audit
from prm_harness.record.reader import read_run
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring import load_profile

CYCLE = 1200
MOST = 10


@pytest.mark.slow
def test_twenty_minutes_cost_less_than_ten_shared_barriers(tmp_path):
    connect = f"python:prm_harness.reference.mirror:create?cycle={CYCLE}"
    run = read_run(run_audit(AuditSpec(connect, load_profile("smb"), tmp_path)))

    (told,) = [fact for fact in run.facts if fact.name == "Settle barriers of the shared checks"]
    shared = [barrier for barrier in run.barriers if barrier.wave.startswith(("initial load", "shared "))]
    assert told.value == len(shared)
    assert 2 <= told.value < MOST
    assert all(barrier.passed for barrier in shared)
    assert max(barrier.waited_seconds for barrier in shared) <= 3 * CYCLE
    others = {
        id_: result.finding for id_, result in run.results.items() if result.verdict is not Verdict.PASSED
    }
    assert others == {}
