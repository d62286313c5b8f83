"""``prm-harness crm``: the sandbox CRM by itself, for any client that speaks Salesforce."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any, Final

import click

from .ending import MET, Ending, Trouble

LOOPBACK: Final = "127.0.0.1"
_PORT: Final = click.IntRange(0, 65535)


@click.group("crm", short_help="The sandbox CRM by itself.")
def command() -> None:
    """The sandbox CRM by itself, for any client that speaks Salesforce."""


@command.command("serve")
@click.option("--host", default=LOOPBACK, show_default=True, metavar="HOST", help="Where to listen.")
@click.option("--port", type=_PORT, default=0, metavar="N", help="Port of the CRM. Default: a free one.")
@click.option(
    "--org", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="An org of your own instead of a template, as an org file.",
)  # fmt: skip
@click.option("--template", metavar="NAME", help="The org to start from. Default: standard.")
@click.option(
    "--store", type=click.Path(dir_okay=False, path_type=Path), metavar="PATH",
    help="Keep the org in this SQLite file; one that is there is opened again. Default: in memory.",
)  # fmt: skip
@click.option(
    "--history",
    type=click.Choice(["small", "medium", "large", "million"]),
    metavar="SIZE",
    help="Fill a new org with ten years of records: small (1,000), medium (25,000), large (250,000) or million.",
)
@click.option(
    "--ready-file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Write the addresses and credentials here, too, once connections are accepted.",
)  # fmt: skip
@click.option("--tls", is_flag=True, help="Also serve https, and a proxy that leads any https host here.")
@click.option(
    "--proxy-port", type=_PORT, default=0, metavar="N", help="Port of the proxy. Default: a free one."
)
def serve(
    host: str,
    port: int,
    org: Path | None,
    template: str | None,
    store: Path | None,
    history: str | None,
    ready_file: Path | None,
    tls: bool,
    proxy_port: int,
) -> Ending:
    """Serve a sandbox CRM on this machine's clock until Ctrl-C (or SIGTERM).

    Prints one JSON object once connections are accepted: url, admin_url, admin_token, username, password,
    security_token, client_id, client_secret, access_token, refresh_token, org_id, user_id, api_version, and with --tls
    tls_url, ca_file and proxy_url. Whoever reads them can do anything with this org.
    """
    import json

    from prm_harness.crm.org.keeping import NotAnOrgError
    from prm_harness.crm.orgfile.building import OrgBuilder
    from prm_harness.crm.orgfile.reading import load_org_file
    from prm_harness.crm.sandbox.sandbox import TEMPLATES
    from prm_harness.crm.sandbox.serve import RunningSandbox
    from prm_harness.crm.store.store import FileInUseError

    if template is not None and template not in TEMPLATES:
        raise Trouble(f"unknown org template {template!r}; known: {', '.join(TEMPLATES)}")
    if template is not None and org is not None:
        raise Trouble(
            "--template and --org exclude each other: a file names the template it starts from as `base`"
        )
    if proxy_port and not tls:
        raise Trouble("--proxy-port needs --tls")
    path = _store(store)
    reopen = store is not None and store.exists()
    if reopen and (org or template or history):
        raise Trouble(
            f"{store} holds an org already: leave out --org, --template and --history, or name a new file"
        )
    builder = None if org is None else OrgBuilder(load_org_file(org), str(org))
    stopped = _stop_signal()
    if ready_file is not None:
        ready_file.unlink(missing_ok=True)
    try:
        running = RunningSandbox(
            host=host,
            port=port,
            template=template or (org.stem if org else "standard"),
            make=builder.make if builder else None,
            store=path,
            tls=tls,
            proxy_port=proxy_port,
            reopen=reopen,
        )
    except (NotAnOrgError, FileInUseError) as error:
        raise Trouble(f"{store}: {error}") from None
    except OSError as error:
        raise Trouble(f"cannot listen on {host}: {error.strerror or error}; choose other ports") from None
    with running:
        if history is not None:
            running.sandbox.seed(history)
        for note in builder.notes if builder else ():
            click.echo(f"not represented: {note}", err=True)
        welcome = json.dumps(running.welcome)
        if ready_file is not None:
            _write_private(ready_file, welcome + "\n")
        click.echo(welcome)
        stopped.wait()
    if ready_file is not None:
        ready_file.unlink(missing_ok=True)
    return Ending(MET, "the sandbox was stopped")


def _store(store: Path | None) -> str:
    if store is None:
        return ":memory:"
    if not store.parent.is_dir():
        raise Trouble(f"{store}: there is no folder {store.parent}")
    return str(store)


def _stop_signal() -> threading.Event:
    """Set by SIGTERM and by Ctrl-C: both mean that the work is done, not that something broke."""
    stopped = threading.Event()

    def stop(*_: Any) -> None:
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return stopped


def _write_private(file: Path, text: str) -> None:
    """Write a file whole or not at all, readable by its owner alone: there are credentials in it."""
    import tempfile

    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(name).replace(file)
