"""The CRM's clock: one that stands still until a check lets time pass, and the wall clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class VirtualClock:
    """Stands still unless advanced, so that a day of sync cycles takes no time and every run sees the same dates."""

    virtual = True

    def __init__(self, start: datetime | None = None) -> None:
        """Begin at ``start`` (aware; default: a fixed Monday morning, the same for every run)."""
        start = start or datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        if start.tzinfo is None:
            raise ValueError("a clock starts at an aware datetime: give it a time zone")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The time it was advanced to."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass; time never runs backwards."""
        if seconds < 0:
            raise ValueError(f"time cannot run back by {-seconds} seconds")
        self._now += timedelta(seconds=seconds)


class RealClock:
    """The wall clock, for a PRM that cannot be driven and has to be waited for."""

    virtual = False

    def now(self) -> datetime:
        """The wall clock's time."""
        return datetime.now(UTC)

    def advance(self, seconds: float) -> None:
        """Refused: whoever needs real time to pass has to wait for it."""
        raise ValueError(
            f"a real clock cannot be advanced by {seconds} seconds; wait, or use a virtual clock"
        )
