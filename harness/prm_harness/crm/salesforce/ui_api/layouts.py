"""``layout``: which fields a page shows, in which rows, and how each may be used (User Interface API guide, "Record Layout").

Keys, components of names, addresses and stamps, and what a page for new records leaves out follow layouts that were captured from live
orgs at v59 and v67 (``glade-sh/glade:internal/server``). The layout itself is the generated one that classic clients get.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from prm_harness.crm.org.ids import MASTER_RECORD_TYPE, to18
from prm_harness.crm.org.schema import Field, FieldType, SObjectType
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.describing.describe import record_type_infos
from prm_harness.crm.salesforce.describing.field import describe_field
from prm_harness.crm.salesforce.describing.layouts import COMPACT_FIELDS, layout_id, shown_fields
from prm_harness.crm.salesforce.describing.picklists import record_type_of
from prm_harness.crm.salesforce.errors import not_found, request_error
from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.salesforce.metadata.components import component_id
from prm_harness.crm.salesforce.ui_api.object_info import tagged

Item = dict[str, Any]

MODES: Final = ("View", "Create", "Edit")
TYPES: Final = ("Full", "Compact")
_FACTORS: Final = ("Large", "Medium", "Small")
_NAME_PARTS: Final = ("Salutation", "FirstName", "MiddleName", "LastName", "Suffix")
_ADDRESS_PARTS: Final = ("Street", "City", "State", "PostalCode", "Country")
_STAMPS: Final = {"CreatedById": "CreatedDate", "LastModifiedById": "LastModifiedDate"}
_HIDDEN: Final = frozenset({"CreatedDate", "LastModifiedDate", "SystemModstamp", "RecordTypeId"})


def layout(call: Call) -> Response:
    """``GET /ui-api/layout/X``: ``layoutType`` Full or Compact, ``mode`` View, Create or Edit, ``recordTypeId``."""
    sobject = supported(call, call.sobject())
    one_of(call, "formFactor", _FACTORS)
    kind, mode = one_of(call, "layoutType", TYPES), one_of(call, "mode", MODES)
    return json_response(layout_of(call, sobject, record_type(call, sobject), kind, mode))


def layout_of(call: Call, sobject: SObjectType, type_id: str, kind: str, mode: str) -> dict[str, Any]:
    """One layout of a record type."""
    fields = [field for field in shown_fields(sobject) if field.name not in _HIDDEN]
    if kind == "Compact":
        items = [_item(sobject, field, kind) for field in fields[:COMPACT_FIELDS]]
        sections = [_section(items, 1)] if items else []
    else:
        items = [_item(sobject, field, kind) for field in fields]
        if mode == "Create":
            items = [item for item in items if item["editableForNew"]]
        section_id = component_id("01B", f"{sobject.name} {mode}")
        heading = f"{sobject.label} Information"
        head = {"heading": heading, "id": section_id, "tabOrder": "LeftRight", "useHeading": True}
        sections = [_section(items, 2) | head] if items else []
    return tagged(
        {
            "id": layout_id(call, sobject) if kind == "Full" else None,
            "layoutType": kind,
            "mode": mode,
            "objectApiName": sobject.name,
            "recordTypeId": type_id,
            "saveOptions": [],
            "sections": sections,
        }
    )


def names_of(found: dict[str, Any]) -> Iterator[str]:
    """The fields that a layout shows, parts of compounds each by itself."""
    for section in found["sections"]:
        for row in section["layoutRows"]:
            for item in row["layoutItems"]:
                yield from (one["apiName"] for one in item["layoutComponents"])


def supported(_call: Call, sobject: SObjectType) -> SObjectType:
    """The object, if it has pages.

    Raises:
        WireError: 400; it has none.
    """
    if not sobject.layoutable:
        raise request_error(400, "INVALID_TYPE", f"Object {sobject.name} is not supported in UI API")
    return sobject


def record_type(call: Call, sobject: SObjectType, given: str | None = None) -> str:
    """The record type that is asked for, or the caller's default.

    Raises:
        WireError: 404; the object has no such record type.
    """
    wanted = call.params.get("recordTypeId", "") if given is None else given
    if wanted:
        if wanted[:15] == MASTER_RECORD_TYPE[:15]:
            return MASTER_RECORD_TYPE
        if record_type_of(sobject, wanted) is None:
            raise not_found()
        return to18(wanted)
    infos = record_type_infos(call, sobject)
    return next((i["recordTypeId"] for i in infos if i["defaultRecordTypeMapping"]), MASTER_RECORD_TYPE)


def one_of(call: Call, parameter: str, known: tuple[str, ...]) -> str:
    """A query parameter with a choice; the first is the default."""
    return chosen(parameter, call.params.get(parameter) or known[0], known)


def chosen(parameter: str, value: str, known: tuple[str, ...]) -> str:
    """The one of ``known`` that is meant.

    Raises:
        WireError: 400; none is.
    """
    found = next((one for one in known if one.lower() == value.lower()), None)
    if found is None:
        message = f"{value} is not a valid value for {parameter}: {', '.join(known)}"
        raise request_error(400, "ILLEGAL_QUERY_PARAMETER_VALUE", message)
    return found


def _section(items: list[Item], columns: int) -> dict[str, Any]:
    rows = [{"layoutItems": items[n : n + columns]} for n in range(0, len(items), columns)]
    return {
        "collapsible": False,
        "columns": columns,
        "heading": None,
        "id": None,
        "layoutRows": rows,
        "rows": len(rows),
        "tabOrder": None,
        "useHeading": False,
    }


def _item(sobject: SObjectType, field: Field, kind: str) -> Item:
    details = describe_field(sobject, field)
    parts = _parts(sobject, field)
    created = all(part.createable for part in parts)
    updated = all(part.updateable for part in parts)
    required = kind == "Full" and any(
        not part.nillable and part.createable and not part.defaulted_on_create for part in parts
    )
    behavior = "Required" if required else "Edit" if created or updated else "Readonly"
    is_lookup = field.type is FieldType.REFERENCE
    return {
        "editableForNew": created,
        "editableForUpdate": updated,
        "label": _label(sobject, field, details["label"]),
        "layoutComponents": [
            {"apiName": part.name, "componentType": "Field", "label": describe_field(sobject, part)["label"]}
            for part in (*parts, *_stamp(sobject, field))
        ],
        "lookupIdApiName": field.name if is_lookup else "Id" if field.name_field else None,
        "required": required,
        "sortable": False,
        "uiBehavior": behavior if kind == "Full" else None,
    }


def _parts(sobject: SObjectType, field: Field) -> list[Field]:
    """What a client fills in: the parts of a person's name and of an address, else the field itself."""
    if field.type is FieldType.ADDRESS:
        before = field.name.removesuffix("Address")
        names = [f"{before}{part}" for part in _ADDRESS_PARTS]
    elif field.name_field:
        names = list(_NAME_PARTS)
    else:
        return [field]
    parts = [sobject.fields[name] for name in names if name in sobject.fields]
    return [part for part in parts if part.compound == field.name] or [field]


def _stamp(sobject: SObjectType, field: Field) -> list[Field]:
    name = _STAMPS.get(field.name, "")
    return [sobject.fields[name]] if name in sobject.fields else []


def _label(sobject: SObjectType, field: Field, label: str) -> str:
    if field.name == "OwnerId":
        return f"{sobject.label} Owner"
    return label.removesuffix(" ID") if field.type is FieldType.REFERENCE else label
