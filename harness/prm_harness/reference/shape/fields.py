"""What an object consists of, as the product knows it: read from the CRM's describe."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

EXTERNAL_ID: Final = "External_Id__c"
"""Text field, unique external ID, that makes creates repeatable."""

PARTNER_FIELD: Final = "Partner_Account__c"
RECORD_TYPE_NAME: Final = "RecordType.DeveloperName"

SYSTEM_FIELDS: Final = (
    "Id", "SystemModstamp", "IsDeleted", "MasterRecordId",
    "IsConverted", "ConvertedOpportunityId", "ConvertedContactId", "ConvertedAccountId",
)  # fmt: skip
"""Read of every object that has them, whether or not the portal shows them: the sync works by them."""

_NOT_CARRIED: Final = frozenset({"address", "location", "base64"})
"""Compound fields are carried by their parts; files are not fields."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of an object."""

    name: str
    type: str
    createable: bool
    updateable: bool
    custom: bool = False
    length: int | None = None
    """Characters that it takes, where it is text."""
    values: tuple[str, ...] = ()
    reference_to: tuple[str, ...] = ()
    controller: str = ""
    """The field that decides which of the values may be chosen."""
    later: bool = False
    """Whether it came after the setup."""
    allowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Controlling value → values that it allows, where there is a controller."""


@dataclass(slots=True)
class TypeSpec:
    """One object: its fields, and its record types by DeveloperName."""

    kind: str
    fields: dict[str, FieldSpec] = field(default_factory=dict)
    record_types: dict[str, str] = field(default_factory=dict)
    system: tuple[str, ...] = ()
    """Those of SYSTEM_FIELDS that the object has."""

    @property
    def external_id(self) -> str | None:
        """The field for repeatable creates, where the object has it."""
        return EXTERNAL_ID if EXTERNAL_ID in self.fields else None

    @property
    def partner_field(self) -> str | None:
        """The field that says to which partner a record belongs (``Id``: an Account belongs to itself)."""
        if self.kind == "Account":
            return "Id"
        if PARTNER_FIELD in self.fields:
            return PARTNER_FIELD
        to_account = [f.name for f in self.fields.values() if "Account" in f.reference_to]
        return to_account[0] if to_account else None


def from_describe(describe: Mapping[str, Any]) -> TypeSpec:
    """A type with everything that can be carried."""
    entries = {entry["name"]: entry for entry in describe["fields"]}
    names = set(entries)
    spec = TypeSpec(str(describe["name"]), system=tuple(name for name in SYSTEM_FIELDS if name in names))
    for entry in describe["fields"]:
        if entry["type"] not in _NOT_CARRIED:
            spec.fields[entry["name"]] = _field(entry, entries)
    if "RecordTypeId" in spec.fields:
        spec.record_types = {
            info["developerName"]: info["recordTypeId"]
            for info in describe.get("recordTypeInfos", ())
            if not info.get("master") and info.get("developerName")
        }
        spec.fields[RECORD_TYPE_NAME] = FieldSpec(
            RECORD_TYPE_NAME, "picklist", createable=True, updateable=True, values=tuple(spec.record_types)
        )
    return spec


def flattened(row: Mapping[str, Any]) -> dict[str, Any]:
    """A query's row as plain fields: no attributes, the record type by name."""
    flat = {name: value for name, value in row.items() if name not in {"attributes", "RecordType"}}
    record_type = row.get("RecordType")
    if "RecordType" in row:
        flat[RECORD_TYPE_NAME] = record_type["DeveloperName"] if record_type else None
    return flat


def converted_into(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Object and id of what a converted lead lives on as."""
    for kind in ("Opportunity", "Contact"):
        if row.get(f"Converted{kind}Id"):
            return kind, row[f"Converted{kind}Id"]
    return None


def same_value(left: Any, right: Any) -> bool:
    """Equal, or the same instant written in two ways (the CRM answers with its own spelling of what it was sent)."""
    if left == right:
        return True
    if not (isinstance(left, str) and isinstance(right, str) and "T" in left and "T" in right):
        return False
    try:
        return datetime.fromisoformat(left) == datetime.fromisoformat(right)
    except (TypeError, ValueError):
        return False


def _field(entry: Mapping[str, Any], entries: Mapping[str, Mapping[str, Any]]) -> FieldSpec:
    controller = str(entry.get("controllerName") or "")
    return FieldSpec(
        name=entry["name"],
        type=entry["type"],
        createable=bool(entry.get("createable")),
        updateable=bool(entry.get("updateable")),
        custom=bool(entry.get("custom")),
        length=entry.get("length") or None,
        values=tuple(
            value["value"] for value in entry.get("picklistValues") or () if value.get("active", True)
        ),
        reference_to=tuple(entry.get("referenceTo") or ()),
        controller=controller,
        allowed=_allowed(entry, entries[controller]) if controller in entries else {},
    )


def _allowed(entry: Mapping[str, Any], controller: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Controlling value → values that it allows: each value carries a bit for each controlling value, from the left."""
    if controller["type"] == "boolean":
        controlling = ["false", "true"]
    else:
        controlling = [value["value"] for value in controller.get("picklistValues") or ()]
    found: dict[str, list[str]] = {value: [] for value in controlling}
    for value in entry.get("picklistValues") or ():
        bits = b64decode(value.get("validFor") or "")
        for place, name in enumerate(controlling):
            if place // 8 < len(bits) and bits[place // 8] & (0x80 >> place % 8):
                found[name].append(value["value"])
    return {name: tuple(values) for name, values in found.items()}
