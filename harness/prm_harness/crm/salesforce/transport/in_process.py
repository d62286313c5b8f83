"""In process: ``requests`` clients reach the sandbox at Salesforce's own host names, without a socket."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import requests
import responses
from requests.adapters import HTTPAdapter
from urllib3.response import HTTPResponse

from prm_harness.crm.salesforce.http import Request, Response
from prm_harness.crm.salesforce.wire import LOGIN_HOSTS

Handle = Callable[[Request], Response]
_NO_BODY: Final = frozenset({204, 304})


class _Answering(responses.BaseResponse):
    """One registered answer for every verb and address of the sandbox's hosts."""

    def __init__(self, handle: Handle, hosts: frozenset[str], *, sleep_on_delay: bool) -> None:
        super().__init__("GET", "https://salesforce.com/")
        self._handle = handle
        self._hosts = hosts
        self._sleep = sleep_on_delay

    def matches(self, request: requests.PreparedRequest) -> tuple[bool, str]:
        """Whether the request goes to one of the hosts."""
        host = urlsplit(request.url or "").hostname or ""
        return host in self._hosts, f"{host} is not one of the sandbox's hosts"

    def get_response(self, request: requests.PreparedRequest) -> HTTPResponse:
        """The sandbox's answer, or the exception of a connection that broke."""
        # Every call would be kept with its body for ever (1 MB for a page of 2,000 rows).
        self.calls.reset()
        answer = self._handle(_from_requests(request))
        timeout = _read_timeout(request)
        too_slow = timeout is not None and answer.delay > timeout
        if self._sleep and answer.delay:
            time.sleep(timeout if timeout is not None and too_slow else answer.delay)
        if answer.done is not None:
            answer.done()
        if too_slow:
            raise requests.exceptions.ReadTimeout(f"read timed out after {timeout} s", request=request)
        if answer.dropped:
            raise requests.exceptions.ConnectionError("connection closed without an answer", request=request)
        body = b"" if answer.status in _NO_BODY else answer.body
        headers = dict(answer.headers)
        if answer.cut is not None:
            headers["Content-Length"] = str(len(body))
        return HTTPResponse(
            status=answer.status,
            body=io.BytesIO(body[: answer.cut]),
            headers=headers,
            preload_content=False,
        )


@contextmanager
def in_process(handle: Handle, domain: str, *, sleep_on_delay: bool = False) -> Iterator[None]:
    """Answer ``requests`` calls to the login hosts and to ``domain``; all others go where they went before.

    May be nested; works from any thread while it is open.
    """
    mock = responses.RequestsMock(assert_all_requests_are_fired=False, real_adapter_send=HTTPAdapter.send)
    mock.add(_Answering(handle, frozenset({*LOGIN_HOSTS, domain}), sleep_on_delay=sleep_on_delay))
    mock.add_passthru("http")

    def forget(answer: Any) -> Any:
        mock.calls.reset()
        return answer

    mock.response_callback = forget
    with mock:
        yield


def _from_requests(request: requests.PreparedRequest) -> Request:
    parts = urlsplit(request.url or "")
    headers = {
        name.lower(): value if isinstance(value, str) else value.decode("latin-1")
        for name, value in request.headers.items()
    }
    headers.setdefault("host", parts.netloc)
    return Request(
        request.method or "GET", parts.path, parts.query, headers, _bytes(request.body), parts.scheme
    )


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    chunks = body if hasattr(body, "__iter__") else iter(lambda: body.read(65536), b"")
    return b"".join(chunk.encode() if isinstance(chunk, str) else chunk for chunk in chunks)


def _read_timeout(request: requests.PreparedRequest) -> float | None:
    timeout = getattr(request, "req_kwargs", {}).get("timeout")
    if isinstance(timeout, tuple):
        timeout = timeout[-1]
    return float(timeout) if isinstance(timeout, int | float) else None
