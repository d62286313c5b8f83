from __future__ import annotations

import json
from pathlib import Path

from prm_harness.record.reader import read_run

HOLLOW = "python:hollow_prm:create"
TWO = f"""
title: Shortlist
buyer: Acme
seed: 3
vendors:
  - connect: {HOLLOW}
  - connect: {HOLLOW}?product=Echo+PRM
    name: Second choice
"""


def test_a_bakeoff_leaves_its_files_and_each_vendors(cli, tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(TWO)
    ended = cli("bakeoff", "b.yaml", "--no-pdf", "--out", "o")
    assert ended.code == 1
    assert "Hollow PRM" in ended.last
    assert "Echo PRM" in ended.last
    own = {
        "run.ndjson", "results.json", "junit.xml", "checks.csv", "findings.csv", "field-matrix.csv", "ctrf.json",
        "summary.md", "badge.svg", "badge.json", "scorecard.html",
    }  # fmt: skip
    assert {path.name for path in (tmp_path / "o" / "hollow-prm").iterdir()} == own
    assert {path.name for path in (tmp_path / "o" / "second-choice").iterdir()} == own
    made = json.loads((tmp_path / "o" / "bakeoff.json").read_text())
    assert (made["title"], made["buyer"]) == ("Shortlist", "Acme")
    assert [run["seed"] for run in made["runs"]] == [3, 3]


def test_everybody_is_audited_as_often_as_the_file_says(cli, tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(f"repeats: 2\n{TWO}")
    ended = cli("bakeoff", "b.yaml", "--no-pdf", "--out", "o")
    assert ended.code == 1
    for folder in ("hollow-prm", "second-choice"):
        run = read_run(tmp_path / "o" / folder / "run.ndjson")
        assert {len(kept) for kept in run.attempts.values()} == {2}


def test_company_changes_no_verdict(cli, tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(TWO)
    cli("bakeoff", "b.yaml", "--no-pdf", "--out", "o")
    cli("audit", HOLLOW, "--seed", "3", "--no-pdf", "--out", "alone")
    together = read_run(tmp_path / "o" / "hollow-prm" / "run.ndjson")
    alone = read_run(tmp_path / "alone" / "run.ndjson")
    assert {c: r.verdict for c, r in together.results.items()} == {
        c: r.verdict for c, r in alone.results.items()
    }
    assert together.header.plan_hash == alone.header.plan_hash


def test_a_folder_of_its_own_and_a_profile_beside_the_file(cli, tmp_path: Path) -> None:
    (tmp_path / "list").mkdir()
    (tmp_path / "list" / "ours.yaml").write_text("extends: smb\nbuyer: Ours\n")
    (tmp_path / "list" / "b.yaml").write_text(
        f"profile: ours.yaml\nvendors:\n  - connect: {HOLLOW}\n    out: elsewhere\n  - connect: {HOLLOW}?product=E\n"
    )
    cli("bakeoff", "list/b.yaml", "--no-pdf")
    assert read_run(tmp_path / "elsewhere" / "run.ndjson").header.profile.name == "smb"
    assert (tmp_path / "out" / "bakeoff" / "e" / "run.ndjson").exists()


def test_a_contestant_whose_process_dies_ends_the_bakeoff_in_a_line(cli, tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(
        TWO.replace("product=Echo+PRM", "product=Echo+PRM&dies_in=prerequisites")
    )
    ended = cli("bakeoff", "b.yaml", "--no-pdf")
    assert ended.code == 3
    assert ended.last == (
        "prm-harness: Second choice: its audit ended with 9 and no word [exit 3: inconclusive or incomplete only]"
    )
