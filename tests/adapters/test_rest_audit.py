"""The same product asked in process and through its REST API: the same verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
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


def test_a_token_that_was_granted_on_the_way_is_in_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "the-secret")
    auth = {"type": "oauth2", "token_url": "/token", "client_id": "the-client", "client_secret": "${SECRET}"}
    file = tmp_path / "portal.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(FILE.read_text()) | {"auth": auth}))
    prm = open_adapter("python:prm_harness.reference.mirror:create")

    def telling(method: str, _: str) -> object:
        said = f"no more deals for {api.tokens[-1]} with the-secret"
        return (422, {"success": False, "errors": [{"message": said}]}, {}) if method == "PUT" else None

    with rest_double(prm, page_size=50, auth="oauth2", break_with=telling) as (url, api):
        run = audited(f"rest:{file}?PRM_URL={url}", tmp_path / "out")
    written = (tmp_path / "out" / "run.ndjson").read_text()
    assert run.complete
    assert "no more deals for" in written
    assert api.tokens
    assert not [secret for secret in (*api.tokens, "the-secret") if secret in written]
