from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import audit_file

from prm_harness.cli import contest
from prm_harness.cli.bakeoff_file import load_bakeoff


def score_of(folder: Path) -> float:
    return float(json.loads((folder / "results.json").read_text())["scorecard"]["score"])


def test_a_report_can_be_made_again_from_the_run_file_alone(cli, tmp_path: Path, hollow_run: Path) -> None:
    ended = cli("report", hollow_run, "--out", "a", "--no-pdf")
    again = cli("report", hollow_run, "--out", "b", "--no-pdf")
    assert (ended.code, ended.last) == (again.code, again.last)
    for name in ("results.json", "junit.xml", "scorecard.html"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_it_goes_beside_the_run_file(cli, tmp_path: Path, hollow_run: Path) -> None:
    shutil.copy(hollow_run, tmp_path / "run.ndjson")
    cli("report", tmp_path / "run.ndjson", "--no-pdf", "--page", "letter")
    assert (tmp_path / "scorecard.html").exists()


def test_other_weights_give_another_score_of_the_same_verdicts(cli, tmp_path: Path) -> None:
    run = audit_file("python:prm_harness.reference.mirror:create", tmp_path / "run", checks=["T3"])
    (tmp_path / "p.yaml").write_text("extends: mid-market\nweights: {Q2.3: 0, Q4.1: 15}\n")
    as_run = cli("report", run, "--out", "a", "--no-pdf")
    anew = cli("report", run, "--out", "b", "--no-pdf", "--profile", "p.yaml")
    assert as_run.code == anew.code == 3
    assert score_of(tmp_path / "a") != score_of(tmp_path / "b")
    profile = json.loads((tmp_path / "b" / "results.json").read_text())["profile"]
    assert profile["customised"]


def test_the_pdfs_of_a_vendor_and_of_a_bakeoff(cli, tmp_path: Path) -> None:
    mirror = "python:prm_harness.reference.mirror:create"
    runs = [
        audit_file(connect, tmp_path / str(number), checks=["T3"])
        for number, connect in enumerate((mirror, f"{mirror}?defect=drops-custom-fields"))
    ]
    cli("report", *runs, "--out", "o")
    assert (tmp_path / "o" / "bakeoff.pdf").read_bytes().startswith(b"%PDF-")
    ended = cli("report", runs[0], "--page", "letter")
    assert "wrote" in ended.out
    assert (tmp_path / "0" / "scorecard.pdf").read_bytes().startswith(b"%PDF-")


def test_several_runs_make_a_bakeoff(cli, tmp_path: Path, hollow_run: Path, other_run: Path) -> None:
    ended = cli("report", hollow_run, other_run, "--no-pdf", "--out", "cmp")
    assert ended.code == 1
    assert "Hollow PRM " in ended.last
    assert "Echo PRM " in ended.last
    assert {path.name for path in (tmp_path / "cmp").iterdir()} == {"bakeoff.html", "bakeoff.json"}


def test_runs_that_were_not_asked_the_same_are_refused(cli, tmp_path: Path, hollow_run: Path) -> None:
    other_seed = audit_file("python:hollow_prm:create?product=Seven", tmp_path / "seven", seed=7)
    line = cli("report", hollow_run, other_seed, "--no-pdf").one_line(2)
    assert "cannot be compared" in line
    assert "seed" in line


def test_the_same_run_twice_is_refused(cli, hollow_run: Path) -> None:
    assert "given twice" in cli("report", hollow_run, hollow_run, "--no-pdf").one_line(2)


@pytest.mark.parametrize("left", [1, 5, 40])
def test_a_run_that_was_cut_off_needs_partial_and_carries_a_mark(
    cli, tmp_path: Path, hollow_run: Path, left: int
) -> None:
    lines = hollow_run.read_bytes().splitlines(keepends=True)
    cut = tmp_path / "cut.ndjson"
    cut.write_bytes(b"".join(lines[:left]) + lines[left][:20])
    line = cli("report", cut, "--no-pdf").one_line(3)
    assert "cut.ndjson" in line
    assert "--partial" in line
    ended = cli("report", cut, "--partial", "--no-pdf")
    assert ended.code in {1, 3}
    assert "PARTIAL RUN" in (tmp_path / "scorecard.html").read_text()


def test_a_whole_run_carries_no_such_mark(cli, tmp_path: Path, hollow_run: Path) -> None:
    cli("report", hollow_run, "--no-pdf", "--out", "whole")
    assert "PARTIAL RUN" not in (tmp_path / "whole" / "scorecard.html").read_text()


@pytest.mark.parametrize("partial", [[], ["--partial"]])
def test_a_run_that_was_edited_does_not_verify(
    cli, tmp_path: Path, hollow_run: Path, partial: list[str]
) -> None:
    edited = tmp_path / "edited.ndjson"
    edited.write_bytes(hollow_run.read_bytes().replace(b'"verdict":"failed"', b'"verdict":"passed"', 1))
    line = cli("report", edited, *partial).one_line(5)
    assert "edited.ndjson" in line
    assert "edited after it was written" in line


def test_a_line_taken_out_does_not_verify(cli, tmp_path: Path, hollow_run: Path) -> None:
    lines = hollow_run.read_bytes().splitlines(keepends=True)
    (tmp_path / "less.ndjson").write_bytes(b"".join(lines[:10] + lines[11:]))
    assert "less.ndjson" in cli("report", tmp_path / "less.ndjson", "--partial").one_line(5)


def test_something_else_than_a_run_file(cli, tmp_path: Path) -> None:
    (tmp_path / "run.ndjson").write_bytes(b"%PDF-1.7\n\xff\xfe")
    assert "not a run file" in cli("report", tmp_path / "run.ndjson").one_line(5)


def test_a_comment_and_waivers_are_printed_and_change_nothing(cli, tmp_path: Path, hollow_run: Path) -> None:
    check = json.loads(hollow_run.read_text().splitlines()[0])["data"]["plan"][0]
    (tmp_path / "c.yaml").write_text(
        f"by: V. Vendor\ndate: 2026-11-25\ntext: We disagree.\nchecks: {{{check}: Why.}}\n"
    )
    (tmp_path / "w.yaml").write_text(
        f"waivers:\n- {{check: {check}, reason: known, owner: R. Ops, until: 2027-01-31}}\n"
    )
    plain = cli("report", hollow_run, "--out", "a", "--no-pdf")
    beside = cli("report", hollow_run, "--out", "b", "--no-pdf", "--comment", "c.yaml", "--waivers", "w.yaml")
    assert (plain.code, plain.last) == (beside.code, beside.last)
    assert score_of(tmp_path / "a") == score_of(tmp_path / "b")
    told = json.loads((tmp_path / "b" / "results.json").read_text())["enclosures"]
    assert told["comment"]["text"] == "We disagree."
    assert told["waivers"][0]["check"] == check
    assert "We disagree." in (tmp_path / "b" / "scorecard.html").read_text()


def test_an_audit_and_a_bake_off_take_them_as_well(cli, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("by: V. Vendor\ntext: We disagree.\nchecks: {E1: Why.}\n")
    (tmp_path / "w.yaml").write_text(
        "waivers:\n- {check: E1, reason: known, owner: R. Ops, until: 2027-01-31}\n"
    )
    one = ("audit", "python:hollow_prm:create", "--check", "E1", "--no-pdf")
    audited = cli(*one, "--comment", "c.yaml", "--waivers", "w.yaml", "--out", "one")
    assert audited.code == 3
    (tmp_path / "bakeoff.yaml").write_text(
        "vendors:\n- {connect: 'python:hollow_prm:create', comment: c.yaml, waivers: w.yaml}\n"
        "- {connect: 'python:hollow_prm:create?product=Other'}\n"
    )
    entries = contest.entries_of(load_bakeoff(tmp_path / "bakeoff.yaml"), tmp_path / "held")
    short = [replace(entry, spec=replace(entry.spec, checks=("E1",))) for entry in entries]
    assert len(contest.hold(short, contest.Paper(pdf=False, page="a4"))) == 2
    for folder, said in (("one", "We disagree."), ("held/hollow-prm", "We disagree."), ("held/other", None)):
        told = json.loads((tmp_path / folder / "results.json").read_text())["enclosures"]
        assert (told["comment"] or {}).get("text") == said
        assert [waiver["check"] for waiver in told["waivers"]] == (["E1"] if said else [])


def test_an_audit_says_what_is_handed_in_wrongly_before_it_runs(cli, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("by: V\nchecks: {NOPE: x}\n")
    wrong = cli("audit", "python:hollow_prm:create", "--comment", "c.yaml", "--out", "one").one_line(2)
    assert "'NOPE', which is none of the checks" in wrong
    assert not (tmp_path / "one").exists()


def test_what_is_handed_in_wrongly_is_refused_in_one_line(
    cli, tmp_path: Path, hollow_run: Path, other_run: Path
) -> None:
    (tmp_path / "c.yaml").write_text("by: V\nchecks: {NOPE: x}\n")
    wrong = cli("report", hollow_run, "--no-pdf", "--comment", "c.yaml")
    assert wrong.code == 2
    assert "'NOPE', which is none of the checks of this run" in wrong.last
    missing = cli("report", hollow_run, "--no-pdf", "--waivers", "nowhere.yaml")
    assert (missing.code, "nowhere.yaml" in missing.last) == (2, True)
    several = cli("report", hollow_run, other_run, "--no-pdf", "--comment", "c.yaml")
    assert several.code == 2
    assert "belong to one run" in several.last
