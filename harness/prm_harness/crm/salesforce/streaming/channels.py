"""What can be subscribed to, and what each channel makes of an entry on the bus."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from prm_harness.crm.backend import RowChange
from prm_harness.crm.org.event_channels import ChannelMember, event_object
from prm_harness.crm.org.schema import FieldType, SObjectType
from prm_harness.crm.salesforce.streaming.bus import RETENTION, TOPIC_RETENTION, Commit, Entry, Notice
from prm_harness.crm.salesforce.streaming.change_events import (
    ChangeEvent,
    enrich,
    events_of,
    schema_id,
    values_of,
)
from prm_harness.crm.salesforce.streaming.member_filters import fits, named_fields

if TYPE_CHECKING:
    from prm_harness.crm.salesforce.streaming.streams import Streams

ALL_CHANGES: Final = "/data/ChangeEvents"

Delivery: TypeAlias = tuple[int, dict[str, Any]]
"""Replay id, and the message's ``data``."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel: how far back it goes, and what it tells of an entry."""

    name: str
    retention: timedelta
    deliveries: Callable[[Entry], Iterator[Delivery]]


def find_channel(streams: Streams, name: str, user: str) -> Channel | None:
    """The channel of that name; None when there is none.

    Change events leave out what is closed to the user, by the field-level security of the moment they are delivered.
    An object's change channel exists whether or not the object is switched on: nothing comes through it until it is.
    """
    kind, _, rest = name.removeprefix("/").partition("/")
    schema = streams.org.schema
    if kind == "data" and name == ALL_CHANGES:
        return Channel(name, RETENTION, lambda entry: _changes(streams, entry, None, user))
    if kind in {"data", "event"} and rest.endswith("__chn"):
        return _custom(streams, name, kind, rest, user)
    if kind == "data":
        entity = next((o for o in schema.objects if event_object(o) == rest), None)
        if entity is None:
            return None
        return Channel(name, RETENTION, lambda entry: _changes(streams, entry, entity, user))
    if kind == "event" and rest.endswith("__e"):
        obj = schema.get(rest)
        return None if obj is None else Channel(name, RETENTION, lambda entry: _published(entry, obj))
    if kind == "u" and streams.org.find("StreamingChannel", "Name", name):
        return Channel(name, TOPIC_RETENTION, lambda entry: _pushed(entry, name, user))
    if kind == "topic" and streams.topics.is_active(rest):
        return Channel(name, TOPIC_RETENTION, lambda entry: _notices(entry, rest))
    return None


def _custom(streams: Streams, name: str, kind: str, rest: str, user: str) -> Channel | None:
    """A channel that admins made. Its members are those of the moment of delivery."""
    found = streams.org.event_channels.channels.get(rest)
    if found is None or found.kind != kind:
        return None

    def deliveries(entry: Entry) -> Iterator[Delivery]:
        members = streams.org.event_channels.of_channel(rest)
        if kind == "event":
            for event, member in members.items():
                obj = streams.org.schema.objects.get(event)
                if obj is None:
                    continue
                for delivery in _published(entry, obj):
                    payload = delivery[1]["payload"]
                    if not member.condition or fits(member.condition, obj, values_of(obj, payload)):
                        yield delivery
            return
        yield from _member_changes(streams, entry, members, user)

    return Channel(name, RETENTION, deliveries)


def _changes(streams: Streams, entry: Entry, entity: str | None, user: str) -> Iterator[Delivery]:
    captured = streams.org.event_channels.captured(streams.org.schema)
    for event in _all_changes(streams, entry, user):
        if event.entity in captured if entity is None else event.entity == entity and entity in captured:
            yield event.replay_id, event.data


def _member_changes(
    streams: Streams, entry: Entry, members: Mapping[str, ChannelMember], user: str
) -> Iterator[Delivery]:
    for event in _all_changes(streams, entry, user):
        member = members.get(event_object(event.entity))
        if member is None:
            continue
        obj = streams.org.schema.objects[event.entity]
        told = list(member.enriched)
        if member.condition:
            header = event.data["payload"]["ChangeEventHeader"]
            header["recordIds"] = [
                record_id
                for record_id in header["recordIds"]
                if fits(
                    member.condition,
                    obj,
                    {**streams.kept(event.entity, record_id), **values_of(obj, event.data["payload"])},
                    header,
                )
            ]
            if not header["recordIds"]:
                continue
            told += named_fields(member.condition, obj)
        enrich(event, told, streams.kept, streams.org.seen_by(user).schema.objects[event.entity])
        yield event.replay_id, event.data


def _all_changes(streams: Streams, entry: Entry, user: str) -> Iterator[ChangeEvent]:
    """All events of the transaction, so that sequence numbers are those of the transaction."""
    if isinstance(entry, Notice):
        return
    seen = streams.org.seen_by(user).schema.objects
    yield from events_of(entry, streams.org.schema.objects, streams.told, streams.read, seen)


def _published(entry: Entry, obj: SObjectType) -> Iterator[Delivery]:
    """Platform events: an insert of the event object is its publication."""
    if isinstance(entry, Notice):
        return
    for i, change in enumerate(entry.changes):
        if change.sobject == obj.name and change.operation == "create":
            yield entry.first + i, _platform_event(entry, entry.first + i, change, obj)


def _platform_event(commit: Commit, replay_id: int, change: RowChange, obj: SObjectType) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "CreatedDate": commit.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "CreatedById": change.user,
    }
    for field in obj.fields.values():
        if field.custom:
            value = change.fields.get(field.name, (None, None))[1]
            is_moment = field.type is FieldType.DATETIME and isinstance(value, str)
            payload[field.name] = value.replace("+0000", "Z") if is_moment else value
    event = {"EventUuid": event_uuid(change.record_id), "replayId": replay_id, "EventApiName": obj.name}
    return {"schema": schema_id(obj), "payload": payload, "event": event}


def event_uuid(record_id: str) -> str:
    """The uuid of a published event: what publishing answers is what subscribers are told."""
    return str(uuid.UUID(bytes=hashlib.sha256(record_id.encode()).digest()[:16], version=4))


def published(record_id: str) -> list[dict[str, Any]]:
    """The ``errors`` of a successful publication, which are not empty (recording platform_event_publish-001)."""
    return [{"statusCode": "OPERATION_ENQUEUED", "message": event_uuid(record_id), "fields": []}]


def _pushed(entry: Entry, name: str, user: str) -> Iterator[Delivery]:
    if isinstance(entry, Notice) and entry.topic == name and (not entry.users or user in entry.users):
        yield entry.first, entry.data


def _notices(entry: Entry, topic: str) -> Iterator[Delivery]:
    if isinstance(entry, Notice) and entry.topic == topic:
        yield entry.first, entry.data
