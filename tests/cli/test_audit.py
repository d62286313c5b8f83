from __future__ import annotations

import json
from pathlib import Path

from prm_harness.record.reader import read_run

HOLLOW = "python:hollow_prm:create"


def test_an_audit_leaves_every_file_and_says_the_score_and_the_code(cli, tmp_path: Path) -> None:
    ended = cli("audit", HOLLOW, "--out", "here", "--seed", "5", "--check", "T3")
    assert ended.code == 1
    assert ended.last.startswith("exit 1: ")
    assert "Hollow PRM: " in ended.out
    names = {path.name for path in (tmp_path / "here").iterdir()}
    assert names == {
        "run.ndjson", "results.json", "junit.xml", "checks.csv", "findings.csv", "field-matrix.csv", "ctrf.json",
        "summary.md", "badge.svg", "badge.json", "scorecard.html", "scorecard.pdf",
    }  # fmt: skip
    assert read_run(tmp_path / "here" / "run.ndjson").header.seed == 5


def test_an_earlier_run_is_kept_under_a_number(cli, tmp_path: Path) -> None:
    for seed in (1, 2, 3):
        cli("audit", HOLLOW, "--check", "T3", "--no-pdf", "--seed", seed)
    seeds = {path.name: read_run(path).header.seed for path in (tmp_path / "out" / "audit").glob("*.ndjson")}
    assert seeds == {"run-1.ndjson": 1, "run-2.ndjson": 2, "run.ndjson": 3}


def test_selected_checks_only_and_the_rest_counts_as_not_run(cli, tmp_path: Path) -> None:
    ended = cli("audit", HOLLOW, "--check", "T3", "--check", "E1", "--no-pdf")
    assert not (tmp_path / "out" / "audit" / "scorecard.pdf").exists()
    card = json.loads((tmp_path / "out" / "audit" / "results.json").read_text())["scorecard"]
    verdicts = {
        check["plan"]["id"]: check["result"]["verdict"]
        for part in card["parts"]
        for question in part["questions"]
        for check in question["checks"]
    }
    assert {name for name, verdict in verdicts.items() if verdict != "not_run"} == {"T3", "E1"}
    assert ended.code == 1


def test_progress_is_plain_lines_where_there_is_no_terminal(cli) -> None:
    ended = cli("audit", HOLLOW, "--check", "T3", "--no-pdf")
    assert "audit: shared (1 checks to go)" in ended.err
    assert "audit: 1/1 T3 failed" in ended.err
    assert "\x1b" not in ended.err


def test_a_profile_of_ones_own_is_used_and_named_as_changed(cli, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("extends: smb\nbuyer: Acme\nweights: {Q1.1: 1, Q2.3: 12}\n")
    assert "not to 100" in cli("audit", HOLLOW, "--profile", "p.yaml").one_line(2)
    (tmp_path / "p.yaml").write_text("extends: smb\nbuyer: Acme\nthresholds: {health_check_hours: 1}\n")
    cli("audit", HOLLOW, "--profile", "p.yaml", "--check", "T3", "--no-pdf")
    profile = read_run(tmp_path / "out" / "audit" / "run.ndjson").header.profile
    assert (profile.name, profile.buyer, profile.customised) == ("smb", "Acme", True)
