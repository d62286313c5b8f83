"""Twenty seeds: other names, values, histories, orders and forms, and the same verdicts. ``make seeds``; not part of make test."""

from __future__ import annotations

import pytest
from style_limits import NOT_PASSED

from prm_harness.audit.run import AuditSpec, run_audit
from prm_harness.record.reader import read_run
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring import load_profile

SEEDS = {
    "mirror": range(1, 21),
    "mapper": range(2, 5),
    "ipaas": range(2, 5),
    "etl": range(2, 5),
    "passthrough": range(2, 5),
}
"""Seeds by reference PRM; make test runs the first of each."""
RUNS = [(product, seed) for product, seeds in SEEDS.items() for seed in seeds]


@pytest.mark.parametrize(("product", "seed"), RUNS, ids=[f"{product}-{seed}" for product, seed in RUNS])
def test_the_seed_decides_no_verdict(product, seed, tmp_path):
    connect = f"python:prm_harness.reference.{product}:create"
    run = read_run(run_audit(AuditSpec(connect, load_profile("smb"), tmp_path, seed=seed)))
    held = {check: verdict for check, (verdict, _why) in NOT_PASSED[product].items()}
    others = {
        check: f"{result.verdict.value}: {result.reason or result.finding}"
        for check, result in run.results.items()
        if result.verdict is not held.get(check, Verdict.PASSED)
    }
    assert others == {}
