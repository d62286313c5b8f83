"""``prm-harness bakeoff``: two to eight PRMs, the same questions, one answer."""

from __future__ import annotations

from pathlib import Path

import click

from . import options
from .ending import Ending


@click.command("bakeoff", short_help="Two to eight PRMs, the same questions, one answer.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.yaml")
@options.out
@options.no_packs
@options.page
@options.no_pdf
def command(file: Path, out: Path | None, no_packs: bool, page: str, no_pdf: bool) -> Ending:
    """Hold the bake-off that FILE.yaml describes (`prm-harness init bakeoff DIR` writes a commented one).

    bakeoff.pdf, bakeoff.html and bakeoff.json go to out/bakeoff unless --out says otherwise, and each vendor's own
    scorecard to a folder inside. The exit code is the worst of the vendors'.
    """
    from .bakeoff_file import load_bakeoff
    from .contest import Paper, bakeoff_ending, entries_of, hold

    plan = load_bakeoff(file)
    folder = out or Path("out", "bakeoff")
    paper = Paper(pdf=not no_pdf, page=page)
    runs = hold(entries_of(plan, folder, packs=not no_packs), paper)
    return bakeoff_ending(runs, folder, pdf=paper.pdf, page=page, title=plan.title, buyer=plan.buyer)
