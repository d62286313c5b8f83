"""Points in time: when the portal came to read, as the CRM's log shows it, and when records were last touched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median

from prm_harness import Exchange


def readings(log: Sequence[Exchange]) -> list[datetime]:
    """When the object that was read most often was read: its distinct moments."""
    moments: dict[str, list[datetime]] = {}
    for exchange in log:
        if exchange.soql:
            source = read_from(exchange)
            seen = moments.setdefault(source, [])
            if not seen or (exchange.at - seen[-1]).total_seconds() > 1:
                seen.append(exchange.at)
    return max(moments.values(), key=len, default=[])


def read_from(exchange: Exchange) -> str:
    """The sObject that a query reads, or an empty text."""
    words = exchange.soql.split()
    upper = [word.upper() for word in words]
    return words[upper.index("FROM") + 1] if "FROM" in upper[:-1] else ""


def interval(moments: Sequence[datetime]) -> float:
    """Seconds between two readings, as half of them are apart; two moments at least."""
    return median((b - a).total_seconds() for a, b in pairwise(moments))


def moment(stamp: str) -> datetime:
    """A point in time as the CRM writes it."""
    return datetime.fromisoformat(stamp.replace("+0000", "+00:00"))


def stamps(then: datetime) -> dict[str, str]:
    """Audit fields of a record that was last touched at that time."""
    text = then.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return {"CreatedDate": text, "LastModifiedDate": text, "SystemModstamp": text}
