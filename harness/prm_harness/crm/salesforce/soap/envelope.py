"""Envelopes: what a request asks, by the contract's table; answers and faults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from prm_harness.crm.org.errors import OrgError
from prm_harness.crm.salesforce.errors import WireError
from prm_harness.crm.salesforce.http import Response
from prm_harness.crm.salesforce.soap import contract
from prm_harness.crm.salesforce.soap.contract import FAULT, PARTNER, SOBJECT, Part
from prm_harness.crm.salesforce.soap.xml import (
    XmlError,
    children,
    is_nil,
    leaf,
    lexical,
    local,
    parse,
    tag,
    text,
)

XML: Final = "text/xml;charset=UTF-8"
SOAPENV: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_PLACE: Final = re.compile(r"ERROR at Row:(\d+):Column:(\d+)")
_FAULT_OF: Final = {
    "INVALID_LOGIN": "LoginFault",
    "INVALID_FIELD": "InvalidFieldFault",
    "INVALID_TYPE": "InvalidSObjectFault",
    "MALFORMED_QUERY": "MalformedQueryFault",
    "MALFORMED_SEARCH": "MalformedSearchFault",
    "INVALID_QUERY_LOCATOR": "InvalidQueryLocatorFault",
    "MALFORMED_ID": "InvalidIdFault",
}
_WITH_PLACE: Final = frozenset(
    {"InvalidFieldFault", "InvalidSObjectFault", "MalformedQueryFault", "MalformedSearchFault"}
)


class SoapFault(Exception):  # noqa: N818 - it is what SOAP calls it
    """A whole call is refused. An empty ``code`` means that the message itself could not be read."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(f"{code}: {message}")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request: the operation's element, and header elements by local name."""

    operation: ET.Element
    headers: Mapping[str, ET.Element]

    @property
    def name(self) -> str:
        """The operation."""
        return local(self.operation.tag)

    def header(self, name: str, part: str) -> str:
        """The text of one part of a header, or the empty text."""
        found = self.headers.get(name)
        return text(next(iter(children(found, part)), None)) if found is not None else ""


def read_envelope(body: bytes) -> Envelope:
    """The request.

    Raises:
        SoapFault: it is not a SOAP 1.1 envelope with an operation in its body.
    """
    try:
        root = parse(body)
    except XmlError as error:
        raise SoapFault("", str(error)) from None
    operation = root.find(f"{{{SOAPENV}}}Body/*") if root.tag == f"{{{SOAPENV}}}Envelope" else None
    if operation is None:
        raise SoapFault("", "the request is not a SOAP envelope with a body")
    return Envelope(operation, {local(e.tag): e for e in root.iterfind(f"{{{SOAPENV}}}Header/*")})


def read_parts(parts: tuple[Part, ...], element: ET.Element) -> dict[str, Any]:
    """An element's children as the contract types them: lists, texts, booleans, numbers, sub-types as dicts.

    sObjects stay elements: their fields are the org's. What is missing or nil is None, or an empty list.
    """
    known = {part.name: part for part in parts}
    found: dict[str, Any] = {part.name: [] if part.many else None for part in parts}
    for child in element:
        part = known.get(local(child.tag))
        if part is None or (is_nil(child) and not part.many):
            continue
        value = _read(part.type, child)
        if part.many:
            found[part.name].append(value)
        else:
            found[part.name] = value
    return found


def _read(kind: str, element: ET.Element) -> Any:
    if kind in contract.TYPES:
        return read_parts(contract.TYPES[kind], element)
    if kind == "sObject":
        return element
    return scalar(kind, text(element) if kind != "string" else element.text or "")


def scalar(kind: str, given: str) -> Any:
    """A value of a simple type.

    Raises:
        SoapFault: the text is none; Salesforce refuses the whole message.
    """
    try:
        if kind == "boolean":
            return {"true": True, "1": True, "false": False, "0": False}[given]
        if kind in {"int", "double"}:
            return int(given) if kind == "int" else float(given)
    except (KeyError, ValueError):
        raise SoapFault("", f"'{given}' is not a valid value for the type xsd:{kind}") from None
    return given


