"""Multipart request bodies (RFC 2046), read without touching a byte of their content."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser

from prm_harness.crm.salesforce.http import Request


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its name and file name (empty for none), its media type in lower case, its bytes."""

    name: str
    filename: str
    media: str
    content: bytes


def is_multipart(request: Request) -> bool:
    """Whether the body has parts."""
    return request.header("content-type").strip().lower().startswith("multipart/")


def parts_of(request: Request) -> list[Part]:
    """The parts in order.

    Raises:
        ValueError: no boundary in the content type, or none in the body.
    """
    head = Message()
    head["Content-Type"] = request.header("content-type")
    boundary = head.get_boundary()
    if not boundary:
        raise ValueError("the multipart content type names no boundary")
    mark = b"--" + boundary.encode("latin-1", "replace")
    _, *pieces = (b"\r\n" + request.body).split(b"\n" + mark)
    if not pieces:
        raise ValueError(f"the body has no part after the boundary {boundary}")
    return [_part(piece) for piece in pieces if not piece.startswith(b"--")]


def _part(piece: bytes) -> Part:
    # A piece is the rest of the boundary's line, headers, an empty line, content, and the line break before the next.
    lines = piece.partition(b"\n")[2]
    for gap in (b"\r\n\r\n", b"\n\n"):
        head, found, content = lines.partition(gap)
        if found:
            break
    headers = BytesHeaderParser().parsebytes(head + b"\n\n")
    name = headers.get_param("name", "", "content-disposition")
    return Part(
        str(name), headers.get_filename("") or "", headers.get_content_type(), content.removesuffix(b"\r")
    )
