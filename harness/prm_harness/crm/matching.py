"""Which requests something waits for: by route class, method and text, from the n-th on, so many times."""

from __future__ import annotations

from prm_harness.crm.trouble import RequestMatch as Match

__all__ = ["Counted", "Match", "route_matches"]


def route_matches(pattern: str, route: str) -> bool:
    """Whether a route class belongs to ``pattern``: any run of its dotted words (``write``, ``query``, ``row.update``).

    Route classes read ``<purpose>.<resource>[.<verb>]``; the empty pattern takes all of them.
    """
    return not pattern or f".{pattern}." in f".{route}."


class Counted:
    """A match that counts what it has seen."""

    __slots__ = ("_match", "_met", "_rows", "_seen")

    def __init__(self, match: Match) -> None:
        self._match = match
        self._seen = self._met = self._rows = 0

    def meets(self, route: str, method: str, text: str) -> bool:
        """Whether this request is one of those; counts it."""
        match = self._match
        if match.times is not None and self._met >= match.times:
            return False
        if not self._fits(route, method) or match.where not in text:
            return False
        self._seen += 1
        if self._seen <= match.after or self._rows < match.after_rows:
            return False
        self._met += 1
        return True

    def passed(self, route: str, method: str, rows: int) -> None:
        """A request of that class carried so many rows."""
        if self._match.after_rows and self._fits(route, method):
            self._rows += rows

    def _fits(self, route: str, method: str) -> bool:
        match = self._match
        return route_matches(match.route, route) and (not match.method or match.method.upper() == method)
