"""Describe: the list of objects, one object in short, one object in full (contract §3)."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from zlib import crc32

import orjson

from prm_harness.crm.org.ids import MASTER_RECORD_TYPE
from prm_harness.crm.org.schema import SObjectType
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.dates import http_date
from prm_harness.crm.salesforce.describing.field import describe_field
from prm_harness.crm.salesforce.http import JSON, Response, json_response
from prm_harness.crm.salesforce.records.recent import changed_by_caller
from prm_harness.crm.soql.filter_scopes import scopes_of

_MERGEABLE: Final = frozenset({"Account", "Contact", "Lead", "Case"})
_DEFAULTS_UNTIL: Final = 48.0
"""The last recorded version whose describes link to default values; those of v52 and later do not."""
_WITHOUT_RECORD_TYPES: Final = frozenset({"User", "Profile", "Group", "OpportunityContactRole", "RecordType"})


def global_describe(call: Call) -> Response:
    """``GET /sobjects``."""
    return _cached(
        call,
        "",
        lambda: {
            "encoding": "UTF-8",
            "maxBatchSize": 200,
            "sobjects": [_short(call, o) for _, o in sorted(call.org.schema.objects.items())],
        },
    )


def basic(call: Call) -> Response:
    """``GET /sobjects/X``: the entry of the global describe, and the caller's recent rows."""
    sobject = call.sobject()
    return json_response({"objectDescribe": _short(call, sobject), "recentItems": _recent(call, sobject)})


def describe(call: Call) -> Response:
    """``GET /sobjects/X/describe``; ``If-Modified-Since`` is answered 304 until the schema changes."""
    sobject = call.sobject()
    return _cached(call, sobject.name, lambda: _full(call, sobject))


def _cached(call: Call, key: str, build: Any) -> Response:
    """Bodies are kept until the schema changes: a describe is large and every client asks for it."""
    wire = call.wire
    version, changed_at = wire.describes.get("schema", (None, None))
    if version != call.org.schema.version:
        changed_at = wire.clock.now()
        wire.describes.clear()
        wire.describes["schema"] = (call.org.schema.version, changed_at)
    # Recorded describes of one org at one time share their tag, whatever they describe.
    tag = f'"{crc32(f"{call.org.schema.version} {changed_at}".encode()):08x}"'
    headers = {"Last-Modified": http_date(changed_at), "ETag": tag, "Content-Type": JSON}
    if _unchanged_since(call.request.header("if-modified-since"), changed_at):
        return Response(304, headers)
    slot = (key, call.version, call.user, call.wire.instance_url(call.request))
    if slot not in wire.describes:
        wire.describes[slot] = orjson.dumps(build())
    return Response(200, headers, wire.describes[slot])


def _unchanged_since(header: str, changed_at: datetime) -> bool:
    try:
        return bool(header) and changed_at.replace(microsecond=0) <= parsedate_to_datetime(header)
    except (ValueError, TypeError):
        return False


def _flags(o: SObjectType) -> dict[str, Any]:
    return {
        "createable": o.createable,
        "custom": o.custom,
        "customSetting": False,
        "deepCloneable": o.name in {"Opportunity", "Campaign"},
        "deletable": o.deletable,
        "deprecatedAndHidden": False,
        "feedEnabled": o.layoutable and not o.custom,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": o.key_prefix,
        "label": o.label,
        "labelPlural": o.label_plural,
        "layoutable": o.layoutable,
        "mergeable": o.name in _MERGEABLE,
        "mruEnabled": o.layoutable,
        "name": o.name,
        "queryable": o.queryable,
        "replicateable": o.replicateable,
        "retrieveable": o.queryable,
        "searchable": o.layoutable,
        "triggerable": o.layoutable,
        "undeletable": o.undeletable,
        "updateable": o.updateable,
    }


def _short(call: Call, o: SObjectType) -> dict[str, Any]:
    """The 28 keys of v50 and later (26 before), in alphabetical order."""
    entry = {**_flags(o), "activateable": False, "hasSubtypes": False, **_associates(call, o)}
    return {**dict(sorted(entry.items())), "urls": _urls(call, o)}


