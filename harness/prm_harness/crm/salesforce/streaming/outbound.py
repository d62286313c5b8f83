"""Outbound messages: SOAP notifications that the org POSTs to an endpoint until it acknowledges them (contract §10).

A notification says that a record was saved and shows it as it is when the message is sent, not as it was saved. What is
not acknowledged is sent again after growing gaps of at most two hours, and given up after 24. Only loopback endpoints
are served: a sandbox calls nobody outside.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from prm_harness.crm.backend import RowChange
from prm_harness.crm.org.errors import NotFoundError
from prm_harness.crm.org.ids import IdMint

if TYPE_CHECKING:
    from prm_harness.crm.org.org import Org

MOST_NOTIFICATIONS: Final = 100
"""Notifications in one message."""
FIRST_GAP: Final = timedelta(seconds=15)
LONGEST_GAP: Final = timedelta(hours=2)
LIFETIME: Final = timedelta(hours=24)

_TIMEOUT: Final = 60
"""Seconds that an endpoint may take to answer."""
_ACK: Final = re.compile(r"<(?:\w+:)?Ack\s*>\s*(?:true|1)\s*</")
_OPERATIONS: Final = frozenset({"create", "update"})

Post = Callable[[str, bytes], tuple[int, str]]
"""(endpoint, body) → status and text of the answer; raises OSError when there is none."""


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """What an admin defines: which saves are told, which fields, and to whom.

    ``operations`` are of create and update; ``with_session`` puts a live session id in, as admins may opt for.
    """

    name: str
    sobject: str
    fields: tuple[str, ...]
    endpoint: str
    operations: frozenset[str] = _OPERATIONS
    with_session: bool = False


@dataclass(slots=True)
class _Pending:
    message: OutboundMessage
    notification_id: str
    record_id: str
    since: datetime
    due: datetime
    gap: timedelta = FIRST_GAP


@dataclass(slots=True)
class Outbox:
    """Messages defined, and notifications that wait for their acknowledgement."""

    org: Org
    lock: RLock
    now: Callable[[], datetime]
    origin: str
    open_session: Callable[[], str]
    seed: int
    post: Post | None = None
    queued: Callable[[], None] | None = None
    """Called when there is something new to deliver."""
    _mint: IdMint = field(init=False)
    _defined: dict[str, tuple[OutboundMessage, str]] = field(init=False, default_factory=dict)
    _pending: list[_Pending] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._mint = IdMint(self.seed)

    @property
    def waiting(self) -> int:
        """Notifications that were neither acknowledged nor given up."""
        return len(self._pending)

    @property
    def defined(self) -> tuple[OutboundMessage, ...]:
        """The messages that there are."""
        return tuple(message for message, _ in self._defined.values())

    def rest(self) -> float:
        """Seconds until the next notification is due by the org's clock; infinite when none waits."""
        with self.lock:
            now = self.now()
            return min(
                (max(0.0, (note.due - now).total_seconds()) for note in self._pending), default=math.inf
            )

    def remove(self, name: str) -> bool:
        """Take back a message and what waits of it; whether there was one."""
        with self.lock:
            self._pending = [note for note in self._pending if note.message.name != name]
            return self._defined.pop(name, None) is not None

    def define(self, message: OutboundMessage) -> None:
        """Create or replace an outbound message.

        Raises:
            ValueError: the endpoint is not on this machine; no such object or field; another operation.
        """
        if not is_loopback(message.endpoint):
            raise ValueError(f"outbound messages go to loopback endpoints only, not to {message.endpoint}")
        obj = self.org.schema.objects.get(message.sobject)
        missing = [name for name in message.fields if obj is None or obj.field(name) is None]
        if obj is None or missing:
            raise ValueError(f"there is no {message.sobject} with the fields {', '.join(missing)}")
        if not message.operations <= _OPERATIONS:
            raise ValueError(f"outbound messages tell of {', '.join(sorted(_OPERATIONS))} only")
        with self.lock:
            self._defined[message.name] = (message, self._mint.next("04k"))

    def committed(self, changes: Sequence[RowChange]) -> None:
        """Queue what these saves are to be told by."""
        for message, _ in self._defined.values():
            for change in changes:
                if change.sobject == message.sobject and change.operation in message.operations:
                    now = self.now()
                    note = _Pending(message, self._mint.next("04l"), change.record_id, now, now)
                    self._pending.append(note)
                    if self.queued is not None:
                        self.queued()

    def deliver(self) -> int:
        """Send everything that is due by the org's clock; how many notifications were acknowledged.

        The lock is not held while an endpoint is called, so that it may call the org meanwhile.
        """
        with self.lock:
            now = self.now()
            self._pending = [note for note in self._pending if now - note.since < LIFETIME]
            due = [note for note in self._pending if note.due <= now]
            batches = [(batch, self._envelope(batch)) for batch in _batches(due)]
        return sum(self._send(batch, body) for batch, body in batches)

    def _send(self, batch: list[_Pending], body: bytes) -> int:
        try:
            status, text = (self.post or _post)(batch[0].message.endpoint, body)
        except OSError:
            status, text = 0, ""
        with self.lock:
            if status == 200 and _ACK.search(text):
                sent = {note.notification_id for note in batch}
                self._pending = [note for note in self._pending if note.notification_id not in sent]
                return len(batch)
            for note in batch:
                note.due = self.now() + note.gap
                note.gap = min(2 * note.gap, LONGEST_GAP)
        return 0

    def _envelope(self, batch: list[_Pending]) -> bytes:
        message, action_id = self._defined[batch[0].message.name]
        session = f"<SessionId>{self.open_session()}</SessionId>" if message.with_session else ""
        notes = "".join(self._notification(message, note) for note in batch)
        address = f"{self.origin}/services/Soap/{{}}/60.0/{self.org.id[:15]}"
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
            'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
            '<soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
            f"<OrganizationId>{self.org.id}</OrganizationId><ActionId>{action_id}</ActionId>"
            f'{session or """<SessionId xsi:nil="true"/>"""}'
            f"<EnterpriseUrl>{address.format('c')}</EnterpriseUrl><PartnerUrl>{address.format('u')}</PartnerUrl>"
            f"{notes}</notifications></soapenv:Body></soapenv:Envelope>"
        ).encode()

    def _notification(self, message: OutboundMessage, note: _Pending) -> str:
        try:
            row = self.org.get(message.sobject, note.record_id, fields=message.fields)
        except NotFoundError:
            row = {}
        values = {"Id": note.record_id, **{k: v for k, v in row.items() if k != "Id" and v is not None}}
        fields = "".join(f"<sf:{name}>{_text(value)}</sf:{name}>" for name, value in values.items())
        kind = f'xsi:type="sf:{message.sobject}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"'
        return (
            f"<Notification><Id>{note.notification_id}</Id><sObject {kind}>{fields}</sObject></Notification>"
        )


def is_loopback(endpoint: str) -> bool:
    """Whether an address leads to this machine and nowhere else."""
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"}:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _batches(due: list[_Pending]) -> list[list[_Pending]]:
    """Notifications of one message together, a hundred at most."""
    by_message: dict[str, list[_Pending]] = {}
    for note in due:
        by_message.setdefault(note.message.name, []).append(note)
    return [
        notes[i : i + MOST_NOTIFICATIONS]
        for notes in by_message.values()
        for i in range(0, len(notes), MOST_NOTIFICATIONS)
    ]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(str(value).replace("+0000", "Z") if isinstance(value, str) and "T" in value else str(value))


def _post(endpoint: str, body: bytes) -> tuple[int, str]:
    import requests

    with requests.Session() as session:
        session.trust_env = False  # a proxy would carry the message off this machine
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
        answer = session.post(endpoint, data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False)
        return answer.status_code, answer.text
