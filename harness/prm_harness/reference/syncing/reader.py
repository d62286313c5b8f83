"""What is asked of the CRM: an object's rows, all of them or those changed since last time, oldest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from prm_harness.reference.shape.fields import flattened
from prm_harness.reference.shape.segments import clause, inverse

from .engine import Carried, Core

Page = list[dict[str, Any]]


class Reader:
    """Asks, and takes each page as it comes."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def pages(self, carried: Carried) -> Iterator[Page]:
        """Rows of the object; everything, the first time and when a reload was asked for.

        Raises:
            CrmProblem: pages already taken count; the next read goes on from there.
        """
        for page in self._extracted(carried):
            yield page
            self._taken(carried, page)

    def leavers(self, carried: Carried) -> Iterator[str]:
        """Ids of changed rows that the filter excludes: those that stopped matching are among them."""
        assert carried.filter is not None
        outside = inverse(carried.filter, field_type(carried, carried.filter.field))
        soql = f"SELECT Id FROM {carried.spec.kind} WHERE {self._since(carried)} AND {outside}"
        for page in self._core.crm.pages(soql):
            yield from (row["Id"] for row in page)

    # -- inside -------------------------------------------------------------------------------------------------

    def _extracted(self, carried: Carried) -> Iterator[Page]:
        full = carried.reload or carried.watermark is None
        names = list(dict.fromkeys([*carried.spec.system, *carried.spec.fields]))
        if self._core.policy.reads_one_by_one:
            names = ["Id", "SystemModstamp"]
        soql = self._soql(carried, names, full=full)
        for rows in self._core.crm.pages(soql, deleted=not full):
            page = [flattened(row) for row in rows]
            if self._core.policy.reads_one_by_one:
                page = [flattened(self._core.crm.retrieve(carried.spec.kind, row["Id"])) for row in page]
            yield page
            if not self._core.policy.follows_pages:
                return

    def _taken(self, carried: Carried, page: Page) -> None:
        """Rows come oldest first, so after each page the next read could go on from here."""
        carried.watermark = max(
            filter(None, [carried.watermark, *(_stamp(row, self._core.policy.stamp) for row in page)]),
            default=None,
        )

    def _soql(self, carried: Carried, names: list[str], *, full: bool) -> str:
        conditions = []
        if full and "IsDeleted" in carried.spec.system:
            conditions.append("IsDeleted = false")
        if full and self._core.policy.history:
            conditions.append(self._core.policy.history)
        if carried.reload and carried.reload_from is not None:
            conditions.append(f"SystemModstamp >= {literal(carried.reload_from)}")
        if not full:
            conditions.append(self._since(carried))
        if carried.filter is not None and self._core.policy.filters and self._core.policy.filters_in_query:
            conditions.append(clause(carried.filter, field_type(carried, carried.filter.field)))
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return f"SELECT {', '.join(names)} FROM {carried.spec.kind}{where} ORDER BY {self._core.policy.read_order}"

    def _since(self, carried: Carried) -> str:
        assert carried.watermark is not None
        since = carried.watermark - timedelta(seconds=self._core.policy.overlap_seconds)
        if (back := self._core.policy.reads_back_seconds) is not None:
            since = max(since, self._core.clock.wall() - timedelta(seconds=back))
        operator = ">=" if self._core.policy.overlap_seconds else ">"
        return f"{self._core.policy.stamp} {operator} {literal(since)}"


def literal(moment: datetime) -> str:
    """The moment as SOQL takes it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.}{moment.microsecond // 1000:03d}Z"


def field_type(carried: Carried, name: str) -> str:
    """The type of a carried field, as the CRM calls it."""
    field = carried.spec.fields.get(name)
    return field.type if field else "string"


def _stamp(row: dict[str, Any], name: str) -> datetime | None:
    stamp = row.get(name)
    return datetime.fromisoformat(stamp) if stamp else None
