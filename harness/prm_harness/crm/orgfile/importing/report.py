"""What an import could not represent, line by line: where, what, and what to do about it where something can be done."""

from __future__ import annotations


class Report:
    """Grows while importing. What org files have no place for is told in one line a kind."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._counted: dict[str, list[str]] = {}

    def lost(self, place: str, what: str) -> None:
        """One thing that the org file does not have."""
        self._lines.append(f"{place}: {what}")

    def left_out(self, kind: str, name: str) -> None:
        """One more of a kind that org files have no place for."""
        self._counted.setdefault(kind, []).append(name)

    @property
    def lines(self) -> list[str]:
        """All of it."""
        counted = [
            f"{kind}: {len(names)} not imported: {', '.join(names)}"
            for kind, names in sorted(self._counted.items())
        ]
        return [*self._lines, *counted]
