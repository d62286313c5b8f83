"""One field's entry in an sObject describe: 57 keys, all always there (contract §3.2, §3.3)."""

from __future__ import annotations

import base64
from typing import Any, Final

from prm_harness.crm.org.effects.filters import controlling_fields
from prm_harness.crm.org.schema import Field, FieldType, SObjectType

T = FieldType

_SOAP_TYPES: Final = {
    T.ID: "tns:ID",
    T.REFERENCE: "tns:ID",
    T.BOOLEAN: "xsd:boolean",
    T.INT: "xsd:int",
    T.DOUBLE: "xsd:double",
    T.CURRENCY: "xsd:double",
    T.PERCENT: "xsd:double",
    T.DATE: "xsd:date",
    T.DATETIME: "xsd:dateTime",
    T.TIME: "xsd:time",
    T.ADDRESS: "urn:address",
    T.LOCATION: "urn:location",
    T.BASE64: "xsd:base64Binary",
    T.ANY: "xsd:anyType",
}
_TEXT: Final = frozenset(
    {T.STRING, T.TEXTAREA, T.EMAIL, T.PHONE, T.URL, T.PICKLIST, T.COMBOBOX, T.ENCRYPTED, T.MULTIPICKLIST}
)
_NOT_GROUPABLE: Final = frozenset(
    {
        T.CURRENCY, T.DOUBLE, T.PERCENT, T.DATETIME, T.TIME, T.ADDRESS, T.LOCATION, T.MULTIPICKLIST, T.COMBOBOX,
        T.ENCRYPTED, T.BASE64, T.ANY,
    }
)  # fmt: skip
_NOT_AGGREGATABLE: Final = frozenset(
    {T.BOOLEAN, T.ADDRESS, T.LOCATION, T.MULTIPICKLIST, T.ENCRYPTED, T.BASE64, T.ANY}
)
_NOT_SORTABLE: Final = frozenset({T.ADDRESS, T.LOCATION, T.MULTIPICKLIST, T.BASE64, T.ANY})
_MULTIPICKLIST_LENGTH: Final = 4099
_VISIBLE_LINES: Final = 4
"""What a multi-select picklist reports as its precision."""
_LONGEST_SHORT_TEXTAREA: Final = 255
_SYSTEM: Final = frozenset(
    {
        "Id", "IsDeleted", "OwnerId", "RecordTypeId", "MasterRecordId", "CreatedDate", "CreatedById",
        "LastModifiedDate", "LastModifiedById", "SystemModstamp", "LastActivityDate", "LastViewedDate",
        "LastReferencedDate", "PhotoUrl",
    }
)  # fmt: skip
"""Fields that field-level security cannot hide."""


