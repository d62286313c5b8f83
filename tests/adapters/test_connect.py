"""Connect strings: what works, and one clear line for each way of being wrong."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import toy

from prm_harness.adapter import ConnectError, open_adapter
from prm_harness.adapter.http_server import serving


@contextmanager
def raw_server(answer: bytes | None) -> Iterator[str]:
    """A TCP server that says ``answer`` to anything, or nothing at all."""
    held: list[socket.socket] = []

    def run(listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            held.append(client)
            if answer is not None:
                client.recv(65536)
                client.sendall(answer)
                client.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=run, args=(listener,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)
    for client in held:
        client.close()


def http(body: bytes, content_type: bytes = b"application/json", status: bytes = b"200 OK") -> bytes:
    head = b"HTTP/1.1 %s\r\ncontent-type: %s\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
    return head % (status, content_type, len(body)) + body


def test_python_factory_with_options() -> None:
    adapter = open_adapter("python:toy:create?version=1.0")
    assert isinstance(adapter, toy.Toy)
    assert adapter.version == "1.0"


def test_http_service() -> None:
    with serving(toy.Toy()) as url:
        assert open_adapter(url).info().product == "Toy PRM"


@pytest.mark.parametrize(
    ("connect", "says"),
    [
        ("nonsense", "not a connect string"),
        ("pyhton:toy:create", "did you mean 'python'"),
        ("python:toy", "names no factory"),
        ("python:no_such_package.toy:create", "no module 'no_such_package'"),
        ("python:toy:craete", "did you mean 'create'"),
        ("python:toy:annotations", "not a factory"),
        ("python:toy:boom", "RuntimeError: no licence"),
        ("python:toy:not_an_adapter", "returned a dict, which is not a PrmAdapter"),
        ("python:toy:boom?speed=9", "no option 'speed'"),
        ("python:toy:create?version", "written ?name=value"),
        ("python:toy:create?version=1.0&version=1.0", "given twice"),
        ("python:toy:create?version=0.9", "the adapter is older"),
        ("python:toy:create?version=2.0", "this harness is older"),
        ("python:toy:create?version=1.3", "this harness is older"),
        ("python:toy:create?version=one", "not of the form major.minor"),
        ("http://127.0.0.1:9?timout=3", "did you mean 'timeout'"),
    ],
)
def test_wrong_strings_say_what_is_wrong(connect: str, says: str) -> None:
    with pytest.raises(ConnectError) as caught:
        open_adapter(connect)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_http_down() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectError, match="no answer"):
        open_adapter(f"http://127.0.0.1:{port}")


def test_http_never_answers() -> None:
    with raw_server(None) as url, pytest.raises(ConnectError, match="ReadTimeout"):
        open_adapter(f"{url}?timeout=0.2")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "no answer"),
        (http(b"<html>It works!</html>", b"text/html"), "not JSON"),
        (http(b'{"hello": "world"}'), "wrong type"),
        (http(b"[1, 2]"), "JSON list where an object was due"),
        (http(b"Bad Gateway", b"text/plain", b"502 Bad Gateway"), "HTTP 502: Bad Gateway"),
    ],
)
def test_http_garbage(answer: bytes, says: str) -> None:
    with raw_server(answer) as url, pytest.raises(ConnectError) as caught:
        open_adapter(url)
    assert says in str(caught.value)
