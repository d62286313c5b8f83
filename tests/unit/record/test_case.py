"""A case in the run file: read back as it was written, bound to a result, and told apart from what a check does today."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm_harness.record.case import Case, Operation, parted
from prm_harness.record.reader import RunFileError, read_run
from prm_harness.record.verdicts import Verdict
from prm_harness.record.writer import RunWriter

from .runs import header, result

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


def op(do: str = "create", **more: object) -> Operation:
    return Operation.model_validate({"at": AT, "side": "crm", "do": do, **more})


def case(*operations: Operation, **more: object) -> Case:
    values = {
        "check": "T1",
        "seed": 1,
        "started_at": AT,
        "today": date(2026, 11, 2),
        "operations": operations,
    }
    return Case.model_validate({**values, **more})


def written(folder: Path, *events: tuple[str, object]) -> Path:
    path = folder / "run.ndjson"
    with RunWriter(path) as writer:
        writer.header(header())
        for kind, payload in events:
            writer.event(kind, payload)
        writer.footer(AT)
    return path


def test_a_case_is_read_back_with_its_result(tmp_path: Path) -> None:
    kept = case(op(rows=({"Name": "Deal 1", "AccountId": "@customer"},), made=("@1",), answer="1 made"))
    path = written(tmp_path, ("result", result("T1", Verdict.FAILED)), ("case", kept))
    run = read_run(path)
    assert run.cases == {"T1": (kept,)}
    assert run.case("T1") == kept
    assert run.case("T2") is None


def test_a_case_without_its_result_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, ("case", case()))
    with pytest.raises(RunFileError, match="is the case of 'T1', attempt 1, without a result"):
        read_run(path)


def test_no_case_holds_a_connect_string() -> None:
    assert "connect" not in json.dumps(Case.model_json_schema())


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ([op(), op("delete")], [op(), op("delete")], ""),
        ([op(), op("delete")], [op()], ""),
        ([op(), op("delete")], [op(), op("update")], "operation 2 was 'delete' and is 'update'"),
        ([op(answer="1 made"), op("delete")], [op(answer="refused"), op("update")], ""),
        ([op(what="@1")], [op(what="@2")], "operation 1 was 'create @1' and is 'create @2'"),
    ],
)
def test_where_a_replay_left_its_case(was: list[Operation], now: list[Operation], told: str) -> None:
    assert parted(case(*was), case(*now)) == told


def test_a_reduced_case_does_less_on_purpose() -> None:
    assert parted(case(op(), reduced="16 histories to one"), case(op("delete"))) == ""


@given(st.lists(st.sampled_from(["create", "update", "delete"])))
def test_a_replay_that_does_the_same_never_parts(done: list[str]) -> None:
    operations = [op(do, answer="done") for do in done]
    assert parted(case(*operations), case(*operations)) == ""


def test_what_a_line_says() -> None:
    rows = ({"Name": "Deal 1"}, {"Name": "Deal 2"})
    assert (
        op(kind="Opportunity", rows=rows, made=("@1", "@2"), more=3).words
        == "create Opportunity @1, @2 'Deal 1' and 4 more"
    )
    assert (
        op("update", kind="Opportunity", what="@1", values={"Amount": 5}).words
        == "update Opportunity @1 (Amount = 5)"
    )
