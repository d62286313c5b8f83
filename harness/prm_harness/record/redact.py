"""Secrets and personal data leave the evidence when it is captured, not when it is printed.

The placeholder is keyed: the same secret gets the same placeholder all through a run, so that "the same token was
used again" still shows, and nobody without the key can find the secret by trying.
"""

from __future__ import annotations

import hmac
import html
import json
import re
import secrets
from collections.abc import Mapping
from typing import Any, Final, Literal
from urllib.parse import quote, quote_plus

EmailPolicy = Literal["keep", "reserved", "redact"]
"""``keep`` all addresses; keep those in ``reserved`` domains, which nobody can own (RFC 2606, RFC 6761); ``redact`` all."""

_SHORTEST_SECRET: Final = 4
_PLACEHOLDER = re.compile(r"\[(?:secret|email):[0-9a-f]{8}\]")
_NAMES = (
    r"[\w-]*?(?:password|passwd|passphrase|secret|api[_-]?key|private[_-]?key|session[_-]?id"
    r"|access[_-]?token|refresh[_-]?token|id[_-]?token|security[_-]?token|auth[_-]?token|csrf[_-]?token)"
)
_SHORT_NAMES = r"(?:pwd|sid|token|code_verifier|assertion)"
_SENSITIVE_KEY = re.compile(
    rf"{_NAMES}|{_SHORT_NAMES}|[\w-]*?token|(?:proxy-)?authorization|(?:set-)?cookies?|credentials?",
    re.IGNORECASE,
)
_SCHEME = re.compile(
    r"(?P<scheme>(?:bearer|basic|oauth|token|digest)\s+)(?P<secret>.+)", re.IGNORECASE | re.DOTALL
)

# Each pattern's group "secret" is what goes; the words around it stay, so that the evidence still reads.
# Short names need an equals sign or quotes: "unexpected token: FROM" is something a CRM says.
_PATTERNS: Final = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        (
            r"(?P<secret>-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z))",
            re.DOTALL,
        ),
        (r"\b(?:set-)?cookie[\"']?\s*[:=]\s*[\"']?(?P<secret>[^\r\n\"']+)", re.IGNORECASE),
        (
            r"authorization[\"']?\s*[:=]\s*[\"']?(?:(?:bearer|basic|oauth|token|digest)\s+)?(?P<secret>[^\s\"',;<]+)",
            re.IGNORECASE,
        ),
        (r"\b(?:bearer|basic|oauth)\s+(?P<secret>[\w.~+/!=-]{16,})", re.IGNORECASE),
        # A Salesforce session id: the org's id, an exclamation mark, the key (REST and SOAP alike).
        (r"(?P<secret>\b00D[A-Za-z0-9]{12,15}![\w.]{8,})", 0),
        (r"(?P<secret>(?<![\w-])eyJ[\w-]{5,}\.eyJ[\w-]{5,}\.[\w-]*)", 0),
        (r"://[^\s/:@]*:(?P<secret>[^\s/@]+)@", 0),
        (rf"<(?:\w+:)?(?:{_NAMES}|{_SHORT_NAMES})(?:\s[^<>]*)?>(?P<secret>[^<]+)<", re.IGNORECASE),
        (
            rf"(?<![\w-])(?:{_NAMES}|{_SHORT_NAMES})\\?[\"']\s*[:=]\s*\\?[\"'](?P<secret>(?:[^\"'\\]|\\[^\"'])+)",
            re.IGNORECASE,
        ),
        (rf"(?<![\w-])(?:{_NAMES}|{_SHORT_NAMES})=(?P<secret>[^\s&\"',;<>\[\]]+)", re.IGNORECASE),
        (
            rf"(?<![\w-])(?!secret:[0-9a-f]{{8}}\]){_NAMES}\\?[\"']?\s*[=:]\s*(?P<secret>[^\s&\"',;<>\[\]]+)",
            re.IGNORECASE,
        ),
    )
)
_EMAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'-]+@(?P<domain>[\w-]+(?:\.[\w-]+)+)")
_RESERVED = re.compile(r"(?:^|\.)(?:example|test|invalid|localhost|example\.(?:com|net|org))$", re.IGNORECASE)


class Redactor:
    """Takes secrets and personal data out of text and JSON values.

    Args:
        key: what the placeholders are keyed with; a fresh random one when left out. Never written anywhere.
        emails: which e-mail addresses may stay.
    """

    def __init__(self, key: bytes | None = None, *, emails: EmailPolicy = "reserved") -> None:
        self._key = key if key is not None else secrets.token_bytes(32)
        self._emails = emails
        self._known: dict[str, str] = {}
        self._known_pattern: re.Pattern[str] | None = None

    def secret(self, *values: str | None) -> None:
        """Be told of secrets: from now on they go wherever they occur, also escaped for URLs, XML or JSON.

        Values under four characters are not searched for: ordinary words would go with them.
        """
        for value in values:
            if value and len(value) >= _SHORTEST_SECRET:
                placeholder = self._placeholder("secret", value)
                for form in (
                    value,
                    quote(value, safe=""),
                    quote_plus(value),
                    html.escape(value),
                    json.dumps(value)[1:-1],
                ):
                    self._known[form] = placeholder
        if self._known:
            longest_first = sorted(self._known, key=len, reverse=True)
            # A placeholder is matched first and left alone, or the secret "secret" would be found in it.
            self._known_pattern = re.compile("|".join([_PLACEHOLDER.pattern, *map(re.escape, longest_first)]))

    def text(self, text: str) -> str:
        """The text without secrets. Doing it twice changes nothing more."""
        if self._known_pattern is not None:
            text = self._known_pattern.sub(lambda match: self._known.get(match[0], match[0]), text)
        for pattern in _PATTERNS:
            text = pattern.sub(self._without_secret, text)
        if self._emails != "keep" and "@" in text:
            text = _EMAIL.sub(self._without_email, text)
        return text

    def json(self, value: Any) -> Any:
        """The JSON value without secrets: in texts, and whole values under keys such as ``password``."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {
                self.text(key): self._whole(item) if _SENSITIVE_KEY.fullmatch(key) else self.json(item)
                for key, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.json(item) for item in value]
        return value

    def _whole(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: self._whole(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._whole(item) for item in value]
        if value is None or value == "" or isinstance(value, bool):
            return value
        scheme = _SCHEME.fullmatch(str(value))
        start, found = (scheme["scheme"], scheme["secret"]) if scheme else ("", str(value))
        if _PLACEHOLDER.fullmatch(found):
            return start + found
        return start + self._known.get(found, self._placeholder("secret", found))

    def _without_secret(self, match: re.Match[str]) -> str:
        found = match["secret"]
        if _PLACEHOLDER.fullmatch(found):
            return match[0]
        start, end = (at - match.start() for at in match.span("secret"))
        return match[0][:start] + self._placeholder("secret", found) + match[0][end:]

    def _without_email(self, match: re.Match[str]) -> str:
        if self._emails == "reserved" and _RESERVED.search(match["domain"]):
            return match[0]
        return self._placeholder("email", match[0].lower())

    def _placeholder(self, kind: str, value: str) -> str:
        digest = hmac.new(self._key, value.encode("utf-8", "surrogatepass"), "sha256").hexdigest()
        return f"[{kind}:{digest[:8]}]"
