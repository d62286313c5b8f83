"""A browser's way in: the login page, and the authorization code that it sends back (RFC 6749 §4.1, RFC 7636).

The connected app's callback list is kept simple: any https address, and http on this machine.
"""

from __future__ import annotations

from html import escape
from typing import Final
from urllib.parse import urlencode, urlsplit

from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.http import Response
from prm_harness.crm.salesforce.oauth.errors import oauth_error
from prm_harness.crm.salesforce.oauth.openid import SCOPES
from prm_harness.crm.salesforce.oauth.token import form_of
from prm_harness.crm.salesforce.sessions import DEFAULT_SCOPE

_CARRIED: Final = ("response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
                   "code_challenge_method")  # fmt: skip
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_HEADERS: Final = {
    "Content-Type": "text/html;charset=UTF-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
_PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Log in to the sandbox CRM</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 22rem; margin: 10vh auto; padding: 0 1rem; color: #1c2733 }}
label {{ display: block; margin-top: 1rem }}
input {{ box-sizing: border-box; width: 100%; padding: .5rem; font: inherit }}
button {{ margin: 1.5rem .5rem 0 0; padding: .5rem 1.25rem; font: inherit }}
[role=alert] {{ color: #a1260d }}
</style></head>
<body><main><h1>Log in</h1>
<p>A program on your side asks for access to the sandbox CRM: <b>{scope}</b>.</p>{alert}
<form method="post" action="/services/oauth2/authorize">{carried}
<label>Username <input name="username" autocomplete="username" value="{username}" required autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button name="decision" value="allow">Log in and allow</button>
<button name="decision" value="deny" formnovalidate>Deny</button>
</form></main></body></html>
"""


def authorize(call: Call) -> Response:
    """``GET /services/oauth2/authorize``: the login page; ``POST``: what a person decided there."""
    form = form_of(call)
    target = _callback(call, form)
    refusal = _refusal(form)
    if refusal is not None:
        return _back(target, form, error=refusal[0], error_description=refusal[1])
    if call.request.method != "POST":
        return _page(form)
    if form.get("decision") == "deny":
        return _back(target, form, error="access_denied", error_description="end-user denied authorization")
    if not call.wire.sessions.password_matches(form.get("username", ""), form.get("password", "")):
        return _page(form, "The username or the password is wrong.")
    call.user = call.wire.sessions.user_id
    code = call.wire.sessions.approve(
        redirect_uri=target,
        scope=form.get("scope", "").strip() or DEFAULT_SCOPE,
        challenge=form.get("code_challenge", ""),
        nonce=form.get("nonce", ""),
    )
    return _back(target, form, code=code)


def _callback(call: Call, form: dict[str, str]) -> str:
    """Where the answer may go. Until that is known nobody is sent anywhere.

    Raises:
        WireError: 400, unknown client or an address that the app does not list.
    """
    if form.get("client_id") != call.wire.sessions.credentials.client_id:
        raise oauth_error("invalid_client_id", "client identifier invalid")
    target = form.get("redirect_uri", "")
    try:
        parts = urlsplit(target)
        host = parts.hostname
    except ValueError:
        raise _mismatch() from None
    allowed = host and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))
    # A line break would end the Location header and begin another.
    if not allowed or parts.fragment or not target.isascii() or not target.isprintable():
        raise _mismatch()
    return target


def _mismatch() -> Exception:
    return oauth_error("redirect_uri_mismatch", "redirect_uri must match configuration")


def _refusal(form: dict[str, str]) -> tuple[str, str] | None:
    if form.get("response_type") != "code":
        return "unsupported_response_type", "response type not supported"
    if not set(form.get("scope", "").split()) <= set(SCOPES):
        return "invalid_scope", "the requested scope is not allowed"
    if form.get("code_challenge") and form.get("code_challenge_method", "S256") != "S256":
        return "invalid_request", "code challenge method must be S256"
    return None


def _back(target: str, form: dict[str, str], **answer: str) -> Response:
    if form.get("state"):
        answer["state"] = form["state"]
    joint = "&" if urlsplit(target).query else "?"
    return Response(302, {"Location": f"{target}{joint}{urlencode(answer)}"})


def _page(form: dict[str, str], trouble: str = "") -> Response:
    carried = "".join(
        f'<input type="hidden" name="{name}" value="{escape(form[name])}">'
        for name in _CARRIED
        if name in form
    )
    html = _PAGE.format(
        scope=escape(form.get("scope", "").strip() or DEFAULT_SCOPE),
        alert=f'\n<p role="alert">{escape(trouble)}</p>' if trouble else "",
        carried=carried,
        username=escape(form.get("username") or form.get("login_hint", "")),
    )
    return Response(200, dict(_HEADERS), html.encode("utf-8", "replace"))
