"""The page of the kill matrix says what the registry of checks and defects says, with no empty row and no empty column."""

from __future__ import annotations

import re

import pytest

from prm_harness.audit.registry import load_catalogue
from prm_harness.record.verdicts import Verdict
from prm_harness.reference.defects import DEFECTS

CHECKS = {check.id: check for check in load_catalogue().checks}


@pytest.fixture(scope="module")
def text(kill_matrix):
    return kill_matrix.PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rows(text, kill_matrix):
    """(check, defect) → (failure modes, style → outcome)."""
    heads = re.search(r"^\| check \| defect \| failure modes \| (.*) \|$", text, re.MULTILINE)[1].split(" | ")
    styles = [head.replace(" ", "_") for head in heads]
    return {
        (check, defect): (modes, dict(zip(styles, outcomes.split(" | "), strict=True)))
        for check, defect, modes, outcomes in kill_matrix.ROW.findall(text)
    }


def test_every_pair_of_the_registry_has_its_row(kill_matrix, rows):
    assert list(rows) == kill_matrix.pairs(), "run `make kill-matrix`"


def test_no_row_is_empty(rows):
    assert {check for check, _ in rows} == set(CHECKS)
    assert [pair for pair, (_, outcomes) in rows.items() if "caught" not in outcomes.values()] == []


def test_no_column_is_empty(rows, text):
    waiting = {name for name, defect in DEFECTS.items() if not CHECKS.keys() & set(defect.checks)}
    assert {defect for _, defect in rows} | waiting == set(DEFECTS)
    for name in waiting:
        assert f"- `{name}` ({', '.join(DEFECTS[name].checks)})" in text


def test_a_defect_has_an_outcome_in_exactly_its_styles(kill_matrix, rows):
    for (_, defect), (modes, outcomes) in rows.items():
        planted = {style for style, outcome in outcomes.items() if outcome != kill_matrix.ABSENT}
        assert planted == set(DEFECTS[defect].styles), f"{defect}: run `make kill-matrix`"
        assert modes == (", ".join(DEFECTS[defect].failure_modes) or kill_matrix.ABSENT)


def test_every_failure_mode_is_accounted_for(kill_matrix, text):
    after = text[text.index("## Failure modes") :]
    assert {mode for mode in kill_matrix.MODES if re.search(rf"\b{mode}\b", after)} == set(kill_matrix.MODES)


def test_every_failure_mode_has_a_defect_that_is_caught(rows):
    modes = {
        mode for told, outcomes in rows.values() if "caught" in outcomes.values() for mode in told.split(", ")
    }
    assert modes - {"–"} == {f"D{number}" for number in range(1, 39)}


def test_every_style_has_defects_of_its_own_machinery(kill_matrix):
    alone = {defect.styles[0] for defect in DEFECTS.values() if len(defect.styles) == 1}
    assert alone >= {"mirror", "ipaas", "batch_etl", "passthrough"}
    assert {style for defect in DEFECTS.values() for style in defect.styles} == set(kill_matrix.STYLES)


def test_ci_runs_every_cell(kill_matrix):
    root = kill_matrix.PAGE.parents[2]
    assert "kill-matrix-check" in (root / ".ci" / "run").read_text(encoding="utf-8")
    assert "kill_matrix.py --compare" in (root / "Makefile").read_text(encoding="utf-8")


def test_a_page_that_says_something_else_is_an_error(kill_matrix, tmp_path, monkeypatch, capsys):
    cell = kill_matrix.cells()[0]
    monkeypatch.setattr(kill_matrix, "cells", lambda: [cell])
    monkeypatch.setattr(kill_matrix, "run", lambda wanted: dict.fromkeys(wanted, kill_matrix.CAUGHT))
    monkeypatch.setattr(kill_matrix, "PAGE", tmp_path / "kill-matrix.md")
    kill_matrix.PAGE.write_text("another", encoding="utf-8")
    assert kill_matrix.main(compare=True) == 1
    assert kill_matrix.PAGE.read_text(encoding="utf-8") == "another"
    assert kill_matrix.main() == 0
    assert kill_matrix.main(compare=True) == 0
    assert "1 caught" in capsys.readouterr().out
    monkeypatch.setattr(kill_matrix, "run", lambda wanted: dict.fromkeys(wanted, "**inconclusive**"))
    assert kill_matrix.main() == 1
    assert f"{cell.check} misses {cell.defect}" in capsys.readouterr().err


def test_nothing_was_missed(kill_matrix, rows):
    known = {kill_matrix.CAUGHT, kill_matrix.LACKING, kill_matrix.ABSENT}
    assert {outcome for _, outcomes in rows.values() for outcome in outcomes.values()} <= known


def test_what_is_not_passed_sound_or_not_failed_planted_is_no_catch(kill_matrix):
    outcome = kill_matrix._outcome
    assert outcome(Verdict.PASSED, Verdict.FAILED) == kill_matrix.CAUGHT
    assert outcome(Verdict.FAILED, Verdict.FAILED) == kill_matrix.LACKING
    assert outcome(Verdict.PASSED, Verdict.INCONCLUSIVE) == "**inconclusive**"
