"""Secrets and personal data leave at capture; what changes from run to run gets a name, so that it can be found again."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote, quote_plus

from prm_harness.record.redact import Redactor

_PLACEHOLDER: Final = re.compile(r"\[(secret|email):[0-9a-f]{8}\]")
_QUOTED: Final = re.compile(r"%5B(secret|email)%3A[0-9a-f]{8}%5D", re.IGNORECASE)
_REQUEST_HEADERS: Final = frozenset({"accept", "content-type"})
_ANSWER_HEADERS: Final = frozenset({"content-type", "link", "location", "retry-after", "content-language"})
RUN: Final = "[run]"
CRM: Final = "[crm]"


class Cleaner:
    """Cleans text, bytes and headers. Doing it twice changes nothing more.

    Placeholders are the same in every recording, so that a replayed request can be compared with a recorded one; they
    say nothing of what stood there.

    Args:
        secrets: asked each time, because tokens are granted on the way.
    """

    def __init__(self, secrets: Callable[[], Iterable[str]]) -> None:
        self._secrets = secrets
        self._redactor = Redactor()
        self._known: set[str] = set()
        self._names: dict[str, str] = {}

    def name(self, value: str, placeholder: str) -> None:
        """A value of this run that another run has otherwise: its id, the CRM's address."""
        for form in (value, quote(value, safe=""), quote_plus(value)):
            self._names[form] = placeholder

    def text(self, text: str) -> str:
        """The text as it may be kept."""
        self._learn()
        for value in sorted(self._names, key=len, reverse=True):
            text = text.replace(value, self._names[value])
        text = self._redactor.text(text)
        return _QUOTED.sub(r"[\1]", _PLACEHOLDER.sub(r"[\1]", text))

    def body(self, body: bytes) -> bytes:
        """The bytes as they may be kept; bytes that are no text stay, and are looked at by ``found_in``."""
        try:
            return self.text(body.decode("utf-8")).encode()
        except UnicodeDecodeError:
            return body

    def restored(self, body: bytes) -> bytes:
        """A kept answer as this run would have got it: with its own id and address."""
        for value, placeholder in self._names.items():
            if quote(value, safe="") == value or "://" in value:
                body = body.replace(placeholder.encode(), value.encode())
        return body

    def request_headers(self, headers: Mapping[str, Any]) -> dict[str, Any]:
        """The headers that say what is asked; none that say who asks."""
        return {name: value for name, value in headers.items() if name.lower() in _REQUEST_HEADERS}

    def answer_headers(self, headers: Mapping[str, Any]) -> dict[str, Any]:
        """The headers that an adapter may go by."""
        kept = {name: value for name, value in headers.items() if name.lower() in _ANSWER_HEADERS}
        return {name: [self.text(one) for one in value] if isinstance(value, list) else self.text(str(value))
                for name, value in kept.items()}  # fmt: skip

    def found_in(self, content: bytes) -> bool:
        """Whether a secret is in what is about to be written after all, in plain sight or as base64."""
        self._learn()
        spellings = {
            form
            for secret in self._known
            for form in (
                secret,
                quote(secret, safe=""),
                base64.b64encode(secret.encode()).decode().rstrip("="),
            )
        }
        return any(form.encode() in content for form in spellings)

    def _learn(self) -> None:
        new = {secret for secret in self._secrets() if len(secret) >= 4} - self._known
        if new:
            self._known |= new
            self._redactor.secret(*new)
