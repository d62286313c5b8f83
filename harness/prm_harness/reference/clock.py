"""When the product works: a scheduler over virtual time (driven from outside) or real time (a thread of its own)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Two readings: ``mono`` in seconds, for intervals; ``wall`` for what is written down."""

    def mono(self) -> float:
        """Seconds since some start; never goes back."""
        ...

    def wall(self) -> datetime:
        """Aware, UTC."""
        ...

    def pause(self, seconds: float) -> None:
        """Wait inside a piece of work."""
        ...


class RealClock:
    """The computer's own."""

    def mono(self) -> float:
        """See Clock."""
        return time.monotonic()

    def wall(self) -> datetime:
        """See Clock."""
        return datetime.now(UTC)

    def pause(self, seconds: float) -> None:
        """See Clock."""
        time.sleep(seconds)


class VirtualClock:
    """Stands still until moved. Before it is first moved its wall time is the computer's."""

    def __init__(self) -> None:
        self._mono = 0.0
        self._origin = datetime.now(UTC)

    def mono(self) -> float:
        """See Clock."""
        return self._mono

    def wall(self) -> datetime:
        """See Clock."""
        return self._origin + timedelta(seconds=self._mono)

    def pause(self, seconds: float) -> None:
        """Nothing: time passes between pieces of work only."""

    def anchor(self, seconds: float, now: datetime) -> float:
        """Learn that ``seconds`` from here it will be ``now``; returns the reading of that moment."""
        end = self._mono + seconds
        self._origin = now - timedelta(seconds=end)
        return end

    def move_to(self, mono: float) -> None:
        """Let time pass up to this reading."""
        self._mono = max(self._mono, mono)


class Scheduler:
    """Runs the sync when it is due: every ``cycle`` seconds, and earlier when a retry asked to be woken.

    Args:
        clock: which time.
        work: what to do; told whether it is a regular sync (True) or only a retry (False).
        cycle: seconds between regular syncs.
    """

    def __init__(self, clock: Clock, work: Callable[[bool], None], cycle: float) -> None:
        self._clock = clock
        self._work = work
        self._cycle = cycle
        self._next: float | None = None
        self._wake: float | None = None
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @property
    def cycle(self) -> float:
        """Seconds between regular syncs."""
        return self._cycle

    @property
    def running(self) -> bool:
        """Whether syncs are scheduled at all."""
        return self._next is not None

    def start(self) -> None:
        """First regular sync one cycle from now."""
        with self._changed:
            self._next = self._clock.mono() + self._cycle
            if isinstance(self._clock, RealClock) and self._thread is None:
                self._thread = threading.Thread(target=self._run_forever, name="reference-prm", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def stop(self) -> None:
        """No more syncs; a thread ends after what it is doing."""
        with self._changed:
            self._next = self._wake = None
            thread, self._thread = self._thread, None
            self._changed.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=30)

    def set_cycle(self, seconds: float) -> None:
        """Change the interval; the running one is cut short if it would end later."""
        with self._changed:
            self._cycle = seconds
            if self._next is not None:
                self._next = min(self._next, self._clock.mono() + seconds)
            self._changed.notify_all()

    def wake_at(self, mono: float) -> None:
        """Ask for a retry at that reading, unless an earlier one is asked for."""
        with self._changed:
            self._wake = mono if self._wake is None else min(self._wake, mono)
            self._changed.notify_all()

    def run_until(self, clock: VirtualClock, end: float) -> None:
        """Do everything that becomes due up to ``end``, in order, each at its due time."""
        while (due := self._due()) is not None and due <= end:
            clock.move_to(due)
            self._run_one()
        clock.move_to(end)

    def _due(self) -> float | None:
        if self._next is None:
            return None
        return self._next if self._wake is None else min(self._next, self._wake)

    def _run_one(self) -> None:
        with self._changed:
            if self._next is None:
                return
            now = self._clock.mono()
            regular = self._next <= now
            if regular:
                self._next = max(self._next + self._cycle, now)
            self._wake = None
        self._work(regular)

    def _run_forever(self) -> None:
        me = threading.current_thread()
        while True:
            with self._changed:
                if self._thread is not me:
                    return
                due = self._due()
                wait = None if due is None else due - self._clock.mono()
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
            self._run_one()
