"""The sound mirror passes every check, whatever the generated records."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import finished
import pytest

from prm_harness.audit.registry import load_catalogue
from prm_harness.record.model import Result
from prm_harness.record.reader import read_run
from prm_harness.record.verdicts import Verdict

CHECKS = [check.id for check in load_catalogue().checks]


@pytest.fixture
def whole(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Mapping[str, Result]]:
    """The results of a whole audit with a seed: those on which the vendor's path is certified, made once for all."""
    return lambda seed: read_run(finished.finished_run(tmp_path_factory, seed)).results


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12])
def test_the_sound_mirror_passes_every_check(whole, seed):
    results = whole(seed)
    assert sorted(results) == sorted(CHECKS)
    others = {
        id_: f"{r.verdict.value}: {r.finding}"
        for id_, r in results.items()
        if r.verdict is not Verdict.PASSED
    }
    assert others == {}


@pytest.mark.slow
def test_findings_are_whole_sentences_with_their_figures(whole):
    for result in whole(11).values():
        assert result.finding.endswith(".")
        assert "?" not in result.finding, "a figure that the check did not set"


@pytest.mark.slow
def test_every_figure_of_the_facts_box_was_measured_by_some_check(whole):
    known = set().union(*(result.evidence.facts for result in whole(11).values()))
    assert known >= {
        "to_crm_p50", "to_crm_p95", "to_crm_max", "to_prm_p50", "to_prm_p95", "to_prm_max", "history_share",
        "error_visible_seconds", "alert_seconds", "add_field_minutes", "calls_per_1000",
    }  # fmt: skip
