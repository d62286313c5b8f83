"""The contract kit finds what is wrong in wrong adapters, and nothing in sound ones."""

from __future__ import annotations

import pytest

from prm_harness.adapter.http_server import serving
from prm_harness.adapter.operations import OPERATIONS
from prm_harness.audit.kit import bench, records
from prm_harness.audit.kit.report import Kind, Report
from prm_harness.audit.kit.run import check_adapter
from prm_harness.reference import mirror


def looked_at(which: str) -> Report:
    return check_adapter(f"python:miniatures:create?which={which}")


@pytest.mark.parametrize(
    ("which", "kind", "operation", "says"),
    [
        ("Crashes", Kind.WRONG, "read", "raised KeyError"),
        ("AnswersTheWrongType", Kind.WRONG, "submit", "returned the wrong type: result.state"),
        ("PromisesTooMuch", Kind.MISSING, "config", "declared in full, but refused"),
        ("RepairsValues", Kind.DISHONEST, "read", "CloseDate is"),
        ("ReadsThrough", Kind.DISHONEST, "read", "each time, the CRM was asked"),
        ("HidesPages", Kind.DISHONEST, "list", "20 records were listed;"),
        ("RepeatsPages", Kind.WRONG, "list", "came twice, as number 1 and"),
        ("IgnoresThrottling", Kind.DISHONEST, "elapse", "told to try later, the product asked the CRM"),
        ("DeniesWhatItHas", Kind.DISHONEST, "files", "declared unsupported, although it answers"),
        ("Invents", Kind.DISHONEST, "read", "a record that does not exist was shown"),
        ("SaysItSent", Kind.DISHONEST, "notification_sink", "did not arrive, the first: 'Alert 1'"),
        ("LeavesEverything", Kind.WRONG, "cleanup", "are still there"),
    ],
)
def test_a_wrong_adapter_gets_the_finding_that_it_deserves(which, kind, operation, says) -> None:
    report = looked_at(which)
    fitting = [f for f in report.faults if f.kind is kind and f.operation == operation and says in f.what]
    assert fitting, [*report.lines()]
    assert all(finding.todo for finding in report.faults)
    assert {finding.operation for finding in report.faults} <= {operation, *_consequences(which)}
    assert report.seconds < 60


def _consequences(which: str) -> set[str]:
    """What else shows when one thing is wrong."""
    return {"Invents": {"delete"}}.get(which, set())


def test_slow_calls_are_told(monkeypatch) -> None:
    monkeypatch.setattr(records, "LATE", 0.05)
    report = looked_at("IsSlow")
    assert [(f.kind, f.operation) for f in report.faults] == [(Kind.SLOW, "read")]


def test_a_hanging_adapter_does_not_hold_the_kit(monkeypatch) -> None:
    monkeypatch.setattr("prm_harness.audit.kit.run.PATIENCE", 1.0)
    report = looked_at("Hangs")
    assert "did not answer within" in " ".join(report.not_looked_at) + " ".join(f.what for f in report.faults)
    assert report.seconds < 20


def test_time_used_up_is_said(monkeypatch) -> None:
    monkeypatch.setattr("prm_harness.audit.kit.run.BUDGET", 0.0)
    report = looked_at("LeavesEverything")
    assert any("used up" in line for line in report.not_looked_at)
    assert {"cleanup", "disconnect"} <= set(report.stats)


def test_no_secret_is_told(monkeypatch) -> None:
    lines = "\n".join(looked_at("TellsItsPassword").lines())
    assert "login failed for" in lines
    assert "[secret][secret]" in lines
    assert "everything that needs a connected product" in lines


@pytest.mark.parametrize("style", ["mirror", "mapper", "ipaas", "etl", "passthrough"])
def test_sound_adapters_get_none(style) -> None:
    report = check_adapter(f"python:prm_harness.reference.{style}:create")
    assert report.faults == []


def test_over_http_it_finds_the_same() -> None:
    with serving(mirror.create()) as url:
        report = check_adapter(url)
    assert report.faults == []
    assert {"submit", "read", "list", "cleanup"} <= set(report.stats)


def test_every_finding_names_an_operation_or_a_capability() -> None:
    for which in ("Crashes", "PromisesTooMuch"):
        for finding in looked_at(which).findings:
            assert finding.operation in {
                *OPERATIONS,
                *OPERATIONS.values(),
                "info",
                "read",
                "submit",
                "list",
                "connect",
            }


def test_the_budget_is_under_a_minute() -> None:
    assert bench.BUDGET < 60


def test_a_person_is_not_asked_by_the_kit(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    report = check_adapter("manual:")
    assert report.faults == []
    assert "a person carries them out" in report.not_looked_at[0]
    assert not [*tmp_path.iterdir()]
