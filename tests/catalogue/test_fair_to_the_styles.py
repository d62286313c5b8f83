"""Each sound product is failed exactly where its style cannot do what is asked, and nowhere else."""

from __future__ import annotations

import pytest

from prm_harness.adapter import Level
from prm_harness.adapter.connect import open_adapter
from prm_harness.record.verdicts import Verdict

NOT_PASSED = {
    "ipaas": {
        "H1": (Verdict.FAILED, "the tasks pick up from a date, two years back"),
        "H2": (Verdict.FAILED, "the tasks pick up from a date, two years back"),
        "S1": (Verdict.FAILED, "each task is built by hand: nearly three hours"),
        "C2": (Verdict.UNSUPPORTED, "the portal behind the platform has no place for custom objects"),
        "H5": (Verdict.UNSUPPORTED, "the portal behind the platform has no place for another object"),
        "V2": (Verdict.FAILED, "record types are not handed over"),
        "U10": (Verdict.UNSUPPORTED, "there is no task for files"),
        "A4": (Verdict.UNSUPPORTED, "the platform keeps to no ceiling"),
        "B5": (Verdict.UNSUPPORTED, "there is no task for funds"),
        "P3": (Verdict.UNSUPPORTED, "the portal behind the platform has no place for another object"),
        "R3": (Verdict.UNSUPPORTED, "there is no task for contact roles"),
        "B4": (Verdict.PARTIAL, "the portal behind the platform has no place for certifications"),
        "V1": (Verdict.FAILED, "record types are not handed over"),
        "N4": (Verdict.FAILED, "a task knows the fields that it was built with"),
        "N6": (Verdict.UNSUPPORTED, "the portal behind the platform has no place for another object"),
        "E3": (Verdict.FAILED, "a mail goes out when a task is held, after ten hours of replays"),
        "A2": (Verdict.FAILED, "a task that failed twice is replayed half an hour later"),
        "L1": (Verdict.FAILED, "a trigger's filter takes nothing away that is in the portal"),
        "L3": (Verdict.FAILED, "a trigger does not fire for what stops matching"),
        "U2": (Verdict.UNSUPPORTED, "there is no rollback"),
        "U3": (Verdict.UNSUPPORTED, "there is no health check"),
    },
    "etl": {
        "U10": (Verdict.UNSUPPORTED, "rows are loaded, files are not"),
        "X1": (Verdict.UNSUPPORTED, "whole rows are loaded both ways"),
        "X2": (Verdict.UNSUPPORTED, "whole rows are loaded both ways"),
        "E4": (Verdict.UNSUPPORTED, "rejected rows are part of the next load; nothing can be retried by itself"),
        "X4": (Verdict.UNSUPPORTED, "there is no list that an edit which lost could be on"),
        "U1": (Verdict.UNSUPPORTED, "loads keep no history of values"),
        "U2": (Verdict.UNSUPPORTED, "there is no rollback"),
    },
    "passthrough": {
        "H3": (Verdict.UNSUPPORTED, "the portal holds nothing of its own"),
        "G2": (Verdict.UNSUPPORTED, "nothing runs between two looks"),
        "A4": (Verdict.UNSUPPORTED, "every look is a call"),
        "X1": (Verdict.UNSUPPORTED, "there is one copy of each field"),
        "X2": (Verdict.UNSUPPORTED, "there is one copy of each field"),
        "B5": (Verdict.NOT_APPLICABLE, "there is no screen for funds"),
        "F4": (Verdict.UNSUPPORTED, "nothing is scheduled"),
        "A1": (Verdict.FAILED, "every entry is a call of its own, after one that looks for a twin"),
        "X4": (Verdict.NOT_APPLICABLE, "an edit is in the CRM at once, so that two never meet"),
        "U1": (Verdict.UNSUPPORTED, "the history is the CRM's own"),
        "U2": (Verdict.UNSUPPORTED, "the portal does not know what was there before"),
    },
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("style", NOT_PASSED)
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
    assert "4 of 5" in told["E2"].finding


@pytest.mark.slow
def test_a_declared_absence_that_is_met_inside_a_check_is_no_failure(audit):
    assert "list_errors is not supported" in audit("etl")["X4"].reason


@pytest.mark.parametrize("style", NOT_PASSED)
def test_every_limit_that_costs_a_check_is_declared(style):
    info = open_adapter(f"python:prm_harness.reference.{style}:create").info()
    assert info.sample
    assert info.unsupported_notes
    for declaration in info.capabilities.values():
        assert declaration.level is not Level.PARTIAL or declaration.note
