"""What is on the disk while a run goes on, and what the writer will not write."""

import json
import math
import os
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prm_harness.record.digests import canonical_json, plan_hash, sha256
from prm_harness.record.model import Evidence, Metric
from prm_harness.record.reader import read_run
from prm_harness.record.redact import Redactor
from prm_harness.record.run import count_verdicts, worst_attempt
from prm_harness.record.verdicts import WORST_FIRST, Verdict
from prm_harness.record.writer import KINDS, RunWriter

from .runs import NOON, header, result, write


def lines_of(path):
    return path.read_bytes().splitlines()


def test_one_canonical_object_a_line_each_with_the_digest_of_the_one_before(tmp_path):
    path = write(tmp_path / "run.ndjson")
    prev = "0" * 64
    for number, line in enumerate(lines_of(path), start=1):
        event = json.loads(line)
        assert line == json.dumps(event, sort_keys=True, separators=(",", ":")).encode()
        assert (event["seq"], event["prev"]) == (number, prev)
        assert event["kind"] in KINDS
        prev = sha256(line)


def test_every_kind_is_written_by_the_example(tmp_path):
    kinds = {json.loads(line)["kind"] for line in lines_of(write(tmp_path / "run.ndjson"))}
    assert kinds == set(KINDS)


def test_a_killed_run_keeps_every_event_so_far(tmp_path):
    path = tmp_path / "run.ndjson"
    writer = RunWriter(path)
    writer.header(header())
    assert len(lines_of(path)) == 1
    writer.event("started", {"check": "T1"})
    assert len(lines_of(path)) == 2
    writer.event("result", result("T1"))
    assert read_run(path, partial=True).results["T1"].verdict is Verdict.PASSED
    writer.close()


def test_header_results_and_footer_are_put_on_the_disk_before_the_run_goes_on(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda _: synced.append(len(lines_of(path))))
    path = tmp_path / "run.ndjson"
    write(path)
    kinds = [json.loads(line)["kind"] for line in lines_of(path)]
    assert [kinds[number - 1] for number in synced] == ["header", "result", "result", "result", "footer"]


def test_evidence_is_never_overwritten(tmp_path):
    path = write(tmp_path / "run.ndjson")
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        RunWriter(path)
    assert path.read_bytes() == before


def test_everything_goes_through_the_redactor(tmp_path):
    redactor = Redactor(b"k")
    redactor.secret("tulip-42")
    path = tmp_path / "run.ndjson"
    with RunWriter(path, redactor) as writer:
        writer.header(header(org={"template": "standard", "password": "tulip-42"}))
        writer.event("note", {"text": "logged in with tulip-42"})
        writer.event(
            "result", result("T1", finding="tulip-42", evidence=Evidence(facts={"seen": ["tulip-42"]}))
        )
        writer.footer(NOON)
    assert b"tulip-42" not in path.read_bytes()
    assert path.read_bytes().count(redactor.text("tulip-42").encode()) == 4
    assert read_run(path).complete


def test_the_writer_refuses_what_a_reader_would(tmp_path):
    with RunWriter(tmp_path / "run.ndjson") as writer:
        for too_early in (lambda: writer.event("note", {}), lambda: writer.footer(NOON)):
            with pytest.raises(ValueError, match="header comes first"):
                too_early()
        writer.header(header())
        with pytest.raises(ValueError, match="written once"):
            writer.header(header())
        for kind in ("header", "footer", "verdict"):
            with pytest.raises(ValueError, match="no kind of event"):
                writer.event(kind, {})
        with pytest.raises(ValueError, match="Field required"):
            writer.event("result", {"check": "T1"})
        writer.footer(NOON)
        with pytest.raises(ValueError, match="nothing can follow"):
            writer.event("note", {})
    assert read_run(tmp_path / "run.ndjson").complete


def test_values_that_json_lacks_come_back(tmp_path):
    odd = {
        "surrogate": "\ud800",
        "big": 2**80,
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "text": "é\u2028\n\x00",
    }
    metrics = tuple(
        Metric(name="m", value=value, unit="s") for value in (math.nan, math.inf, -math.inf, 1e-7)
    )
    path = tmp_path / "run.ndjson"
    with RunWriter(path) as writer:
        writer.header(header(seed=2**80))
        writer.event("note", odd)
        writer.event("result", result("T1", evidence=Evidence(metrics=metrics)))
        writer.footer(NOON)
    run = read_run(path)
    assert run.header.seed == 2**80
    assert run.notes == ({**odd, "at": "2026-01-01T00:00:00Z"},)
    values = [metric.value for metric in run.results["T1"].evidence.metrics]
    assert math.isnan(values[0])
    assert values[1:] == [math.inf, -math.inf, 1e-7]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_canonical_json_is_one_spelling_a_value(value):
    once = canonical_json(value)
    assert b"\n" not in once
    assert canonical_json(json.loads(once)) == once


def test_a_plan_hash_tells_plans_apart_and_ignores_who_buys():
    head = header()
    same = plan_hash(head.checklist, head.profile, head.plan)
    assert same == head.plan_hash
    assert plan_hash(head.checklist, head.profile.model_copy(update={"buyer": "Acme"}), head.plan) == same
    others = {
        plan_hash(head.checklist.model_copy(update={"version": "1.1"}), head.profile, head.plan),
        plan_hash(head.checklist, head.profile.model_copy(update={"weights": {"Q2.3": 99.0}}), head.plan),
        plan_hash(head.checklist, head.profile, head.plan[1:]),
        plan_hash(head.checklist, head.profile, head.plan[::-1]),
    }
    assert len(others | {same}) == 5


results = st.builds(
    result,
    st.sampled_from(["T1", "T2"]),
    st.sampled_from(list(Verdict)),
    share=st.none() | st.floats(0, 1),
    attempt=st.integers(1, 5),
)


@given(st.lists(results, min_size=1), st.randoms(use_true_random=False))
def test_the_attempt_that_counts_does_not_depend_on_their_order(attempts, random):
    shuffled = random.sample(attempts, len(attempts))
    assert worst_attempt(shuffled).verdict is worst_attempt(attempts).verdict
    assert count_verdicts(shuffled) == count_verdicts(attempts)


@settings(max_examples=50)
@given(st.lists(results, min_size=1), results)
def test_another_attempt_never_betters_a_verdict(attempts, more):
    before, after = worst_attempt(attempts).verdict, worst_attempt([*attempts, more]).verdict
    assert WORST_FIRST.index(after) <= WORST_FIRST.index(before)
