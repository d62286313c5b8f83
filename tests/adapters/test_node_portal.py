"""examples/node-portal: an adapter in another language, with jsforce as it comes from npm as its CRM client."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from prm_harness.adapter import open_adapter
from prm_harness.audit.run import AuditSpec, run_audit
from prm_harness.record.reader import read_run
from prm_harness.scoring import load_profile

from ..sandbox.clients.installing import npm_folder_with  # noqa: TID252 - the test tree has no absolute name

FOLDER = Path(__file__).parents[2] / "examples" / "node-portal"
PASSED = ("H1", "C2", "V4", "E4", "F1", "A6", "L3", "U5", "U8")
ABSENT = ("U2", "U3")


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    """A copy of the example with its package installed."""
    jsforce = npm_folder_with("jsforce@~3.10.0")
    folder = tmp_path_factory.mktemp("node") / "portal"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("node_modules"))
    (folder / "node_modules").symlink_to(jsforce / "node_modules", target_is_directory=True)
    return folder


@contextmanager
def served(portal, *options):
    command = ["node", str(portal / "portal.mjs"), "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip().removeprefix("listening on ")
        finally:
            process.terminate()


@pytest.mark.slow
def test_it_is_audited_like_anyone_else(portal, tmp_path):
    with served(portal) as address:
        run = read_run(
            run_audit(AuditSpec(address, load_profile("smb"), tmp_path, checks=(*PASSED, *ABSENT)))
        )
    told = {id_: (result.verdict.value, result.finding, result.reason) for id_, result in run.results.items()}
    assert {id_: told[id_][0] for id_ in PASSED} == dict.fromkeys(PASSED, "passed"), told
    assert {id_: told[id_][0] for id_ in ABSENT} == dict.fromkeys(ABSENT, "unsupported"), told
    assert run.header.contestant.sample


def test_a_portal_that_stays_up_begins_afresh_with_another_org(portal, tmp_path):
    with served(portal) as address:
        for seed in (1, 2):
            spec = AuditSpec(
                address, load_profile("smb"), tmp_path / str(seed), checks=("V4", "L3"), seed=seed
            )
            verdicts = {id_: one.verdict.value for id_, one in read_run(run_audit(spec)).results.items()}
            assert verdicts == {"V4": "passed", "L3": "passed"}, seed


def test_it_speaks_the_contract(portal):
    with served(portal, "--cycle", "120") as address:
        info = open_adapter(address).info()
        assert info.cycle_seconds == 120
        with httpx.Client(base_url=address, trust_env=False) as client:
            answers = {
                operation: client.post(f"/v1/ops/{operation}", json={"args": {}}).status_code
                for operation in ("rollback", "attach", "no_such_operation")
            }
            assert set(answers.values()) == {501}
            broken = client.post("/v1/ops/submit", content=b"{")
            assert broken.status_code == 500
            assert broken.headers["content-type"] == "application/problem+json"
            first, again = (
                client.post(
                    "/v1/ops/set_schedule",
                    json={"args": {"cycle_seconds": 60}},
                    headers={"Idempotency-Key": "k"},
                )
                for _ in range(2)
            )
            assert first.content == again.content


@pytest.mark.parametrize("options", [("--port", "99999"), ("--clock", "sun"), ("--cycle", "0")])
def test_an_option_that_makes_no_sense_is_refused_in_one_line(portal, options):
    command = ["node", str(portal / "portal.mjs"), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"{options[0]} {options[1]}: it is ")
    assert done.stderr.count("\n") == 1


def test_what_the_folder_asks_for_is_what_is_tested():
    assert json.loads((FOLDER / "package.json").read_text())["dependencies"] == {"jsforce": "~3.10.0"}
