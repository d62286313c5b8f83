"""Event channels and their members as components: how Change Data Capture is switched on through the API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from prm_harness.crm.org.errors import SandboxGapError, SaveError
from prm_harness.crm.org.event_channels import (
    STANDARD,
    ChannelMember,
    EventChannel,
    event_object,
    member_name,
    object_of_event,
)
from prm_harness.crm.org.schema import Schema, SObjectType
from prm_harness.crm.salesforce.metadata.components import Kind, missing
from prm_harness.crm.salesforce.metadata.fields import many

Meta = Mapping[str, Any]


def _needed(meta: Meta, name: str) -> str:
    value = str(meta.get(name) or "")
    if not value:
        raise SaveError.of("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{name}]", name)
    return value


class Channels(Kind):
    """A custom channel, ``Deals__chn``. The standard one is neither listed nor changed."""

    name, prefix, words = "PlatformEventChannel", "0YL", "platform event channel"

    def names(self) -> Iterator[str]:
        """See Kind.names."""
        return iter(list(self.org.event_channels.channels))

    def read(self, full_name: str) -> dict[str, Any] | None:
        """See Kind.read."""
        found = self.org.event_channels.channels.get(full_name)
        return None if found is None else {"channelType": found.kind, "label": found.label}

    def create(self, full_name: str, meta: Meta) -> None:
        """See Kind.create."""
        kind, label = _needed(meta, "channelType"), _needed(meta, "label")
        if kind not in {"data", "event"}:
            raise SaveError.of(
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                f"Channel Type: bad value for restricted picklist field: {kind}",
                "ChannelType",
            )
        if not full_name.endswith("__chn") or not full_name.removesuffix("__chn").isidentifier():
            raise SaveError.of(
                "FIELD_INTEGRITY_EXCEPTION", f"The name of a channel has to end in __chn: {full_name}"
            )
        if self.canonical(full_name) is not None:
            raise SaveError.of(
                "DUPLICATE_DEVELOPER_NAME", f"The name {full_name} is already used by a {self.words}"
            )
        self.org.event_channels.channels[full_name] = EventChannel(full_name, label, kind)
        self.org.schema.version += 1

    def change(self, full_name: str, meta: Meta) -> None:
        """See Kind.change."""
        channels = self.org.event_channels.channels
        own = self.canonical(full_name)
        if own is None:
            raise missing(self.words)
        if meta.get("channelType") not in {None, channels[own].kind}:
            raise SaveError.of(
                "FIELD_INTEGRITY_EXCEPTION", "The channel type cannot be changed", "ChannelType"
            )
        channels[own] = replace(channels[own], label=str(meta.get("label") or channels[own].label))
        self.org.schema.version += 1

    def delete(self, full_name: str) -> None:
        """See Kind.delete."""
        own = self.canonical(full_name)
        if own is None:
            raise missing(self.words)
        if self.org.event_channels.of_channel(own):
            raise SaveError.of("DEPENDENCY_EXISTS", f"Cannot delete {own}: it has members")
        del self.org.event_channels.channels[own]
        self.org.schema.version += 1


class ChannelMembers(Kind):
    """An event that a channel tells; a member of the standard channel switches an object's change events on."""

    name, prefix, words = "PlatformEventChannelMember", "0v8", "platform event channel member"

    @property
    def _whole(self) -> Schema:
        return self.org.schema.whole or self.org.schema

    def members(self) -> dict[str, ChannelMember]:
        """All of them by name, those of the standard channel first."""
        captured = sorted(self.org.event_channels.captured(self._whole) & set(self._whole.objects))
        standard = (
            ChannelMember(member_name(STANDARD, event), STANDARD, event)
            for event in map(event_object, captured)
        )
        own: dict[str, ChannelMember] = self.org.event_channels.members
        return {member.name: member for member in standard} | own

    def names(self) -> Iterator[str]:
        """See Kind.names."""
        return iter(self.members())

    def read(self, full_name: str) -> dict[str, Any] | None:
        """See Kind.read."""
        own = self.canonical(full_name)
        if own is None:
            return None
        member = self.members()[own]
        enriched = {"enrichedFields": [{"name": name} for name in member.enriched]} if member.enriched else {}
        narrowed = {"filterExpression": member.condition} if member.condition else {}
        return {**enriched, "eventChannel": member.channel, **narrowed, "selectedEntity": member.entity}

    def create(self, full_name: str, meta: Meta) -> None:
        """See Kind.create."""
        channel, event = _needed(meta, "eventChannel"), _needed(meta, "selectedEntity")
        if "__" in full_name:
            namespace = full_name.partition("__")[0]
            raise SaveError.of(
                "INVALID_FULL_NAME",
                f"Cannot create a new component with the namespace: {namespace}. Only components in the same "
                "namespace as the organization can be created through the API",
            )
        own = next(
            (n for n in (STANDARD, *self.org.event_channels.channels) if n.lower() == channel.lower()), None
        )
        if own is None:
            raise SaveError.of(
                "INVALID_CROSS_REFERENCE_KEY", f"no PlatformEventChannel named {channel} found"
            )
        obj = self._object(own, event)
        if any((m.channel, m.entity) == (own, event) for m in self.members().values()):
            raise SaveError.of("DUPLICATE_VALUE", f"{event} is already a member of the channel {own}")
        if self.canonical(full_name) is not None:
            raise SaveError.of(
                "DUPLICATE_DEVELOPER_NAME", f"The name {full_name} is already used by a {self.words}"
            )
        enriched, condition = self._enriched(meta, obj), self._condition(meta, obj)
        if own == STANDARD:
            if enriched or condition:
                raise SandboxGapError("enriched fields and filters on the standard channel")
            self.org.event_channels.capture({*self.org.event_channels.captured(self._whole), obj.name})
        else:
            self.org.event_channels.members[full_name] = ChannelMember(
                full_name, own, event, enriched, condition
            )
        self.org.schema.version += 1

    def change(self, full_name: str, meta: Meta) -> None:
        """See Kind.change."""
        own = self.canonical(full_name)
        if own is None:
            raise missing(self.words)
        member = self.members()[own]
        same = (meta.get("eventChannel") or member.channel, meta.get("selectedEntity") or member.entity)
        if same != (member.channel, member.entity):
            raise SaveError.of(
                "FIELD_INTEGRITY_EXCEPTION", "The channel and the entity of a member cannot be changed"
            )
        obj = self._object(member.channel, member.entity)
        enriched, condition = self._enriched(meta, obj), self._condition(meta, obj)
        if member.channel == STANDARD:
            if enriched or condition:
                raise SandboxGapError("enriched fields and filters on the standard channel")
            return
        self.org.event_channels.members[own] = replace(member, enriched=enriched, condition=condition)
        self.org.schema.version += 1

    def delete(self, full_name: str) -> None:
        """See Kind.delete."""
        own = self.canonical(full_name)
        if own is None:
            raise missing(self.words)
        member = self.members()[own]
        if member.channel == STANDARD:
            kept = self.org.event_channels.captured(self._whole)
            self.org.event_channels.capture(n for n in kept if event_object(n) != member.entity)
        else:
            del self.org.event_channels.members[own]
        self.org.schema.version += 1

    def _object(self, channel: str, event: str) -> SObjectType:
        """The object whose events a member tells."""
        kind = "data" if channel == STANDARD else self.org.event_channels.channels[channel].kind
        if kind == "event":
            found = self._whole.objects.get(event) if event.endswith("__e") else None
        else:
            found = object_of_event(self._whole, event)
        if found is None:
            raise SaveError.of(
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                f"Selected Entity: bad value for restricted picklist field: {event}",
                "SelectedEntity",
            )
        return found

    def _condition(self, meta: Meta, obj: SObjectType) -> str:
        condition = str(meta.get("filterExpression") or "").strip()
        if condition:
            from prm_harness.crm.salesforce.streaming.member_filters import refuse_unfit

            refuse_unfit(condition, obj)
        return condition

    def _enriched(self, meta: Meta, obj: SObjectType) -> tuple[str, ...]:
        names = []
        for wish in many(meta.get("enrichedFields")):
            name = str(wish.get("name") or "") if isinstance(wish, Mapping) else ""
            field = obj.field(name)
            if field is None or obj.name.endswith("__e"):
                raise SaveError.of("INVALID_FIELD", f"The enriched field {name} is not a field of {obj.name}")
            names.append(field.name)
        return tuple(names)
