"""Messages to a web address that somebody has set up."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException
from typing import Final
from urllib.parse import urlsplit

from prm_harness.adapter import Notification

SECONDS: Final = 5.0
"""How long the other side may take."""


def posted(url: str, message: Notification) -> bool:
    """Send the message once, straight and without a proxy; whether it was taken.

    Mail is the way that counts here, so nothing is tried again.
    """
    parts = urlsplit(url)
    door = HTTPConnection(parts.hostname or "", parts.port, timeout=SECONDS)
    try:
        door.request(
            "POST",
            parts.path or "/",
            message.model_dump_json().encode(),
            {"Content-Type": "application/json"},
        )
        return door.getresponse().status < 300
    except (OSError, HTTPException):
        return False
    finally:
        door.close()
