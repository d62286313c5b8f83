"""``/services/Soap/u/<version>``: the partner API, one operation a request."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from prm_harness.crm.backend import BUG, GAP
from prm_harness.crm.org.errors import OrgError, SandboxGapError
from prm_harness.crm.org.standard.elsewhere import lacking_in
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import WireError, crashed
from prm_harness.crm.salesforce.http import Request, Response
from prm_harness.crm.salesforce.save_headers import soap_options
from prm_harness.crm.salesforce.soap import contract, layouts, reading, session, writing
from prm_harness.crm.salesforce.soap.contract import FAULT
from prm_harness.crm.salesforce.soap.envelope import (
    Envelope,
    SoapFault,
    fault,
    fault_for,
    partner_envelope,
    read_envelope,
    read_parts,
    write_part,
)
from prm_harness.crm.salesforce.soap.records import write_record
from prm_harness.crm.salesforce.soap.wsdl import partner_wsdl
from prm_harness.crm.salesforce.soap.xml import leaf, tag

_BODY: Final = re.compile(rb"<(?:[\w.-]+:)?Body\b[^>]*>\s*<(?:[\w.-]+:)?([A-Za-z]{1,60})")

_Handler = Callable[[Call, dict[str, Any], Envelope], Any]
_HANDLERS: Final[dict[str, _Handler]] = {
    "login": lambda call, given, _: session.login(call, given),
    "logout": lambda call, given, asked: session.logout(
        call, given, asked.header("SessionHeader", "sessionId")
    ),
    "invalidateSessions": lambda call, given, _: session.invalidate(call, given),
    "getUserInfo": lambda call, given, _: session.user_info(call, given),
    "getServerTimestamp": lambda call, given, _: session.server_timestamp(call, given),
    "describeGlobal": reading.describe_global,
    "describeSObject": reading.describe_one,
    "describeSObjects": reading.describe_many,
    "describeLayout": layouts.describe_layout,
    "describeCompactLayouts": layouts.describe_compact,
    "describePrimaryCompactLayouts": layouts.describe_primary_compact,
    "query": reading.query,
    "queryAll": reading.query_all,
    "queryMore": reading.query_more,
    "search": reading.search,
    "retrieve": reading.retrieve,
    "getUpdated": reading.updated,
    "getDeleted": reading.deleted,
    "create": writing.create,
    "update": writing.update,
    "upsert": writing.upsert,
    "delete": writing.delete,
    "undelete": writing.undelete,
    "emptyRecycleBin": writing.empty_recycle_bin,
    "merge": writing.merge,
    "convertLead": writing.convert,
}
_WRITES: Final = frozenset(
    {"create", "update", "upsert", "delete", "undelete", "emptyRecycleBin", "merge", "convertLead"}
)


def operation_of(request: Request) -> str:
    """The operation a body names, as far as a look at its text tells."""
    found = _BODY.search(request.body)
    return found[1].decode() if found else ""


def classify(request: Request) -> str:
    """The route class: ``login.soap``, or the operation under read, write or schema."""
    name = operation_of(request)
    if name in {"login", "logout"} or name not in _HANDLERS:
        return "login.soap"
    purpose = "write" if name in _WRITES else "schema" if name.startswith("describe") else "read"
    return f"{purpose}.soap.{name}"


def wsdl(call: Call) -> Response:
    """``GET /services/wsdl/partner`` and ``GET /services/Soap/u/<version>?wsdl``."""
    version = call.args.get("version") or call.wire.sessions.credentials.api_version
    address = f"{call.wire.instance_url(call.request)}/services/Soap/u/{version.lower().removeprefix('v')}"
    return Response(200, {"Content-Type": "text/xml;charset=UTF-8"}, partner_wsdl(address).encode())


def partner(call: Call) -> Response:
    """``POST /services/Soap/u/<version>[/<org id>]``."""
    return answered(call, _answer, namespace=FAULT)


def answered(call: Call, answer: Callable[[Call, Envelope], Response], *, namespace: str) -> Response:
    """Read the envelope, and turn every refusal into the fault that belongs to it."""
    try:
        asked = read_envelope(call.request.body)
        call.tally.client = asked.header("CallOptions", "client").strip()
        return answer(call, asked)
    except (SoapFault, OrgError, WireError) as error:
        if isinstance(error, WireError) and error.code == GAP:
            return _gap(str(error.body[0]["message"]), namespace)
        absent = lacking_in(str(error), call.wire.org.schema)
        if absent:
            return _gap(f"The sandbox does not implement {absent}.", namespace)
        return fault_for(error, namespace=namespace)
    except SandboxGapError as error:
        return _gap(f"The sandbox does not implement {error}.", namespace)
    except Exception as error:  # noqa: BLE001 - our own failure must not look like the CRM refusing
        bug = crashed(call.request, error)
        return fault(f"sf:{BUG}", BUG, bug.body[0]["message"], status=500, namespace=namespace)


def _gap(message: str, namespace: str) -> Response:
    return fault(f"sf:{GAP}", GAP, message, status=501, namespace=namespace)


def authenticate(call: Call, asked: Envelope) -> None:
    """Find the caller by its SessionHeader, and count the call.

    Raises:
        SoapFault: INVALID_SESSION_ID, or REQUEST_LIMIT_EXCEEDED once the day's calls are used up.
    """
    user = call.wire.sessions.user_of(asked.header("SessionHeader", "sessionId"))
    if user is None:
        raise SoapFault("INVALID_SESSION_ID", session.BAD_SESSION)
    call.user = user
    if not call.wire.quota.take():
        raise SoapFault("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def _answer(call: Call, asked: Envelope) -> Response:
    name = asked.name
    if name != "login":
        authenticate(call, asked)
    operation = contract.OPERATIONS.get(name)
    if operation is None:
        if name in contract.UNANSWERED:
            raise SandboxGapError(f"the SOAP operation {name}")
        raise SoapFault("", f"No operation available for request {asked.operation.tag}")
    if asked.header("AllowFieldTruncationHeader", "allowFieldTruncation") in {"true", "1"}:
        raise SandboxGapError("AllowFieldTruncationHeader")
    with call.org.saving_with(soap_options(asked)):
        result = _HANDLERS[name](call, read_parts(operation.parameters, asked.operation), asked)
    body = ""
    if operation.result is not None:
        body = write_part(operation.result, result, lambda key, record: write_record(call, key, record))
    return partner_envelope(tag(f"{name}Response", body), header=_limits(call) if name != "login" else "")


def _limits(call: Call) -> str:
    quota = call.wire.quota
    info = leaf("current", quota.used) + leaf("limit", quota.maximum) + leaf("type", "API REQUESTS")
    return tag("LimitInfoHeader", tag("limitInfo", info))
