"""The dedupe store of a polling trigger: a record fires once for each version of it."""

from __future__ import annotations

from collections.abc import Iterator

from .engine import Carried, Core
from .reader import Page, Reader


class DedupedReader(Reader):
    """Hands on only rows whose id and SystemModstamp were not seen together before.

    By id alone, the second edit of a record would never fire; by id and timestamp, a value that changes without a
    timestamp does not, until the task is started again from a date.
    """

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._seen: dict[str, dict[str, str]] = {}

    def pages(self, carried: Carried) -> Iterator[Page]:
        """See Reader; a reload starts with an empty store."""
        seen = self._seen.setdefault(carried.spec.kind, {})
        if carried.reload:
            seen.clear()
        for page in super().pages(carried):
            yield [row for row in page if seen.get(row["Id"]) != row["SystemModstamp"]]
            # Only now: rows of a page that could not be taken fire again.
            seen.update((row["Id"], row["SystemModstamp"]) for row in page)
