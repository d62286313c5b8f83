"""The sound mirror passes every check, whatever the generated records."""

from __future__ import annotations

import pytest

from prm_harness.audit.registry import load_catalogue
from prm_harness.record.verdicts import Verdict

CHECKS = [check.id for check in load_catalogue().checks]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 20261122])
def test_the_sound_mirror_passes_every_check(audit, seed):
    results = audit("mirror", seed=seed)
    assert sorted(results) == sorted(CHECKS)
    others = {
        id_: f"{r.verdict.value}: {r.finding}"
        for id_, r in results.items()
        if r.verdict is not Verdict.PASSED
    }
    assert others == {}


@pytest.mark.slow
def test_findings_are_whole_sentences_with_their_figures(audit):
    for result in audit("mirror").values():
        assert result.finding.endswith(".")
        assert "?" not in result.finding, "a figure that the check did not set"


@pytest.mark.slow
def test_every_figure_of_the_facts_box_was_measured_by_some_check(audit):
    known = set().union(*(result.evidence.facts for result in audit("mirror").values()))
    assert known >= {
        "to_crm_p50", "to_crm_p95", "to_crm_max", "to_prm_p50", "to_prm_p95", "to_prm_max", "history_share",
        "error_visible_seconds", "alert_seconds", "add_field_minutes", "calls_per_1000",
    }  # fmt: skip
