"""Generated fields and record types: the same for every vendor, kept with the run, legal in an org, and made small when one fails."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from prm_harness.audit.generated import draw_choices, draw_fields, draw_subsets, field_weight, simpler_fields
from prm_harness.audit.generated.schemas import GROUPS
from prm_harness.audit.replay import replay
from prm_harness.audit.run import AuditSpec, run_audit
from prm_harness.record.reader import read_run
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring import load_profile
from prm_scenarios import choices_change, record_types
from prm_scenarios.shared import added

MIRROR = "python:prm_harness.reference.mirror:create"
SCHEMAS = ("C4", "N1", "T7", "V1")
DEFECTS = {
    "C4": "added-fields-take-text-only",
    "N1": "added-fields-take-text-only",
    "T7": "cuts-choices-at-semicolons",
    "V1": "knows-two-record-types",
}
"""What only drawn fields, choices and record types show: the checks' own are plain."""


def test_every_vendor_gets_the_same_schema_and_the_run_keeps_it(audit):
    mirror, window = (audit(product, checks=SCHEMAS, seed=3) for product in ("mirror", "passthrough"))
    for check in SCHEMAS:
        assert mirror[check].verdict is window[check].verdict is Verdict.PASSED
        one, two = (found[check].evidence.facts["schema"] for found in (mirror, window))
        assert len(one) >= 3, check
        assert one == two, check


def test_another_seed_gives_another_schema(audit):
    one, two = (audit("mirror", checks=SCHEMAS, seed=seed) for seed in (3, 4))
    for check in SCHEMAS:
        assert one[check].evidence.facts["schema"] != two[check].evidence.facts["schema"]


@pytest.mark.parametrize("seed", range(12))
def test_what_is_drawn_is_legal_in_an_org(seed):
    fields = draw_fields(str(seed), [f"F{n}__c" for n in range(8)])
    for group in GROUPS:
        assert any(one.type in group for one in fields[:4])
    for one in fields:
        assert len(one.choices) in {0, 3}
        assert all(len(choice) <= 255 and choice == choice.strip() for choice in one.choices)
        if one.type == "multipicklist":
            assert all(len(choice) <= 40 and ";" not in choice for choice in one.choices)
        if one.properties.get("required"):
            assert one.type not in {"multipicklist", "boolean", "textarea"}
            assert one.properties["default"] not in {None, ""}
        assert json.dumps(one.properties)
        assert one.words
    five = draw_choices(str(seed), 5)
    assert any(";" in choice for choice in five)
    assert len({choice.casefold() for choice in five}) == 5
    assert all(0 < len(subset) < 5 for subset in draw_subsets(str(seed), five, 3))


@pytest.mark.parametrize("seed", range(6))
def test_simpler_is_simpler_until_nothing_is_left(seed):
    (field,) = draw_fields(str(seed), ["F__c"], ("picklist",))
    value, steps = field.choices[1], 0
    while found := simpler_fields(field, value):
        assert field_weight(*found[0]) < field_weight(field, value)
        field, value = found[0]
        steps += 1
        assert steps < 20
    assert (field.type, value) == ("string", "a")


def test_whoever_works_by_hand_is_asked_for_the_checks_own_only(monkeypatch):
    prm = SimpleNamespace(info=SimpleNamespace(operated_by="person"), deal="Opportunity")
    data = SimpleNamespace(
        sizes={"generated_fields": 4},
        given=lambda _name, draw, **_: draw(),
        fields=lambda _purpose, count, **_: [1] * count,
        records=lambda *_: [],
        label=str,
        api_name=lambda purpose: f"{purpose}__c",
    )
    own = added.Wanted(draw_fields("1", ["F__c"], ("string",))[0], ["a"])
    assert added.wanted(prm, data, "x", own) == [own]
    assert len(choices_change._given(prm, data)) == 1
    crm = SimpleNamespace(query=lambda _: [{"DeveloperName": "Direct_Sale"}])
    assert record_types._drawn(crm, prm, data) == record_types.Kinds([record_types.Kind("Direct_Sale")])


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_what_we_arrange_before_the_connection_is_not_taken_for_the_products_work(audit, seed):
    # The order of checks follows from the seed; whoever watches the connecting has to begin last in any.
    result = audit("mirror", checks=("S3", "V1"), seed=seed)
    assert {one.verdict for one in result.values()} == {Verdict.PASSED}


@pytest.fixture(scope="module")
def run_file(tmp_path_factory):
    """Check → the run file of an audit that fails by its defect."""

    def made(check):
        out = tmp_path_factory.mktemp(check)
        connect = f"{MIRROR}?defect={DEFECTS[check]}"
        run_audit(AuditSpec(connect, load_profile("smb"), out, seed=7, checks=(check,)))
        return read_run(out / "run.ndjson")

    return made


@pytest.mark.parametrize("check", SCHEMAS)
def test_the_smallest_schema_is_told_stored_and_replayed(run_file, check):
    run = run_file(check)
    result, case = run.results[check], run.case(check)
    assert result.verdict is Verdict.FAILED
    assert " The s" in result.finding
    assert "that fails: " in result.finding
    assert case.reduced.endswith("cut down to one")
    (kept,) = case.given["record types"]["types"] if check == "V1" else case.given["fields"]
    smallest = {
        "C4": lambda: kept["field"]["type"] not in {"string", "textarea"} and kept["way"] != "both",
        "N1": lambda: kept["field"]["type"] not in {"string", "textarea"} and len(kept["values"]) == 1,
        "T7": lambda: sum(";" in text for text in (*kept["field"]["properties"]["values"], kept["renamed_to"], kept["added"])) == 1,
        "V1": lambda: not kept["offers"] and case.given["record types"]["picklist"] is None,
    }  # fmt: skip
    assert smallest[check]()
    again = replay(run, check, connect=f"{MIRROR}?defect={DEFECTS[check]}")
    assert (again.outcome, again.result.verdict) == ("FAILED", Verdict.FAILED)
    assert replay(run, check, connect=MIRROR).outcome == "FIXED"


def test_where_a_cycle_takes_long_the_failure_is_kept_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr("prm_harness.audit.campaign._MOST_TRIES", 0)
    connect = f"{MIRROR}?defect={DEFECTS['C4']}"
    run_audit(AuditSpec(connect, load_profile("smb"), tmp_path, seed=7, checks=("C4",)))
    case = read_run(tmp_path / "run.ndjson").case("C4")
    (kept,) = case.given["fields"]
    assert kept["drawn"]
    assert len([step for step in case.operations if step.side == "time"]) <= 2, (
        "no further sync cycle was spent"
    )
