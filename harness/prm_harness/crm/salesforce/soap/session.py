"""Logging in and out, and who is logged in (contract §1.3)."""

from __future__ import annotations

from typing import Any, Final

from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.sessions import SESSION_SECONDS
from prm_harness.crm.salesforce.soap.envelope import SoapFault
from prm_harness.crm.store.values import as_datetime

BAD_LOGIN: Final = "Invalid username, password, security token; or user locked out."
BAD_SESSION: Final = "Invalid Session ID found in SessionHeader: Illegal Session"


def login(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """``login``: addresses end in the 15-character org id, which is how clients find their host."""
    sessions = call.wire.sessions
    if not sessions.password_matches((given["username"] or "").strip(), (given["password"] or "").strip()):
        raise SoapFault("INVALID_LOGIN", BAD_LOGIN)
    call.user = sessions.user_id
    org15 = call.org.id[:15]
    instance = call.wire.instance_url(call.request)
    return {
        "metadataServerUrl": f"{instance}/services/Soap/m/{call.version}/{org15}",
        "passwordExpired": False,
        "sandbox": False,
        "serverUrl": f"{instance}/services/Soap/u/{call.version}/{org15}",
        "sessionId": sessions.open(),
        "userId": sessions.user_id,
        "userInfo": user_info(call, {}),
    }


def logout(call: Call, _: dict[str, Any], session: str) -> None:
    """``logout``: ends the session that the call was made with."""
    call.wire.sessions.revoke(session)


def invalidate(call: Call, given: dict[str, Any]) -> list[dict[str, Any]]:
    """``invalidateSessions``: ends each of the sessions."""
    results = []
    for session in given["sessionIds"]:
        ended = call.wire.sessions.revoke(session or "")
        error = {"statusCode": "INVALID_SESSION_ID", "message": "Invalid session id", "fields": []}
        results.append({"errors": [] if ended else [error], "success": ended})
    return results


def server_timestamp(call: Call, _: dict[str, Any]) -> dict[str, Any]:
    """``getServerTimestamp``: the org's clock."""
    return {"timestamp": as_datetime(call.wire.clock.now())}


def user_info(call: Call, _: dict[str, Any]) -> dict[str, Any]:
    """``getUserInfo``, and the same inside a login's result."""
    user = call.org.get("User", call.user)
    objects = (call.org.schema.whole or call.org.schema).objects
    return {
        "accessibilityMode": False,
        "chatterExternal": False,
        "currencySymbol": "$",
        "orgAttachmentFileSizeLimit": 5242880,
        "orgDefaultCurrencyIsoCode": "USD",
        "orgDefaultCurrencyLocale": "en_US",
        "orgDisallowHtmlAttachments": False,
        "orgHasPersonAccounts": "IsPersonAccount" in objects["Account"].fields,
        "organizationId": call.org.id,
        "organizationMultiCurrency": "CurrencyType" in objects,
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
