"""The same product asked in process and through its REST API: the same verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest
from double import rest_double

from prm_harness.adapter import open_adapter
from prm_harness.audit.run import AuditSpec, run_audit
from prm_harness.record.reader import read_run
from prm_harness.record.run import Run
from prm_harness.scoring import load_profile

FILE = Path(__file__).with_name("portal.yaml")
CHECKS = ("T3", "F1", "E1")


def audited(connect: str, out: Path) -> Run:
    profile = load_profile("mid-market")
    return read_run(run_audit(AuditSpec(connect=connect, profile=profile, out=out, checks=CHECKS)))


@pytest.mark.parametrize("defect", ["", "?defect=drops-custom-fields"])
def test_an_audit_through_a_rest_file_gives_the_same_verdicts(tmp_path: Path, defect: str) -> None:
    connect = f"python:prm_harness.reference.mirror:create{defect}"
    with rest_double(open_adapter(connect), page_size=50) as (url, api):
        there = audited(f"rest:{FILE}?PRM_URL={url}", tmp_path / "rest")
        assert len(api.requests) > 50
    here = audited(connect, tmp_path / "python")
    assert {c: r.verdict for c, r in there.results.items()} == {c: r.verdict for c, r in here.results.items()}
    assert there.results["T3"].verdict.value == ("failed" if defect else "passed")
