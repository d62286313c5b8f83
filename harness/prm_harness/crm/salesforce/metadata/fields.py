"""CustomField metadata to a field of the org, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from prm_harness.crm.org.errors import SandboxGapError, SaveError
from prm_harness.crm.org.schema import Field, FieldType, PicklistValue, Schema

Meta = Mapping[str, Any]
T = FieldType

_TYPES: Final = {
    "Text": T.STRING, "TextArea": T.TEXTAREA, "LongTextArea": T.TEXTAREA, "Html": T.TEXTAREA, "Number": T.DOUBLE,
    "Currency": T.CURRENCY, "Percent": T.PERCENT, "Date": T.DATE, "DateTime": T.DATETIME, "Time": T.TIME,
    "Checkbox": T.BOOLEAN, "Email": T.EMAIL, "Phone": T.PHONE, "Url": T.URL, "Picklist": T.PICKLIST,
    "MultiselectPicklist": T.MULTIPICKLIST, "Lookup": T.REFERENCE, "MasterDetail": T.REFERENCE,
    "AutoNumber": T.STRING, "Location": T.LOCATION,
}  # fmt: skip
_NUMBERS: Final = frozenset({"Number", "Currency", "Percent"})
_NEEDS: Final = {"Text": ("length",), "LongTextArea": ("length",), "Html": ("length",)} | dict.fromkeys(
    ("Number", "Currency", "Percent"), ("precision", "scale")
)
_NAMES: Final = {
    T.DOUBLE: "Number", T.CURRENCY: "Currency", T.PERCENT: "Percent", T.DATE: "Date", T.DATETIME: "DateTime",
    T.TIME: "Time", T.BOOLEAN: "Checkbox", T.EMAIL: "Email", T.PHONE: "Phone", T.URL: "Url", T.PICKLIST: "Picklist",
    T.MULTIPICKLIST: "MultiselectPicklist", T.LOCATION: "Location", T.INT: "Number", T.COMBOBOX: "Picklist",
    T.ENCRYPTED: "EncryptedText",
}  # fmt: skip


def flag(meta: Meta, name: str, default: bool = False) -> bool:
    """A boolean part, whichever way it was written."""
    value = meta.get(name)
    return default if value is None else value is True or str(value).strip().lower() in {"true", "1"}


def many(value: Any) -> list[Any]:
    """A repeated part: one, several or none."""
    return [] if value is None else value if isinstance(value, list) else [value]


def refuse(message: str) -> SaveError:
    """The refusal of a component that contradicts itself (recording soap_metadata-002)."""
    return SaveError.of("FIELD_INTEGRITY_EXCEPTION", message)


def field_of(name: str, meta: Meta, schema: Schema) -> Field:
    """The field that metadata describes.

    Raises:
        SaveError: FIELD_INTEGRITY_EXCEPTION: a part is missing or does not go with the type.
        SandboxGapError: a type that the sandbox does not have.
    """
    kind = str(meta.get("type") or "")
    if not name.endswith("__c"):
        raise refuse("The name of a custom field has to end in __c")
    if kind not in _TYPES:
        if kind in {
            "Summary",
            "EncryptedText",
            "ExternalLookup",
            "IndirectLookup",
            "Hierarchy",
            "MetadataRelationship",
        }:
            raise SandboxGapError(f"custom fields of type {kind}")
        raise refuse(f"'{kind}' is not a valid value for the type of a CustomField")
    formula = str(meta.get("formula") or "")
    required = flag(meta, "required")
    if required and kind in {"Checkbox", "MasterDetail", "AutoNumber"}:
        raise refuse(f"Can not specify 'required' for a CustomField of type {kind}")
    for part in () if formula else _NEEDS.get(kind, ()):
        if meta.get(part) in (None, ""):
            raise refuse(f"Must specify '{part}' for a CustomField of type {kind}")
    more: dict[str, Any] = {}
    if kind in {"Picklist", "MultiselectPicklist"}:
        more = _value_set(kind, meta)
    if kind in {"Lookup", "MasterDetail"}:
        more = _relationship(name, kind, meta, schema)
    if kind in _NUMBERS:
        scale = _number(meta, "scale")
        more = {"precision": _number(meta, "precision") or 18, "scale": scale}
    if kind == "Checkbox":
        more = {"default": flag(meta, "defaultValue")}
    if kind == "AutoNumber":
        more = {"auto_number": str(meta.get("displayFormat") or "{0}"), "length": 30}
    if kind in {"Text", "LongTextArea", "Html"}:
        more = {"length": _number(meta, "length")}
    if kind in {"LongTextArea", "Html"}:
        more["extra_type_info"] = "richtextarea" if kind == "Html" else "plaintextarea"
    return Field(
        name,
        _TYPES[kind],
        label=str(meta.get("label") or ""),
        nillable=not required,
        unique=flag(meta, "unique"),
        case_sensitive=flag(meta, "caseSensitive"),
        external_id=flag(meta, "externalId"),
        formula=formula,
        blank_as_blank=_blanks(meta, formula),
        help_text=str(meta.get("inlineHelpText") or ""),
        **more,
    )


def _blanks(meta: Meta, formula: str) -> bool:
    """``formulaTreatBlanksAs`` (Metadata API, CustomField); blank numbers count as zero where it is left out."""
    word = meta.get("formulaTreatBlanksAs") or "BlankAsZero"
    if word not in {"BlankAsZero", "BlankAsBlank"}:
        raise refuse(f"'{word}' is not a valid value for the enum 'TreatBlanksAs'")
    return bool(formula) and word == "BlankAsBlank"


def _number(meta: Meta, name: str) -> int:
    try:
        return int(meta.get(name) or 0)
    except (TypeError, ValueError):
        raise refuse(f"'{meta.get(name)}' is not a valid value for {name}") from None


def _value_set(kind: str, meta: Meta) -> dict[str, Any]:
    value_set = meta.get("valueSet")
    if not isinstance(value_set, Mapping):
        raise refuse(f"Must specify 'valueSet' for a CustomField of type {kind}")
    if value_set.get("valueSetName"):
        raise SandboxGapError("global value sets")
    definition = value_set.get("valueSetDefinition")
    entries = many(definition.get("value")) if isinstance(definition, Mapping) else []
    if not all(isinstance(e, Mapping) and (e.get("fullName") or e.get("valueName")) for e in entries):
        raise refuse("Each value of a value set needs a fullName")
    settings = {
        str(s.get("valueName")): s for s in many(value_set.get("valueSettings")) if isinstance(s, Mapping)
    }
    values = []
    for entry in entries:
        # The Tooling API says valueName where the Metadata API says fullName.
        name = str(entry.get("fullName") or entry.get("valueName"))
        allowed = many(settings.get(name, {}).get("controllingFieldValue"))
        values.append(
            PicklistValue(
                name,
                str(entry.get("label") or name),
                active=flag(entry, "isActive", default=True),
                default=flag(entry, "default"),
                valid_for=tuple(map(str, allowed)),
            )
        )
    return {
        "picklist": tuple(values),
        "restricted": flag(value_set, "restricted"),
        "controller": str(value_set.get("controllingField") or ""),
    }


def _relationship(name: str, kind: str, meta: Meta, schema: Schema) -> dict[str, Any]:
    target = schema.get(str(meta.get("referenceTo") or ""))
    if target is None:
        raise refuse(
            f"referenceTo value of '{meta.get('referenceTo') or ''}' does not resolve to a valid sObject type"
        )
    children = str(meta.get("relationshipName") or "")
    constraint = str(meta.get("deleteConstraint") or "SetNull")
    return {
        "reference_to": (target.name,),
        "relationship_name": name.removesuffix("__c") + "__r",
        "child_relationship": f"{children}__r" if children else "",
        "master_detail": kind == "MasterDetail",
        "restricted_delete": constraint == "Restrict",
        "cascade_delete": constraint == "Cascade",
    }


def type_of(f: Field) -> str:
    """The word that metadata has for a field's type."""
    if f.auto_number:
        return "AutoNumber"
    if f.type is T.REFERENCE:
        return "MasterDetail" if f.master_detail else "Lookup"
    if f.type is T.TEXTAREA:
        return (
            "Html"
            if f.extra_type_info == "richtextarea"
            else "LongTextArea"
            if f.length > 255
            else "TextArea"
        )
    return _NAMES.get(f.type, "Text")


