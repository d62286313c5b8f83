"""Requests and answers as the core sees them, whichever transport carried them."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote

import orjson

if TYPE_CHECKING:
    from prm_harness.crm.salesforce.transport.holding import Hold

JSON: Final = "application/json;charset=UTF-8"
LARGEST_BODY: Final = 150_000_000
"""Bytes of any request body after decompression: the largest is a Bulk 2.0 job's file, of 150 MB (contract §9.1)."""
LARGEST_TEXT: Final = 50 * 1024 * 1024
"""Bytes of a JSON body; Salesforce documents 50 MB of text for a REST call."""


@dataclass(slots=True)
class Request:
    """One request. ``path`` and ``query`` are still percent-encoded; header names are lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    scheme: str = "https"

    def header(self, name: str) -> str:
        """A header by its lower-case name, or the empty text."""
        return self.headers.get(name, "")

    @property
    def segments(self) -> tuple[str, ...]:
        """Decoded path segments. Empty ones are dropped, so a trailing or doubled slash means nothing."""
        return _segments(self.path)

    @property
    def params(self) -> dict[str, str]:
        """Query parameters; of a repeated one the first counts."""
        return dict(_params(self.query)) if self.query else {}

    @property
    def host(self) -> str:
        """The host that was asked, as the client saw it (a proxy in front says so in ``X-Forwarded-Host``)."""
        return self.header("x-forwarded-host").split(",")[0].strip() or self.header("host")

    @property
    def origin(self) -> str:
        """Scheme and host that the client used: what ``instance_url`` follows."""
        scheme = self.header("x-forwarded-proto").split(",")[0].strip() or self.scheme
        return f"{scheme}://{self.host}"

    def decoded_body(self) -> bytes:
        """The body, unpacked when ``Content-Encoding`` is gzip or deflate.

        Raises:
            ValueError: it does not unpack, or is larger than 150 MB.
        """
        encoding = self.header("content-encoding").strip().lower()
        if encoding in {"", "identity"} or not self.body:
            return self.body
        try:
            if encoding in {"gzip", "x-gzip"}:
                with gzip.GzipFile(fileobj=io.BytesIO(self.body)) as packed:
                    body = packed.read(LARGEST_BODY + 1)
            elif encoding == "deflate":
                body = zlib.decompressobj().decompress(self.body, LARGEST_BODY + 1)
            else:
                raise ValueError(f"content encoding {encoding!r} is not supported")
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"the body is not {encoding}: {error}") from error
        if len(body) > LARGEST_BODY:
            raise ValueError("the unpacked body is larger than 150 MB")
        return body


@lru_cache(maxsize=256)
def _params(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    pairs = _ascii_pairs(query)
    for name, value in parse_qsl(query, keep_blank_values=True) if pairs is None else pairs:
        found.setdefault(name, value)
    return found


_OCTETS: Final = {f"{code:02{case}}": chr(code) for code in range(128) for case in "xX"}


def _ascii_pairs(query: str) -> list[tuple[str, str]] | None:
    """What ``parse_qsl`` gives, in a fifth of its time: a SOQL statement is full of escapes. None: not for this one."""
    pairs = []
    try:
        for part in query.replace("+", " ").split("&"):
            name, _, value = part.partition("=")
            if part:
                pairs.append((_ascii_unquoted(name), _ascii_unquoted(value)))
    except KeyError:  # no escape, or a byte of a longer character
        return None
    return pairs


def _ascii_unquoted(text: str) -> str:
    text = text.replace("%2C", ",").replace("%27", "'").replace("%3D", "=")  # what a statement has most of
    if "%" not in text:
        return text
    first, *rest = text.split("%")
    return first + "".join([_OCTETS[piece[:2]] + piece[2:] for piece in rest])


@lru_cache(maxsize=1024)
def _segments(path: str) -> tuple[str, ...]:
    return tuple(unquote(part) for part in path.split("/") if part)


@dataclass(slots=True)
class Response:
    """One answer. ``dropped`` means the client gets none: the connection breaks. ``delay`` is in seconds.

    ``cut`` breaks the connection after so many bytes of the body.

    ``done`` is called when a delay is over. ``hold`` lets a transport that can wait answer later, with news; this is then the answer when none comes.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    error_code: str = ""
    dropped: bool = False
    delay: float = 0.0
    cut: int | None = None
    done: Callable[[], None] | None = None
    hold: Hold | None = None


def json_response(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer with a JSON body."""
    return Response(status, {"Content-Type": JSON, **(headers or {})}, orjson.dumps(value))
