"""Who asks: basic, bearer, API key, OAuth 2.0 grants (RFC 6749), or a login of the product's own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import requests

from .paths import MISSING, found
from .spec import Auth, Request

_EARLY: Final = 30.0
"""Seconds before its end at which a token is renewed."""

Ask = Callable[[Request], Any]
"""Sends a request without authentication and gives the answer's JSON."""


class LoginRefusedError(Exception):
    """The product gave no token."""


class Authenticator:
    """Puts credentials on requests, and gets a token when there is none or it has run out.

    Args:
        spec: the file's ``auth``.
        ask: sends the request that fetches a token.
    """

    def __init__(self, spec: Auth, ask: Ask, now: Callable[[], float] = time.monotonic) -> None:
        self._spec = spec
        self._ask = ask
        self._now = now
        self._token = ""
        self._good_until = float("inf")
        self.secrets: set[str] = {
            value
            for value in (spec.password, spec.token, spec.key, spec.client_secret, spec.refresh_token)
            if value
        }

    @property
    def renews(self) -> bool:
        """Whether a 401 can be answered with a fresh token."""
        return self._spec.type in {"oauth2", "session"}

    def forget(self) -> None:
        """The token is no good any more."""
        self._token = ""

    def on(self, request: requests.Request) -> None:
        """Put the credentials on a request.

        Raises:
            LoginRefusedError: a token was needed and not given.
        """
        spec = self._spec
        match spec.type:
            case "none":
                return
            case "basic":
                request.auth = (spec.username, spec.password)
            case "bearer":
                request.headers["Authorization"] = f"Bearer {spec.token}"
            case "api_key":
                self._place(request, spec.key)
            case "oauth2":
                request.headers["Authorization"] = f"Bearer {self._fresh()}"
            case "session":
                self._place(request, self._fresh())

    def _place(self, request: requests.Request, value: str) -> None:
        where = request.headers if self._spec.place == "header" else request.params
        where[self._spec.name] = f"{self._spec.prefix}{value}"

    def _fresh(self) -> str:
        if not self._token or self._now() >= self._good_until:
            answer, token, seconds = self._granted()
            value, lasts = found(answer, token), found(answer, seconds) if seconds else MISSING
            if not isinstance(value, str) or not value:
                raise LoginRefusedError(f"the answer to the login has no {token!r}")
            self._token = value
            self.secrets.add(value)
            good_for = (
                float(lasts) if isinstance(lasts, int | float | str) and _number(lasts) else float("inf")
            )
            self._good_until = self._now() + max(good_for - _EARLY, 1)
        return self._token

    def _granted(self) -> tuple[Any, str, str | None]:
        if self._spec.session is not None:
            own = self._spec.session
            return self._ask(own.request), own.token, own.seconds
        return self._ask(self._oauth()), "access_token", "expires_in"

    def _oauth(self) -> Request:
        spec = self._spec
        form = {"grant_type": spec.grant, **spec.extra}
        if spec.scope:
            form["scope"] = spec.scope
        if spec.grant == "password":
            form |= {"username": spec.username, "password": spec.password}
        if spec.grant == "refresh_token":
            form["refresh_token"] = spec.refresh_token
        headers = {}
        if spec.client_as == "basic":
            headers["Authorization"] = requests.auth._basic_auth_str(spec.client_id, spec.client_secret)  # noqa: SLF001 - its public face needs a request
        else:
            form |= {"client_id": spec.client_id, "client_secret": spec.client_secret}
        return Request(method="POST", path=spec.token_url, form=form, headers=headers)


def _number(text: float | str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
