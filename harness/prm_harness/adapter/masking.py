"""Secrets taken out of a fault's text before anybody else sees it. The run file has a redactor of its own besides."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, quote_plus

MASK: Final = "[secret]"
_SHORTEST: Final = 4
"""Characters; shorter ones are ordinary words."""


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets, in whatever spelling they stand there."""
    spellings = {
        form
        for secret in secrets
        if len(secret) >= _SHORTEST
        for form in (
            secret,
            quote(secret, safe=""),
            quote_plus(secret),
            json.dumps(secret)[1:-1],
            repr(secret)[1:-1],
        )
    }
    for form in sorted(spellings, key=len, reverse=True):
        text = text.replace(form, MASK)
    return text