def metadata_of(f: Field) -> dict[str, Any]:
    """A field's metadata, without what does not apply."""
    kind = type_of(f)
    meta: dict[str, Any] = {
        "externalId": f.external_id,
        "label": f.label or f.name,
        "type": kind,
        "inlineHelpText": f.help_text or None,
        "formula": f.formula or None,
    }
    if f.formula:
        meta["formulaTreatBlanksAs"] = "BlankAsBlank" if f.blank_as_blank else "BlankAsZero"
    if kind not in {"Checkbox", "MasterDetail", "AutoNumber"}:
        meta["required"] = not f.nillable
    if kind in {"Text", "LongTextArea", "Html"}:
        meta["length"] = f.length
    if kind in {"Text", "Number", "Email"}:
        meta["unique"] = f.unique
    if kind == "Text" and f.unique:
        meta["caseSensitive"] = f.case_sensitive
    if kind in _NUMBERS:
        meta |= {"precision": f.precision or f.digits, "scale": f.scale}
    if kind == "Checkbox":
        meta["defaultValue"] = "true" if f.default else "false"
    if kind == "AutoNumber":
        meta["displayFormat"] = f.auto_number
    if f.reference_to:
        meta["referenceTo"] = f.reference_to[0]
        meta["relationshipName"] = f.child_relationship.removesuffix("__r") or None
    if kind == "Lookup":
        meta["deleteConstraint"] = (
            "Restrict" if f.restricted_delete else "Cascade" if f.cascade_delete else "SetNull"
        )
    if f.picklist:
        meta["valueSet"] = _value_set_of(f)
    return {name: value for name, value in meta.items() if value is not None}


def _value_set_of(f: Field) -> dict[str, Any]:
    values = [
        {"fullName": v.value, "default": v.default, "label": v.label or v.value}
        | ({} if v.active else {"isActive": False})
        for v in f.picklist
    ]
    found: dict[str, Any] = {
        "restricted": f.restricted,
        "valueSetDefinition": {"sorted": False, "value": values},
    }
    if f.controller:
        found["controllingField"] = f.controller
        found["valueSettings"] = [
            {"controllingFieldValue": list(v.valid_for), "valueName": v.value}
            for v in f.picklist
            if v.valid_for
        ]
    return found
