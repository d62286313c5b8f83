"""``prm-harness adapter``: tools for those who write adapters."""

from __future__ import annotations

import socket
from typing import Final

import click

from .ending import MET, Ending, Trouble

LOOPBACK: Final = "127.0.0.1"


@click.group("adapter")
def command() -> None:
    """Tools for those who write adapters."""


@command.command("serve")
@click.argument("connect")
@click.option("--port", type=click.IntRange(1, 65535), default=8765, show_default=True, metavar="PORT")
def serve(connect: str, port: int) -> Ending:
    """Put the python: adapter that CONNECT leads to on HTTP, on loopback only: there is no authentication.

    Another harness then audits http://127.0.0.1:PORT. Ends with Ctrl-C.
    """
    from prm_harness.adapter.connect import open_adapter
    from prm_harness.adapter.http_server import serve as serve_adapter

    if not connect.startswith("python:"):
        raise Trouble(f"{connect!r} is not in Python; only python:package.module:factory can be served")
    adapter = open_adapter(connect)
    _demand_free(port)
    click.echo(f"serving {adapter.info().product} on http://{LOOPBACK}:{port}; Ctrl-C ends it", err=True)
    serve_adapter(adapter, host=LOOPBACK, port=port)
    return Ending(MET, "the server was stopped")


def _demand_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise Trouble(
                f"port {port} on {LOOPBACK} is taken ({error.strerror}); choose another with --port"
            ) from None
