"""Who may log in, and the sessions that are open (contract §1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from prm_harness.crm.backend import Clock

SESSION_SECONDS: Final = 7200
"""A session ends after two hours without a request (``sessionSecondsValid`` of a SOAP login)."""

_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_WORDS: Final = (
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "granite",
    "harbor",
    "indigo",
    "juniper",
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Everything an integration user can log in with."""

    login_url: str
    username: str
    password: str
    security_token: str
    client_id: str
    client_secret: str
    refresh_token: str
    api_version: str = "60.0"


def my_domain(seed: int) -> str:
    """The org's My Domain host: made from the seed, so that two runs of one seed talk to the same address."""
    dice = Random(f"domain {seed}")  # noqa: S311 - a name, not a secret
    return f"{dice.choice(_WORDS)}-{dice.choice(_WORDS)}-{dice.randrange(1000, 9999)}.my.salesforce.com"


def credentials_for(seed: int, username: str, login_url: str) -> Credentials:
    """The integration user's credentials, made from the seed."""
    dice = Random(f"credentials {seed}")  # noqa: S311 - credentials of a throw-away org

    def secret(length: int) -> str:
        return "".join(dice.choices(_ALPHABET, k=length))

    return Credentials(
        login_url=login_url,
        username=username,
        password=f"{secret(10)}-9a",
        security_token=secret(24),
        client_id=f"3MVG9{secret(75)}",
        client_secret="".join(dice.choices("0123456789ABCDEF", k=64)),
        refresh_token=f"5Aep861{secret(80)}",
    )


@dataclass(slots=True)
class _Session:
    user: str
    used_at: datetime


class Sessions:
    """Checks credentials and hands out session ids; they end by idleness (the org's clock) or when revoked."""

    def __init__(self, *, org_id: str, user_id: str, credentials: Credentials, clock: Clock) -> None:
        self.org_id = org_id
        self.user_id = user_id
        self.credentials = credentials
        self._clock = clock
        self._open: dict[str, _Session] = {}
        self._refresh_revoked = False
        self._count = 0

    def password_matches(self, username: str, password: str) -> bool:
        """Whether it is the user's password, with or without the security token appended.

        The org trusts the network it is called from, so the token is not demanded; a wrong one is refused.
        """
        own = self.credentials
        accepted = (own.password, own.password + own.security_token)
        return username.lower() == own.username.lower() and password in accepted

    def refresh_token_valid(self, token: str) -> bool:
        """Whether it is the live refresh token."""
        return token == self.credentials.refresh_token and not self._refresh_revoked

    def open(self) -> str:
        """A new session id: 15 characters of org id, ``!``, and what nobody can guess."""
        self._count += 1
        key = self.credentials.client_secret.encode()
        digest = hmac.new(key, f"session {self._count}".encode(), hashlib.sha512).digest()
        secret = base64.b64encode(digest, altchars=b"._").decode().rstrip("=")
        token = f"{self.org_id[:15]}!AQ{secret}"
        self._open[token] = _Session(self.user_id, self._clock.now())
        return token

    def user_of(self, token: str) -> str | None:
        """The session's user, or None when it is not (or no longer) open. Counts as a use."""
        session = self._open.get(token)
        if session is None:
            return None
        now = self._clock.now()
        if now - session.used_at > timedelta(seconds=SESSION_SECONDS):
            del self._open[token]
            return None
        session.used_at = now
        return session.user

    def revoke(self, token: str) -> bool:
        """End one session, or (given the refresh token) all of them; whether there was one."""
        if self.refresh_token_valid(token):
            self._refresh_revoked = True
            self._open.clear()
            return True
        return self._open.pop(token, None) is not None

    def expire_all(self) -> None:
        """End every session, as an admin or a timeout does; the credentials stay good."""
        self._open.clear()

    def sign(self, text: str) -> str:
        """``signature`` of a token answer: HMAC-SHA256 with the client secret, base64."""
        key = self.credentials.client_secret.encode()
        return base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
