"""OAuth 2.0: token, userinfo, identity, revoke, introspect (contract §1.1, §1.2)."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final
from urllib.parse import parse_qsl

from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import WireError, gap, not_found
from prm_harness.crm.salesforce.http import Response, json_response

SCOPES: Final = "refresh_token api id"
_GAP_GRANTS: Final = frozenset(
    {
        "authorization_code",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:ietf:params:oauth:grant-type:saml2-bearer",
        "urn:ietf:params:oauth:grant-type:device_code",
    }
)


def oauth_error(error: str, description: str, status: int = 400) -> WireError:
    """An object, not an array: ``error`` then ``error_description``."""
    return WireError(status, {"error": error, "error_description": description}, code=error)


def token(call: Call) -> Response:
    """``POST /services/oauth2/token``: grants password, refresh_token and client_credentials."""
    form = _form(call)
    grant = form.get("grant_type", "")
    if grant in _GAP_GRANTS:
        raise gap(f"the OAuth grant {grant}")
    if grant not in {"password", "refresh_token", "client_credentials"}:
        raise oauth_error("unsupported_grant_type", "grant type not supported")
    _check_client(call, form, secret_needed=grant != "refresh_token")
    sessions = call.wire.sessions
    if grant == "password":
        if not sessions.password_matches(form.get("username", ""), form.get("password", "")):
            raise oauth_error("invalid_grant", "authentication failure")
        return _token_answer(call, scope=False)
    if grant == "refresh_token":
        if not sessions.refresh_token_valid(form.get("refresh_token", "")):
            raise oauth_error("invalid_grant", "expired access/refresh token")
        return _token_answer(call, scope=True)
    if call.wire.is_login_host(call.request.host):
        raise oauth_error("invalid_grant", "request not supported on this domain")
    return _token_answer(call, scope=True)


def userinfo(call: Call) -> Response:
    """``GET|POST /services/oauth2/userinfo``: OpenID claims, 23 keys."""
    user = call.org.get("User", call.user)
    instance = call.wire.instance_url(call.request)
    org_id = call.org.id
    return json_response(
        {
            "sub": _identity_url(call, call.user),
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
    user_id = call.args["user"]
    if call.args["org"][:15] != call.org.id[:15] or user_id[:15] != call.user[:15]:
        raise not_found()
    user = call.org.get("User", call.user)
    instance = call.wire.instance_url(call.request)
    return json_response(
        {
            "id": _identity_url(call, call.user),
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


def revoke(call: Call) -> Response:
    """``GET|POST /services/oauth2/revoke``: 200 without a body."""
    given = _form(call).get("token") or call.params.get("token", "")
    if not call.wire.sessions.revoke(given):
        raise oauth_error("invalid_token", f"invalid token: {given[:8]}…" if given else "invalid token")
    return Response(200)


def introspect(call: Call) -> Response:
    """``POST /services/oauth2/introspect`` (RFC 7662)."""
    form = _form(call)
    _check_client(call, form, secret_needed=True)
    user = call.wire.sessions.user_of(form.get("token", ""))
    if user is None:
        return json_response({"active": False})
    return json_response(
        {
            "active": True,
            "scope": SCOPES,
            "client_id": call.wire.sessions.credentials.client_id,
            "username": call.wire.sessions.credentials.username,
            "sub": _identity_url(call, user),
            "token_type": "access_token",
        }
    )


def _form(call: Call) -> dict[str, str]:
    text = call.request.body.decode("utf-8", "replace")
    return {**call.params, **dict(parse_qsl(text, keep_blank_values=True))}


def _check_client(call: Call, form: dict[str, str], *, secret_needed: bool) -> None:
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, value = call.request.header("authorization").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            client_id = ""
    own = call.wire.sessions.credentials
    if client_id != own.client_id:
        raise oauth_error("invalid_client_id", "client identifier invalid")
    if secret != own.client_secret and (secret_needed or secret):
        raise oauth_error("invalid_client", "invalid client credentials")


def _token_answer(call: Call, *, scope: bool) -> Response:
    sessions = call.wire.sessions
    identity_url = _identity_url(call, sessions.user_id)
    issued_at = str(int(call.wire.clock.now().timestamp() * 1000))
    answer: dict[str, Any] = {
        "access_token": sessions.open(),
        "instance_url": call.wire.instance_url(call.request),
        "id": identity_url,
        "token_type": "Bearer",
        "issued_at": issued_at,
        "signature": sessions.sign(identity_url + issued_at),
    }
    if scope:
        answer["scope"] = SCOPES
    call.user = sessions.user_id
    return json_response(answer)


def _identity_url(call: Call, user_id: str) -> str:
    return f"{call.wire.login_origin(call.request)}/id/{call.org.id}/{user_id}"


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
