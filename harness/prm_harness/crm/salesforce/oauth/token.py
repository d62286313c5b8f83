"""``/services/oauth2/token`` and what ends or explains a token (contract §1.1)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import gap
from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.salesforce.oauth import assertion, openid
from prm_harness.crm.salesforce.oauth.errors import oauth_error
from prm_harness.crm.salesforce.oauth.identity import identity_url
from prm_harness.crm.salesforce.sessions import DEFAULT_SCOPE, SESSION_SECONDS

_JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_GAP_GRANTS: Final = frozenset(
    {
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:ietf:params:oauth:grant-type:saml2-bearer",
        "urn:ietf:params:oauth:grant-type:device_code",
        "device",
    }
)
_CODE_LIFETIME: Final = timedelta(minutes=15)


def token(call: Call) -> Response:
    """``POST /services/oauth2/token``."""
    form = form_of(call)
    grant = form.get("grant_type", "")
    if grant in _GAP_GRANTS:
        raise gap(f"the OAuth grant {grant}")
    answer_of = _GRANTS.get(grant)
    if answer_of is None:
        raise oauth_error("unsupported_grant_type", "grant type not supported")
    if call.wire.sessions.locked:
        # What clients see of a deactivated user (nango.dev/blog/salesforce-oauth-refresh-token-invalid-grant).
        dead = "expired access/refresh token" if grant == "refresh_token" else "authentication failure"
        raise oauth_error("invalid_grant", dead)
    answer = answer_of(call, form)
    call.user = call.wire.sessions.user_id
    return json_response(answer)


def revoke(call: Call) -> Response:
    """``GET|POST /services/oauth2/revoke``: 200 without a body. A refresh token takes its sessions along."""
    given = form_of(call).get("token", "")
    if not call.wire.sessions.revoke(given):
        raise oauth_error("invalid_token", f"invalid token: {given[:8]}…" if given else "invalid token")
    return Response(200)


def introspect(call: Call) -> Response:
    """``POST /services/oauth2/introspect`` (RFC 7662), for access and refresh tokens."""
    form = form_of(call)
    _check_client(call, form, secret_needed=True)
    sessions, given = call.wire.sessions, form.get("token", "")
    session = sessions.find(given)
    about: dict[str, Any] = {
        "active": True,
        "scope": (session.scope if session else "") or DEFAULT_SCOPE,
        "client_id": sessions.credentials.client_id,
        "username": sessions.credentials.username,
        "sub": identity_url(call, sessions.user_id),
        "token_type": "access_token" if session else "refresh_token",
    }
    if session is not None:
        opened = int(session.opened_at.timestamp())
        ends = int(session.used_at.timestamp()) + SESSION_SECONDS
        return json_response({**about, "exp": ends, "iat": opened, "nbf": opened})
    return json_response(about if sessions.refresh_token_valid(given) else {"active": False})


def form_of(call: Call) -> dict[str, str]:
    """What was sent as a form, over what the address says."""
    text = call.request.body.decode("utf-8", "replace")
    return {**call.params, **dict(parse_qsl(text, keep_blank_values=True))}


# -- grants -------------------------------------------------------------------------------------------------------


def _by_password(call: Call, form: dict[str, str]) -> dict[str, Any]:
    _check_client(call, form, secret_needed=True)
    if not call.wire.sessions.password_matches(form.get("username", ""), form.get("password", "")):
        raise oauth_error("invalid_grant", "authentication failure")
    return _answer(call, call.wire.sessions.open())


def _by_refresh_token(call: Call, form: dict[str, str]) -> dict[str, Any]:
    _check_client(call, form, secret_needed=False)
    sessions, given = call.wire.sessions, form.get("refresh_token", "")
    refresh = sessions.use_refresh_token(given)
    if refresh is None:
        raise oauth_error("invalid_grant", "expired access/refresh token")
    return {**_answer(call, sessions.open(refresh.scope, given)), "scope": refresh.scope}


def _by_client_credentials(call: Call, form: dict[str, str]) -> dict[str, Any]:
    _check_client(call, form, secret_needed=True)
    if call.wire.is_login_host(call.request.host):
        raise oauth_error("invalid_grant", "request not supported on this domain")
    return {**_answer(call, call.wire.sessions.open(DEFAULT_SCOPE)), "scope": DEFAULT_SCOPE}


def _by_assertion(call: Call, form: dict[str, str]) -> dict[str, Any]:
    """Neither ``issued_at`` nor ``signature`` nor a refresh token (contract §1.1)."""
    assertion.check(call, form.get("assertion", ""))
    scope = " ".join(word for word in DEFAULT_SCOPE.split() if word != "refresh_token")
    answer = _answer(call, call.wire.sessions.open(scope))
    return {
        "access_token": answer["access_token"],
        "scope": scope,
        **{key: answer[key] for key in ("instance_url", "id", "token_type")},
    }


def _by_code(call: Call, form: dict[str, str]) -> dict[str, Any]:
    """A public client proves itself with the code verifier (PKCE) in place of a secret."""
    sessions = call.wire.sessions
    approval = sessions.redeem(form.get("code", ""))
    public = approval is not None and bool(approval.challenge)
    _check_client(call, form, secret_needed=not public)
    if approval is None:
        raise oauth_error("invalid_grant", "invalid authorization code")
    if call.wire.clock.now() - approval.given_at > _CODE_LIFETIME:
        raise oauth_error("invalid_grant", "expired authorization code")
    if form.get("redirect_uri", "") != approval.redirect_uri:
        raise oauth_error("redirect_uri_mismatch", "redirect_uri must match configuration")
    if approval.challenge and not _verifies(form.get("code_verifier", ""), approval.challenge):
        raise oauth_error("invalid_grant", "invalid code verifier")
    scopes = approval.scope.split()
    refreshing = bool({"refresh_token", "offline_access"} & set(scopes))
    grant = sessions.new_refresh_token(approval.scope) if refreshing else ""
    answer = _answer(call, sessions.open(approval.scope, grant))
    if refreshing:
        answer["refresh_token"] = grant
    answer["scope"] = approval.scope
    if "openid" in scopes:
        answer["id_token"] = openid.id_token(call, answer["access_token"], approval.nonce)
    return answer


_GRANTS: Final = {
    "password": _by_password,
    "refresh_token": _by_refresh_token,
    "client_credentials": _by_client_credentials,
    "authorization_code": _by_code,
    _JWT_BEARER: _by_assertion,
}


# -- details ------------------------------------------------------------------------------------------------------


def _check_client(call: Call, form: dict[str, str], *, secret_needed: bool) -> None:
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, value = call.request.header("authorization").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            client_id = ""
    own = call.wire.sessions.credentials
    if client_id != own.client_id:
        raise oauth_error("invalid_client_id", "client identifier invalid")
    if secret != own.client_secret and (secret_needed or secret):
        raise oauth_error("invalid_client", "invalid client credentials")


def _answer(call: Call, access_token: str) -> dict[str, Any]:
    """The six keys that every recorded token answer has."""
    sessions = call.wire.sessions
    identity = identity_url(call, sessions.user_id)
    issued_at = str(int(call.wire.clock.now().timestamp() * 1000))
    return {
        "access_token": access_token,
        "instance_url": call.wire.instance_url(call.request),
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
        "signature": sessions.sign(identity + issued_at),
    }


def _verifies(verifier: str, challenge: str) -> bool:
    """PKCE, method S256, the only one that the platform takes (RFC 7636 §4.6)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    made = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return hmac.compare_digest(made.encode(), challenge.rstrip("=").encode())
