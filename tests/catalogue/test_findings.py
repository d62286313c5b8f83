"""Every check speaks for itself, whatever its verdict: with its figure, and what that means for the work with partners."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from prm_harness.audit.judge import finding
from prm_harness.audit.registry import CatalogueError, Words, load_catalogue
from prm_harness.record.verdicts import Verdict

CHECKS = load_catalogue().checks
ENTRIES = yaml.safe_load(Path("scenarios/prm_scenarios/findings.yaml").read_text("utf-8"))
LONGEST = 230


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_check_has_its_own_sentences(check):
    where = f"add {check.id} to scenarios/prm_scenarios/findings.yaml"
    assert check.words.good, where
    assert check.words.unsupported, where
    assert check.words.open, where
    for sentence in (check.words.unsupported, check.words.open, check.words.partial):
        assert not sentence or (sentence[0].isupper() or sentence[0] == "{")
        assert not sentence or sentence.endswith(".")
        assert len(sentence) < LONGEST
    assert ":" in check.failed, (
        f"{check.id}: the failed sentence names the figure, a colon, and the consequence"
    )
    assert not check.words.good.endswith(".")


def test_a_check_that_counts_a_share_says_it():
    counted = {c.id for c in CHECKS if re.search(r"judge_cells|tried\(|\.partial", _source(c))}
    assert {"T1", "C1"} <= counted
    for check in CHECKS:
        if check.id in counted:
            assert "{right} of {" in check.words.partial, check.id


def test_no_entry_is_for_a_check_that_nobody_plans():
    planned = load_catalogue().checklist.not_tested_yet.keys() | {c.id for c in CHECKS}
    first_catalogue = {"E7"}
    assert not ENTRIES.keys() - planned - first_catalogue


def test_sentences_do_not_repeat_each_other():
    for part in ("good", "open"):
        said = [entry[part] for entry in ENTRIES.values()]
        assert len(set(said)) >= len(said) - 1, part


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("own", [True, False], ids=["own words", "fallback"])
def test_whatever_the_verdict_something_is_said(verdict, own):
    check = next(c for c in CHECKS if c.id == "E1")
    check = check if own else _with(check, Words())
    said = finding(check, verdict, "it was so", {"refused": 40, "unseen": 11, "which": "a, b"}, (29, 40))
    assert said.endswith(".")
    assert "?" not in said
    assert "{" not in said
    expected = {
        Verdict.PASSED: "All 40 deals",
        Verdict.PARTIAL: "29 of 40 right. 11 of 40 deals",
        Verdict.FAILED: "11 of 40 deals",
        Verdict.UNSUPPORTED: "There is no list"
        if own
        else "The product does not offer this: every failed write",
        Verdict.NOT_APPLICABLE: "It was so.",
    }
    fallback = "Whether every failed write" if own else "Whether this holds is not known: every failed write"
    assert said.startswith(expected.get(verdict, fallback))
    if verdict is Verdict.INCONCLUSIVE:
        assert said.endswith("It was so.")


def test_declared_in_full_and_refused_is_said_as_such():
    check = next(c for c in CHECKS if c.id == "U2")
    said = finding(check, Verdict.FAILED, "declared in full, but rollback is not supported", {})
    assert said.endswith("nothing else: declared in full, but rollback is not supported.")


def test_a_pack_with_broken_sentences_says_which(tmp_path, monkeypatch):
    from prm_harness.audit import registry

    pack = ModuleType("broken_pack")
    monkeypatch.setattr(registry.resources, "files", lambda _: tmp_path)
    for content, message in (
        ("E1: {bad: x}", "findings.yaml cannot be read"),
        ("E1: {open: 7}", "E1 holds what"),
    ):
        (tmp_path / "findings.yaml").write_text(content)
        with pytest.raises(CatalogueError, match=message):
            registry._words(pack)


def _source(check) -> str:
    import inspect

    return inspect.getsource(check.body)


def _with(check, words):
    import dataclasses

    return dataclasses.replace(check, words=words)