def _full(call: Call, o: SObjectType) -> dict[str, Any]:
    """The 45 keys of v50 and later (43 before), in alphabetical order."""
    instance = call.wire.instance_url(call.request)
    page = {"uiDetailTemplate": f"{instance}/{{ID}}", "uiEditTemplate": f"{instance}/{{ID}}/e"}
    new = {"uiNewRecord": f"{instance}/{o.key_prefix}/e"}
    whole = {
        **_flags(o),
        **_associates(call, o),
        "actionOverrides": [],
        "activateable": False,
        "childRelationships": _child_relationships(call, o),
        "compactLayoutable": o.layoutable,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [describe_field(o, field) for field in o.fields.values()],
        "hasSubtypes": False,
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": record_type_infos(call, o),
        "searchLayoutable": o.layoutable,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": _scopes(o),
        "urls": {**_urls(call, o), **(page | new if o.layoutable else {})},
    }
    return dict(sorted(whole.items()))


def _associates(call: Call, o: SObjectType) -> dict[str, Any]:
    if float(call.version) < 50:
        return {}
    parent = o.name.removesuffix("FieldHistory").removesuffix("History")
    is_history = parent != o.name and parent in call.org.schema.objects and o.name != "OpportunityHistory"
    return {
        "associateEntityType": "History" if is_history else None,
        "associateParentEntity": parent if is_history else None,
    }


def _urls(call: Call, o: SObjectType) -> dict[str, str]:
    own = f"{call.base}/sobjects/{o.name}"
    defaults = {"defaultValues": f"{own}/defaultValues?recordTypeId&fields"}
    if float(call.version) > _DEFAULTS_UNTIL:
        defaults = {}
    if not o.layoutable:
        return {"rowTemplate": f"{own}/{{ID}}", **defaults, "describe": f"{own}/describe", "sobject": own}
    return {
        "compactLayouts": f"{own}/describe/compactLayouts",
        "rowTemplate": f"{own}/{{ID}}",
        "approvalLayouts": f"{own}/describe/approvalLayouts",
        **defaults,
        "listviews": f"{own}/listviews",
        "describe": f"{own}/describe",
        "quickActions": f"{own}/quickActions",
        "layouts": f"{own}/describe/layouts",
        "sobject": own,
    }


def _child_relationships(call: Call, o: SObjectType) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "cascadeDelete": field.cascade_delete or field.master_detail,
            "childSObject": child.name,
            "deprecatedAndHidden": False,
            "field": field.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": field.child_relationship or None,
            "restrictedDelete": field.restricted_delete,
        }
        for child, field in call.org.schema.children_of(o.name)
    ]
    return sorted(found, key=lambda entry: (entry["childSObject"], entry["field"]))


def record_type_infos(call: Call, o: SObjectType) -> list[dict[str, Any]]:
    """Own record types, and Master, which is always there and the default when it is alone."""
    if not o.layoutable or o.name in _WITHOUT_RECORD_TYPES:
        return []
    offered, default = call.org.record_types_for(o.name, call.user)
    entries = [
        (r.id, r.developer_name, r.name, r.active, r.active and (offered is None or r.id in offered))
        for r in o.record_types.values()
    ]
    entries.append((MASTER_RECORD_TYPE, "Master", "Master", True, True))
    return [
        {
            "active": active,
            "available": available,
            "defaultRecordTypeMapping": record_type_id == (default or MASTER_RECORD_TYPE),
            "developerName": developer_name,
            "master": record_type_id == MASTER_RECORD_TYPE,
            "name": name,
            "recordTypeId": record_type_id,
            "urls": {"layout": f"{call.base}/sobjects/{o.name}/describe/layouts/{record_type_id}"},
        }
        for record_type_id, developer_name, name, active, available in entries
    ]


def _scopes(o: SObjectType) -> list[dict[str, str]]:
    return [{"label": label, "name": name} for name, label in scopes_of(o).items()]


def _recent(call: Call, o: SObjectType) -> list[dict[str, Any]]:
    """The caller's five rows changed last: the sandbox's stand-in for "recently used"."""
    rows = changed_by_caller(call, o, 5)
    for row in rows:
        del row["LastModifiedDate"]
    return rows
