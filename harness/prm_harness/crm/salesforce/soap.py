"""SOAP partner API: login, and the faults that clients look for (contract §1.3)."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.http import Response
from prm_harness.crm.salesforce.sessions import SESSION_SECONDS

XML: Final = "text/xml;charset=UTF-8"
_ENVELOPE: Final = "{http://schemas.xmlsoap.org/soap/envelope/}"
_BAD_LOGIN: Final = "Invalid username, password, security token; or user locked out."
_BAD_SESSION: Final = "Invalid Session ID found in SessionHeader: Illegal Session"


def partner(call: Call) -> Response:
    """``POST /services/Soap/u/<version>``: ``login`` is answered, every other operation is a gap."""
    body = call.request.body
    try:
        # A document type is refused as Salesforce does; it also shuts out entity bombs.
        root = None if b"<!DOCTYPE" in body else ET.fromstring(body)  # noqa: S314
    except (ET.ParseError, ValueError):
        root = None
    operation = root.find(f"{_ENVELOPE}Body/*") if root is not None else None
    if root is None or operation is None:
        return fault("soapenv:Client", "UNKNOWN_EXCEPTION", "the request is not a SOAP envelope with a body")
    if _local(operation.tag) == "login":
        return _login(call, operation)
    session = next((e.text or "" for e in root.iter() if _local(e.tag) == "sessionId"), "")
    user = call.wire.sessions.user_of(session)
    if user is None:
        return fault("sf:INVALID_SESSION_ID", "INVALID_SESSION_ID", _BAD_SESSION, kind="UnexpectedErrorFault")
    call.user = user
    what = f"The sandbox does not implement the SOAP operation {_local(operation.tag)}."
    return fault("sf:SANDBOX_GAP", "SANDBOX_GAP", what, kind="UnexpectedErrorFault", status=501)


def fault(
    faultcode: str, code: str, message: str, *, kind: str = "UnexpectedErrorFault", status: int = 500
) -> Response:
    """A SOAP fault; ``message`` stands alone in the detail and behind its code in the fault string."""
    text = escape(message)
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soapenv:Body><soapenv:Fault><faultcode>{faultcode}</faultcode><faultstring>{code}: {text}</faultstring>"
        f'<detail><sf:{kind} xsi:type="sf:{kind}"><sf:exceptionCode>{code}</sf:exceptionCode>'
        f"<sf:exceptionMessage>{text}</sf:exceptionMessage></sf:{kind}></detail>"
        "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return Response(status, {"Content-Type": XML}, body.encode(), error_code=code)


def _login(call: Call, operation: ET.Element) -> Response:
    given = {_local(child.tag): (child.text or "").strip() for child in operation}
    sessions = call.wire.sessions
    if not sessions.password_matches(given.get("username", ""), given.get("password", "")):
        return fault("sf:INVALID_LOGIN", "INVALID_LOGIN", _BAD_LOGIN, kind="LoginFault")
    call.user = sessions.user_id
    org15 = call.org.id[:15]
    instance = call.wire.instance_url(call.request)
    version = call.version
    result = "".join(
        (
            _element("metadataServerUrl", f"{instance}/services/Soap/m/{version}/{org15}"),
            _element("passwordExpired", "false"),
            _element("sandbox", "false"),
            _element("serverUrl", f"{instance}/services/Soap/u/{version}/{org15}"),
            _element("sessionId", sessions.open()),
            _element("userId", sessions.user_id),
            f"<userInfo>{_user_info(call)}</userInfo>",
        )
    )
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns="urn:partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soapenv:Body><loginResponse><result>{result}</result></loginResponse></soapenv:Body></soapenv:Envelope>"
    )
    return Response(200, {"Content-Type": XML}, body.encode())


def _user_info(call: Call) -> str:
    user = call.org.get("User", call.user)
    values: dict[str, object] = {
        "accessibilityMode": "false",
        "chatterExternal": "false",
        "currencySymbol": "$",
        "orgAttachmentFileSizeLimit": 5242880,
        "orgDefaultCurrencyIsoCode": "USD",
        "orgDefaultCurrencyLocale": "en_US",
        "orgDisallowHtmlAttachments": "false",
        "orgHasPersonAccounts": "false",
        "organizationId": call.org.id,
        "organizationMultiCurrency": "false",
        "organizationName": call.org.get("Organization", call.org.id)["Name"],
        "profileId": user.get("ProfileId"),
        "roleId": user.get("UserRoleId"),
        "sessionSecondsValid": SESSION_SECONDS,
        "userDefaultCurrencyIsoCode": None,
        "userEmail": user.get("Email"),
        "userFullName": user.get("Name"),
        "userId": call.user,
        "userLanguage": "en_US",
        "userLocale": "en_US",
        "userName": user.get("Username"),
        "userTimeZone": user.get("TimeZoneSidKey") or "GMT",
        "userType": "Standard",
        "userUiSkin": "Theme3",
    }
    return "".join(_element(name, value) for name, value in values.items())


def _element(name: str, value: object) -> str:
    if value is None:
        return f'<{name} xsi:nil="true"/>'
    return f"<{name}>{escape(str(value))}</{name}>"


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]
