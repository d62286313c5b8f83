"""sObject describes, as the API answers them and tools save them, to objects of an org file (contract §3)."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from prm_harness.crm.org.schema import FieldType, Schema
from prm_harness.crm.org.standard import standard_schema
from prm_harness.crm.orgfile.importing.report import Report
from prm_harness.crm.orgfile.model import FieldEntry, ObjectEntry, Switches

Describe = Mapping[str, Any]

SETUP: Final = frozenset({
    "FieldPermissions", "Group", "GroupMember", "LeadStatus", "ObjectPermissions", "OpportunityStage", "Organization",
    "PermissionSet", "PermissionSetAssignment", "Profile", "PushTopic", "RecordType", "SetupAuditTrail", "User", "UserRole",
})  # fmt: skip
"""Objects that the sandbox works with itself: of these only custom fields are taken over."""

_SHADOWS: Final = (
    "ChangeEvent",
    "__Feed",
    "Feed",
    "History",
    "Share",
    "__Tag",
    "__mdt",
    "__x",
    "__kav",
    "__ViewStat",
    "__VoteStat",
)
_TEXTS: Final = frozenset({
    "string", "textarea", "email", "phone", "url", "picklist", "combobox", "encryptedstring",
})  # fmt: skip
_NUMBERS: Final = frozenset({"double", "currency", "percent"})


def is_describe(value: Any) -> bool:
    """Whether it looks like the describe of one object."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("name"), str)
        and isinstance(value.get("fields"), list)
    )


def read_describes(folder: Path, report: Report) -> dict[str, Describe]:
    """Every describe in the JSON files below a folder, by object; a file may hold one, or a list of them."""
    found: dict[str, Describe] = {}
    for file in sorted(folder.rglob("*.json")):
        try:
            content = orjson.loads(file.read_bytes())
        except orjson.JSONDecodeError:
            report.lost(file.name, "is no JSON")
            continue
        many = (
            content
            if isinstance(content, list)
            else content.get("sobjects", [content])
            if isinstance(content, dict)
            else []
        )
        for one in many:
            if is_describe(one):
                found[one["name"]] = one
    return found


def objects_of(describes: Mapping[str, Describe], report: Report) -> dict[str, ObjectEntry]:
    """The objects of an org file."""
    names = _children_names(describes.values())
    made: dict[str, ObjectEntry] = {}
    for name, describe in describes.items():
        if name.endswith(_SHADOWS):
            report.left_out("shadow objects (feeds, histories, shares, change events)", name)
        elif name in SETUP:
            own = {k: f for k, f in _fields(describe, names, report).items() if k.endswith("__c")}
            if own:
                made[name] = ObjectEntry(fields=own)
        else:
            made[name] = _object(describe, names, report)
    return made


def _object(describe: Describe, names: Mapping[tuple[str, str], str], report: Report) -> ObjectEntry:
    able = {
        key: bool(describe[key])
        for key in (
            "createable",
            "updateable",
            "deletable",
            "queryable",
            "undeletable",
            "replicateable",
            "layoutable",
        )
        if key in describe
    }
    kinds = {
        info["developerName"]: {
            key: value
            for key, value in {
                "name": info.get("name") or info["developerName"],
                "active": bool(info.get("active", True)),
                "default": bool(info.get("defaultRecordTypeMapping")),
                "person": describe["name"] == "Account" and info["developerName"] == "PersonAccount",
            }.items()
            if value != (key == "active")
        }
        for info in describe.get("recordTypeInfos") or []
        if not info.get("master") and info.get("developerName")
    }
    said: dict[str, Any] = {
        "label": describe.get("label") or describe["name"],
        "label_plural": describe.get("labelPlural") or "",
        "whole": True,
        **able,
        "fields": _fields(describe, names, report),
    }
    if describe.get("keyPrefix"):
        said["key_prefix"] = describe["keyPrefix"]
    if kinds:
        said["record_types"] = kinds
    return ObjectEntry(**said)


def _fields(
    describe: Describe, names: Mapping[tuple[str, str], str], report: Report
) -> dict[str, FieldEntry]:
    by_name = {f["name"]: f for f in describe["fields"]}
    made = {}
    for name, field in by_name.items():
        entry = _field(describe["name"], field, by_name, names.get((describe["name"], name), ""), report)
        if entry is not None:
            made[name] = entry
    return made


