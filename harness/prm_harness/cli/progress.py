"""What a person sees while a run goes on: a live line for each vendor on a terminal, plain lines anywhere else."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import click

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from prm_harness.record.model import Model

MINUTE, HOUR = 60, 3600


class Display(Protocol):
    """Where the events of one or several vendors are shown."""

    def show(self, name: str, kind: str, payload: Model | Mapping[str, Any]) -> None:
        """One event of the vendor called ``name``."""
        ...


@dataclass(frozen=True, slots=True)
class Watched:
    """The listener of one vendor's run."""

    display: Display
    name: str

    def event(self, kind: str, payload: Model | Mapping[str, Any]) -> None:
        """Pass it to the display under the vendor's name."""
        self.display.show(self.name, kind, payload)


@dataclass(slots=True)
class State:
    """Where one run stands."""

    wave: str = "starting"
    done: int = 0
    total: int = 0
    waiting: str = ""
    calls: int = 0

    def take(self, kind: str, payload: Any) -> None:
        """Follow one event."""
        if kind == "wave":
            self.wave, self.total, self.waiting = payload["wave"], self.done + payload["checks"], ""
        elif kind == "waiting":
            self.calls = payload["calls"]
            patience = f"{_span(payload['waited'])} of at most {_span(payload['allowed'])}"
            self.waiting = f"waiting for {', '.join(payload['for']) or 'the next look'}: {patience}"
        elif kind == "barrier":
            self.waiting = ""
        elif kind == "result":
            self.done += 1
            self.total = max(self.total, self.done)
            self.wave = "writing the reports" if self.done == self.total else self.wave
        elif kind == "delivered":
            self.wave = "done"


class PlainDisplay:
    """A line for each wave, barrier and verdict: what a build log keeps."""

    def __init__(self) -> None:
        self._states: dict[str, State] = {}

    def show(self, name: str, kind: str, payload: Any) -> None:
        """Print the events that say something new."""
        state = self._states.setdefault(name, State())
        state.take(kind, payload)
        line = self._line(kind, payload, state)
        if line:
            click.echo(f"{name}: {line}", err=True)

    def _line(self, kind: str, payload: Any, state: State) -> str:
        if kind == "wave":
            return f"{payload['wave']} ({payload['checks']} checks to go)"
        if kind == "barrier":
            how = "both sides agree" if payload.passed else f"not settled: {payload.reason}"
            return (
                f"{payload.wave}: {how} after {_span(payload.waited_seconds)}, {state.calls} API calls so far"
            )
        if kind == "result":
            return f"{state.done}/{state.total} {payload.check} {payload.verdict.words}"
        return ""


class LiveDisplay:
    """A bar for each vendor: wave, checks done, what the barrier is waiting for, API calls so far."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._states: dict[str, State] = {}
        self._tasks: dict[str, TaskID] = {}
        self._lock = threading.Lock()

    def show(self, name: str, kind: str, payload: Any) -> None:
        """Redraw the vendor's bar."""
        with self._lock:
            state = self._states.setdefault(name, State())
            state.take(kind, payload)
            if name not in self._tasks:
                self._tasks[name] = self._progress.add_task(name, total=None, stand="", calls=0)
            self._progress.update(
                self._tasks[name],
                completed=state.done,
                total=state.total or None,
                stand=state.waiting or state.wave,
                calls=state.calls,
            )


@contextmanager
def watching(*connects: str) -> Iterator[Display]:
    """The display that fits where our errors go: a terminal or a log.

    Args:
        connects: connect strings; where a person is asked, nothing redraws the lines that they type into.
    """
    asks = any(connect.partition(":")[0] in {"manual", "rest"} for connect in connects)
    if asks or not sys.stderr.isatty():
        yield PlainDisplay()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[calls]} calls"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[stand]}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield LiveDisplay(progress)


def _span(seconds: float) -> str:
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * HOUR:
        return f"{seconds / MINUTE:.0f} min"
    return f"{seconds / HOUR:.1f} h"
