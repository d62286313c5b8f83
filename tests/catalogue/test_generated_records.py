"""Generated records: the same for every vendor, they find what no example shows, and what fails is made small."""

from __future__ import annotations

import json

import pytest

from prm_harness.audit.registry import load_catalogue
from prm_harness.audit.replay import replay
from prm_harness.audit.run import AuditSpec, run_audit
from prm_harness.record.reader import read_run
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring import load_profile
from prm_scenarios.shared import trials

MIRROR = "python:prm_harness.reference.mirror:create"
FIELDS = ("C1", "T1", "T2", "T3", "T4", "T5", "T6")
SMALLEST = {
    ("T1", "truncates-text-at-255"): {"Description": "a" * 256},
    ("T2", "shifts-dates-by-time-zone"): {"CloseDate": "2027-06-15"},
    ("T3", "splits-multiselect-on-comma"): {"Industries__c": "Oil, Gas"},
    ("T5", "html-escapes-text"): {"Description": "'"},
    ("T6", "rounds-amounts"): {"Amount": 0.1},
    ("C1", "drops-custom-fields"): {"Strategic__c": True},
}


def generated(result):
    """What was expected of the generated records, line by line."""
    return {diff.field: diff.expected for diff in result.evidence.diffs if diff.field.startswith("generated")}


def test_every_vendor_gets_the_same_records(audit):
    mirror, other = (audit(product, checks=FIELDS, seed=3) for product in ("mirror", "passthrough"))
    for check in FIELDS:
        one, two = generated(mirror[check]), generated(other[check])
        assert len(one) >= 8, check
        assert one == two, check


def test_another_seed_gives_other_records(audit):
    one, two = (generated(audit("mirror", checks=FIELDS, seed=seed)["T5"]) for seed in (3, 4))
    assert set(one.values()) != set(two.values())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_white_space_is_found_by_generated_records_only(audit, seed):
    result = audit("mirror", checks=("T5",), defect="collapses-white-space", seed=seed)["T5"]
    wrong = [diff.field for diff in result.evidence.diffs if not diff.ok]
    assert wrong
    assert [field for field in wrong if not field.startswith("generated")] == []
    assert "The smallest record that fails: " in result.finding


@pytest.fixture(scope="module")
def run_file(tmp_path_factory):
    """(check, defect) → the run file of an audit that fails."""

    def made(check, defect):
        out = tmp_path_factory.mktemp(check)
        spec = AuditSpec(f"{MIRROR}?defect={defect}", load_profile("smb"), out, seed=7, checks=(check,))
        run_audit(spec)
        return read_run(out / "run.ndjson")

    return made


@pytest.mark.parametrize(("check", "defect"), SMALLEST, ids=[check for check, _ in SMALLEST])
def test_the_smallest_record_is_stored_and_replayed(run_file, check, defect):
    run = run_file(check, defect)
    (smallest,) = run.case(check).given["records"]
    assert smallest["values"] == SMALLEST[check, defect]
    assert smallest["way"] == "portal → CRM"
    assert run.case(check).reduced.endswith("cut down to one with 1")
    assert json.dumps(run.case(check).given), "plain JSON"
    again = replay(run, check, connect=f"{MIRROR}?defect={defect}")
    assert (again.outcome, again.result.verdict) == ("FAILED", Verdict.FAILED)
    assert replay(run, check, connect=MIRROR).outcome == "FIXED"


@pytest.mark.parametrize(
    ("check", "defect", "given", "smallest"),
    [
        ("C2", "shifts-dates-by-time-zone", "registrations", {"values": {"Valid_Until__c": "2027-06-15"}}),
        (
            "T4",
            "clearing-is-ignored",
            "emptied",
            {"filled": {"Go_Live__c": "2027-06-15"}, "to": {"Go_Live__c": None}},
        ),
    ],
)
def test_a_custom_object_and_clearing_are_made_small_too(run_file, check, defect, given, smallest):
    run = run_file(check, defect)
    (kept,) = run.case(check).given[given]
    assert kept | smallest | {"way": "portal → CRM"} == kept
    assert "The smallest" in run.results[check].finding
    again = replay(run, check, connect=f"{MIRROR}?defect={defect}")
    assert (again.outcome, again.result.verdict) == ("FAILED", Verdict.FAILED)
    assert replay(run, check, connect=MIRROR).outcome == "FIXED"


def test_where_a_cycle_takes_long_the_failure_is_kept_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr("prm_harness.audit.campaign._MOST_TRIES", 0)
    spec = AuditSpec(f"{MIRROR}?defect=rounds-amounts", load_profile("smb"), tmp_path, seed=7, checks=("T6",))
    run_audit(spec)
    run = read_run(tmp_path / "run.ndjson")
    (kept,) = run.case("T6").given["records"]
    assert len(kept["values"]) == 1
    waits = [step for step in run.case("T6").operations if step.side == "time"]
    assert len(waits) == 1, "no further sync cycle was spent"
    assert replay(run, "T6", connect=MIRROR).outcome == "FIXED"


def test_a_record_that_the_crm_itself_refuses_is_left_out(audit, monkeypatch):
    # A rule of the org says no to every generated text: the examples are judged by themselves.
    def impossible(_crm, _prm, data, _fields):
        return [trials.Trial("generated 1", {"Summary__c": "x" * 300}, drawn=True)]

    monkeypatch.setattr(trials, "_drawn", impossible)
    result = audit("mirror", checks=("T5",), seed=11)["T5"]
    assert result.verdict is Verdict.PASSED
    assert not generated(result)
    assert [step for step in result.evidence.steps if "own people cannot enter it" in step.text]


def test_profiles_say_how_many():
    counts = [load_profile(name).data["generated_records"] for name in ("smb", "mid-market", "enterprise")]
    assert counts == sorted(counts)
    assert counts[0] >= 7, "each kind of text once"
    assert {c.id for c in load_catalogue().checks} >= set(FIELDS)
