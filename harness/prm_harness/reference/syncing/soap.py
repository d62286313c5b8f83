"""What the CRM offers by SOAP only: bringing records back from its recycle bin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from simple_salesforce.api import Salesforce

from .problems import CrmProblem
from .transport import TIMEOUT

_URN: Final = "{urn:partner.soap.sforce.com}"
_ENVELOPE: Final = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:urn="urn:partner.soap.sforce.com">'
    "<soapenv:Header><urn:SessionHeader><urn:sessionId>{session}</urn:sessionId></urn:SessionHeader></soapenv:Header>"
    "<soapenv:Body><urn:undelete>{ids}</urn:undelete></soapenv:Body></soapenv:Envelope>"
)


def undelete(salesforce: Salesforce, ids: Sequence[str]) -> list[tuple[str | None, CrmProblem | None]]:
    """Id, or what was wrong, for each record.

    Raises:
        CrmProblem: the whole call was refused.
    """
    marked = "".join(f"<urn:ids>{escape(one)}</urn:ids>" for one in ids)
    answer = salesforce.session.post(
        f"https://{salesforce.sf_instance}/services/Soap/u/{salesforce.sf_version}",
        data=_ENVELOPE.format(session=escape(salesforce.session_id), ids=marked).encode(),
        headers={"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'},
        timeout=TIMEOUT,
    )
    try:
        root = ET.fromstring(answer.content)  # noqa: S314 - the CRM's own answer
    except ET.ParseError:
        raise CrmProblem(
            "SERVER_UNAVAILABLE", f"HTTP {answer.status_code}: no XML", status=answer.status_code
        ) from None
    fault = root.find(".//faultstring")
    if fault is not None:
        code, _, message = (fault.text or "").partition(": ")
        raise CrmProblem(code or "UNKNOWN_EXCEPTION", message, status=answer.status_code)
    return [_result(found) for found in root.iter(f"{_URN}result")]


def _result(found: ET.Element) -> tuple[str | None, CrmProblem | None]:
    if found.findtext(f"{_URN}success") == "true":
        return found.findtext(f"{_URN}id"), None
    code = found.findtext(f".//{_URN}statusCode") or "UNKNOWN_EXCEPTION"
    return None, CrmProblem(code, found.findtext(f".//{_URN}message") or "")
