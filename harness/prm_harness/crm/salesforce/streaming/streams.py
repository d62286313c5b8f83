"""The org's streams: what is captured, who changed it, and which channels tell of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

from prm_harness.crm.org.errors import NotFoundError
from prm_harness.crm.salesforce.http import Request
from prm_harness.crm.salesforce.streaming.bus import Bus
from prm_harness.crm.salesforce.streaming.push_topics import PushTopics
from prm_harness.crm.salesforce.streaming.troubled_events import troubled
from prm_harness.crm.store.values import decode

if TYPE_CHECKING:
    from prm_harness.crm.faults import FaultBox
    from prm_harness.crm.org.org import Org
    from prm_harness.crm.salesforce.streaming.outbound import Outbox

_SCREEN: Final = "com/salesforce/api/soap/60.0;client=SfdcInternalAPI/"
"""What the origin of a change made on a screen reads like (recordings cdc_event-001 to -004)."""

_FAMILIES: Final = {"data": "rest", "soap": "soap", "async": "bulk"}


class Streams:
    """Listens to the org's commits and keeps them for subscribers. Callers hold ``lock``."""

    def __init__(
        self,
        org: Org,
        *,
        lock: RLock,
        now: Callable[[], datetime],
        faults: FaultBox | None = None,
        exchange: Callable[[], int | None] = lambda: None,
    ) -> None:
        self.org = org
        self.lock = lock
        self.now = now
        self.bus = Bus(now)
        self.topics = PushTopics(org, self.bus)
        self.request: Request | None = None
        """The request being handled, which the commits of this moment come from."""
        self.outbox: Outbox | None = None
        self._faults = faults
        self._exchange = exchange
        self._silent = False
        self._asked: Request | None = None
        self._named = ""
        org.watch_commits(self._committed)

    @property
    def told(self) -> frozenset[str]:
        """Objects whose changes some channel tells of."""
        told: frozenset[str] = self.org.event_channels.told(self.org.schema)
        return told

    def read(self, sobject: str, record_id: str) -> Mapping[str, Any]:
        """A record's values now, none for one that is gone."""
        try:
            return self.org.get(sobject, record_id)
        except NotFoundError:
            return {}

    def kept(self, sobject: str, record_id: str) -> Mapping[str, Any]:
        """A record's stored values now, also of one in the recycle bin; none for one that is gone for good."""
        fields = [field for field in self.org.schema.objects[sobject].fields.values() if field.stored]
        names = ", ".join(f'"{field.name}"' for field in fields)
        sql = f'SELECT {names} FROM "{sobject}" WHERE "Id" = ?'
        cursor = self.org.connection.cursor()
        cursor.row_factory = None
        row = cursor.execute(sql, (record_id,)).fetchone()
        return {} if row is None else {f.name: decode(f, row[i]) for i, f in enumerate(fields)}

    def troubled(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What really goes out of the messages that are to be delivered now."""
        if self._faults is None or not self._faults.armed:
            return messages
        return troubled(messages, self._faults, self._exchange())

    @contextmanager
    def silence(self) -> Iterator[None]:
        """What is committed inside reaches no subscriber: data that rots without anybody changing it."""
        before, self._silent = self._silent, True
        try:
            yield
        finally:
            self._silent = before

    def _committed(self, first: int, count: int) -> None:
        if self._silent:
            return
        changes = self.org.changes
        if changes[first].operation == "setup":
            # An admin's change of the schema edited no record: there is nothing to tell but that something changed.
            self.bus.commit(changes, first, count, "")
            return
        self.bus.commit(
            changes, first, count, _SCREEN if self.request is None else self._origin(self.request)
        )
        committed = changes.view(first, count)
        self.topics.committed(committed)
        if self.outbox is not None:
            self.outbox.committed(committed)

    def _origin(self, request: Request) -> str:
        """``changeOrigin``: the API, its version and the client's name (recordings cdc_event-001, -007)."""
        if self._asked is not request:
            self._asked, self._named = request, _origin_of(request)
        return self._named


def _origin_of(request: Request) -> str:
    words = request.path.lower().split("/")
    family = next((_FAMILIES[word] for word in words if word in _FAMILIES), "rest")
    family = "bulk" if "jobs" in words else family
    version = next((w.removeprefix("v") for w in words if w.removeprefix("v")[:2].isdigit()), "60.0")
    options = request.header("sforce-call-options").split(",")
    client = next((o.partition("=")[2].strip() for o in options if o.strip().startswith("client=")), "")
    return f"com/salesforce/api/{family}/{version}" + (f";client={client}" if client else "")
