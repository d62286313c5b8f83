"""``prm-harness adapter``: tools for those who write adapters."""

from __future__ import annotations

import socket
from typing import Final

import click

from .ending import FAILURES, MET, Ending, Trouble

LOOPBACK: Final = "127.0.0.1"


@click.group("adapter")
def command() -> None:
    """Tools for those who write adapters."""


@command.command("serve")
@click.argument("connect")
@click.option("--port", type=click.IntRange(1, 65535), default=8765, show_default=True, metavar="PORT")
def serve(connect: str, port: int) -> Ending:
    """Put the python: or rest: adapter that CONNECT leads to on HTTP, on loopback only: there is no authentication.

    Another harness then audits http://127.0.0.1:PORT. Ends with Ctrl-C.
    """
    from prm_harness.adapter.connect import open_adapter
    from prm_harness.adapter.http_server import serve as serve_adapter

    if not connect.startswith(("python:", "rest:")):
        raise Trouble(
            f"{connect!r} cannot be served; only python:package.module:factory and rest:FILE.yaml can"
        )
    adapter = open_adapter(connect)
    _demand_free(port)
    click.echo(f"serving {adapter.info().product} on http://{LOOPBACK}:{port}; Ctrl-C ends it", err=True)
    serve_adapter(adapter, host=LOOPBACK, port=port)
    return Ending(MET, "the server was stopped")


@command.command("check", short_help="Say what is missing, wrong, slow or dishonest in an adapter.")
@click.argument("connect")
def check(connect: str) -> Ending:
    """Say what is missing, wrong, slow or dishonest in the adapter that CONNECT leads to, each with what to do.

    Takes under a minute, against a throw-away sandbox CRM. The product behind the adapter should be a test tenant: some
    thirty deals are submitted and removed again. Exit code 1 when there is something to mend.
    """
    from prm_harness.audit.kit.run import check_adapter

    report = check_adapter(connect)
    for line in report.lines():
        click.echo(line)
    faults = len(report.faults)
    if faults:
        return Ending(FAILURES, f"{faults} finding{'s' if faults > 1 else ''} to mend")
    return Ending(MET, "nothing to mend; go on with `prm-harness audit`")


@command.command("openapi", short_help="Print the contract over HTTP as an OpenAPI 3.1 document.")
def openapi() -> Ending:
    """Print the contract over HTTP as an OpenAPI 3.1 document: generate a server from it in your language."""
    import json

    from prm_harness.adapter.openapi import document

    click.echo(json.dumps(document(), ensure_ascii=False, indent=1))
    return Ending(MET, "the document was printed")


def _demand_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise Trouble(
                f"port {port} on {LOOPBACK} is taken ({error.strerror}); choose another with --port"
            ) from None
