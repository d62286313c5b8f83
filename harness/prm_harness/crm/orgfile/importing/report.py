"""What an import could not represent, line by line: where, what, and what to do about it where something can be done."""

from __future__ import annotations

from collections import Counter


class Report:
    """Grows while importing. What comes in great numbers is counted instead of listed."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._counted: Counter[str] = Counter()

    def lost(self, place: str, what: str) -> None:
        """One thing that the org file does not have."""
        self._lines.append(f"{place}: {what}")

    def left_out(self, kind: str) -> None:
        """One more of a kind that org files have no place for."""
        self._counted[kind] += 1

    @property
    def lines(self) -> list[str]:
        """All of it."""
        counted = [f"{kind}: {count} not imported" for kind, count in sorted(self._counted.items())]
        return [*self._lines, *counted]
