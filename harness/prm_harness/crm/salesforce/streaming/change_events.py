"""Change events: a transaction's row changes as Change Data Capture tells them (contract §10).

Shapes follow the captured deliveries (recordings cdc_event-002, -003, -006): ISO dates ending in ``Z``, only what
changed, the header last, compound fields nested under their own name. A field that was emptied is there as null and in
``changedFields``; the ``nulledFields`` list belongs to the Pub/Sub decoding (cdc_event-001) and is not sent here.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

from prm_harness.crm.backend import RowChange
from prm_harness.crm.org.event_channels import event_object
from prm_harness.crm.org.schema import FieldType, SObjectType
from prm_harness.crm.salesforce.streaming.bus import Commit

_TYPES: Final = {"create": "CREATE", "update": "UPDATE", "delete": "DELETE", "undelete": "UNDELETE"}
OVERFLOW_AFTER: Final = 100_000
"""Changes of one transaction that are told one by one (contract §10)."""
_LARGEST_EVENT: Final = 1_000_000
_NOT_TOLD: Final = frozenset({"Id", "IsDeleted", "SystemModstamp"})

Read = Callable[[str, str], Mapping[str, Any]]
"""(sObject, id) → the record's wire values now; empty for one that is gone."""


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """One event: ``channel`` is the one of its object, ``data`` what a subscriber is sent."""

    replay_id: int
    entity: str
    data: dict[str, Any] = field(repr=False)

    @property
    def channel(self) -> str:
        """The object's own channel."""
        return f"/data/{event_object(self.entity)}"


def events_of(
    commit: Commit,
    objects: Mapping[str, SObjectType],
    selected: frozenset[str],
    read: Read,
    seen: Mapping[str, SObjectType],
) -> Iterator[ChangeEvent]:
    """The change events of a transaction, for the objects that have Change Data Capture switched on.

    Payloads have the fields of ``seen``, the objects as the subscriber may see them; an event of which it may see no
    changed field is told all the same. The same change to neighbouring records is one event with all their ids, as Salesforce merges them.
    """
    told = [
        (commit.first + i, change) for i, change in enumerate(commit.changes) if change.sobject in selected
    ]
    whole, beyond = _within(told)
    runs = groupby(whole, key=lambda pair: _sameness(pair[1]))
    sequence = 0
    for sequence, (_, run) in enumerate(runs, 1):
        pairs = list(run)
        change = pairs[0][1]
        obj = objects[change.sobject]
        kind = _TYPES.get(change.operation, "UPDATE")
        payload, changed = _fields(seen[obj.name], change, read)
        if change.operation == "setup" or _too_large(payload):
            kind, payload, changed = f"GAP_{kind}", {}, []
        yield _event(commit, obj, pairs, sequence, kind, payload, changed)
    for name in dict.fromkeys(change.sobject for _, change in beyond):
        sequence += 1
        pairs = [pair for pair in beyond if pair[1].sobject == name]
        yield _event(commit, objects[name], pairs, sequence, "GAP_OVERFLOW", {}, [])


def _event(
    commit: Commit,
    obj: SObjectType,
    pairs: list[tuple[int, RowChange]],
    sequence: int,
    kind: str,
    payload: Mapping[str, Any],
    changed: list[str],
) -> ChangeEvent:
    header = {
        "commitNumber": _commit_number(commit),
        "commitUser": pairs[0][1].user,
        "sequenceNumber": sequence,
        "entityName": obj.name,
        "changeType": kind,
        "changedFields": changed,
        "changeOrigin": commit.origin,
        "transactionKey": _transaction_key(commit),
        "commitTimestamp": int(commit.at.timestamp() * 1000),
        "recordIds": [f"{obj.key_prefix}000000000000AAA"]
        if kind == "GAP_OVERFLOW"
        else [c.record_id for _, c in pairs],
    }
    replay_id = pairs[-1][0]
    data = {
        "schema": schema_id(obj),
        "payload": {**payload, "ChangeEventHeader": header},
        "event": {"replayId": replay_id},
    }
    return ChangeEvent(replay_id, obj.name, data)


def _within(
    told: list[tuple[int, RowChange]],
) -> tuple[list[tuple[int, RowChange]], list[tuple[int, RowChange]]]:
    """What is told change by change, and what lies beyond the first 100,000 changes of the transaction.

    Every changed field of an update counts, a creation, deletion or undeletion once (vendor guide, overflow events).
    """
    count = 0
    for place, (_, change) in enumerate(told):
        count += max(1, len(change.fields)) if change.operation == "update" else 1
        if count > OVERFLOW_AFTER:
            return told[:place], told[place:]
    return told, []


def _too_large(payload: Mapping[str, Any]) -> bool:
    """Whether the message would exceed a megabyte: then a gap event stands for it."""
    texts = [value for value in payload.values() if isinstance(value, str)]
    return sum(map(len, texts)) * 4 > _LARGEST_EVENT and sum(len(t.encode()) for t in texts) > _LARGEST_EVENT


