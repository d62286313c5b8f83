"""SOQL: grammar to tree to SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prm_harness.crm.org.schema import Schema


@dataclass(frozen=True, slots=True)
class QueryResult:
    """All rows of a query, JSON-ready; ``total`` is the count, also for ``COUNT()`` which has no records."""

    total: int
    records: list[dict[str, Any]]
    sobject: str


def run(
    text: str,
    *,
    schema: Schema,
    connection: sqlite3.Connection,
    now: datetime,
    user_id: str,
    include_deleted: bool = False,
    url_for: Callable[[str, str], str],
) -> QueryResult:
    """Run one SOQL statement; raises QueryError or SandboxGapError."""
    raise NotImplementedError
