"""The org's components as tables of their own, filled from its schema whenever that has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from prm_harness.crm.org.event_channels import STANDARD
from prm_harness.crm.org.schema import Field, FieldType, Schema, SObjectType
from prm_harness.crm.org.standard.table import read_object
from prm_harness.crm.salesforce.metadata.channels import ChannelMembers, Channels
from prm_harness.crm.salesforce.metadata.components import Kind, component_id
from prm_harness.crm.salesforce.metadata.fields import type_of
from prm_harness.crm.salesforce.metadata.objects import CustomObjects
from prm_harness.crm.salesforce.metadata.parts import CustomField, RecordTypes, ValidationRules
from prm_harness.crm.store.store import Store, open_database
from prm_harness.crm.store.values import encode

if TYPE_CHECKING:
    from sqlite3 import Connection

    from prm_harness.crm.salesforce.call import Call
    from prm_harness.crm.salesforce.wire import Wire

KINDS: Final[dict[str, type[Kind]]] = {
    "CustomField": CustomField, "CustomObject": CustomObjects, "RecordType": RecordTypes,
    "ValidationRule": ValidationRules, "PlatformEventChannel": Channels,
    "PlatformEventChannelMember": ChannelMembers,
}  # fmt: skip

_OWNER: Final = (
    "EntityDefinitionId | string 40 | Entity Definition ID | - | to=EntityDefinition as=EntityDefinition"
)
_COMPONENT: Final = "FullName | string 255 | Full Name | cu\nMetadata | textarea 32000 | Metadata | cu"
_TABLES: Final = (
    f"""CustomField | 00N | Custom Field | Custom Fields | create update delete
Id | id | Custom Field ID | *= | lookup
DeveloperName | string 80 | Developer Name
TableEnumOrId | string 40 | Table
{_OWNER}
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
{_OWNER}
IsActive | boolean | Active | *=
NamespacePrefix | string 15 | Namespace Prefix
{_COMPONENT}""",
    f"""ValidationRule | 03d | Validation Rule | Validation Rules | create update delete
Id | id | Validation Rule ID | *= | lookup
ValidationName | string 80 | Validation Name | - | name
{_OWNER}
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
    """EntityDefinition | 4ie | Entity Definition | Entity Definitions |
Id | string 40 | Entity Definition ID | *=
DurableId | string 40 | Durable ID | *= | lookup
QualifiedApiName | string 70 | Qualified API Name
DeveloperName | string 80 | Developer Name
Label | string 80 | Label
MasterLabel | string 80 | Master Label
PluralLabel | string 80 | Plural Label
KeyPrefix | string 3 | Key Prefix
NamespacePrefix | string 15 | Namespace Prefix
IsCustomizable | boolean | Is Customizable | *=
IsQueryable | boolean | Is Queryable | *=
IsTriggerable | boolean | Is Triggerable | *=
IsCustomSetting | boolean | Is Custom Setting | *=""",
    f"""FieldDefinition | 4fe | Field Definition | Field Definitions |
Id | string 80 | Field Definition ID | *=
DurableId | string 80 | Durable ID | *= | lookup
QualifiedApiName | string 70 | Qualified API Name
DeveloperName | string 80 | Developer Name
Label | string 80 | Label
MasterLabel | string 80 | Master Label
{_OWNER}
DataType | string 120 | Data Type
Length | int 9 | Length
Precision | int 9 | Precision
Scale | int 9 | Scale
NamespacePrefix | string 15 | Namespace Prefix
IsCalculated | boolean | Is Calculated | *=
IsNillable | boolean | Is Nillable | *=
IsIndexed | boolean | Is Indexed | *=
RelationshipName | string 80 | Relationship Name""",
)


@dataclass(frozen=True, slots=True)
class Tables:
    """What a query runs on."""

    schema: Schema
    connection: Connection
    version: int


_kept: WeakKeyDictionary[Wire, Tables] = WeakKeyDictionary()


def tables_of(call: Call) -> Tables:
    """The tables as of now."""
    version = call.org.schema.version
    known = _kept.get(call.wire)
    if known is None or known.version != version:
        if known is not None:
            known.connection.close()
        known = _kept[call.wire] = _filled(call, version)
    return known


def _filled(call: Call, version: int) -> Tables:
    connection = open_database(":memory:")
    store = Store(connection)
    schema = Schema()
    for table in _TABLES:
        obj = read_object(table)
        store.create_table(obj)
        schema.put(obj)
    for sobject, row in _rows(call):
        fields = schema.objects[sobject].fields
        blank: dict[str, Any] = {
            name: 0 if f.type is FieldType.BOOLEAN else None for name, f in fields.items()
        }
        store.insert(sobject, blank | {name: encode(fields[name], value) for name, value in row.items()})
    return Tables(schema, connection, version)


def _rows(call: Call) -> list[tuple[str, dict[str, Any]]]:
    whole = call.org.schema.whole or call.org.schema
    found: list[tuple[str, dict[str, Any]]] = []
    for obj in whole.objects.values():
        found.append(("EntityDefinition", _entity(obj)))
        found += [("FieldDefinition", _field(obj, field)) for field in obj.fields.values()]
    for name, kind_type in KINDS.items():
        kind = kind_type(call.org, call.user)
        found += [(name, _component(whole, kind, full_name)) for full_name in kind.names()]
    return found


def durable_id(obj: SObjectType) -> str:
    """How the Tooling API names an object: a standard one by its name, a custom one by its id."""
    return component_id("01I", obj.name)[:15] if obj.custom else obj.name


def _entity(obj: SObjectType) -> dict[str, Any]:
    return {
        "Id": durable_id(obj), "DurableId": durable_id(obj), "QualifiedApiName": obj.name,
        "DeveloperName": obj.name.removesuffix("__c"), "Label": obj.label, "MasterLabel": obj.label,
        "PluralLabel": obj.label_plural, "KeyPrefix": obj.key_prefix, "IsCustomizable": obj.layoutable,
        "IsQueryable": obj.queryable, "IsTriggerable": obj.layoutable,
    }  # fmt: skip


def _field(obj: SObjectType, field: Field) -> dict[str, Any]:
    own = component_id("00N", f"{obj.name}.{field.name}")[:15] if field.name.endswith("__c") else field.name
    durable = f"{durable_id(obj)}.{own}"
    label = field.label or field.name
    return {
        "Id": durable, "DurableId": durable, "QualifiedApiName": field.name,
        "DeveloperName": field.name.removesuffix("__c"), "Label": label, "MasterLabel": label,
        "EntityDefinitionId": durable_id(obj), "DataType": _shown(field), "Length": field.length,
        "Precision": field.precision, "Scale": field.scale, "IsCalculated": field.calculated,
        "IsNillable": field.nillable, "IsIndexed": field.external_id or field.unique or field.id_lookup,
        "RelationshipName": field.relationship_name or None,
    }  # fmt: skip


def _shown(field: Field) -> str:
    """The words that Setup has for a type: ``Text(80) (External ID)``."""
    kind = type_of(field)
    if kind == "Text":
        kind = f"Text({field.length})"
    elif kind in {"Number", "Currency", "Percent"}:
        kind = f"{kind}({field.precision - field.scale}, {field.scale})"
    elif kind == "Lookup":
        kind = f"Lookup({','.join(field.reference_to)})"
    return f"{kind} (External ID)" if field.external_id else kind


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
