"""OpenID Connect: the id token, the keys that verify it, and the document that names both."""

from __future__ import annotations

import base64
import hashlib
from typing import Any, Final

from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.salesforce.oauth.identity import identity_url

SCOPES: Final = ("api", "id", "openid", "profile", "email", "address", "phone", "refresh_token", "offline_access",
                 "web", "full")  # fmt: skip
"""Every scope that the connected app may be asked for."""
_ID_TOKEN_SECONDS: Final = 120


def id_token(call: Call, access_token: str, nonce: str) -> str:
    """A signed statement of who logged in, for the client that asked with scope ``openid``."""
    import jwt

    sessions, now = call.wire.sessions, int(call.wire.clock.now().timestamp())
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    claims: dict[str, Any] = {
        "at_hash": base64.urlsafe_b64encode(half).decode().rstrip("="),
        "sub": identity_url(call, sessions.user_id),
        "aud": sessions.credentials.client_id,
        "iss": call.wire.login_origin(call.request),
        "exp": now + _ID_TOKEN_SECONDS,
        "iat": now,
    }
    if nonce:
        claims["nonce"] = nonce
    keys = call.wire.keys
    return jwt.encode(claims, keys.org, algorithm="RS256", headers={"kid": keys.key_id})


def key_set(call: Call) -> Response:
    """``GET /id/keys``: the public keys that id tokens are verified with."""
    return json_response(call.wire.keys.published())


def configuration(call: Call) -> Response:
    """``GET /.well-known/openid-configuration`` (OpenID Connect Discovery)."""
    issuer = call.wire.login_origin(call.request)
    oauth = f"{issuer}/services/oauth2"
    return json_response(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{oauth}/authorize",
            "token_endpoint": f"{oauth}/token",
            "revocation_endpoint": f"{oauth}/revoke",
            "userinfo_endpoint": f"{oauth}/userinfo",
            "jwks_uri": f"{issuer}/id/keys",
            "introspection_endpoint": f"{oauth}/introspect",
            "scopes_supported": list(SCOPES),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "display_values_supported": ["page"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
        }
    )
