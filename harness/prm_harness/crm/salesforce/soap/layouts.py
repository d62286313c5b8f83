"""``describeLayout`` and its kin: the REST describes of layouts, in SOAP's order (contract §3.4).

Classic clients read here which picklist values a record type offers.
"""

from __future__ import annotations

from typing import Any

import orjson

from prm_harness.crm.org.errors import SandboxGapError
from prm_harness.crm.org.ids import is_id, to18
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.describing import layouts
from prm_harness.crm.salesforce.soap.envelope import Envelope, SoapFault
from prm_harness.crm.salesforce.soap.reading import LARGEST_DESCRIBE
from prm_harness.crm.salesforce.soap.records import object_named


def describe_layout(call: Call, given: dict[str, Any], _: Envelope) -> Any:
    """``describeLayout``; ``recordTypeIds`` narrows the mappings."""
    if given["layoutName"]:
        raise SandboxGapError("named layouts")
    wanted = _ids(given["recordTypeIds"])
    body = _asked(call, given["sObjectType"] or "", layouts.layouts)
    for layout in body["layouts"]:
        for section in (*layout["detailLayoutSections"], *layout["editLayoutSections"]):
            section |= {"collapsed": False, "layoutSectionId": None, "parentLayoutId": layout["id"]}
    known = {mapping["recordTypeId"] for mapping in body["recordTypeMappings"]}
    if not wanted <= known:
        raise SoapFault("INVALID_ID_FIELD", f"Invalid record type id: {min(wanted - known)}")
    body["recordTypeSelectorRequired"] = body["recordTypeSelectorRequired"][0]
    body["recordTypeMappings"] = [
        mapping for mapping in body["recordTypeMappings"] if not wanted or mapping["recordTypeId"] in wanted
    ]
    return body


def describe_compact(call: Call, given: dict[str, Any], _: Envelope) -> Any:
    """``describeCompactLayouts``."""
    wanted = _ids(given["recordTypeIds"])
    body = _asked(call, given["sObjectType"] or "", layouts.compact_layouts)
    mappings = body["recordTypeCompactLayoutMappings"]
    body["recordTypeCompactLayoutMappings"] = [
        mapping for mapping in mappings if not wanted or mapping["recordTypeId"] in wanted
    ]
    return body


def describe_primary_compact(call: Call, given: dict[str, Any], _: Envelope) -> Any:
    """``describePrimaryCompactLayouts``: one of each object, in the order asked."""
    if len(given["sObjectTypes"]) > LARGEST_DESCRIBE:
        raise SoapFault(
            "EXCEEDED_ID_LIMIT", f"cannot describe more than {LARGEST_DESCRIBE} objects in one call"
        )
    return [
        _asked(call, name, layouts.compact_layouts)["compactLayouts"][0] for name in given["sObjectTypes"]
    ]


def _asked(call: Call, name: str, rest: Any) -> dict[str, Any]:
    sobject = object_named(call, name)
    if not sobject.layoutable:
        raise SoapFault("INVALID_TYPE", f"sObject type '{sobject.name}' has no layout")
    call.args["sobject"] = sobject.name
    body: dict[str, Any] = orjson.loads(rest(call).body)
    return body


def _ids(given: list[str | None]) -> set[str]:
    for record_id in given:
        if not record_id or not is_id(record_id):
            raise SoapFault("MALFORMED_ID", f"malformed id {record_id}")
    return {to18(record_id) for record_id in given if record_id}
