"""The org's components as tables of their own, filled from its schema whenever that has changed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from prm_harness.crm.org.event_channels import STANDARD
from prm_harness.crm.org.schema import Schema
from prm_harness.crm.salesforce.definitions.declared import OWNER, TABLES
from prm_harness.crm.salesforce.definitions.rows import durable_id, rows_of
from prm_harness.crm.salesforce.definitions.tables import Kept, Tables, filled
from prm_harness.crm.salesforce.metadata.channels import ChannelMembers, Channels
from prm_harness.crm.salesforce.metadata.components import Kind, component_id
from prm_harness.crm.salesforce.metadata.objects import CustomObjects
from prm_harness.crm.salesforce.metadata.parts import CustomField, RecordTypes, ValidationRules

if TYPE_CHECKING:
    from prm_harness.crm.salesforce.call import Call

KINDS: Final[dict[str, type[Kind]]] = {
    "CustomField": CustomField, "CustomObject": CustomObjects, "RecordType": RecordTypes,
    "ValidationRule": ValidationRules, "PlatformEventChannel": Channels,
    "PlatformEventChannelMember": ChannelMembers,
}  # fmt: skip

_COMPONENT: Final = "FullName | string 255 | Full Name | cu\nMetadata | textarea 32000 | Metadata | cu"
_TABLES: Final = (
    f"""CustomField | 00N | Custom Field | Custom Fields | create update delete
Id | id | Custom Field ID | *= | lookup
DeveloperName | string 80 | Developer Name
TableEnumOrId | string 40 | Table
{OWNER}
NamespacePrefix | string 15 | Namespace Prefix
{_COMPONENT}""",
    f"""CustomObject | 01I | Custom Object | Custom Objects | create update delete
Id | id | Custom Object ID | *= | lookup
DeveloperName | string 80 | Developer Name
NamespacePrefix | string 15 | Namespace Prefix
{_COMPONENT}""",
    f"""RecordType | 012 | Record Type | Record Types | create update delete
Id | id | Record Type ID | *= | lookup
Name | string 80 | Name | - | name
SobjectType | string 40 | SObject Type Name
{OWNER}
IsActive | boolean | Active | *=
NamespacePrefix | string 15 | Namespace Prefix
{_COMPONENT}""",
    f"""ValidationRule | 03d | Validation Rule | Validation Rules | create update delete
Id | id | Validation Rule ID | *= | lookup
ValidationName | string 80 | Validation Name | - | name
{OWNER}
Active | boolean | Active | *=
ErrorDisplayField | string 80 | Error Display Field
ErrorMessage | string 255 | Error Message
NamespacePrefix | string 15 | Namespace Prefix
{_COMPONENT}""",
    f"""PlatformEventChannel | 0YL | Platform Event Channel | Platform Event Channels | create update delete
Id | id | Platform Event Channel ID | *= | lookup
DeveloperName | string 80 | Developer Name
MasterLabel | string 80 | Label
ChannelType | string 40 | Channel Type
NamespacePrefix | string 15 | Namespace Prefix
{_COMPONENT}""",
    f"""PlatformEventChannelMember | 0v8 | Platform Event Channel Member | Platform Event Channel Members | create update delete
Id | id | Platform Event Channel Member ID | *= | lookup
DeveloperName | string 80 | Developer Name
EventChannel | string 80 | Event Channel
SelectedEntity | string 80 | Selected Entity
NamespacePrefix | string 15 | Namespace Prefix
{_COMPONENT}""",
)


def _filled(call: Call, whole: Schema, version: int) -> Tables:
    return filled((*_TABLES, *TABLES), chain(_components(call, whole), rows_of(whole)), version)


tables_of = Kept(_filled)
"""The tables as of now."""


def _components(call: Call, whole: Schema) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, kind_type in KINDS.items():
        kind = kind_type(call.org, call.user)
        for full_name in kind.names():
            yield name, _component(whole, kind, full_name)


def _component(whole: Schema, kind: Kind, full_name: str) -> dict[str, Any]:
    sobject, _, part = full_name.partition(".")
    row: dict[str, Any] = {"Id": kind.id_of(full_name), "FullName": full_name}
    if isinstance(kind, Channels):
        channel = kind.org.event_channels.channels[full_name]
        return {**row, "DeveloperName": full_name.removesuffix("__chn"), "MasterLabel": channel.label,
                "ChannelType": channel.kind}  # fmt: skip
    if isinstance(kind, ChannelMembers):
        member = kind.members()[full_name]
        own = member.channel if member.channel == STANDARD else component_id("0YL", member.channel)
        return {**row, "DeveloperName": full_name, "EventChannel": own, "SelectedEntity": member.entity}
    obj = whole.objects[sobject]
    if isinstance(kind, CustomObjects):
        return {**row, "DeveloperName": sobject.removesuffix("__c")}
    row["EntityDefinitionId"] = durable_id(obj)
    if isinstance(kind, CustomField):
        return {**row, "DeveloperName": part.removesuffix("__c"), "TableEnumOrId": durable_id(obj)}
    if isinstance(kind, RecordTypes):
        found = obj.record_types[part]
        return {**row, "Name": found.name, "SobjectType": sobject, "IsActive": found.active}
    rule = obj.validation_rules[part]
    return {**row, "ValidationName": rule.name, "Active": rule.active, "ErrorMessage": rule.message,
            "ErrorDisplayField": rule.display_field or None}  # fmt: skip
