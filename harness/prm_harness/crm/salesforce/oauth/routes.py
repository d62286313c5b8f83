"""Where logging in by OAuth and asking who one is have their addresses."""

from __future__ import annotations

from typing import Final

from prm_harness.crm.salesforce.oauth import authorize, identity, openid, token
from prm_harness.crm.salesforce.router import Route

_GET: Final = ("GET",)
_POST: Final = ("POST",)
_BOTH: Final = ("GET", "POST")
_OAUTH: Final = "/services/oauth2"

# All public: the two that ask who somebody is answer a bad session in their own way.
OAUTH_ROUTES: Final = (
    Route("login.oauth.token", _POST, f"{_OAUTH}/token", token.token, "partly",
          "grants password, authorization_code, refresh_token, client_credentials, jwt-bearer", public=True),
    Route("login.oauth.revoke", _BOTH, f"{_OAUTH}/revoke", token.revoke, public=True),
    Route("login.oauth.introspect", _POST, f"{_OAUTH}/introspect", token.introspect, public=True),
    Route("login.oauth.authorize", _BOTH, f"{_OAUTH}/authorize", authorize.authorize, "partly",
          "response_type code", public=True),
    Route("login.openid", _GET, "/.well-known/openid-configuration", openid.configuration, public=True),
    Route("login.openid", _GET, "/id/keys", openid.key_set, public=True),
    Route("meta.userinfo", _BOTH, f"{_OAUTH}/userinfo", identity.userinfo, public=True),
    Route("meta.identity", _GET, "/id/{org}/{user}", identity.identity, public=True),
)  # fmt: skip
