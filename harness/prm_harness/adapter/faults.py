"""The two ways in which an adapter lets the harness down: it cannot be reached, or it breaks its contract."""

from __future__ import annotations

from typing import Final

MESSAGE_LIMIT: Final = 300
"""Characters of a fault's text; an adapter may answer with megabytes of HTML."""

EXCERPT_BYTES: Final = 120
"""Bytes of an offending answer that are shown."""


class ConnectError(Exception):
    """A connect string that does not lead to an adapter. The message is one line a person can act on."""


class AdapterFault(Exception):  # noqa: N818 - the adapter's fault, as opposed to a vendor's refusal
    """The adapter broke its contract while doing ``operation``: it crashed, hung, or answered something else.

    Never raised for a refusal by the product (an Outcome) nor for something that it lacks (NotSupported).
    """

    def __init__(self, operation: str, what: str) -> None:
        self.operation = operation
        self.what = shortened(what)
        super().__init__(f"{operation}: {self.what}")


class AdapterHung(AdapterFault):
    """It did not answer in time. Who meets this once need not wait for it again."""


def shortened(text: str) -> str:
    """One line of at most MESSAGE_LIMIT characters."""
    line = " ".join(text.split())
    return line if len(line) <= MESSAGE_LIMIT else line[: MESSAGE_LIMIT - 1] + "…"


def excerpt(body: bytes, at: int = 0) -> str:
    """The bytes around a place: as they are where they are plain text, else as Python writes them."""
    start = max(at - EXCERPT_BYTES // 2, 0)
    piece = body[start : start + EXCERPT_BYTES]
    text = " ".join(piece.decode("ascii", "replace").split())
    shown = text if text.isprintable() and "\ufffd" not in text else repr(piece)
    more = "…" if start + EXCERPT_BYTES < len(body) else ""
    return f"{'…' if start else ''}{shown}{more}"


def described(error: BaseException) -> str:
    """An exception as "Type: message"."""
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
