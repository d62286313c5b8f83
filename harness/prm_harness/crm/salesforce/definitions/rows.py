"""The rows of definitions, made from the org's schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from prm_harness.crm.org.schema import Field, FieldType, Schema, Sharing, SObjectType
from prm_harness.crm.salesforce.describing.field import describe_field
from prm_harness.crm.salesforce.metadata.components import component_id
from prm_harness.crm.salesforce.metadata.fields import type_of
from prm_harness.crm.salesforce.pages.views import views_of

Row = dict[str, Any]

_SHARING: Final = {
    Sharing.PRIVATE: "Private",
    Sharing.READ: "Read",
    Sharing.READ_WRITE: "ReadWrite",
    Sharing.PARENT: "ControlledByParent",
}
_WORDS: Final = {
    "AutoNumber": "Auto Number",
    "DateTime": "Date/Time",
    "MultiselectPicklist": "Picklist (Multi-Select)",
    "EncryptedText": "Text (Encrypted)",
}
"""Setup's words for types where they are not metadata's."""


def rows_of(schema: Schema) -> Iterator[tuple[str, Row]]:
    """(table, row) of every definition; of the fields of compounds only EntityParticle tells the parts."""
    for obj in schema.objects.values():
        yield "EntityDefinition", _entity(obj)
        for view in views_of(obj):
            yield "ListView", {
                "Id": view.id, "Name": view.label, "DeveloperName": view.name, "SobjectType": obj.name,
                "IsSoqlCompatible": True,
            }  # fmt: skip
        for field in obj.fields.values():
            if not _compound_of(field):
                yield "FieldDefinition", _field(obj, field)
            yield "EntityParticle", _particle(obj, field)
            for value in describe_field(obj, field)["picklistValues"] if field.picklist else ():
                own = f"{_particle_id(obj, field)}.{value['value']}"
                yield "PicklistValueInfo", {
                    "Id": own, "DurableId": own, "Value": value["value"], "Label": value["label"],
                    "IsDefaultValue": value["defaultValue"], "IsActive": value["active"],
                    "ValidFor": value["validFor"], "EntityParticleId": _particle_id(obj, field),
                }  # fmt: skip


def durable_id(obj: SObjectType) -> str:
    """How definitions name an object: a standard one by its name, a custom one by its id."""
    return component_id("01I", obj.name)[:15] if obj.custom else obj.name


def field_id(obj: SObjectType, field: Field) -> str:
    """How definitions name a field: ``Contact.Account``, ``01I….00N…``; a part goes by its compound."""
    whole = _compound_of(field) or field.name
    if whole.endswith("__c"):
        own = component_id("00N", f"{obj.name}.{whole}")[:15]
    else:
        own = whole.removesuffix("Id") if field.type is FieldType.REFERENCE else whole
    return f"{durable_id(obj)}.{own}"


def _particle_id(obj: SObjectType, field: Field) -> str:
    compound = _compound_of(field)
    return f"{field_id(obj, field)}.{field.name}" if compound else field_id(obj, field)


def _compound_of(field: Field) -> str:
    return field.compound if field.compound != field.name else ""


def _entity(obj: SObjectType) -> Row:
    pages = obj.layoutable
    return {
        "Id": durable_id(obj), "DurableId": durable_id(obj), "QualifiedApiName": obj.name,
        "DeveloperName": obj.name.removesuffix("__c"), "Label": obj.label, "MasterLabel": obj.label,
        "PluralLabel": obj.label_plural, "KeyPrefix": obj.key_prefix, "IsCustomizable": pages,
        "IsQueryable": obj.queryable, "IsRetrieveable": obj.queryable, "IsTriggerable": pages,
        "IsApexTriggerable": pages, "IsWorkflowEnabled": pages, "IsProcessEnabled": pages, "IsLayoutable": pages,
        "IsCompactLayoutable": pages, "IsSearchable": pages, "IsSearchLayoutable": pages, "IsMruEnabled": pages,
        "IsFeedEnabled": pages and not obj.custom, "IsIdEnabled": True, "IsReplicateable": obj.replicateable,
        "IsEverCreatable": obj.createable, "IsEverUpdatable": obj.updateable, "IsEverDeletable": obj.deletable,
        "DeploymentStatus": "Deployed" if obj.custom else None,
        "InternalSharingModel": _SHARING[obj.sharing], "ExternalSharingModel": _SHARING[obj.external_sharing],
        "PublisherId": "<local>" if obj.custom else "System",
    }  # fmt: skip


def _common(obj: SObjectType, field: Field, told: Row) -> Row:
    return {
        "QualifiedApiName": field.name, "DeveloperName": field.name.removesuffix("__c"), "Label": told["label"],
        "MasterLabel": told["label"], "EntityDefinitionId": durable_id(obj), "Length": told["length"],
        "Precision": told["precision"], "Scale": told["scale"], "IsCalculated": told["calculated"],
        "IsNillable": told["nillable"], "IsHtmlFormatted": told["htmlFormatted"], "IsNameField": field.name_field,
        "IsCompound": field.type in {FieldType.ADDRESS, FieldType.LOCATION}
        or any(f.compound == field.name and f is not field for f in obj.fields.values()),
        "IsApiFilterable": told["filterable"], "IsApiSortable": told["sortable"],
        "IsApiGroupable": told["groupable"], "ExtraTypeInfo": told["extraTypeInfo"],
        "RelationshipName": told["relationshipName"], "ReferenceTo": ",".join(field.reference_to) or None,
        "ValueTypeId": told["type"],
    }  # fmt: skip


def _field(obj: SObjectType, field: Field) -> Row:
    told = describe_field(obj, field)
    controller = obj.field(field.controller) if field.controller else None
    return {
        **_common(obj, field, told),
        "Id": field_id(obj, field), "DurableId": field_id(obj, field), "DataType": _shown(field),
        "IsIndexed": field.external_id or field.unique or field.id_lookup or field.type is FieldType.REFERENCE,
        "IsFieldHistoryTracked": field.tracked, "IsWorkflowFilterable": told["filterable"],
        "IsCompactLayoutable": told["sortable"], "IsListVisible": told["sortable"],
        "IsPolymorphicForeignKey": told["polymorphicForeignKey"],
        "ControllingFieldDefinitionId": field_id(obj, controller) if controller else None,
        "PublisherId": "<local>" if field.custom else "System",
    }  # fmt: skip


def _particle(obj: SObjectType, field: Field) -> Row:
    told = describe_field(obj, field)
    return {
        **_common(obj, field, told),
        "Id": _particle_id(obj, field), "DurableId": _particle_id(obj, field),
        "FieldDefinitionId": field_id(obj, field), "Name": field.name, "DataType": told["type"],
        "IsAutonumber": told["autoNumber"], "ByteLength": told["byteLength"], "Digits": told["digits"],
        "IsCaseSensitive": told["caseSensitive"], "IsUnique": told["unique"], "IsCreatable": told["createable"],
        "IsUpdatable": told["updateable"], "IsDefaultedOnCreate": told["defaultedOnCreate"],
        "IsWriteRequiresMasterRead": told["writeRequiresMasterRead"],
        "IsPermissionable": told["permissionable"], "IsEncrypted": told["encrypted"],
        "InlineHelpText": told["inlineHelpText"], "RelationshipOrder": told["relationshipOrder"],
        "IsCascadeDelete": told["cascadeDelete"], "IsNamePointing": told["namePointing"],
        "IsDependentPicklist": told["dependentPicklist"], "IsIdLookup": told["idLookup"],
        "IsAggregatable": told["aggregatable"], "IsComponent": bool(_compound_of(field)),
        "IsDeprecatedAndHidden": told["deprecatedAndHidden"], "DefaultValueFormula": told["defaultValueFormula"],
    }  # fmt: skip


def _shown(field: Field) -> str:
    """The words that Setup has for a type: ``Text(80) (External ID) (Unique Case Insensitive)``."""
    kind = type_of(field)
    if field.type is FieldType.ADDRESS:
        kind = "Address"
    elif field.formula:
        kind = f"Formula ({_WORDS.get(kind, kind)})"
    elif kind == "Text":
        kind = "Name" if field.extra_type_info.endswith("personname") else f"Text({field.length})"
    elif kind in {"TextArea", "LongTextArea", "Html"}:
        words = {"TextArea": "Text Area", "LongTextArea": "Long Text Area", "Html": "Rich Text Area"}
        kind = f"{words[kind]}({field.length})"
    elif kind in {"Number", "Currency", "Percent"}:
        whole = field.precision - field.scale if field.precision else field.digits
        kind = f"{kind}({whole}, {field.scale})"
    elif kind in {"Lookup", "MasterDetail"}:
        kind = f"{kind.replace('rD', 'r-D')}({','.join(field.reference_to)})"
    else:
        kind = _WORDS.get(kind, kind)
    if field.external_id:
        kind += " (External ID)"
    if field.unique and not field.auto_number:
        kind += f" (Unique Case {'Sensitive' if field.case_sensitive else 'Insensitive'})"
    return kind
