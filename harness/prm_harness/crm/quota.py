"""The org's API allowances (contract §2 ``Sforce-Limit-Info``, §6 ``REQUEST_LIMIT_EXCEEDED``)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from threading import RLock
from typing import Final, Literal

from prm_harness.crm.backend import Clock

WINDOW: Final = timedelta(hours=24)
_GRAIN: Final = timedelta(minutes=1)
CONCURRENT: Final = 25
"""Requests of 20 seconds and more that a production org runs at the same time (contract §2)."""
LONG: Final = 20.0
"""Seconds from which on a request counts as a long one."""

Resets = Literal["rolling", "midnight"]


class DailyQuota:
    """Calls counted by the minute of the org's clock, and long requests that run at the same time.

    As documented the daily count is that of the last 24 hours; ``midnight`` lets it begin anew at the org's midnight
    instead, which is how many products believe that it works.
    """

    def __init__(
        self, clock: Clock, *, maximum: int = 15_000, zone: Callable[[], tzinfo] = lambda: UTC
    ) -> None:
        """``zone`` is the organization's time zone, asked for when it matters."""
        self._clock = clock
        self._maximum = maximum
        self._zone = zone
        self._resets: Resets = "rolling"
        self._concurrent = CONCURRENT
        self._held = 0
        self._running = 0
        self._minutes: deque[tuple[datetime, int]] = deque()
        self._count = 0
        self._lock = RLock()  # checks read and set it while requests are counted

    @property
    def used(self) -> int:
        """Calls counted in the last 24 hours, or since midnight."""
        horizon = self._horizon()
        if self._minutes and self._minutes[0][0] <= horizon:
            with self._lock:
                while self._minutes and self._minutes[0][0] <= horizon:
                    self._count -= self._minutes.popleft()[1]
        return self._count

    @property
    def maximum(self) -> int:
        """Calls allowed in that time."""
        return self._maximum

    @property
    def concurrent(self) -> tuple[int, int]:
        """Long requests that run now, those of other applications among them, and how many may."""
        return self._held + self._running, self._concurrent

    def set(
        self,
        *,
        used: int | None = None,
        maximum: int | None = None,
        resets: Resets | None = None,
        concurrent: int | None = None,
        held: int | None = None,
    ) -> None:
        """Pretend that other applications used so many just now, or change what is allowed.

        ``resets`` says when the count begins anew, ``concurrent`` how many long requests may run at the same time,
        ``held`` how many of these other applications occupy.
        """
        for name, value in {"used": used, "maximum": maximum, "concurrent": concurrent, "held": held}.items():
            if value is not None and value < 0:
                raise ValueError(f"{name} is a whole number from 0, not {value}")
        with self._lock:
            if used is not None:
                self._minutes = deque([(self._clock.now(), used)])
                self._count = used
            self._maximum = self._maximum if maximum is None else maximum
            self._resets = resets or self._resets
            self._concurrent = self._concurrent if concurrent is None else concurrent
            self._held = self._held if held is None else held

    def use(self, calls: int) -> None:
        """Another application makes so many calls now."""
        if calls < 0:
            raise ValueError(f"nobody makes {calls} calls")
        with self._lock:
            self._add(self._clock.now(), calls)

    def take(self) -> bool:
        """Count one call; False (and not counted) when the allowance is used up."""
        now = self._clock.now()
        with self._lock:
            if self.used >= self._maximum:
                return False
            self._add(now, 1)
            return True

    def crowded(self) -> bool:
        """Whether no further request may begin: all places for long ones are taken."""
        return self._held + self._running >= self._concurrent

    def begin(self) -> Callable[[], None]:
        """A long request runs from now on, until the function given back is called."""
        with self._lock:
            self._running += 1

        def end() -> None:
            with self._lock:
                self._running -= 1

        return end

    def _add(self, now: datetime, calls: int) -> None:
        if self._minutes and timedelta() <= now - self._minutes[-1][0] < _GRAIN:
            started, count = self._minutes[-1]
            self._minutes[-1] = (started, count + calls)
        else:
            self._minutes.append((now, calls))
        self._count += calls

    def _horizon(self) -> datetime:
        now = self._clock.now()
        if self._resets == "rolling":
            return now - WINDOW
        midnight = now.astimezone(self._zone()).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight.astimezone(UTC) - timedelta(microseconds=1)
