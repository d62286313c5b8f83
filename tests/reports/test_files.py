from __future__ import annotations

import json
import sys
from xml.etree import ElementTree as ET

import pytest

import prm_reports
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring import NotComparableError, score
from prm_reports.machine.results import BakeoffResults, Results


def test_results_json_holds_the_scorecard_and_all_evidence(vendors, tmp_path):
    run = vendors["good"]
    (path,) = prm_reports.render_scorecard(run, tmp_path, formats=("json",))
    read = Results.model_validate_json(path.read_bytes())
    assert read.scorecard == score(run)
    assert [c.result for c in read.scorecard.checks()] == list(run.results.values())
    assert read.run.digest == run.digest
    assert set(read.attempts) == set(run.results)


def test_results_json_survives_what_json_allows_and_utf8_does_not(samples, tmp_path):
    run = samples.run(verdicts={"E1": "failed"}, findings={"E1": "half a pair \ud83d"})
    (path,) = prm_reports.render_scorecard(run, tmp_path, formats=("json",))
    assert "half a pair \ud83d" in json.dumps(json.loads(path.read_text("utf-8")), ensure_ascii=False)


def test_junit_has_one_case_per_check_with_its_verdict(vendors, tmp_path):
    run = vendors["sparse"]
    (path,) = prm_reports.render_scorecard(run, tmp_path, formats=("junit",))
    root = ET.parse(path).getroot()
    cases = root.findall(".//testcase")
    found = {
        case.attrib["name"].split()[0]: (
            case.find("properties/property[@name='audit.verdict']").attrib["value"],
            {child.tag for child in case} - {"properties"},
        )
        for case in cases
    }
    outcome = {"failed": {"failure"}, "error": {"error"}, "passed": set(), "partial": set()}
    assert found == {
        check: (result.verdict.value, outcome.get(result.verdict.value, {"skipped"}))
        for check, result in run.results.items()
    }
    assert root.attrib["tests"] == str(len(cases))
    assert root.attrib["failures"] == "1"
    assert root.attrib["errors"] == "1"


def test_junit_says_which_way_of_not_knowing(vendors, tmp_path):
    (path,) = prm_reports.render_scorecard(vendors["unknown"], tmp_path, formats=("junit",))
    messages = {e.attrib["message"] for e in ET.parse(path).findall(".//skipped")}
    assert all(message.startswith(Verdict.INCONCLUSIVE.words) for message in messages)


def test_bakeoff_json_leaves_evidence_to_the_vendors_own_file(vendors, tmp_path):
    (path,) = prm_reports.render_bakeoff(
        list(vendors.values()), tmp_path, formats=("json",), title="Portal 2027"
    )
    read = BakeoffResults.model_validate_json(path.read_bytes())
    assert read.title == "Portal 2027"
    assert read.buyer == "Example Co, RevOps"
    assert next(s.card.contestant.product for s in read.bakeoff.standings) == "Birch PRM"
    assert b'"evidence"' not in path.read_bytes()


def test_without_the_pdf_engine_everything_else_is_written(vendors, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(
        prm_reports.PdfUnavailable, match=r"apt-get install libpango-1\.0-0.*brew install pango"
    ):
        prm_reports.render_scorecard(vendors["good"], tmp_path)
    assert "results.json" in {p.name for p in tmp_path.iterdir()}


@pytest.mark.parametrize("wrong", [{"formats": ("docx",)}, {"page": "a3"}])
def test_what_does_not_exist_is_refused_by_name(vendors, tmp_path, wrong):
    with pytest.raises(ValueError, match=r"docx.*choose|a3.*choose"):
        prm_reports.render_scorecard(vendors["good"], tmp_path, **wrong)


def test_a_bakeoff_needs_two_to_eight_comparable_runs(samples, tmp_path):
    runs = [samples.run(f"Vendor {n}") for n in range(9)]
    with pytest.raises(ValueError, match="at most 8 vendors, not 9"):
        prm_reports.render_bakeoff(runs, tmp_path, formats=("json",))
    with pytest.raises(NotComparableError):
        prm_reports.render_bakeoff(runs[:1], tmp_path, formats=("json",))
