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
from prm_harness.crm.salesforce.http import Request

DEFAULT_SCOPE: Final = "refresh_token api id"
"""What the connected app grants when nothing is asked for."""
SESSION_SECONDS: Final = 7200
"""A session ends after two hours without a request (``sessionSecondsValid`` of a SOAP login)."""
_SESSION: Final = timedelta(seconds=SESSION_SECONDS)

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
class Session:
    """One open session. ``grant`` is the refresh token that it came from, or empty."""

    user: str
    opened_at: datetime
    used_at: datetime
    scope: str = ""
    grant: str = ""


@dataclass(slots=True)
class Refresh:
    """One refresh token: what it may ask for, and when it was last used."""

    scope: str
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Approval:
    """What an authorization code stands for until it is exchanged, once."""

    redirect_uri: str
    scope: str
    challenge: str
    nonce: str
    given_at: datetime


class Sessions:
    """Checks credentials and hands out session ids, refresh tokens and authorization codes.

    Sessions end by idleness (the org's clock) or when revoked. Refresh tokens live until they are revoked, or for
    ``refresh_lifetime`` without use where an admin has set one; using one does not replace it (rotation is off). While
    ``locked`` the user is deactivated: nothing opens a session.
    """

    def __init__(self, *, org_id: str, user_id: str, credentials: Credentials, clock: Clock) -> None:
        self.org_id = org_id
        self.user_id = user_id
        self.credentials = credentials
        self.refresh_lifetime: timedelta | None = None
        self.locked = False
        self._clock = clock
        self._open: dict[str, Session] = {}
        self._refresh = {credentials.refresh_token: Refresh(DEFAULT_SCOPE, clock.now())}
        self._approvals: dict[str, Approval] = {}
        self._count = 0

    def password_matches(self, username: str, password: str) -> bool:
        """Whether it is the user's password, with or without the security token appended.

        The org trusts the network it is called from, so the token is not demanded; a wrong one is refused.
        """
        own = self.credentials
        accepted = (own.password, own.password + own.security_token)
        return self.is_user(username) and password in accepted and not self.locked

    def is_user(self, username: str) -> bool:
        """Whether it is the integration user's name, in any case."""
        return username.lower() == self.credentials.username.lower()

    # -- refresh tokens and authorization codes -----------------------------------------------------------------

    def use_refresh_token(self, token: str) -> Refresh | None:
        """The live refresh token, marked as used; None when it is unknown, revoked or expired."""
        if not self.refresh_token_valid(token):
            return None
        found = self._refresh[token]
        found.used_at = self._clock.now()
        return found

    def refresh_token_valid(self, token: str) -> bool:
        """Whether it is a live refresh token; looking does not use it."""
        found = self._refresh.get(token)
        limit = self.refresh_lifetime
        return found is not None and (limit is None or self._clock.now() - found.used_at <= limit)

    def new_refresh_token(self, scope: str) -> str:
        """A further refresh token."""
        token = f"5Aep861{self._secret('refresh')}"
        self._refresh[token] = Refresh(scope, self._clock.now())
        return token

    def approve(self, *, redirect_uri: str, scope: str, challenge: str, nonce: str) -> str:
        """An authorization code: good once, and not for long."""
        code = f"aPrx{self._secret('code')}=="
        self._approvals[code] = Approval(redirect_uri, scope, challenge, nonce, self._clock.now())
        return code

    def redeem(self, code: str) -> Approval | None:
        """What a code stands for, which is spent by asking; None when there is no such code."""
        return self._approvals.pop(code, None)

    # -- sessions -----------------------------------------------------------------------------------------------

    def open(self, scope: str = "", grant: str = "", *, user: str = "") -> str:
        """A new session id, of the integration user or another: 15 characters of org id, ``!``, and what nobody can guess."""
        token = f"{self.org_id[:15]}!AQ{self._secret('session')}"
        now = self._clock.now()
        self._open[token] = Session(user or self.user_id, now, now, scope, grant)
        return token

    def find(self, token: str) -> Session | None:
        """The open session, without using it."""
        return self._alive(token, self._clock.now())

    def _alive(self, token: str, now: datetime) -> Session | None:
        session = self._open.get(token)
        if session is None or now - session.used_at > _SESSION:
            self._open.pop(token, None)
            return None
        return session

    def user_of(self, token: str) -> str | None:
        """The session's user, or None when it is not (or no longer) open. Counts as a use."""
        now = self._clock.now()
        session = self._alive(token, now)
        if session is None:
            return None
        session.used_at = now
        return session.user

    def revoke(self, token: str) -> bool:
        """End one session, or a refresh token with every session that came from it; whether there was one."""
        if self._refresh.pop(token, None) is not None:
            self._open = {key: session for key, session in self._open.items() if session.grant != token}
            return True
        return self._open.pop(token, None) is not None

    def expire_all(self) -> None:
        """End every session, as an admin or a timeout does; the credentials stay good."""
        self._open.clear()

    def revoke_all(self) -> None:
        """End every session and every refresh token, as an admin does who revokes the connected app's."""
        self.expire_all()
        self._refresh.clear()
        self._approvals.clear()

    def restore(self) -> None:
        """Make the credentials good again, the first refresh token among them: the app was authorised anew."""
        self.locked = False
        self._refresh.setdefault(self.credentials.refresh_token, Refresh(DEFAULT_SCOPE, self._clock.now()))

    def sign(self, text: str) -> str:
        """``signature`` of a token answer: HMAC-SHA256 with the client secret, base64."""
        key = self.credentials.client_secret.encode()
        return base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()

    def _secret(self, purpose: str) -> str:
        self._count += 1
        key = self.credentials.client_secret.encode()
        digest = hmac.new(key, f"{purpose} {self._count}".encode(), hashlib.sha512).digest()
        return base64.b64encode(digest, altchars=b"._").decode().rstrip("=")


def token_of(request: Request) -> str:
    """The session id that a request carries, in its header (``Bearer`` and ``OAuth`` are equal) or its address."""
    scheme, _, token = request.header("authorization").partition(" ")
    if scheme.lower() in {"bearer", "oauth"}:
        return token.strip()
    params = request.params
    return (params.get("oauth_token") or params.get("access_token", "")).strip()