def describe_field(sobject: SObjectType, f: Field) -> dict[str, Any]:
    """The entry of ``f``, keys in the order Salesforce writes them."""
    is_long_text = f.type is T.TEXTAREA and f.length > _LONGEST_SHORT_TEXTAREA
    length, byte_length = _lengths(f)
    controller = sobject.field(f.controller) if f.controller else None
    masters = (
        [other.name for other in sobject.fields.values() if other.master_detail] if f.master_detail else []
    )
    return {
        "aggregatable": not (is_long_text or f.type in _NOT_AGGREGATABLE),
        "aiPredictionField": False,
        "autoNumber": bool(f.auto_number),
        "byteLength": byte_length,
        "calculated": f.calculated or f.roll_up is not None,
        "calculatedFormula": f.formula or None,
        "cascadeDelete": f.cascade_delete or f.master_detail,
        "caseSensitive": f.case_sensitive,
        "compoundFieldName": f.compound or None,
        "controllerName": controller.name if controller else None,
        "createable": f.createable and not f.calculated and not f.auto_number,
        "custom": f.custom,
        "defaultValue": _default_value(f),
        "defaultValueFormula": f.default_formula or None,
        "defaultedOnCreate": f.defaulted_on_create or f.type is T.BOOLEAN,
        "dependentPicklist": controller is not None,
        "deprecatedAndHidden": f.deprecated_and_hidden,
        "digits": (f.digits or 9) if f.type is T.INT else 0,
        "displayLocationInDecimal": False,
        "encrypted": f.type is T.ENCRYPTED,
        "externalId": f.external_id,
        "extraTypeInfo": f.extra_type_info or ("plaintextarea" if f.type is T.TEXTAREA else None),
        "filterable": not (is_long_text or f.type in {T.ENCRYPTED, T.BASE64, T.ANY}),
        "filteredLookupInfo": _filter_info(f),
        "formulaTreatNullNumberAsZero": f.calculated and not f.blank_as_blank,
        "groupable": not (is_long_text or f.type in _NOT_GROUPABLE or (f.calculated and f.type is T.STRING)),
        "highScaleNumber": False,
        "htmlFormatted": f.extra_type_info == "richtextarea",
        "idLookup": f.id_lookup or f.external_id or f.type is T.ID,
        "inlineHelpText": f.help_text or None,
        "label": f.label or f.name,
        "length": length,
        "mask": None,
        "maskType": None,
        "name": f.name,
        "nameField": f.name_field,
        "namePointing": len(f.reference_to) > 1,
        "nillable": f.nillable and f.type is not T.BOOLEAN,
        "permissionable": f.nillable and f.name not in _SYSTEM and not f.name_field,
        "picklistValues": _picklist_values(f, controller),
        "polymorphicForeignKey": len(f.reference_to) > 1,
        "precision": _VISIBLE_LINES if f.type is T.MULTIPICKLIST else f.precision,
        "queryByDistance": f.type in {T.ADDRESS, T.LOCATION},
        "referenceTargetField": None,
        "referenceTo": list(f.reference_to),
        "relationshipName": f.relationship_name or None,
        "relationshipOrder": masters.index(f.name) if f.master_detail else None,
        "restrictedDelete": f.restricted_delete,
        "restrictedPicklist": f.restricted,
        "scale": f.scale,
        "searchPrefilterable": f.type is T.REFERENCE and f.name not in _SYSTEM,
        "soapType": _SOAP_TYPES.get(f.type, "xsd:string"),
        "sortable": not (is_long_text or f.type in _NOT_SORTABLE),
        "type": f.type.value,
        "unique": f.unique,
        "updateable": f.updateable and not f.calculated and not f.auto_number,
        "writeRequiresMasterRead": False,
    }


def _filter_info(f: Field) -> dict[str, Any] | None:
    if f.lookup_filter is None:
        return None
    controlling = controlling_fields(f)
    optional = f.lookup_filter.optional
    return {"controllingFields": controlling, "dependent": bool(controlling), "optionalFilter": optional}


def valid_for(indexes: list[int]) -> str:
    """A dependent value's bitmap: bit *i*, from the most significant of byte 0, for the controller's *i*-th value.

    Padded to whole groups of three bytes, as in the recorded samples (``gAAA`` is the first value only).
    """
    size = (max(indexes, default=0) // 24 + 1) * 3
    bits = bytearray(size)
    for index in indexes:
        bits[index // 8] |= 0x80 >> index % 8
    return base64.b64encode(bytes(bits)).decode()


def _lengths(f: Field) -> tuple[int, int]:
    if f.type in {T.ID, T.REFERENCE}:
        return 18, 18
    if f.type is T.MULTIPICKLIST:
        return _MULTIPICKLIST_LENGTH, _MULTIPICKLIST_LENGTH
    if f.type in _TEXT:
        length = f.length or _LONGEST_SHORT_TEXTAREA
        return length, 3 * length
    return 0, 0


def _default_value(f: Field) -> Any:
    if f.type is T.BOOLEAN:
        return bool(f.default)
    return (
        f.default if isinstance(f.default, str | int | float) and f.type not in {T.ID, T.REFERENCE} else None
    )


def _picklist_values(f: Field, controller: Field | None) -> list[dict[str, Any]]:
    if f.type not in {T.PICKLIST, T.MULTIPICKLIST, T.COMBOBOX}:
        return []
    if controller is None:
        order: list[str] = []
    elif controller.type is T.BOOLEAN:
        order = ["false", "true"]
    else:
        order = [value.value for value in controller.picklist]
    return [
        {
            "active": value.active,
            "defaultValue": value.default,
            "label": value.label or value.value,
            "validFor": valid_for([order.index(v) for v in value.valid_for if v in order])
            if controller
            else None,
            "value": value.value,
        }
        for value in f.picklist
    ]
