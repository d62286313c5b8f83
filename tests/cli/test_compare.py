"""What changed since last time: a baseline, a defect switched on and off again, and the exit code that CI sees."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from command_line import audit_file

MIRROR = "python:prm_harness.reference.mirror:create"
DEFECT = f"{MIRROR}?defect=truncates-text-at-255"
CHECKS = ("T1", "T3")
ENTRY = "expected:\n  - {check: %s, verdict: failed, reason: ticket 4711, owner: QA, expires: %s}\n"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Run files: the baseline, the same with a defect, and the same once more without."""
    connects = {"base": MIRROR, "worse": DEFECT, "again": MIRROR}
    return {
        name: audit_file(connect, tmp_path_factory.mktemp(name), checks=CHECKS)
        for name, connect in connects.items()
    }


def test_a_defect_switched_on_is_a_regression_that_is_named(cli, files: dict[str, Path]) -> None:
    ended = cli("compare", files["base"], files["worse"])
    assert (ended.code, ended.last) == (4, "exit 4: worse than the baseline: T1 passed → failed")
    assert "silently altered (Description, Notes__c)" in ended.out
    assert "1 worse, 0 better" in ended.out


def test_and_off_again_is_none(cli, files: dict[str, Path]) -> None:
    ended = cli("compare", files["base"], files["again"], "--fail-on", "any")
    assert ended.code == 0
    assert ended.last.startswith("exit 0: nothing is worse than in the baseline")
    fixed = cli("compare", files["worse"], files["base"])
    assert (fixed.code, "1 better" in fixed.last) == (0, True)
    assert cli("compare", files["worse"], files["base"], "--fail-on", "any").code == 4


def test_stdout_is_the_form_that_was_asked_for(cli, files: dict[str, Path]) -> None:
    pair = files["base"], files["worse"]
    found = json.loads(cli("compare", *pair, "--format", "json", "--out", "o", "--no-pdf").out)
    assert found["exit"]["code"] == 4
    suites = ET.fromstring(cli("compare", *pair, "--format", "junit").out)
    assert suites.get("failures") == "1"
    assert "| worse | **T1** " in cli("compare", *pair, "--format", "markdown").out


def test_the_change_report(cli, files: dict[str, Path], tmp_path: Path) -> None:
    ended = cli("compare", files["base"], files["worse"], "--out", "o", "--page", "letter")
    names = {"change.pdf", "change.html", "change.json", "change.md", "change.junit.xml"}
    assert {path.name for path in (tmp_path / "o").iterdir()} == names
    assert all(f"wrote {Path('o') / name}" in ended.out for name in names)
    assert "First bad step:" in (tmp_path / "o" / "change.html").read_text()
    assert (tmp_path / "o" / "change.pdf").read_bytes().startswith(b"%PDF-")


def test_a_failure_that_somebody_answers_for(cli, files: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "e.yaml").write_text(ENTRY % ("T1", "2999-12-31"))
    ended = cli("compare", files["base"], files["worse"], "--expected", "e.yaml")
    assert ended.code == 0
    assert ended.last.endswith("; 1 expected")
    assert "expected: ticket 4711" in ended.out


@pytest.mark.parametrize(
    ("check", "expires", "run", "said"),
    [
        ("T1", "2999-12-31", "again", "T1 is expected to end as failed, and is passed"),
        ("T99", "2999-12-31", "worse", "T99 is no check of this run"),
        ("T1", "2020-01-31", "worse", "expired: T1 on 2020-01-31 (QA)"),
        ("T1", "soon", "worse", "write it as 2027-03-31"),
    ],
)
def test_an_entry_that_is_not_so_any_more_is_an_error(
    cli, files: dict[str, Path], tmp_path: Path, check: str, expires: str, run: str, said: str
) -> None:
    (tmp_path / "e.yaml").write_text(ENTRY % (check, expires))
    assert said in cli("compare", files["base"], files[run], "--expected", "e.yaml").one_line(2)


def test_another_seed_is_refused(cli, files: dict[str, Path], tmp_path: Path) -> None:
    other = audit_file(MIRROR, tmp_path / "seven", seed=7, checks=["T3"])
    line = cli("compare", files["base"], other).one_line(2)
    assert "cannot be compared" in line
    assert "seed: 1 → 7" in line


def test_what_was_left_out_is_no_longer_judged(cli, files: dict[str, Path], tmp_path: Path) -> None:
    fewer = audit_file(MIRROR, tmp_path / "fewer", checks=["T3"])
    ended = cli("compare", files["base"], fewer)
    assert ended.code == 3
    assert "no longer judged: T1 passed → not run" in ended.last


def test_a_run_that_was_cut_off_needs_partial_and_is_never_clean(
    cli, files: dict[str, Path], tmp_path: Path
) -> None:
    lines = files["again"].read_bytes().splitlines(keepends=True)
    (tmp_path / "cut.ndjson").write_bytes(b"".join(lines[:-1]))
    assert "--partial" in cli("compare", files["base"], "cut.ndjson").one_line(3)
    ended = cli("compare", files["base"], "cut.ndjson", "--partial")
    assert (ended.code, "the run incomplete" in ended.last) == (3, True)


@pytest.mark.parametrize("edited", [0, 1])
def test_an_edited_file_does_not_verify(cli, files: dict[str, Path], tmp_path: Path, edited: int) -> None:
    content = files["worse"].read_bytes().replace(b'"verdict":"failed"', b'"verdict":"passed"', 1)
    (tmp_path / "edited.ndjson").write_bytes(content)
    pair: list[object] = [files["base"], files["base"]]
    pair[edited] = "edited.ndjson"
    assert "edited after it was written" in cli("compare", *pair).one_line(5)


def test_no_such_file(cli, files: dict[str, Path]) -> None:
    assert "nowhere.ndjson: No such file" in cli("compare", "nowhere.ndjson", files["base"]).one_line(2)


def test_a_check_in_quarantine_does_not_count_until_it_is_steady(
    cli, files: dict[str, Path], tmp_path: Path
) -> None:
    entry = "quarantine:\n  - {check: %s, reason: ticket 4712, owner: QA, expires: %s}\n"
    (tmp_path / "q.yaml").write_text(entry % ("T1", "2999-12-31"))
    for run in ("worse", "again"):
        ended = cli("compare", files["base"], files[run], "--expected", "q.yaml")
        assert (ended.code, ended.last.endswith("; 1 quarantined")) == (0, True)
        assert "quarantined until 2999-12-31 (QA)" in ended.out
    for check, expires, said in (
        ("T99", "2999-12-31", "T99 is no check of this run"),
        ("T1", "2020-01-31", "expired: T1 on 2020-01-31 (QA)"),
        ("T1, verdict: failed", "2999-12-31", "has 'verdict', which is none of the keys"),
    ):
        (tmp_path / "q.yaml").write_text(entry % (check, expires))
        assert said in cli("compare", files["base"], files["worse"], "--expected", "q.yaml").one_line(2)


def test_a_quarantine_that_is_not_needed_any_more(cli, files: dict[str, Path], tmp_path: Path) -> None:
    words = ("--check", "T1", "--check", "T3", "--repeats", "3", "--no-pdf", "--out", "steady")
    assert cli("audit", MIRROR, *words).code == 3
    (tmp_path / "q.yaml").write_text(
        "quarantine:\n  - {check: T1, reason: r, owner: QA, expires: 2999-12-31}\n"
    )
    said = cli("compare", files["base"], "steady/run.ndjson", "--expected", "q.yaml").one_line(2)
    assert "T1 is in quarantine, and passed 3 times of 3; take it out" in said
