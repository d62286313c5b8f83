"""The dedupe store of a polling trigger: a record fires once for each version of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .engine import Carried, Core
from .reader import Page, Reader


class DedupedReader(Reader):
    """Hands on only rows whose id and SystemModstamp were not seen together before.

    By id alone, the second edit of a record would never fire; by id and timestamp, a value that changes without a
    timestamp does not, until the task is started again from a date.

    Args:
        core: what is shared.
        from_date: whether the tasks pick up from a date; otherwise the first poll only fills the store.
    """

    def __init__(self, core: Core, *, from_date: bool) -> None:
        super().__init__(core)
        self._from_date = from_date
        self._seen: dict[str, dict[str, str]] = {}

    def pages(self, carried: Carried) -> Iterator[Page]:
        """See Reader; a reload starts with an empty store."""
        kind = carried.spec.kind
        first = kind not in self._seen
        seen = self._seen.setdefault(kind, {})
        if carried.reload:
            seen.clear()
        for page in super().pages(carried):
            skipped = first and not self._from_date
            yield [] if skipped else [row for row in page if not self._fired(seen, row)]
            # Only now: rows of a page that could not be taken fire again.
            seen.update((row["Id"], row["SystemModstamp"]) for row in page)

    def _fired(self, seen: dict[str, str], row: dict[str, Any]) -> bool:
        if not self._core.policy.fires_by_version:
            return row["Id"] in seen
        return bool(seen.get(row["Id"]) == row["SystemModstamp"])
