"""``object-info``: an object's fields as a map, its record types, and picklist values by record type."""

from __future__ import annotations

from hashlib import md5
from typing import Any, Final

import orjson

from prm_harness.crm.org.ids import MASTER_RECORD_TYPE
from prm_harness.crm.org.schema import Field, FieldType, SObjectType
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.describing.describe import record_type_infos
from prm_harness.crm.salesforce.describing.field import describe_field
from prm_harness.crm.salesforce.describing.picklists import PICKLISTS, offered, record_type_of
from prm_harness.crm.salesforce.errors import not_found
from prm_harness.crm.salesforce.http import Response, json_response

_DATA_TYPES: Final = {
    FieldType.DATETIME: "DateTime",
    FieldType.MULTIPICKLIST: "MultiPicklist",
    FieldType.COMBOBOX: "ComboBox",
    FieldType.TEXTAREA: "TextArea",
    FieldType.ENCRYPTED: "EncryptedString",
}
_COPIED: Final = (
    *("calculated", "compoundFieldName", "controllerName", "createable", "custom", "defaultValue"),
    *("defaultedOnCreate", "digits", "externalId", "extraTypeInfo", "filterable", "filteredLookupInfo"),
    *("highScaleNumber", "htmlFormatted", "inlineHelpText", "label", "length", "nameField"),
    *("polymorphicForeignKey", "precision", "referenceTargetField", "relationshipName", "scale"),
    *("searchPrefilterable", "sortable", "unique", "updateable"),
)
"""What an entry shares with the classic describe."""


def object_info(call: Call) -> Response:
    """``GET /ui-api/object-info/X``."""
    return json_response(info_of(call, call.sobject()))


def picklist_values(call: Call) -> Response:
    """``GET /ui-api/object-info/X/picklist-values/<record type>``: every picklist of the object."""
    sobject = call.sobject()
    found = {f.name: _values(call, sobject, f) for f in sobject.fields.values() if f.type in PICKLISTS}
    return json_response(tagged({"picklistFieldValues": found, "url": _picklist_url(call, sobject)}))


def picklist_values_of_field(call: Call) -> Response:
    """``GET /ui-api/object-info/X/picklist-values/<record type>/<field>``."""
    sobject = call.sobject()
    field = sobject.field(call.args["field"])
    if field is None or field.type not in PICKLISTS:
        raise not_found()
    return json_response(_values(call, sobject, field))


def info_of(call: Call, o: SObjectType) -> dict[str, Any]:
    """An object's whole entry."""
    types = record_type_infos(call, o)
    keys = ("available", "defaultRecordTypeMapping", "master", "name", "recordTypeId")
    default = next((t["recordTypeId"] for t in types if t["defaultRecordTypeMapping"]), None)
    dependent: dict[str, Any] = {f.name: {} for f in o.fields.values() if f.controller}
    return tagged(
        {
            "apiName": o.name,
            "childRelationships": [
                {
                    "childObjectApiName": child.name,
                    "fieldName": field.name,
                    "junctionIdListNames": [],
                    "junctionReferenceTo": [],
                    "relationshipName": field.child_relationship,
                }
                for child, field in call.org.schema.children_of(o.name)
                if field.child_relationship
            ],
            "createable": o.createable,
            "custom": o.custom,
            "defaultRecordTypeId": default,
            "deletable": o.deletable,
            "dependentFields": dependent,
            "feedEnabled": False,
            "fields": {f.name: _field(call, o, f) for f in sorted(o.fields.values(), key=lambda f: f.name)},
            "keyPrefix": o.key_prefix,
            "label": o.label,
            "labelPlural": o.label_plural,
            "layoutable": o.layoutable,
            "mruEnabled": o.layoutable,
            "nameFields": [f.name for f in o.fields.values() if f.name_field],
            "queryable": o.queryable,
            "recordTypeInfos": {t["recordTypeId"]: {key: t[key] for key in keys} for t in types},
            "searchLayoutable": o.layoutable,
            "searchable": o.layoutable,
            "themeInfo": None,
            "updateable": o.updateable,
        }
    )


def directory_entry(call: Call, o: SObjectType) -> dict[str, Any]:
    """An object in the list of all."""
    return {
        "apiName": o.name,
        "keyPrefix": o.key_prefix,
        "label": o.label,
        "labelPlural": o.label_plural,
        "nameFields": [f.name for f in o.fields.values() if f.name_field],
        "objectInfoUrl": f"{call.base}/ui-api/object-info/{o.name}",
    }


def _field(call: Call, o: SObjectType, f: Field) -> dict[str, Any]:
    classic = describe_field(o, f)
    targets = [call.org.schema.get(name) for name in f.reference_to]
    entry = {
        **{key: classic[key] for key in _COPIED},
        "apiName": f.name,
        "compound": f.type in {FieldType.ADDRESS, FieldType.LOCATION},
        "compoundComponentName": f.name.removeprefix(f.compound.removesuffix("Address"))
        if f.compound
        else None,
        "controllingFields": [f.controller] if f.controller else [],
        "dataType": _DATA_TYPES.get(f.type, f.type.value.capitalize()),
        "reference": bool(f.reference_to),
        "referenceToInfos": [
            {"apiName": t.name, "nameFields": [n.name for n in t.fields.values() if n.name_field]}
            for t in targets
            if t is not None
        ],
        "required": not classic["nillable"] and not classic["defaultedOnCreate"] and classic["createable"],
    }
    return dict(sorted(entry.items()))


def _values(call: Call, sobject: SObjectType, field: Field) -> dict[str, Any]:
    """One picklist. ``validFor`` is a list of indexes here, and ``controllerValues`` says of what."""
    wanted = call.args["record_type"]
    record_type = record_type_of(sobject, wanted)
    if record_type is None and wanted[:15] != MASTER_RECORD_TYPE[:15]:
        raise not_found()
    controller = sobject.field(field.controller) if field.controller else None
    if controller is None:
        order: list[str] = []
    elif controller.type is FieldType.BOOLEAN:
        order = ["false", "true"]
    else:
        order = [value.value for value in controller.picklist]
    values = [
        {
            "attributes": None,
            "label": value.label or value.value,
            "validFor": [order.index(one) for one in value.valid_for if one in order],
            "value": value.value,
            "default": value.default,
        }
        for value in offered(field, record_type)
    ]
    default = next((value for value in values if value["default"]), None)
    for value in values:
        del value["default"]
    return tagged(
        {
            "controllerValues": {name: index for index, name in enumerate(order)},
            "defaultValue": default,
            "url": f"{_picklist_url(call, sobject)}/{field.name}",
            "values": values,
        }
    )


def _picklist_url(call: Call, sobject: SObjectType) -> str:
    return f"{call.base}/ui-api/object-info/{sobject.name}/picklist-values/{call.args['record_type']}"


def tagged(body: dict[str, Any]) -> dict[str, Any]:
    """With the ``eTag`` of everything else in it."""
    tag = md5(orjson.dumps(body), usedforsecurity=False).hexdigest()
    return dict(sorted({**body, "eTag": tag}.items()))
