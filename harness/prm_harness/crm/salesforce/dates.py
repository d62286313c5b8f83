"""Dates as the wire writes and reads them (contract §4)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache


def wire_datetime(text: str) -> datetime:
    """The moment that an ISO text names; without an offset it is UTC.

    Raises:
        ValueError: it is no such text.
    """
    # A plus sign that was not percent-encoded in a query string arrives as a blank.
    moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def soql_datetime(moment: datetime) -> str:
    """A datetime as a SOQL literal."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=16)  # the org's time often stands still from one request to the next
def http_date(moment: datetime) -> str:
    """A datetime as an HTTP header writes it."""
    return _second(moment.replace(microsecond=0))


@lru_cache(maxsize=256)
def _second(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)
