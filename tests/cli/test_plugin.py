"""The same audit as a pytest run: same verdicts as the command's, in a serial run and under xdist."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from command_line import Ended, environment
from test_interrupted import SLOW, wait_for

from prm_harness.record.reader import read_run

HOLLOW = "python:hollow_prm:create"
DEFECT = "python:prm_harness.reference.mirror:create?defect=drops-custom-fields"
FIVE = ("T1", "T2", "T3", "E1", "F3")

Pytest = Callable[..., Ended]


@pytest.fixture
def session(command: Callable[..., Ended], no_pdf: str) -> Pytest:
    """A pytest session of its own, in an empty folder, with warnings as errors."""

    def call(*argv: object, pdf: bool = False, path: Path | str = "") -> Ended:
        before = os.pathsep.join(filter(None, ["" if pdf else no_pdf, str(path)]))
        return command("-p", "no:cacheprovider", "-W", "error", *argv, module="pytest", before=before)

    return call


def audit_words(connect: str, *checks: str) -> list[str]:
    return [
        "--prm-adapter",
        connect,
        "--pyargs",
        "prm_scenarios",
        *(["-k", " or ".join(checks)] if checks else []),
    ]


def verdicts(run_file: Path) -> dict[str, str]:
    return {check: result.verdict.value for check, result in read_run(run_file).results.items()}


def properties(junit: Path) -> dict[str, dict[str, str]]:
    """check id → the properties of its case."""
    cases = ET.parse(junit).getroot().iter("testcase")
    return {
        str(case.get("name")): {str(p.get("name")): str(p.get("value")) for p in case.iter("property")}
        for case in cases
    }


def test_command_serial_and_xdist_agree(cli, session: Pytest, tmp_path: Path) -> None:
    chosen = [word for check in FIVE for word in ("--check", check)]
    by_command = cli("audit", DEFECT, *chosen, "--no-pdf", "--out", "command")
    serial = session(*audit_words(DEFECT, *FIVE), "--prm-out", "serial", "--junitxml", "serial.xml")
    spread = session(
        *audit_words(DEFECT, *FIVE), "--prm-out", "spread", "--junitxml", "spread.xml", "-n", "2"
    )
    assert by_command.code == serial.code == spread.code == 1, (serial, spread)
    as_recorded = verdicts(tmp_path / "command" / "run.ndjson")
    assert set(as_recorded) == set(FIVE)
    assert as_recorded["T3"] == "failed"
    assert verdicts(tmp_path / "serial" / "run.ndjson") == as_recorded
    assert verdicts(tmp_path / "spread" / "run.ndjson") == as_recorded
    assert len(list((tmp_path / "spread").glob("*.ndjson"))) == 1, "one audit, not one a worker"
    in_junit = properties(tmp_path / "serial.xml")
    assert {check: case["audit.verdict"] for check, case in in_junit.items()} == as_recorded
    assert properties(tmp_path / "spread.xml") == in_junit
    assert in_junit["T3"]["audit.question"] == "Q2.3"
    assert in_junit["T3"]["audit.check"] == "T3"


def test_a_failure_shows_finding_wrong_rows_and_evidence(session: Pytest, tmp_path: Path) -> None:
    ended = session(*audit_words(DEFECT, "T3"), pdf=True)
    assert (tmp_path / "out" / "audit" / "scorecard.pdf").exists()
    assert "prm_scenarios/field_types.py F" in ended.out
    assert "did not arrive as they were" in ended.out
    assert re.search(r"Industries__c: expected \S[^\n]*, observed ", ended.out)
    assert "submitted → accepted" in ended.out
    assert "campaign.py" not in ended.out, "our own call stack tells a reader nothing"


def test_whole_catalogue_in_the_harnesss_words(session: Pytest, tmp_path: Path, hollow_run: Path) -> None:
    ended = session(*audit_words(HOLLOW), "-v", "--junitxml", "j.xml")
    expected = verdicts(hollow_run)
    assert verdicts(tmp_path / "out" / "audit" / "run.ndjson") == expected
    found = {verdict: list(expected.values()).count(verdict) for verdict in expected.values()}
    summary = next(line for line in ended.out.splitlines() if " unsupported" in line and line.startswith("="))
    for verdict, number in found.items():
        word = {"not_applicable": "n/a"}.get(verdict, verdict)
        assert f"{number} {word}" in summary
    assert "skipped" not in summary
    assert "prm_scenarios/field_types.py::T3 FAILED" in ended.out
    assert ended.out.rstrip().splitlines()[-1].startswith("exit 1: ")
    assert "Hollow PRM: " in ended.out
    assert "no PDF: cannot load library 'libpango-1.0-0'" in ended.out
    for name in ("scorecard.html", "results.json", "junit.xml"):
        assert (tmp_path / "out" / "audit" / name).exists()


def test_deselected_checks_are_not_run(session: Pytest, tmp_path: Path) -> None:
    ended = session(*audit_words("python:prm_harness.reference.mirror:create", "T3"), "--prm-seed", "9")
    assert ended.code == 3, "nothing failed, but most was not asked"
    run = read_run(tmp_path / "out" / "audit" / "run.ndjson")
    assert run.header.plan == ("T3",)
    assert run.header.seed == 9
    card = json.loads((tmp_path / "out" / "audit" / "results.json").read_text())["scorecard"]
    assert card["counts"]["not_run"] == len(run.header.checklist.checks) - 1
    assert "1 passed" in ended.out


def test_a_check_is_found_by_its_functions_name_too(session: Pytest) -> None:
    ended = session(*audit_words(HOLLOW, "multiselect_values_survive"), "--collect-only", "-q")
    assert "prm_scenarios/field_types.py::T3" in ended.out


def test_other_tests_run_beside_the_audit_and_count(session: Pytest, tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text("def test_beside():\n    assert not 'mine'\n")
    ended = session(
        "test_own.py", *audit_words("python:prm_harness.reference.mirror:create", "T3", "beside"), "-n", "2"
    )
    assert ended.code == 1
    assert "1 failed, 1 passed" in ended.out
    assert ended.out.rstrip().splitlines()[-1] == "exit 1: 1 tests outside the audit failed"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--prm-adapter", "python:hollow_prm:boom"], "no licence"),
        (["--prm-adapter", "pyton:x:y"], "did you mean 'python'?"),
        (["--prm-adapter", HOLLOW, "--prm-profile", "huge"], "the shipped profiles are"),
    ],
)
def test_a_mistake_in_the_options_is_a_line_and_code_2(session: Pytest, argv: list[str], said: str) -> None:
    ended = session(*argv, "--pyargs", "prm_scenarios")
    assert ended.code == 2
    assert said in ended.err
    assert "[exit 2: usage or configuration]" in ended.err
    assert "Traceback" not in ended.err + ended.out


def test_an_adapter_without_checks_is_pointed_to_them(session: Pytest, tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text("def test_own():\n    pass\n")
    ended = session("--prm-adapter", HOLLOW, "test_own.py")
    assert ended.code == 0
    assert "add `--pyargs prm_scenarios` to the command" in ended.out


def test_without_our_options_nothing_of_ours_shows(session: Pytest, tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text("def test_own():\n    pass\n")
    ended = session("test_own.py")
    assert ended.code == 0
    assert "PRM audit" not in ended.out
    assert ended.out.rstrip().splitlines()[-1].startswith("=")
    nothing = session("--pyargs", "prm_scenarios")
    assert nothing.code == 5, "without the option the checks are not even collected"


def test_ctrl_c_keeps_what_was_recorded(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *audit_words(SLOW)]
    process = subprocess.Popen(
        words, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    run_file = tmp_path / "out" / "audit" / "run.ndjson"
    wait_for(run_file, process)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130, out
    assert f"`prm-harness report --partial {run_file}`" in out.rstrip().splitlines()[-1]
    assert read_run(run_file).footer is not None


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_our_own_defect_counts_against_no_vendor(session: Pytest, tmp_path: Path, workers: list[str]) -> None:
    (tmp_path / "breaks.py").write_text(
        "import prm_harness.pytest_audit.campaign as campaign\n"
        "def run_audit(*_, **__): raise ZeroDivisionError('by nought')\n"
        "campaign.run_audit = run_audit\n"
    )
    ended = session("-p", "breaks", *audit_words(HOLLOW, "T3", "E1"), *workers, path=tmp_path)
    assert ended.code == 3
    assert "ZeroDivisionError: by nought" in ended.out
    assert ended.out.rstrip().splitlines()[-1].startswith("exit 3: the audit could not be held")
