"""JWT bearer: an assertion that the connected app's certificate has signed (contract §1.1).

Refusals are worded as callers of the live service quote them: ``invalid assertion``, ``audience is invalid``,
``expired authorization code`` for one that is past its ``exp``, ``user hasn't approved this consumer``.
"""

from __future__ import annotations

from typing import Any, Final

from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.oauth.errors import oauth_error

_LOGIN_AUDIENCES: Final = ("https://login.salesforce.com", "https://test.salesforce.com")


def check(call: Call, assertion: str) -> None:
    """Whether the integration user may have a session for it.

    Raises:
        WireError: 400 with ``invalid_grant`` or ``invalid_client_id``.
    """
    claims = _signed_claims(call, assertion)
    if claims.get("iss") != call.wire.sessions.credentials.client_id:
        raise oauth_error("invalid_client_id", "client identifier invalid")
    given = claims.get("aud")
    audiences = given if isinstance(given, list) else [given]
    wire = call.wire
    accepted = (
        *_LOGIN_AUDIENCES,
        f"https://{wire.domain}",
        wire.instance_url(call.request),
        call.request.origin,
    )
    if not any(isinstance(one, str) and one.rstrip("/") in accepted for one in audiences):
        raise oauth_error("invalid_grant", "audience is invalid")
    expires = claims.get("exp")
    if isinstance(expires, bool) or not isinstance(expires, int | float):
        raise oauth_error("invalid_grant", "invalid assertion")
    if expires <= wire.clock.now().timestamp():
        raise oauth_error("invalid_grant", "expired authorization code")
    subject = claims.get("sub") or claims.get("prn")
    if not isinstance(subject, str) or not wire.sessions.is_user(subject):
        raise oauth_error("invalid_grant", "user hasn't approved this consumer")


def _signed_claims(call: Call, assertion: str) -> dict[str, Any]:
    import jwt

    # Only the signature is the library's business: times are told by the org's clock, and wording is the org's.
    options: Any = {f"verify_{claim}": False for claim in ("aud", "exp", "iat", "nbf", "iss", "sub", "jti")}
    try:
        claims: dict[str, Any] = jwt.decode(
            assertion, call.wire.keys.app.public_key(), algorithms=["RS256"], options=options
        )
    except jwt.PyJWTError:
        raise oauth_error("invalid_grant", "invalid assertion") from None
    return claims
