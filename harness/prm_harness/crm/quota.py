"""The org's daily API allowance (contract §2 ``Sforce-Limit-Info``, §6 ``REQUEST_LIMIT_EXCEEDED``)."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from threading import RLock
from typing import Final

from prm_harness.crm.backend import Clock

WINDOW: Final = timedelta(hours=24)
_GRAIN: Final = timedelta(minutes=1)


class DailyQuota:
    """Calls counted over the last 24 hours of the org's clock, by the minute."""

    def __init__(self, clock: Clock, *, maximum: int = 15_000) -> None:
        self._clock = clock
        self._maximum = maximum
        self._minutes: deque[tuple[datetime, int]] = deque()
        self._count = 0
        self._lock = RLock()  # checks read and set it while requests are counted

    @property
    def used(self) -> int:
        """Calls counted in the last 24 hours."""
        horizon = self._clock.now() - WINDOW
        with self._lock:
            while self._minutes and self._minutes[0][0] <= horizon:
                self._count -= self._minutes.popleft()[1]
            return self._count

    @property
    def maximum(self) -> int:
        """Calls allowed in 24 hours."""
        return self._maximum

    def set(self, *, used: int | None = None, maximum: int | None = None) -> None:
        """Pretend that other applications used so many just now, or change the allowance."""
        if used is not None:
            with self._lock:
                self._minutes = deque([(self._clock.now(), used)])
                self._count = used
        if maximum is not None:
            self._maximum = maximum

    def take(self) -> bool:
        """Count one call; False (and not counted) when the allowance is used up."""
        now = self._clock.now()
        with self._lock:
            if self.used >= self._maximum:
                return False
            if self._minutes and now - self._minutes[-1][0] < _GRAIN:
                started, count = self._minutes[-1]
                self._minutes[-1] = (started, count + 1)
            else:
                self._minutes.append((now, 1))
            self._count += 1
            return True
