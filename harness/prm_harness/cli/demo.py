"""``prm-harness demo``: a bake-off of the reference PRMs and of two foreign engines, to see what a buyer gets."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import click

from . import options
from .ending import MET, Ending
from .outcome import PDF_HINT

CONTESTANTS: Final = (
    "python:prm_harness.reference.mirror:create",
    "python:prm_harness.reference.mapper:create",
    "python:prm_harness.reference.ipaas:create",
    "python:prm_harness.reference.etl:create",
    "python:prm_harness.reference.passthrough:create",
)


@click.command("demo", short_help="A bake-off of the reference PRMs.")
@options.out
@options.page
@options.no_pdf
def command(out: Path | None, page: str, no_pdf: bool) -> Ending:
    """Hold a bake-off of the reference PRMs, one a style, on this machine: no vendor, no network, no account.

    Two portals on engines that nobody here wrote take part where these are installed (`make engines`): tap-salesforce,
    the Singer reader, and jsforce under Node. Whoever is left out is named, with the reason.

    The files go to out/demo unless --out says otherwise. The exit code is 0 when the bake-off could be made, whatever
    the contestants' verdicts: showing it is the demo's purpose.
    """
    from .bakeoff_file import BakeoffFile, Vendor
    from .contest import Paper, bakeoff_ending, entries_of, hold
    from .engines import EXAMPLES, engines

    started = time.monotonic()
    folder = out or Path("out", "demo")
    paper = Paper(pdf=not no_pdf, page=page)
    with engines(EXAMPLES) as foreign:
        for sentence in foreign.missing:
            click.echo(sentence)
        plan = BakeoffFile(
            title="Demo bake-off of the reference PRMs",
            vendors=tuple(Vendor(connect=connect) for connect in (*CONTESTANTS, *foreign.connects)),
        )
        entries = entries_of(plan, folder)
        runs = hold(entries, paper)
    bakeoff_ending(runs, folder, pdf=paper.pdf, page=page, title=plan.title)
    click.echo("")
    for path in (folder / "bakeoff", *(entry.spec.out / "scorecard" for entry in entries)):
        written = path.with_suffix(".pdf")
        click.echo(f"look at {written if written.exists() else path.with_suffix('.html')}")
    if paper.pdf and not (folder / "bakeoff.pdf").exists():
        click.echo(f"the PDFs are missing: {PDF_HINT}")
    return Ending(MET, f"the bake-off was made in {time.monotonic() - started:.0f} s")