def enrich(event: ChangeEvent, names: Sequence[str], read: Read, obj: SObjectType) -> None:
    """Have an update or a deletion tell fields that did not change, as far as they hold something and may be seen."""
    payload = event.data["payload"]
    header = payload["ChangeEventHeader"]
    if not names or header["changeType"] not in {"UPDATE", "DELETE"}:
        return
    now = read(event.entity, header["recordIds"][0])
    known = {name: now[name] for name in names if now.get(name) is not None and name in obj.fields}
    more, _ = _nested(obj, known)
    event.data["payload"] = {**more, **payload}


def values_of(obj: SObjectType, payload: Mapping[str, Any]) -> dict[str, Any]:
    """An event's payload as wire values by field again: parts of compounds by their own names."""
    values: dict[str, Any] = {}
    for f in obj.fields.values():
        part = payload.get(f.compound) if f.compound and f.compound != f.name else None
        if isinstance(part, Mapping):
            key = _part(obj, f.name, f.compound)
            if key in part:
                values[f.name] = part[key]
        elif f.name in payload:
            value = payload[f.name]
            is_moment = f.type is FieldType.DATETIME and isinstance(value, str)
            values[f.name] = value.removesuffix("Z") + "+0000" if is_moment else value
    return values


def _sameness(change: RowChange) -> tuple[Any, ...]:
    # An undeleted record tells its own values, so it shares its event with none.
    alone = change.record_id if change.operation == "undelete" else ""
    told = {} if change.operation == "setup" else change.fields
    values = [(name, new) for name, (_, new) in sorted(told.items())]
    return change.sobject, change.operation, change.user, change.at, alone, values


def _fields(obj: SObjectType, change: RowChange, read: Read) -> tuple[dict[str, Any], list[str]]:
    """Payload, and ``changedFields`` (of updates only)."""
    if change.operation == "delete":
        return {}, []
    stamp = _moment(change.at.strftime("%Y-%m-%dT%H:%M:%S.000+0000"))
    if change.operation == "update":
        values = {name: new for name, (_, new) in change.fields.items()}
        payload, changed = _nested(obj, values)
        return {"LastModifiedDate": stamp, **payload}, ["LastModifiedDate", *changed]
    if change.operation == "undelete":
        known = read(change.sobject, change.record_id)
    else:
        known = {name: new for name, (_, new) in change.fields.items()}
        known |= {"LastModifiedDate": stamp, "LastModifiedById": change.user}
    payload, _ = _nested(obj, {name: value for name, value in known.items() if value is not None})
    return payload, []


def _nested(obj: SObjectType, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Values in describe order, parts of a compound field inside it, and the paths of all of them."""
    compounds = {f.compound for f in obj.fields.values() if f.compound and f.compound != f.name}
    if _is_business(obj, values):
        compounds.discard("Name")
    payload: dict[str, Any] = {}
    paths: list[str] = []
    for f in obj.fields.values():
        if f.name not in values or f.name in _NOT_TOLD or f.name in compounds or f.calculated:
            continue
        value = values[f.name]
        if f.type is FieldType.DATETIME:
            value = _moment(value)
        if f.compound and f.compound != f.name:
            part = _part(obj, f.name, f.compound)
            payload.setdefault(f.compound, {})[part] = value
            paths.append(f"{f.compound}.{part}")
        else:
            payload[f.name] = value
            paths.append(f.name)
    return payload, paths


def _is_business(obj: SObjectType, values: Mapping[str, Any]) -> bool:
    """Whether an account's Name is one text: a person's is a record of its parts (Avro type Switchable_PersonName)."""
    name = obj.fields.get("Name")
    parts = ("LastName", "FirstName", "Salutation")
    return (
        name is not None
        and name.extra_type_info == "switchablepersonname"
        and not any(values.get(part) is not None for part in parts)
    )


def _part(obj: SObjectType, name: str, compound: str) -> str:
    """``MailingStreet`` of ``MailingAddress`` is ``Street``; ``Geo__Latitude__s`` of ``Geo__c`` is ``Latitude``."""
    parent = obj.fields.get(compound)
    if parent is not None and parent.type is FieldType.LOCATION:
        return "Latitude" if "latitude" in name.lower() else "Longitude"
    return name.removeprefix(compound.removesuffix("Address")) if compound.endswith("Address") else name


def _moment(wire: Any) -> Any:
    return wire.replace("+0000", "Z") if isinstance(wire, str) else wire


def schema_id(obj: SObjectType) -> str:
    """The id of an event's schema: another one whenever the object has other fields."""
    names = "\n".join([obj.name, *(f"{f.name} {f.type}" for f in obj.fields.values())])
    return base64.urlsafe_b64encode(hashlib.sha256(names.encode()).digest()[:16]).decode().rstrip("=")


def _commit_number(commit: Commit) -> int:
    """Grows with every commit and exceeds 2^53, as live ones do (recordings: the commit's time in nanoseconds)."""
    return int(commit.at.timestamp()) * 1_000_000_000 + commit.number


def _transaction_key(commit: Commit) -> str:
    digest = hashlib.sha256(f"transaction {commit.number} {commit.first}".encode()).digest()
    return str(uuid.UUID(bytes=b"\0\0" + digest[:14]))
