"""A change event's fields as an Avro schema: the header, then every field of the object as it may be told.

Shapes follow schemas that subscribers fetched from live orgs and published (Account, Contact and a custom object in
``Valeriyyy/SalesforceGRPC:SalesforceGrpc/avro``): each field may be null, compounds are named records that are written out once,
and ``doc`` tells the field's kind and, of a custom field, its 15-character id. The vendor's guide says which fields there are
(Change Data Capture, "Change Event Message Structure").
"""

from __future__ import annotations

from typing import Any, Final

from prm_harness.crm.org.schema import Field, FieldType, SObjectType
from prm_harness.crm.salesforce.metadata.components import component_id

Avro = dict[str, Any]

_CHANGES: Final = ("CREATE", "UPDATE", "DELETE", "UNDELETE")
_LISTS: Final = ("nulledFields", "diffFields", "changedFields")
_NOT_TOLD: Final = frozenset(
    {
        "Id",
        "IsDeleted",
        "SystemModstamp",
        "LastActivityDate",
        "LastViewedDate",
        "LastReferencedDate",
        "PhotoUrl",
    }
)
"""What is on no record, or on every one, and in no change event."""
_ADDRESS: Final = (
    *("Street", "City", "State", "PostalCode", "Country", "StateCode", "CountryCode"),
    *("Latitude", "Longitude", "GeocodeAccuracy"),
)
_PLACE: Final = ("Latitude", "Longitude")
_NAME: Final = ("Salutation", "FirstName", "LastName")
_WORDS: Final = {
    FieldType.BOOLEAN: ("boolean", "Boolean"),
    FieldType.INT: ("int", "Integer"),
    FieldType.DOUBLE: ("double", "Double"),
    FieldType.CURRENCY: ("double", "Currency"),
    FieldType.PERCENT: ("double", "Percent"),
    FieldType.PICKLIST: ("string", "DynamicEnum"),
    FieldType.COMBOBOX: ("string", "DynamicEnum"),
    FieldType.MULTIPICKLIST: ("string", "MultiEnum"),
    FieldType.PHONE: ("string", "Phone"),
    FieldType.EMAIL: ("string", "Email"),
    FieldType.URL: ("string", "Url"),
    FieldType.ENCRYPTED: ("string", "EncryptedText"),
}
_MOMENTS: Final = {
    FieldType.DATE: "DateOnly",
    FieldType.DATETIME: "DateTime",
    FieldType.TIME: "TimeOnly",
}
_SHORT: Final = 255
"""Characters of a text area that is kept as a text; a longer one is a clob."""


def change_fields(obj: SObjectType, moment: str) -> list[Avro]:
    """The fields of the object's change event; ``moment`` is what dates and times are: texts in JSON, numbers in Avro's own form."""
    fields: list[Avro] = [_header()]
    known: set[str] = set()
    written: set[str] = set()
    for field in obj.fields.values():
        name = field.compound or field.name
        if name in known or field.name in _NOT_TOLD or field.calculated:
            continue
        known.add(name)
        whole = obj.fields.get(name, field)
        kind, word = _kind(whole, moment, written)
        entry = {"name": name, "type": ["null", *kind], "doc": f"{word}{_own(obj, whole)}", "default": None}
        fields.append(entry)
    return fields


def _header() -> Avro:
    symbols = [*_CHANGES, *(f"GAP_{change}" for change in _CHANGES), "GAP_OVERFLOW", "SNAPSHOT"]
    texts = {"type": "array", "items": "string"}
    types: dict[str, Any] = {
        "entityName": "string",
        "recordIds": texts,
        "changeType": {"type": "enum", "name": "ChangeType", "symbols": symbols},
        "changeOrigin": "string",
        "transactionKey": "string",
        "sequenceNumber": "int",
        "commitTimestamp": "long",
        "commitNumber": "long",
        "commitUser": "string",
        **dict.fromkeys(_LISTS, texts),
    }
    fields = [{"name": name, "type": kind} for name, kind in types.items()]
    record = {"type": "record", "name": "ChangeEventHeader", "fields": fields}
    return {"name": "ChangeEventHeader", "type": record, "doc": "Data:ComplexValueType"}


def _kind(field: Field, moment: str, written: set[str]) -> tuple[list[Any], str]:
    """Avro's types besides null, and the kind that ``doc`` tells."""
    if field.type is FieldType.ADDRESS:
        return [_record("Address", _ADDRESS, written)], "Data:Address"
    if field.type is FieldType.LOCATION:
        return [_record("Location", _PLACE, written)], "Data:Location"
    if field.extra_type_info == "switchablepersonname":
        return ["string", _record("Switchable_PersonName", _NAME, written)], "Data:Switchable_PersonName"
    if field.extra_type_info == "personname" and field.name == "Name":
        return [_record("PersonName", _NAME, written)], "Data:PersonName"
    if field.type is FieldType.REFERENCE:
        return ["string"], "ForeignKey:EntityId"
    if field.type in _MOMENTS:
        word = _MOMENTS[field.type]
        return [moment], f"CreatedDate:{word}" if field.name == "CreatedDate" else f"Data:{word}"
    if field.type is FieldType.PICKLIST and field.restricted and not field.custom:
        return ["string"], "Data:StaticEnum"
    if field.type is FieldType.TEXTAREA:
        rich = field.extra_type_info == "richtextarea"
        long = "HtmlStringPlusClob" if rich else "StringPlusClob"
        return ["string"], f"Data:{long if field.length > _SHORT else 'MultiLineText'}"
    kind, word = _WORDS.get(field.type, ("string", "AutoNumber" if field.auto_number else "Text"))
    return [kind], f"Data:{word}"


def _record(name: str, parts: tuple[str, ...], written: set[str]) -> Avro | str:
    """The compound's record the first time, and its name from then on, as Avro wants it."""
    if name in written:
        return name
    written.add(name)
    fields = [
        {"name": part, "type": ["null", "double" if part in _PLACE else "string"], "default": None}
        for part in parts
    ]
    return {"type": "record", "name": name, "fields": fields}


def _own(obj: SObjectType, field: Field) -> str:
    return f":{component_id('00N', f'{obj.name}.{field.name}')[:15]}" if field.custom else ""
