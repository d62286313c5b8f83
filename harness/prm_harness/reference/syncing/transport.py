"""How the stock simple-salesforce client reaches the CRM that it is told about."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter

TIMEOUT: Final = 30.0
"""Seconds for any one request; simple-salesforce itself sets none."""

_SALESFORCE: Final = ".salesforce.com"


def session_for(login_url: str) -> tuple[requests.Session, str]:
    """A session for simple-salesforce, and the ``domain`` to hand it beside.

    simple-salesforce always speaks https to ``{domain}.salesforce.com``. For any other address the session carries an
    adapter that redirects the login host there; and for plain http it also takes the ``s`` away from every request.
    """
    parts = urlsplit(login_url)
    session = requests.Session()
    host = parts.hostname or ""
    if parts.scheme == "https" and host.endswith(_SALESFORCE):
        session.mount("https://", _Direct())
        return session, host.removesuffix(_SALESFORCE)
    session.trust_env = parts.scheme == "https"
    session.mount("https://", _Redirecting(parts.scheme, parts.netloc))
    return session, "login"


class _Direct(HTTPAdapter):
    """Adds the time-out that the client does not set."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs["timeout"] = kwargs.get("timeout") or TIMEOUT
        return super().send(request, *args, **kwargs)


class _Redirecting(_Direct):
    def __init__(self, scheme: str, netloc: str) -> None:
        self._scheme = scheme
        self._netloc = netloc
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        netloc = self._netloc if parts.netloc.endswith(_SALESFORCE) else parts.netloc
        request.url = urlunsplit((self._scheme, netloc, parts.path, parts.query, parts.fragment))
        return super().send(request, *args, **kwargs)
