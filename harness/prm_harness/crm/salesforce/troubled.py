"""How faults look on the wire: errors in the shape of the API that was asked, and what the CRM's people do meanwhile."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Final

from prm_harness.crm.org.errors import OrgError, SandboxGapError
from prm_harness.crm.salesforce import soap
from prm_harness.crm.salesforce.bulk import async_api
from prm_harness.crm.salesforce.errors import request_error
from prm_harness.crm.salesforce.http import Request, Response
from prm_harness.crm.salesforce.oauth.errors import oauth_error
from prm_harness.crm.salesforce.refusing import Refusal, refusal
from prm_harness.crm.trouble import UNNAMED, FaultSpec

if TYPE_CHECKING:
    from prm_harness.crm.salesforce.wire import Wire

_ASYNC_CODES: Final = {"REQUEST_LIMIT_EXCEEDED": "ExceededQuota"}
"""REST codes that Bulk 1.0 has another word for."""

_LOCKED: Final = "unable to obtain exclusive access to this record or 1 records: {id}"
_PAGE: Final = """<!DOCTYPE html>
<html><head><title>{title}</title></head>
<body><h1>{title}</h1><p>{message}</p></body></html>
"""


def row_refusal(fault: FaultSpec) -> Refusal:
    """What a ``rows`` fault refuses rows with: a row lock, unless it names another code."""
    if fault.code == UNNAMED:
        return refusal("UNABLE_TO_LOCK_ROW", _LOCKED, fault.rows)
    return refusal(fault.code, fault.message, fault.rows)


def meddle(wire: Wire, fault: FaultSpec) -> None:
    """Save what a ``late`` or ``corrupt`` fault stands for, as the CRM's sales user."""
    org = wire.org
    late = org.late(fault.seconds) if fault.kind == "late" else nullcontext()
    silence = wire.streams.silence() if fault.kind == "corrupt" else nullcontext()
    quietly = fault.kind == "corrupt"
    try:
        record = fault.record or _any_record(wire, fault)
        with late, silence:
            org.update(fault.sobject, record, fault.values, user=org.sales_id, quietly=quietly)
    except (OrgError, SandboxGapError) as error:
        wire.faults.misfired(fault.name, str(error))


def _any_record(wire: Wire, fault: FaultSpec) -> str:
    found = wire.org.query(f"SELECT Id FROM {fault.sobject}", user=wire.org.admin_id).records
    if not found:
        raise OrgError.of("NOT_FOUND", f"there is no {fault.sobject} to change")
    return str(found[wire.faults.choose(fault.name, len(found))]["Id"])


def status_fault(fault: FaultSpec, route_class: str, request: Request) -> Response:
    """The fault's error in the shape of the API that was asked, or as the page that a load balancer answers with."""
    if fault.body == "html":
        page = _PAGE.format(title=f"{fault.status} {fault.code}", message=fault.message).encode()
        return Response(
            fault.status, {"Content-Type": "text/html; charset=UTF-8"}, page, error_code=fault.code
        )
    if "soap" in route_class.split("."):
        return soap.fault(f"sf:{fault.code}", fault.code, fault.message, status=fault.status)
    if request.path.lower().startswith("/services/async/"):
        return async_api.refusal(
            request, _ASYNC_CODES.get(fault.code) or _camel(fault.code), fault.message, status=fault.status
        )
    if route_class.startswith("login."):
        return oauth_error(fault.code, fault.message, fault.status).response()
    return request_error(fault.status, fault.code, fault.message).response()


def _camel(code: str) -> str:
    """``SERVER_UNAVAILABLE`` as Bulk 1.0 spells codes: ``ServerUnavailable``."""
    return "".join(word.capitalize() for word in code.split("_")) if "_" in code or code.isupper() else code
