"""``prm-harness keys``: the keys that certificates are signed with."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import click

from .ending import MET, Ending, Trouble

PASSPHRASE: Final = "PRM_HARNESS_KEY_PASSPHRASE"  # noqa: S105 - the variable's name


@click.group("keys", short_help="Keys to sign certificates with.")
def command() -> None:
    """Keys to sign certificates with."""


@command.command("new")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
def new(file: Path) -> Ending:
    """Make an Ed25519 key: FILE is private, encrypted and readable by you alone; FILE.pub is for everybody.

    The passphrase is asked for, or taken from PRM_HARNESS_KEY_PASSPHRASE where nobody can be asked.
    """
    from prm_harness.certify.keys import new_key

    public, mark = new_key(file, passphrase(file, confirm=True))
    click.echo(f"wrote {file} (private: keep it, and never send it)")
    click.echo(f"wrote {public} (public: give it to whoever verifies)")
    click.echo(mark)
    return Ending(MET, "tell verifiers the fingerprint by another way than the file")


@command.command("show")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
def show(file: Path) -> Ending:
    """Print the fingerprint of a public key, or of a private one after asking for its passphrase."""
    from prm_harness.certify.keys import fingerprint, load_private, load_public

    if b"PRIVATE KEY" in file.read_bytes():
        click.echo(fingerprint(load_private(file, passphrase(file)).public_key()))
        return Ending(MET, "a private key")
    click.echo(fingerprint(load_public(file)))
    return Ending(MET, "a public key")


def passphrase(file: Path, *, confirm: bool = False) -> str:
    """From the environment, or asked for without being shown.

    Raises:
        Trouble: there is nobody to ask.
    """
    if given := os.environ.get(PASSPHRASE):
        return given
    if not sys.stdin.isatty():
        raise Trouble(f"the passphrase of {file} is needed: set {PASSPHRASE}, or run this on a terminal")
    asked: str = click.prompt(f"Passphrase of {file}", hide_input=True, confirmation_prompt=confirm, err=True)
    return asked
