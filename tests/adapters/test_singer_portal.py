"""examples/singer-portal: tap-salesforce as it comes from PyPI, in an environment of its own, behind the TLS front."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from prm_harness.adapter.connect import ConnectError, open_adapter
from prm_harness.audit.run import AuditSpec, run_audit
from prm_harness.record.reader import read_run
from prm_harness.scoring import load_profile

from ..sandbox.clients.installing import environment_with  # noqa: TID252 - the test tree has no absolute name

FOLDER = Path(__file__).parents[2] / "examples" / "singer-portal"
PASSED = ("H1", "F1", "V4", "N2")
FAILED = {
    "B1": "another record",
    "U8": "dead leads",
    "N4": "not noticed",
}
ABSENT = ("L1", "U1")


@pytest.fixture
def portal(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    yield "python:singer_portal:create?crm=tls"
    for name in [name for name in sys.modules if name.partition(".")[0] == "singer_portal"]:
        del sys.modules[name]


def test_without_the_engine_it_says_where_it_looked_and_what_to_do(portal):
    with pytest.raises(
        ConnectError, match=r"there is no /nowhere/python: tap-salesforce is not installed; README"
    ):
        open_adapter("python:singer_portal:create?tap=/nowhere/python")


@pytest.mark.slow
def test_it_is_audited_like_anyone_else(portal, tmp_path):
    python = environment_with("tap-salesforce==2.8.1")
    connect = f"{portal}&tap={python}"
    spec = AuditSpec(connect, load_profile("smb"), tmp_path, checks=(*PASSED, *FAILED, *ABSENT))
    run = read_run(run_audit(spec))

    assert run.header.contestant.sample
    told = {id_: (result.verdict.value, result.finding) for id_, result in run.results.items()}
    assert {id_: told[id_][0] for id_ in PASSED} == dict.fromkeys(PASSED, "passed"), told
    assert {id_: told[id_][0] for id_ in FAILED} == dict.fromkeys(FAILED, "failed"), told
    assert {id_: told[id_][0] for id_ in ABSENT} == dict.fromkeys(ABSENT, "unsupported"), told
    for id_, words in FAILED.items():
        assert words in told[id_][1]


def test_what_the_folder_asks_for_is_what_is_tested():
    assert (FOLDER / "requirements.txt").read_text().split() == ["tap-salesforce==2.8.1"]
