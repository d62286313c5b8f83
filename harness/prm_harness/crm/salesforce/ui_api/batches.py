"""Batches of the User Interface API: several records, or objects, in one answer; what fails is told beside the others.

User Interface API guide, "Batch Results": ``hasErrors``, and ``results`` of ``result`` and ``statusCode`` in the order asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from prm_harness.crm.org.errors import OrgError
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import WireError, of_org, request_error
from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.salesforce.ui_api.object_info import directory_entry, info_of, tagged
from prm_harness.crm.salesforce.ui_api.records import record_of

_MOST: Final = 200
_MOST_OBJECTS: Final = 100


def records(call: Call) -> Response:
    """``GET /ui-api/records/batch/<ids>``: as single records, up to 200."""
    ids = _named(call.args["ids"], _MOST)
    return _answer(call, ids, lambda one: record_of(call, one))


def object_infos(call: Call) -> Response:
    """``GET /ui-api/object-info/batch/<names>``: as single objects, up to 100."""
    names = _named(call.args["names"], _MOST_OBJECTS)
    return _answer(call, names, lambda one: info_of(call, call.sobject(one)))


def directory(call: Call) -> Response:
    """``GET /ui-api/object-info``: every object that has pages, in short."""
    found = {
        obj.name: directory_entry(call, obj) for obj in call.org.schema.objects.values() if obj.layoutable
    }
    return json_response(tagged({"objects": dict(sorted(found.items()))}))


def _named(listed: str, most: int) -> list[str]:
    names = [name.strip() for name in listed.split(",") if name.strip()]
    if not 1 <= len(names) <= most:
        raise request_error(400, "ILLEGAL_QUERY_PARAMETER_VALUE", f"1 to {most} are possible in a batch")
    return names


def _answer(call: Call, names: Iterable[str], one: Callable[[str], Any]) -> Response:
    results: list[dict[str, Any]] = []
    for name in names:
        try:
            results.append({"result": one(name), "statusCode": 200})
        except WireError as error:
            results.append(_failed(error))
        except OrgError as error:
            results.append(_failed(of_org(error, call.base)))
    failed = any(result["statusCode"] != 200 for result in results)
    return json_response({"hasErrors": failed, "results": results})


def _failed(error: WireError) -> dict[str, Any]:
    return {"result": error.body, "statusCode": error.status}
