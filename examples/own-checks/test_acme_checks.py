"""The pack's own test: its check passes on a sound product and fails on one that has what it looks for.

A check that cannot fail proves nothing; the reference products of prm-harness have defects to switch on.
"""

from pathlib import Path

import pytest

from prm_harness.audit.run import AuditSpec, run_audit
from prm_harness.record.reader import read_run
from prm_harness.scoring import load_profile

MIRROR = "python:prm_harness.reference.mirror:create"


@pytest.mark.parametrize(
    ("product", "verdict"), [(MIRROR, "passed"), (f"{MIRROR}?defect=drops-custom-fields", "failed")]
)
def test_the_check_can_tell_them_apart(product: str, verdict: str, tmp_path: Path) -> None:
    """The verdict on a sound product, and on one that forgets custom fields."""
    run = read_run(run_audit(AuditSpec(product, load_profile("smb"), tmp_path, seed=1, checks=["acme.W1"])))
    assert run.results["acme.W1"].verdict.value == verdict
