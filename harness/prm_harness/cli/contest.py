"""A bake-off: the same questions to everyone, each contestant in a process of its own, then one comparison."""

from __future__ import annotations

import multiprocessing as mp
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from prm_harness.audit.attestations import read_form
from prm_harness.audit.registry import load_catalogue
from prm_harness.audit.run import AuditSpec, run_audit
from prm_harness.audit.stage import introduce
from prm_harness.delivery import Delivered, score_line, slug, write_bakeoff, write_scorecard
from prm_harness.record.enclosures import Enclosures
from prm_harness.record.reader import read_run
from prm_harness.scoring import load_profile, outcome, score

from .audit import interrupted
from .bakeoff_file import BakeoffFile
from .ending import FAILURES, INTERRUPTED, MET, OPEN, Ending, Trouble, explain
from .outcome import enclosures, say_files
from .progress import Display, watching

if TYPE_CHECKING:
    from prm_harness.record.run import Run

PROCESSES: Final = 2
_WORST_FIRST: Final = (INTERRUPTED, FAILURES, OPEN, MET)
_BETWEEN_LOOKS: Final = 0.1
"""Seconds between two "waiting" events that a worker passes on; with a virtual clock thousands occur."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A contestant: what to call it, its audit, and what was handed in beside it."""

    name: str
    spec: AuditSpec
    enclosed: Enclosures
    packs: bool = True
    """Whether the buyer's own packs of checks take part."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What to print on."""

    pdf: bool
    page: str


def entries_of(file: BakeoffFile, out: Path, *, packs: bool = True) -> list[Entry]:
    """Every vendor is opened once before anything runs, so that a mistake in the last line costs no hour.

    Raises:
        ConnectError: an adapter could not be opened.
        ProfileError: the profile cannot be used.
        AttestationError: what a vendor answered in writing cannot be used.
        EnclosureError: a comment or waivers that cannot be used.
        Trouble: two vendors would share a folder.
    """
    catalogue = load_catalogue(packs=packs)
    profile = load_profile(file.profile, checks=[check.id for check in catalogue.checks])
    profile = profile.model_copy(update={"buyer": file.buyer}) if file.buyer else profile
    start = datetime.now(UTC).replace(microsecond=0)
    entries: list[Entry] = []
    for vendor in file.vendors:
        product = introduce(vendor.connect).product
        name = vendor.name or product
        folder = vendor.out or out / slug(name)
        if twin := next((e for e in entries if e.spec.out == folder), None):
            raise Trouble(
                f"{vendor.connect} and {twin.spec.connect} are both called {name!r}; give each vendor its own name"
            )
        form = read_form(vendor.attestations, catalogue.checklist) if vendor.attestations else None
        spec = AuditSpec(
            vendor.connect, profile, folder, seed=file.seed, repeats=file.repeats, start=start, form=form
        )
        enclosed = enclosures([check.id for check in catalogue.checks], vendor.comment, vendor.waivers)
        entries.append(Entry(name, spec, enclosed, packs))
    return entries


def hold(entries: Sequence[Entry], paper: Paper) -> list[Run]:
    """Audit everybody and write every scorecard; returns the runs in the entries' order.

    Raises:
        Trouble: interrupted (what was recorded is kept), or a contestant could not be audited.
    """
    with watching(*(entry.spec.connect for entry in entries)) as display:
        contest = _Contest(entries, paper, display)
        try:
            contest.run()
        except KeyboardInterrupt:
            contest.stop()
            raise interrupted(*(entry.spec.run_file for entry in entries)) from None
    for delivered in contest.delivered:
        say_files(delivered)
    return [read_run(entry.spec.run_file) for entry in entries]