def write_part(part: Part, value: Any, write_sobject: Any = None) -> str:
    """A value as the contract writes it, in order and with its nils; ``write_sobject(name, record)`` writes sObjects."""
    if part.many:
        one = Part(part.name, part.type, nillable=True)
        return "".join(write_part(one, item, write_sobject) for item in value or ())
    if value is None:
        return "" if part.optional else leaf(part.name, None)
    if part.type == "sObject":
        return str(write_sobject(part.name, value))
    if part.type in contract.TYPES:
        inner = "".join(write_part(p, value.get(p.name), write_sobject) for p in contract.TYPES[part.type])
        return tag(part.name, inner)
    if part.type == "anyType":
        kind = "boolean" if isinstance(value, bool) else "string" if isinstance(value, str) else "double"
        return leaf(part.name, value, f' xsi:type="xsd:{kind}"')
    return leaf(part.name, zulu(value) if part.type == "dateTime" else value)


def zulu(moment: str) -> str:
    """SOAP ends its UTC moments with Z where JSON has +0000."""
    return moment.removesuffix("+0000") + "Z" if moment.endswith("+0000") else moment


def envelope(body: str, *, namespace: str = PARTNER, header: str = "", extra: str = "") -> Response:
    """200 with a SOAP body."""
    head = f"<soapenv:Header>{header}</soapenv:Header>" if header else ""
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{SOAPENV}" xmlns="{namespace}"'
        f'{extra} xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
        f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{head}'
        f"<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
    return Response(200, {"Content-Type": XML}, document.encode("utf-8", "replace"))


def partner_envelope(body: str, *, header: str = "") -> Response:
    """200 in the partner namespaces."""
    return envelope(body, header=header, extra=f' xmlns:sf="{SOBJECT}"')


def fault(
    faultcode: str,
    code: str,
    message: str,
    *,
    kind: str = "UnexpectedErrorFault",
    status: int = 500,
    namespace: str = FAULT,
) -> Response:
    """A SOAP fault; ``message`` stands alone in the detail and behind its code in the fault string."""
    shown = escape(lexical(message))
    place = ""
    if kind in _WITH_PLACE:
        row, column = (_PLACE.search(message) or re.fullmatch("()()", "")).groups()  # type: ignore[union-attr]
        place = leaf("sf:row", row or -1) + leaf("sf:column", column or -1)
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{SOAPENV}" xmlns:sf="{namespace}"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault>'
        f"<faultcode>{faultcode}</faultcode><faultstring>{code}: {shown}</faultstring>"
        f'<detail><sf:{kind} xsi:type="sf:{kind}"><sf:exceptionCode>{code}</sf:exceptionCode>'
        f"<sf:exceptionMessage>{shown}</sf:exceptionMessage>{place}</sf:{kind}></detail>"
        "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return Response(status, {"Content-Type": XML}, body.encode("utf-8", "replace"), error_code=code)


def unreadable(message: str) -> Response:
    """The fault for a message that is not understood at all: no detail, no code of the API."""
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{SOAPENV}"><soapenv:Body>'
        f"<soapenv:Fault><faultcode>soapenv:Client</faultcode><faultstring>{escape(lexical(message))}</faultstring>"
        "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return Response(
        500, {"Content-Type": XML}, body.encode("utf-8", "replace"), error_code="UNKNOWN_EXCEPTION"
    )


def fault_for(error: SoapFault | OrgError | WireError, *, namespace: str = FAULT) -> Response:
    """The fault that belongs to a refusal."""
    if isinstance(error, SoapFault):
        code, message = error.code, error.message
    elif isinstance(error, WireError):
        first = error.body[0] if isinstance(error.body, list) else error.body
        code, message = error.code, str(first.get("message", ""))
    else:
        code, message = error.faults[0].code, error.faults[0].message
    if not code:
        return unreadable(message)
    kind = "UnexpectedErrorFault" if namespace != FAULT else _FAULT_OF.get(code, "UnexpectedErrorFault")
    return fault(f"sf:{code}", code, message, kind=kind, namespace=namespace)
