"""Which objects' changes are told, and the channels that admins put them together in (contract §10).

Change Data Capture is switched on by a member of the standard channel; a custom channel has members of its own, change
events or platform events, and tells of them whether or not the standard channel does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from prm_harness.crm.org.schema import Schema, SObjectType

STANDARD: Final = "ChangeEvents"
"""The channel that every org has."""

PARTNER_OBJECTS: Final = frozenset({
    "Account", "Campaign", "CampaignMember", "Case", "Contact", "Event", "Lead", "Opportunity",
    "OpportunityContactRole", "PartnerFundAllocation", "PartnerFundClaim", "PartnerFundRequest",
    "PartnerMarketingBudget", "Product2", "Task", "User",
})  # fmt: skip
"""Standard objects that Change Data Capture is switched on for at the start; custom objects are, too."""


@dataclass(frozen=True, slots=True)
class EventChannel:
    """A custom channel: its name ends in ``__chn``, its kind is ``data`` (change events) or ``event``."""

    name: str
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class ChannelMember:
    """An event that a custom channel tells: ``entity`` is ``AccountChangeEvent`` or ``Order__e``.

    ``enriched`` fields are told with every update and deletion, changed or not; of all events only those are told that
    fulfil ``condition``, where there is one.
    """

    name: str
    channel: str
    entity: str
    enriched: tuple[str, ...] = ()
    condition: str = ""


def event_object(entity: str) -> str:
    """The name of an object's change event: ``AccountChangeEvent``, ``Deal__ChangeEvent``."""
    return f"{entity.removesuffix('c')}ChangeEvent" if entity.endswith("__c") else f"{entity}ChangeEvent"


def member_name(channel: str, event: str) -> str:
    """What a channel's member is called: no two underscores in a row, which would begin a namespace."""
    return f"{channel}_{event}".replace("__", "_")


class EventChannels:
    """One org's channels and members, by name."""

    def __init__(self) -> None:
        self.channels: dict[str, EventChannel] = {}
        self.members: dict[str, ChannelMember] = {}
        self._selected: frozenset[str] | None = None

    def captured(self, schema: Schema) -> frozenset[str]:
        """Objects that the standard channel tells of."""
        if self._selected is not None:
            return self._selected
        return frozenset((*PARTNER_OBJECTS, *(name for name in schema.objects if name.endswith("__c"))))

    def capture(self, objects: Iterable[str]) -> None:
        """Switch Change Data Capture on for these objects and off for all others."""
        self._selected = frozenset(objects)

    def told(self, schema: Schema) -> frozenset[str]:
        """Objects whose changes any channel tells of."""
        events = {event_object(name): name for name in schema.objects} if self.members else {}
        return self.captured(schema) | {events[m.entity] for m in self.members.values() if m.entity in events}

    def of_channel(self, name: str) -> dict[str, ChannelMember]:
        """A custom channel's members by their event."""
        return {m.entity: m for m in self.members.values() if m.channel == name}

    def as_data(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "channels": [asdict(channel) for channel in self.channels.values()],
            "members": [asdict(member) for member in self.members.values()],
            "selected": None if self._selected is None else sorted(self._selected),
        }

    def resume(self, kept: Mapping[str, Any]) -> None:
        """Take up again what ``as_data`` told."""
        self.channels = {c["name"]: EventChannel(**c) for c in kept["channels"]}
        members = ({**m, "enriched": tuple(m["enriched"])} for m in kept["members"])
        self.members = {m["name"]: ChannelMember(**m) for m in members}
        selected: Collection[str] | None = kept["selected"]
        self._selected = None if selected is None else frozenset(selected)


def object_of_event(schema: Schema, event: str) -> SObjectType | None:
    """The object whose changes an event tells of, or None."""
    return next((o for o in schema.objects.values() if event_object(o.name) == event and capturable(o)), None)


def capturable(obj: SObjectType) -> bool:
    """Whether Change Data Capture can be switched on for it: whatever people work with."""
    return obj.custom or (obj.layoutable and not obj.name.endswith("__e")) or obj.name in PARTNER_OBJECTS
