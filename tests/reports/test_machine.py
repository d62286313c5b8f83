"""What other programs read: each file says what results.json says, in its own format's words."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date, datetime
from pathlib import Path

import jsonschema
import pytest

import prm_reports
from prm_harness.record.enclosures import Comment, Enclosures, Waiver
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring import score
from prm_reports.machine import ctrf, markdown, tables

NOTHING = Enclosures()
WAIVED = Enclosures(
    comment=Comment(said_by="A. Alder, product manager", text="We know.", checks={"E3": "Fixed in 26.4."}),
    waivers=(
        Waiver(check="E3", reason="we watch the log", owner="R. Ops", until=date(2027, 1, 31)),
        Waiver(check="U2", reason="not needed", owner="R. Ops", until=date(2026, 1, 31)),
    ),
)


def lines(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.fixture(scope="module")
def schema():
    told = json.loads(Path("docs/reference/results.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(told)
    return jsonschema.Draft202012Validator(told)


@pytest.mark.parametrize("vendor", ["good", "knocked_out", "sparse", "unknown"])
def test_results_json_keeps_to_its_published_schema(vendors, vendor, schema, tmp_path):
    (path,) = prm_reports.render_scorecard(vendors[vendor], tmp_path, formats=("json",), enclosed=WAIVED)
    told = json.loads(path.read_text("utf-8"))
    schema.validate(told)
    assert told["enclosures"]["comment"]["checks"] == {"E3": "Fixed in 26.4."}


def test_the_schema_refuses_what_is_not_results(schema, vendors, tmp_path):
    (path,) = prm_reports.render_scorecard(vendors["good"], tmp_path, formats=("json",))
    told = json.loads(path.read_text("utf-8"))
    for wrong in ({"format": "prm-harness-results/9"}, {"scorecard": {}}, {"surprise": 1}):
        assert not schema.is_valid(told | wrong)


def test_checks_csv_adds_up(vendors):
    card = score(vendors["knocked_out"])
    rows = lines(tables.checks(card, WAIVED))
    assert [row["check"] for row in rows] == [c.plan.id for c in card.checks()]
    assert sum(float(row["points"]) for row in rows) == pytest.approx(100, abs=0.01)
    assert sum(float(row["earned"]) for row in rows) == pytest.approx(card.score, abs=0.01)
    by_id = {row["check"]: row for row in rows}
    assert (by_id["E3"]["verdict"], by_id["E3"]["waived_until"]) == ("failed", "2027-01-31")
    assert by_id["T1"]["share"] == "0.75"


def test_findings_csv_holds_every_comparison_and_measurement(vendors):
    card = score(vendors["good"])
    rows = lines(tables.findings(card))
    evidence = [c.result.evidence for c in card.checks()]
    assert len(rows) == sum(len(e.diffs) + len(e.metrics) for e in evidence)
    assert {row["kind"] for row in rows} == {"compared", "measured"}


def test_a_spreadsheet_runs_nothing(samples):
    run = samples.run(
        verdicts={"E1": "failed"}, findings={"E1": '=HYPERLINK("http://x","y")', "T1": "@SUM(A1)"}
    )
    cells = [value for row in lines(tables.checks(score(run), NOTHING)) for value in row.values()]
    assert '\'=HYPERLINK("http://x","y")' in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


def test_the_matrix_as_csv(samples):
    rows = lines(tables.matrix(samples.run(evidence={"T1": samples.matrix_evidence()})))
    assert [(row["type"], row["direction"], row["outcome"]) for row in rows] == [
        ("currency", "portal → CRM", "exact"),
        ("currency", "CRM → portal", "lossy"),
        ("url", "portal → CRM", "refused"),
        ("url", "CRM → portal", "not tried"),
    ]
    assert (rows[1]["values_with_this_outcome"], rows[1]["values_compared"]) == ("1", "2")


def test_ctrf_counts_every_check_and_keeps_the_verdict(vendors):
    run = vendors["sparse"]
    told = json.loads(ctrf.ctrf(run, score(run)))
    results = told["results"]
    assert (told["reportFormat"], results["tool"]["name"]) == ("CTRF", "prm-harness")
    tests, summary = results["tests"], results["summary"]
    assert {t["name"].split()[0]: t["rawStatus"] for t in tests} == {
        check: result.verdict.value for check, result in run.results.items()
    }
    states = ("passed", "failed", "pending", "skipped", "other")
    assert {state: summary[state] for state in states} == {
        state: sum(t["status"] == state for t in tests) for state in states
    }
    assert summary["tests"] == len(tests) == sum(summary[state] for state in states)
    assert summary["start"] < summary["stop"]
    assert set(ctrf.STATES) == set(Verdict)


# What the format asks for, from its schema (ctrf-io/ctrf, schema/ctrf.schema.json, read 2026-11-28): place → what must be
# there, and what else may be. Nothing besides is allowed, except under "extra".
CTRF_KEYS = {
    "report": ({"reportFormat", "specVersion", "results"}, {"reportId", "timestamp", "generatedBy", "extra"}),
    "results": ({"tool", "summary", "tests"}, {"environment", "extra"}),
    "tool": ({"name"}, {"version", "extra"}),
    "summary": (
        {"tests", "passed", "failed", "skipped", "pending", "other", "start", "stop"},
        {"flaky", "suites", "duration", "extra"},
    ),
    "test": (
        {"name", "status", "duration"},
        {"start", "stop", "suite", "message", "trace", "rawStatus", "tags", "type", "retries", "flaky", "extra"},
    ),
    "environment": (set(), {"reportName", "appName", "appVersion", "testEnvironment", "healthy", "extra"}),
}  # fmt: skip
CTRF_TYPES = {
    str: "name version status message rawStatus appName appVersion testEnvironment generatedBy timestamp specVersion",
    int: "tests passed failed skipped pending other start stop duration retries flaky",
    list: "suite tags", bool: "flaky", dict: "extra environment tool summary results",
}  # fmt: skip


@pytest.mark.parametrize("vendor", ["good", "knocked_out", "sparse", "unknown"])
def test_ctrf_is_what_its_schema_asks_for(vendors, vendor):
    run = vendors[vendor]
    told = json.loads(ctrf.ctrf(run, score(run)))
    results = told["results"]
    parts = [
        ("report", told),
        ("results", results),
        ("tool", results["tool"]),
        ("summary", results["summary"]),
    ]
    parts += [("environment", results["environment"]), *(("test", test) for test in results["tests"])]
    for place, part in parts:
        must, may = CTRF_KEYS[place]
        assert must <= set(part) <= must | may, place
        for key, value in part.items():
            if (place, key) not in {("results", "tests"), ("report", "reportFormat")}:
                assert key in " ".join(CTRF_TYPES.get(type(value), "").split()).split(), (place, key, value)
    assert re.fullmatch(r"\d+\.\d+\.\d+", told["specVersion"])
    assert datetime.fromisoformat(told["timestamp"]).tzinfo is not None
    for test in results["tests"]:
        assert test["name"]
        assert test["status"] in {"passed", "failed", "skipped", "pending", "other"}
        assert test["suite"]
        assert all(isinstance(word, str) for word in (*test["suite"], *test["tags"]))


def test_the_summary_is_a_screenful_that_says_the_answer(vendors):
    run = vendors["knocked_out"]
    said = markdown.summary(run, score(run), WAIVED).decode()
    assert said.startswith("## Alder Partner Cloud: grade D, 90, at most 92 of 100")
    assert "Do not sign yet." in said
    assert "**failed**" in said
    assert "Waived until 2027-01-31 by R. Ops." in said
    assert len(said.splitlines()) < 60


def test_foreign_words_mean_nothing_to_markdown(samples):
    run = samples.run(
        "@everyone <img src=x> [a](http://x) | `b` $c$",
        {"E1": "failed"},
        findings={"E1": "![x](http://y)\n# z"},
    )
    said = markdown.summary(run, score(run), NOTHING).decode()
    assert "\\@everyone \\<img src=x\\>" in said
    assert "\\!\\[x\\](http://y) \\# z" in said


def test_every_format_is_written_by_default(vendors, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    with pytest.raises(prm_reports.PdfUnavailable):
        prm_reports.render_scorecard(vendors["good"], tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {
        "results.json", "junit.xml", "checks.csv", "findings.csv", "field-matrix.csv", "ctrf.json", "summary.md",
        "badge.svg", "badge.json", "scorecard.html",
    }  # fmt: skip
