"""Who is logged in: userinfo and the identity address (contract §1.2)."""

from __future__ import annotations

from typing import Any

from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import WireError
from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.salesforce.sessions import token_of


def userinfo(call: Call) -> Response:
    """``GET|POST /services/oauth2/userinfo``: OpenID claims, 23 keys."""
    _demand_session(call)
    user = call.org.get("User", call.user)
    instance = call.wire.instance_url(call.request)
    org_id = call.org.id
    return json_response(
        {
            "sub": identity_url(call, call.user),
            "user_id": call.user,
            "organization_id": org_id,
            "preferred_username": user.get("Username"),
            "nickname": _nickname(user),
            "name": user.get("Name"),
            "email": user.get("Email"),
            "email_verified": True,
            "given_name": user.get("FirstName"),
            "family_name": user.get("LastName"),
            "zoneinfo": user.get("TimeZoneSidKey") or "GMT",
            "photos": _photos(instance),
            "profile": f"{instance}/{call.user}",
            "picture": _photos(instance)["picture"],
            "address": {},
            "is_salesforce_integration_user": False,
            "urls": {**_urls(instance, org_id, call.user), "custom_domain": instance},
            "active": True,
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_US",
            "utcOffset": 0,
            "updated_at": call.wire.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    )


def identity(call: Call) -> Response:
    """``GET /id/<org>/<user>``."""
    _demand_session(call)
    if call.args["org"][:15] != call.org.id[:15]:
        raise IdentityError(403, "Wrong_Org")
    if call.args["user"][:15] != call.user[:15]:
        raise IdentityError(404, "Bad_Id")
    user = call.org.get("User", call.user)
    instance = call.wire.instance_url(call.request)
    return json_response(
        {
            "id": identity_url(call, call.user),
            "asserted_user": True,
            "user_id": call.user,
            "organization_id": call.org.id,
            "username": user.get("Username"),
            "nick_name": _nickname(user),
            "display_name": user.get("Name"),
            "email": user.get("Email"),
            "email_verified": True,
            "first_name": user.get("FirstName"),
            "last_name": user.get("LastName"),
            "timezone": user.get("TimeZoneSidKey") or "GMT",
            "photos": _photos(instance),
            "addr_street": None,
            "addr_city": None,
            "addr_state": None,
            "addr_country": "US",
            "addr_zip": None,
            "mobile_phone": None,
            "mobile_phone_verified": False,
            "is_lightning_login_user": False,
            "status": {"created_date": None, "body": None},
            "urls": _urls(instance, call.org.id, call.user),
            "active": True,
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_US",
            "utcOffset": 0,
            "last_modified_date": call.wire.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
            "is_app_installed": True,
        }
    )


def identity_url(call: Call, user_id: str) -> str:
    """The address that names a user everywhere: ``id`` of a token answer."""
    return f"{call.wire.login_origin(call.request)}/id/{call.org.id}/{user_id}"


class IdentityError(WireError):
    """A refusal that is one word of text, as the vendor's list of the identity address's answers has it."""

    def __init__(self, status: int, word: str) -> None:
        super().__init__(status, word, code=word)

    def response(self) -> Response:
        """The answer."""
        return Response(
            self.status, {"Content-Type": "text/html;charset=UTF-8"}, self.code.encode(), error_code=self.code
        )


def _demand_session(call: Call) -> None:
    token = token_of(call.request)
    user = call.wire.sessions.user_of(token)
    if user is None:
        raise IdentityError(403, "Bad_OAuth_Token" if token else "Missing_OAuth_Token")
    call.user = user


def _nickname(user: dict[str, Any]) -> str:
    return str(user.get("CommunityNickname") or user.get("Alias") or str(user.get("Username")).split("@")[0])


def _photos(instance: str) -> dict[str, str]:
    return {"picture": f"{instance}/profilephoto/005/F", "thumbnail": f"{instance}/profilephoto/005/T"}


def _urls(instance: str, org_id: str, user_id: str) -> dict[str, str]:
    data = f"{instance}/services/data/v{{version}}"
    soap = {"enterprise": "c", "metadata": "m", "partner": "u"}
    return {
        **{
            name: f"{instance}/services/Soap/{letter}/{{version}}/{org_id[:15]}"
            for name, letter in soap.items()
        },
        "rest": f"{data}/",
        "sobjects": f"{data}/sobjects/",
        "search": f"{data}/search/",
        "query": f"{data}/query/",
        "recent": f"{data}/recent/",
        "tooling_soap": f"{instance}/services/Soap/T/{{version}}/{org_id[:15]}",
        "tooling_rest": f"{data}/tooling/",
        "profile": f"{instance}/{user_id}",
        "feeds": f"{data}/chatter/feeds",
        "groups": f"{data}/chatter/groups",
        "users": f"{data}/chatter/users",
        "feed_items": f"{data}/chatter/feed-items",
        "feed_elements": f"{data}/chatter/feed-elements",
    }