def bakeoff_ending(
    runs: Sequence[Run], out: Path, *, pdf: bool, page: str, title: str = "", buyer: str = ""
) -> Ending:
    """Write the comparison; the ending is the worst of the contestants', each in its own words."""
    say_files(write_bakeoff(runs, out, pdf=pdf, page=page, title=title, buyer=buyer))
    code, whys = MET, []
    for run in runs:
        card = score(run)
        click.echo(score_line(card))
        its_code, line = outcome(run, card)
        code = min(code, int(its_code), key=_WORST_FIRST.index)
        whys.append(f"{card.contestant.product} {line.partition(': ')[2]}")
    return Ending(code, " · ".join(whys))


class _Contest:
    """At most two contestants at a time; verdicts follow from seed and start, so company changes none."""

    def __init__(self, entries: Sequence[Entry], paper: Paper, display: Display) -> None:
        self._waiting = list(entries)
        self._paper = paper
        self._display = display
        self._context = mp.get_context("spawn")
        self.delivered: list[Delivered] = []
        self._running: dict[Connection, tuple[Entry, mp.process.BaseProcess]] = {}

    def run(self) -> None:
        """Until everybody has been audited.

        Raises:
            Trouble: a contestant could not be audited; the others are stopped.
        """
        try:
            while self._waiting or self._running:
                while self._waiting and len(self._running) < min(PROCESSES, os.cpu_count() or 1):
                    self._start(self._waiting.pop(0))
                for ready in wait(list(self._running)):
                    self._hear(ready)  # type: ignore[arg-type]  # wait() also takes sockets and handles
        except Trouble:
            self.stop()
            raise

    def stop(self) -> None:
        """Ask everybody to close their run file properly, and wait for them."""
        for _, process in self._running.values():
            process.terminate()
        for _, process in self._running.values():
            process.join(timeout=30)

    def _start(self, entry: Entry) -> None:
        here, there = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_work, args=(entry, self._paper, there), name=entry.name)
        with _ignoring_ctrl_c():
            process.start()
        there.close()
        self._running[here] = (entry, process)

    def _hear(self, ready: Connection) -> None:
        entry, process = self._running[ready]
        try:
            kind, payload = ready.recv()
        except EOFError:
            del self._running[ready]
            process.join()
            if process.exitcode:
                raise Trouble(
                    f"{entry.name}: its audit ended with {process.exitcode} and no word", OPEN
                ) from None
            return
        if kind == "trouble":
            message, code = payload
            raise Trouble(f"{entry.name}: {message}", code)
        if kind == "delivered":
            self.delivered.append(payload)
        self._display.show(entry.name, kind, payload)


def _work(entry: Entry, paper: Paper, tell: Connection) -> None:
    """One contestant in its own process; its parent stops it with SIGTERM."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt, BrokenPipeError):
        tell.send(_audit(entry, paper, _Teller(tell)))


def _audit(entry: Entry, paper: Paper, teller: _Teller) -> tuple[str, Any]:
    """The last word: what was delivered, or the one line about what went wrong."""
    try:
        catalogue = load_catalogue(packs=entry.packs)
        run = read_run(run_audit(entry.spec, catalogue=catalogue, listeners=[teller]))
        return "delivered", write_scorecard(
            run, entry.spec.out, pdf=paper.pdf, page=paper.page, enclosed=entry.enclosed
        )
    except Exception as error:  # noqa: BLE001 - told to the parent, which prints it
        return "trouble", explain(error)


@contextmanager
def _ignoring_ctrl_c() -> Iterator[None]:
    """Ctrl-C reaches every process of a terminal; a process that starts now inherits that it is not meant."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Teller:
    """Passes events to the parent process."""

    def __init__(self, tell: Connection) -> None:
        self._tell = tell
        self._last = 0.0

    def event(self, kind: str, payload: Any | Mapping[str, Any]) -> None:
        """Send it; of the many "waiting" ones, as many as an eye can follow."""
        if kind == "waiting":
            if time.monotonic() - self._last < _BETWEEN_LOOKS:
                return
            self._last = time.monotonic()
        self._tell.send((kind, payload))
