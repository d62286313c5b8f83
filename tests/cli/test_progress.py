from __future__ import annotations

import io
from typing import Any

from rich.console import Console
from rich.progress import Progress, TextColumn

from prm_harness.cli.progress import LiveDisplay, PlainDisplay, State, Watched
from prm_harness.record.model import Barrier, Result
from prm_harness.record.verdicts import Verdict

WAITING: dict[str, Any] = {
    "wave": "shared 1", "for": ["canary to portal", "quiet"], "waited": 90.0, "allowed": 5400.0, "calls": 17,
}  # fmt: skip
EVENTS: list[tuple[str, Any]] = [
    ("wave", {"wave": "shared", "checks": 3}),
    ("result", Result(check="T1", verdict=Verdict.PASSED)),
    ("waiting", WAITING),
]


def barrier(*, passed: bool, reason: str = "") -> Barrier:
    return Barrier(
        wave="shared 1", passed=passed, waited_seconds=7300, to_crm_seconds=1, to_prm_seconds=1, quiet=passed,
        reason=reason,
    )  # fmt: skip


def test_what_is_waited_for_and_for_how_long() -> None:
    state = State()
    for kind, payload in EVENTS:
        state.take(kind, payload)
    assert (state.wave, state.done, state.total, state.calls) == ("shared", 1, 3, 17)
    assert state.waiting == "waiting for canary to portal, quiet: 90 s of at most 90 min"
    state.take("barrier", barrier(passed=True))
    assert state.waiting == ""
    state.take("wave", {"wave": "alone: E1", "checks": 2})
    assert state.total == 3, "done and to go"


def test_a_log_gets_a_line_for_what_is_new(capsys) -> None:
    watched = Watched(PlainDisplay(), "Birch")
    for kind, payload in [
        *EVENTS,
        ("waiting", WAITING),
        ("barrier", barrier(passed=False, reason="no canary")),
    ]:
        watched.event(kind, payload)
    assert capsys.readouterr().err.splitlines() == [
        "Birch: shared (3 checks to go)",
        "Birch: 1/3 T1 passed",
        "Birch: shared 1: not settled: no canary after 2.0 h, 17 API calls so far",
    ]


def test_a_terminal_gets_a_live_line_for_each_vendor() -> None:
    screen = io.StringIO()
    columns = (TextColumn("{task.description} {task.completed}/{task.total} {task.fields[stand]}"),)
    with Progress(*columns, console=Console(file=screen, force_terminal=True, width=120)) as progress:
        display = LiveDisplay(progress)
        for kind, payload in EVENTS:
            display.show("Birch", kind, payload)
            display.show("Alder", kind, payload)
    shown = screen.getvalue()
    assert "Birch 1/3 waiting for canary to portal, quiet: 90 s of at most 90 min" in shown
    assert "Alder 1/3 waiting" in shown


def test_after_the_last_verdict_the_reports_are_written() -> None:
    state = State()
    state.take("wave", {"wave": "alone: U2", "checks": 1})
    state.take("result", Result(check="U2", verdict=Verdict.PASSED))
    assert state.wave == "writing the reports"
    state.take("delivered", None)
    assert state.wave == "done"
