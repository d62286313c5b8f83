"""Everything run several times: other seeds, every attempt kept, the worst one counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from prm_harness.audit.run import attempt_seed
from prm_harness.record.reader import read_run
from prm_harness.record.verdicts import Verdict

FICKLE = "python:fickle_prm:create"


@pytest.fixture
def repeated(cli, tmp_path: Path):
    ended = cli("audit", FICKLE, "--check", "T1", "--check", "T3", "--repeats", "3", "--no-pdf")
    return ended, tmp_path / "out" / "audit" / "run.ndjson"


def test_the_worst_attempt_counts_and_all_are_kept(repeated) -> None:
    ended, run_file = repeated
    run = read_run(run_file)
    assert [one.verdict for one in run.attempts["T1"]] == [Verdict.PASSED, Verdict.FAILED, Verdict.PASSED]
    assert [one.attempt for one in run.attempts["T3"]] == [1, 2, 3]
    assert run.results["T1"].verdict is Verdict.FAILED
    assert run.flaky == {"T1"}
    assert (ended.code, "T1 Every field type survives both ways: failed (flaky)" in ended.out) == (1, True)
    assert [case.attempt for case in run.cases["T1"]] == [2]
    assert run.case("T1").seed == attempt_seed(1, 2)


def test_each_attempt_has_its_own_org_and_the_facts_are_told_once(repeated) -> None:
    _, run_file = repeated
    events = [json.loads(line) for line in run_file.read_bytes().splitlines()]
    attempts = [event["data"] for event in events if event["kind"] == "attempt"]
    assert [one["seed"] for one in attempts] == [1, attempt_seed(1, 2), attempt_seed(1, 3)]
    assert len({one["org"]["id"] for one in attempts}) == 3
    names = [fact.name for fact in read_run(run_file).facts]
    assert len(names) == len(set(names))


def test_a_failure_of_one_attempt_is_replayed_with_its_own_seed(cli, repeated) -> None:
    _, run_file = repeated
    ended = cli("replay", run_file, "T1", "--adapter", "python:prm_harness.reference.mirror:create")
    assert ended.code == 0
    assert f"seed {attempt_seed(1, 2)}" in ended.out


def test_two_runs_repeat_alike(cli, repeated) -> None:
    _, run_file = repeated
    cli("audit", FICKLE, "--check", "T1", "--check", "T3", "--repeats", "3", "--no-pdf", "--out", "again")
    ended = cli("compare", run_file, Path("again", "run.ndjson"))
    assert ended.code == 0
    assert "1 flaky" in ended.out


def test_nothing_is_run_no_times(cli) -> None:
    assert cli("audit", FICKLE, "--repeats", "0").code == 2
