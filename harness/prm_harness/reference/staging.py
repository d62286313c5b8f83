"""Staging tables: an extract is complete before anything of it is loaded into the portal."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Final

from .syncing.engine import Carried, Core
from .syncing.problems import CrmProblem
from .syncing.reader import Page, Reader

_PAGE: Final = 2000


class StagedReader(Reader):
    """Extracts everything first, then hands it on; an extract that breaks off leaves the portal as it was."""

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._db.execute("CREATE TABLE staged (number INTEGER PRIMARY KEY, content TEXT NOT NULL)")

    def pages(self, carried: Carried) -> Iterator[Page]:
        """See Reader; the watermark moves as rows leave the table."""
        self._db.execute("DELETE FROM staged")
        whole = self._extract(carried)
        for page in self._staged():
            yield page
            self._taken(carried, page)
        if not whole:
            carried.watermark = self._core.clock.wall()

    def _extract(self, carried: Carried) -> bool:
        """Fill the table; whether everything came.

        Raises:
            CrmProblem: the extract broke off, and is not taken for a whole one.
        """
        try:
            for page in self._extracted(carried):
                self._db.executemany(
                    "INSERT INTO staged (content) VALUES (?)", ((json.dumps(row),) for row in page)
                )
        except CrmProblem:
            if self._core.policy.finishes_extracts:
                raise
            return False
        return True

    def _staged(self) -> Iterator[Page]:
        last = 0
        query = "SELECT number, content FROM staged WHERE number > ? ORDER BY number LIMIT ?"
        while rows := self._db.execute(query, (last, _PAGE)).fetchall():
            last = rows[-1][0]
            yield [json.loads(content) for _, content in rows]
