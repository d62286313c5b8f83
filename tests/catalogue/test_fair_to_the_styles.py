"""Each sound product is failed exactly where its style cannot do what is asked, and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from style_limits import NOT_PASSED

from prm_harness.adapter import Level
from prm_harness.adapter.connect import open_adapter
from prm_harness.record.verdicts import Verdict

STYLES = ("ipaas", "etl", "passthrough")


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
def test_a_style_fails_only_where_it_must(audit, style):
    seen = {id_: r.verdict for id_, r in audit(style).items() if r.verdict is not Verdict.PASSED}
    assert seen == {id_: verdict for id_, (verdict, _why) in NOT_PASSED[style].items()}


@pytest.mark.slow
def test_whoever_refuses_at_once_needs_no_error_log_and_no_alert(audit):
    told = audit("passthrough")
    assert "at once" in told["E3"].finding
    assert "the deal submitted again" in told["E4"].finding
    assert "refused" in told["V4"].finding


@pytest.mark.slow
def test_a_load_report_that_names_the_row_makes_a_failure_visible(audit):
    told = audit("etl")
    assert told["E1"].evidence.facts["unseen"] == 0
    assert "names 4: the record" in told["E2"].finding


@pytest.mark.slow
def test_a_declared_absence_that_is_met_inside_a_check_is_no_failure(audit):
    assert "list_errors is not supported" in audit("etl")["X4"].reason


@pytest.mark.parametrize("style", STYLES)
def test_every_limit_that_costs_a_check_is_declared(style):
    info = open_adapter(f"python:prm_harness.reference.{style}:create").info()
    assert info.sample
    assert info.unsupported_notes
    for declaration in info.capabilities.values():
        assert declaration.level is not Level.PARTIAL or declaration.note


HEADINGS = {"mapper": "Native mapping", "ipaas": "iPaaS", "etl": "Batch", "passthrough": "Pass-through"}
PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "integration-styles.md"
ROW = re.compile(
    r"^\| ([A-Z]\d+(?:, [A-Z]\d+)*) \| (failed|partial|unsupported|not applicable) \| \S.* \|$", re.MULTILINE
)


@pytest.mark.parametrize("style", HEADINGS)
def test_the_page_says_what_each_style_does_not_pass(style):
    chapter = PAGE.read_text(encoding="utf-8").split(f"\n## {HEADINGS[style]}\n")[1].split("\n## ")[0]
    told = {id_: verdict for ids, verdict in ROW.findall(chapter) for id_ in ids.split(", ")}
    held = {id_: verdict.value.replace("_", " ") for id_, (verdict, _why) in NOT_PASSED[style].items()}
    assert told == held
