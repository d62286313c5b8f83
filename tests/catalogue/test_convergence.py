"""P1: the histories are the same for everybody, the sound mirror lives through them, and what breaks is made short."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from prm_harness.crm.faults import FaultBox
from prm_harness.record.verdicts import Verdict
from prm_scenarios.shared.histories import ROUNDS, SIDES, History, Step, draw_histories, parts


@pytest.mark.parametrize("seed", [2, 3, 4, 5])
def test_the_sound_mirror_comes_to_agree(audit, seed):
    result = audit("mirror", checks=("P1",), seed=seed)["P1"]
    assert result.verdict is Verdict.PASSED, result.finding


def test_the_shortest_story_is_told(audit):
    told = audit("mirror", checks=("P1",), defect="retry-inserts-twice")["P1"].evidence.facts["smallest"]
    assert "submitted in the portal (meanwhile" in told
    assert "answers to writes are lost" in told
    assert ";" not in told, "one line: nothing but its birth was needed"


def test_without_any_trouble_nothing_is_shown(audit, monkeypatch):
    monkeypatch.setattr(FaultBox, "hit", lambda *_, **__: None)
    result = audit("mirror", checks=("P1",), seed=6)["P1"]
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "requests disturbed" in result.reason


def test_a_seed_gives_the_same_histories_whatever_else_is_imported(tmp_path):
    before = draw_histories(7, 12, 15)
    # Hypothesis takes constants out of modules like this one for its own draws.
    module = tmp_path / "vendor_adapter.py"
    module.write_text("LIMITS = [" + ", ".join(map(str, range(100, 255))) + "]\n")
    spec = importlib.util.spec_from_file_location("vendor_adapter", module)
    sys.modules["vendor_adapter"] = importlib.util.module_from_spec(spec)
    try:
        assert draw_histories(7, 12, 15) == before
    finally:
        del sys.modules["vendor_adapter"]
    assert draw_histories(8, 12, 15) != before


@pytest.mark.parametrize("seed", range(5))
def test_no_seed_leaves_anything_out(seed):
    histories = draw_histories(seed, 12, 15)
    assert len(histories) == 12
    assert {h.first for h in histories if h.born == "portal"} == set(range(ROUNDS))
    assert {s.side for h in histories for s in h.steps if s.action == "delete"} == set(SIDES)
    for history in histories:
        assert [s.round for s in history.steps] == sorted(s.round for s in history.steps)
        assert all(s.round >= history.first for s in history.steps)
        assert 5 <= len([s for s in history.steps if s.action != "delete"]) <= 15


def test_parts_are_shorter_and_the_shortest_come_first():
    steps = tuple(Step(number % ROUNDS, "CRM", "edit", "NextStep", number) for number in range(6))
    lengths = [len(part.steps) for part in parts(History("CRM", 0, steps), 60)]
    assert lengths == [0] + [1] * 6 + [2] * 15 + [5] * 6
    assert len(parts(History("CRM", 0, steps), 10)) == 10
