"""``describe/layouts``, ``compactLayouts`` and ``approvalLayouts``: one generated layout an object (contract §3.4).

Classic clients read picklist values by record type here. A field stands in the detail section in describe order.
"""

from __future__ import annotations

from typing import Any, Final

from prm_harness.crm.org.ids import MASTER_RECORD_TYPE, is_id, to18
from prm_harness.crm.org.schema import Field, FieldType, SObjectType
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.describing.describe import record_type_infos
from prm_harness.crm.salesforce.describing.field import describe_field
from prm_harness.crm.salesforce.describing.picklists import PICKLISTS, offered, record_type_of
from prm_harness.crm.salesforce.errors import not_found, request_error
from prm_harness.crm.salesforce.http import Response, json_response

COMPACT_FIELDS: Final = 4
"""Fields of the system's own compact layout."""
_MOST_OBJECTS: Final = 100


def layouts(call: Call) -> Response:
    """``GET /sobjects/X/describe/layouts``: the layout, and what each record type makes of it."""
    sobject = _layoutable(call)
    return json_response(
        {
            "layouts": [_layout(call, sobject)],
            "recordTypeMappings": [
                _mapping(call, sobject, info) for info in record_type_infos(call, sobject)
            ],
            "recordTypeSelectorRequired": [bool(sobject.record_types)],
        }
    )


def layout(call: Call) -> Response:
    """``GET /sobjects/X/describe/layouts/<record type>``."""
    sobject = _layoutable(call)
    wanted = call.args["record_type"]
    if wanted[:15] != MASTER_RECORD_TYPE[:15] and record_type_of(sobject, wanted) is None:
        raise not_found()
    return json_response(_layout(call, sobject))


def compact_layouts(call: Call) -> Response:
    """``GET /sobjects/X/describe/compactLayouts``: the system's own, as in an org where nobody made another."""
    sobject = _layoutable(call)
    own = f"{call.base}/sobjects/{sobject.name}/describe/compactLayouts"
    return json_response(
        {
            "compactLayouts": [_compact(sobject)],
            "defaultCompactLayoutId": None,
            "recordTypeCompactLayoutMappings": [
                {
                    "available": info["available"],
                    "compactLayoutId": None,
                    "compactLayoutName": "SYSTEM",
                    "recordTypeId": info["recordTypeId"],
                    "recordTypeName": info["name"],
                    "urls": {"compactLayout": f"{own}/{info['recordTypeId']}"},
                }
                for info in record_type_infos(call, sobject)
            ],
            "urls": {"primary": f"{own}/primary"},
        }
    )


def primary_compact_layout(call: Call) -> Response:
    """``GET /sobjects/X/describe/compactLayouts/primary``."""
    return json_response(_compact(_layoutable(call)))


def primary_compact_layouts(call: Call) -> Response:
    """``GET /compactLayouts?q=Account,Contact``: object → its primary one, for up to 100 objects."""
    names = [name.strip() for name in call.params.get("q", "").split(",") if name.strip()]
    if not names or len(names) > _MOST_OBJECTS:
        raise request_error(400, "MALFORMED_QUERY", f"q takes the names of 1 to {_MOST_OBJECTS} objects")
    found = [call.sobject(name) for name in names]
    return json_response({obj.name: _compact(obj) for obj in found if obj.layoutable})


def _compact(sobject: SObjectType) -> dict[str, Any]:
    """The system's own, as in an org where nobody made another."""
    return {
        "actions": [],
        "fieldItems": [_item(sobject, field) for field in shown_fields(sobject)[:COMPACT_FIELDS]],
        "id": None,
        "imageItems": [],
        "label": "System Default",
        "name": "SYSTEM",
        "objectType": sobject.name,
    }


def approval_layouts(call: Call) -> Response:
    """``GET /sobjects/X/describe/approvalLayouts``: the org has no approval process."""
    _layoutable(call)
    return json_response({"approvalLayouts": []})


def layout_id(call: Call, sobject: SObjectType) -> str:
    """The id of an object's one layout: the same as long as the org lives."""
    id15 = f"00h{call.org.id[3:8]}{sobject.key_prefix or '000'}0000"
    assert is_id(id15)
    return to18(id15)


def _layoutable(call: Call) -> SObjectType:
    sobject = call.sobject()
    if not sobject.layoutable:
        raise not_found()
    return sobject


def _mapping(call: Call, sobject: SObjectType, info: dict[str, Any]) -> dict[str, Any]:
    record_type = record_type_of(sobject, info["recordTypeId"])
    picklists = []
    for field in sobject.fields.values():
        if field.type in PICKLISTS:
            kept = {value.value for value in offered(field, record_type)}
            values = describe_field(sobject, field)["picklistValues"]
            picklists.append(
                {"picklistName": field.name, "picklistValues": [v for v in values if v["value"] in kept]}
            )
    return {**info, "layoutId": layout_id(call, sobject), "picklistsForRecordType": picklists}


def _layout(call: Call, sobject: SObjectType) -> dict[str, Any]:
    items = [_item(sobject, field) for field in shown_fields(sobject)]
    rows = [
        {"layoutItems": items[n : n + 2], "numItems": len(items[n : n + 2])} for n in range(0, len(items), 2)
    ]
    section = {
        "columns": 2,
        "heading": f"{sobject.label} Information",
        "layoutRows": rows,
        "rows": len(rows),
        "tabOrder": "LeftToRight",
        "useCollapsibleSection": False,
        "useHeading": True,
    }
    return {
        "buttonLayoutSection": {"detailButtons": []},
        "detailLayoutSections": [section],
        "editLayoutSections": [section],
        "feedView": None,
        "highlightsPanelLayoutSection": None,
        "id": layout_id(call, sobject),
        "multirowEditLayoutSections": [],
        "offlineLinks": [],
        "quickActionList": {"quickActionListItems": []},
        "relatedContent": None,
        "relatedLists": [],
        "saveOptions": [],
    }


def shown_fields(sobject: SObjectType) -> list[Field]:
    """What a page shows: no ids but references, no parts of a compound, the name first."""
    fields = [f for f in sobject.fields.values() if f.type is not FieldType.ID and f.name != "IsDeleted"]
    whole = [f for f in fields if not f.compound or f.name_field]
    return sorted(whole, key=lambda f: not f.name_field)


def _item(sobject: SObjectType, field: Field) -> dict[str, Any]:
    details = describe_field(sobject, field)
    component = {"details": details, "displayLines": 1, "tabOrder": 0, "type": "Field", "value": field.name}
    return {
        "editableForNew": details["createable"],
        "editableForUpdate": details["updateable"],
        "label": details["label"],
        "layoutComponents": [component],
        "placeholder": False,
        "required": not details["nillable"] and details["createable"] and not details["defaultedOnCreate"],
    }
