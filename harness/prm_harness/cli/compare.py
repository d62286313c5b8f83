"""``prm-harness compare``: what changed since last time, with an exit code."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from . import options
from .ending import Ending

if TYPE_CHECKING:
    from prm_harness.scoring.comparison import Comparison


@click.command("compare", short_help="Hold a run against its baseline.")
@click.argument("base", metavar="BASE.ndjson", type=click.Path(path_type=Path))
@click.argument("run", metavar="RUN.ndjson", type=click.Path(path_type=Path))
@click.option(
    "--fail-on",
    type=click.Choice(["regression", "any"]),
    default="regression",
    show_default=True,
    help="What exits with 4: only what got worse, or any difference.",
)
@click.option(
    "--expected",
    metavar="FILE.yaml",
    type=click.Path(path_type=Path),
    help="Failures that somebody answers for until a day; an entry that does not match is an error.",
)
@click.option(
    "--format",
    "shown",
    type=click.Choice(["text", "json", "markdown", "junit"]),
    default="text",
    show_default=True,
    help="What is printed.",
)
@click.option(
    "--partial", is_flag=True, help="Accept a run that was killed: what it did not reach is no longer judged."
)
@options.out
@options.page
@options.no_pdf
def command(
    base: Path,
    run: Path,
    fail_on: Literal["regression", "any"],
    expected: Path | None,
    shown: str,
    partial: bool,
    out: Path | None,
    page: str,
    no_pdf: bool,
) -> Ending:
    """Compare RUN with BASE, an earlier run of the same checks under the same profile and seed.

    Told are checks that got worse or better, that are no longer judged, new, removed, revised or flaky, capabilities that
    are declared otherwise, evidence of another kind, and measurements beyond the spread of their repeats. With --out the
    change report is written there: change.pdf, change.html, change.json, change.md and change.junit.xml.
    """
    from prm_harness.delivery import write_change
    from prm_harness.scoring.comparison import compare, comparison_outcome, load_expected

    from .outcome import say_files
    from .report import read_or_say

    entries = load_expected(expected, today=datetime.now(UTC).date()) if expected else ()
    runs = read_or_say(base, partial=partial), read_or_say(run, partial=partial)
    comparison = compare(*runs, expected=entries, fail_on=fail_on)
    click.echo(rendered(comparison, shown), nl=False)
    if out is not None:
        say_files(write_change(runs, comparison, out, pdf=not no_pdf, page=page), err=shown != "text")
    code, line = comparison_outcome(comparison)
    return Ending(int(code), line.partition(": ")[2])


def rendered(comparison: Comparison, shown: str) -> str:
    """The comparison in one of the forms that can be printed."""
    from prm_harness.scoring.comparison import as_json, junit, markdown, text

    if shown == "junit":
        return junit(comparison).decode()
    return {"text": text, "json": as_json, "markdown": markdown}[shown](comparison)
