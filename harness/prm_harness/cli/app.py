"""The group of commands, and the one place where a command's end becomes a line and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

import click

from prm_harness._version import __version__

from .ending import INTERRUPTED, USAGE, Ending, debugging, explain, trouble_line

COMMANDS: Final = (
    "audit",
    "bakeoff",
    "report",
    "compare",
    "replay",
    "certify",
    "verify",
    "countersign",
    "keys",
    "checks",
    "init",
    "doctor",
    "demo",
    "adapter",
    "crm",
    "org",
)
"""Each is the function ``command`` of the module of that name; the order is the help's."""


class LazyGroup(click.Group):
    """Loads a command's module when that command is called for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click hands it over
        """All commands, in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """One command, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f".{cmd_name}", __package__).command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run it; whoever read our output may have seen enough, as in `prm-harness checks | head`."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="prm-harness", message="%(prog)s %(version)s")
def app() -> None:
    """A crash-test lab for partner portals: does this PRM really integrate with your CRM?

    Exit codes: 0 met, 1 failures, 2 usage or configuration, 3 inconclusive or incomplete only, 4 regression,
    5 does not verify, 130 interrupted. The last line, on stderr, says which and why.
    """


def run(argv: Sequence[str]) -> int:
    """Run one command line; every foreseeable error is one line on stderr."""
    try:
        ending: Any = app.main(args=list(argv), prog_name="prm-harness", standalone_mode=False)
    except click.Abort:
        return _trouble("interrupted", INTERRUPTED)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else str(error), err=True)
        return USAGE
    except click.ClickException as error:
        return _trouble(_usage(error), USAGE)
    except Exception as error:
        if debugging():
            raise
        return _trouble(*explain(error))
    if not isinstance(ending, Ending):
        return int(ending or 0)
    sys.stdout.flush()
    click.echo(ending.line, err=True)
    return ending.code


def _trouble(message: str, code: int) -> int:
    sys.stdout.flush()
    click.echo(trouble_line(message, code), err=True)
    return code


def _usage(error: click.ClickException) -> str:
    message = error.format_message().strip().removesuffix(".")
    context = getattr(error, "ctx", None)
    return f"{message}; see `{context.command_path} --help`" if context else message