def _field(
    sobject: str, field: Describe, others: Mapping[str, Describe], children: str, report: Report
) -> FieldEntry | None:
    place = f"{sobject}.{field['name']}"
    kind = str(field.get("type") or "")
    if kind not in set(FieldType):
        report.lost(place, f"fields of type {kind!r} have no place in the sandbox")
        return None
    if (
        field.get("calculated")
        and not field.get("calculatedFormula")
        and not _computed_here(sobject, field["name"])
    ):
        report.lost(
            place,
            "a roll-up, or a formula that the describe does not show; taken over as a plain read-only field",
        )
    if field.get("autoNumber"):
        report.lost(place, "a describe does not tell the auto-number's format; {0000} is assumed")
    if field.get("filteredLookupInfo"):
        report.lost(place, "a describe does not tell the lookup filter")
    said: dict[str, Any] = {"type": kind, "label": field.get("label") or ""}
    flags = {
        "nillable": (field.get("nillable", True) or kind == "boolean", True),
        "createable": (field.get("createable", True), True),
        "updateable": (field.get("updateable", True), True),
        "defaulted_on_create": (field.get("defaultedOnCreate"), False),
        "unique": (field.get("unique"), False),
        "case_sensitive": (field.get("caseSensitive"), False),
        "external_id": (field.get("externalId"), False),
        "id_lookup": (field.get("idLookup"), False),
        "name_field": (field.get("nameField"), False),
        "cascade_delete": (field.get("cascadeDelete"), False),
        "restricted_delete": (field.get("restrictedDelete"), False),
        "restricted": (field.get("restrictedPicklist"), False),
        "deprecated_and_hidden": (field.get("deprecatedAndHidden"), False),
    }
    said |= {key: bool(value) for key, (value, plain) in flags.items() if bool(value) is not plain}
    said |= _sizes(kind, field)
    if field.get("relationshipOrder") is not None and kind == "reference":
        said["master_detail"] = True
    if field.get("autoNumber"):
        said["auto_number"] = "{0000}"
    if field.get("calculatedFormula") and field.get("formulaTreatNullNumberAsZero") is False:
        said["blank_as_blank"] = True
    texts = {
        "formula": field.get("calculatedFormula"),
        "relationship_name": field.get("relationshipName"),
        "child_relationship": children,
        "compound": field.get("compoundFieldName"),
        "extra_type_info": field.get("extraTypeInfo"),
        "help_text": field.get("inlineHelpText"),
        "controller": field.get("controllerName"),
    }
    said |= {key: value for key, value in texts.items() if value}
    if field.get("referenceTo"):
        said["reference_to"] = tuple(field["referenceTo"])
    if field.get("defaultValue") is not None:
        said["default"] = field["defaultValue"]
    if kind in {"picklist", "multipicklist", "combobox"}:
        said["picklist"] = tuple(_values(field, others))
    return FieldEntry(**said)


@cache
def _standard() -> Schema:
    return standard_schema()


def _computed_here(sobject: str, name: str) -> bool:
    """Whether the sandbox computes that field of a standard object by itself."""
    obj = _standard().objects.get(sobject)
    known = obj.fields.get(name) if obj else None
    return known is not None and (known.calculated or known.roll_up is not None)


def _sizes(kind: str, field: Describe) -> dict[str, int]:
    if kind in _TEXTS:
        return {"length": int(field.get("length") or 0)}
    if kind in _NUMBERS:
        return {"precision": int(field.get("precision") or 0), "scale": int(field.get("scale") or 0)}
    if kind == "int":
        return {"digits": int(field.get("digits") or 0)}
    return {}


def _values(field: Describe, others: Mapping[str, Describe]) -> Iterable[dict[str, Any]]:
    controller = others.get(field.get("controllerName") or "")
    order: list[str] = []
    if controller is not None:
        is_flag = controller.get("type") == "boolean"
        order = ["false", "true"] if is_flag else [v["value"] for v in controller.get("picklistValues") or []]
    for value in field.get("picklistValues") or []:
        said: dict[str, Any] = {"value": value["value"]}
        if (value.get("label") or value["value"]) != value["value"]:
            said["label"] = value["label"]
        if not value.get("active", True):
            said["active"] = False
        if value.get("defaultValue"):
            said["default"] = True
        if order and value.get("validFor"):
            bits = base64.b64decode(value["validFor"])
            said["valid_for"] = tuple(
                name
                for place, name in enumerate(order)
                if place // 8 < len(bits) and bits[place // 8] & (0x80 >> place % 8)
            )
        yield said


def _children_names(describes: Iterable[Describe]) -> dict[tuple[str, str], str]:
    """(object, field) → what the parent calls these children."""
    return {
        (child["childSObject"], child["field"]): child["relationshipName"]
        for describe in describes
        for child in describe.get("childRelationships") or []
        if child.get("relationshipName")
    }


def switches_of(objects: Mapping[str, ObjectEntry]) -> Switches:
    """The features that objects show by their fields."""
    account = objects.get("Account")
    return Switches(person_accounts=True) if account and "IsPersonAccount" in account.fields else Switches()
