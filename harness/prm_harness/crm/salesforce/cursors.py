"""Query cursors: a query's rows as they were, handed out page by page (contract §7.1)."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from prm_harness.crm.backend import Clock
from prm_harness.crm.org.ids import IdMint

PAGE: Final = 2000
SMALLEST_PAGE: Final = 200
_BATCH_SIZE: Final = re.compile(r"batchSize\s*=\s*([0-9]{1,9})", re.IGNORECASE)
LIFETIME: Final = timedelta(days=2)
KEPT: Final = 100
"""Open cursors kept at once; the oldest goes first, so that a client which never finishes costs bounded memory."""


@dataclass(slots=True)
class Cursor:
    """The rows of one query, all of them, and how many a page holds."""

    records: list[Any]
    total: int
    page: int
    opened_at: datetime
    nested: bool = False
    """Whether rows have child lists, which are paged, too."""


class Cursors:
    """Open cursors by locator."""

    def __init__(self, seed: int, clock: Clock) -> None:
        self._clock = clock
        self._mint = IdMint(seed)
        self._open: OrderedDict[str, Cursor] = OrderedDict()

    def open(self, records: list[Any], total: int, page: int) -> str:
        """Keep a result; returns its locator."""
        locator = self._mint.next("0r8")
        self._open[locator] = Cursor(records, total, page, self._clock.now())
        while len(self._open) > KEPT:
            self._open.popitem(last=False)
        return locator

    def get(self, locator: str) -> Cursor | None:
        """An open cursor; None when unknown or older than two days."""
        cursor = self._open.get(locator)
        if cursor is None or self._clock.now() - cursor.opened_at > LIFETIME:
            self._open.pop(locator, None)
            return None
        return cursor


def page_size(header: str) -> int:
    """Rows a page from ``Sforce-Query-Options: batchSize=n``: 200 to 2000, 2000 when it says nothing usable."""
    wanted = _BATCH_SIZE.fullmatch(header.strip())
    return max(SMALLEST_PAGE, min(PAGE, int(wanted[1]))) if wanted else PAGE
