"""``prm-harness report``: reports made again from run files, with the same or with other weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import options
from .ending import OPEN, Ending, Trouble

if TYPE_CHECKING:
    from prm_harness.record.run import Run


@click.command("report", short_help="Make reports again from run files.")
@click.argument("runs", nargs=-1, required=True, metavar="RUN.ndjson...", type=click.Path(path_type=Path))
@click.option(
    "--partial", is_flag=True, help="Accept a run that was killed: what there is, marked as incomplete."
)
@options.profile
@options.comment
@options.waivers
@options.out
@options.page
@options.no_pdf
def command(
    runs: tuple[Path, ...],
    partial: bool,
    profile: str | None,
    comment: Path | None,
    waivers: Path | None,
    out: Path | None,
    page: str,
    no_pdf: bool,
) -> Ending:
    """Make the scorecard of one run, or the bake-off of several, from what was recorded.

    Nothing is run again. --profile weighs the same verdicts anew; the limits by which they were judged stay those of
    the run. --comment and --waivers are printed beside the verdicts of one run, and change none. The files go beside the run file, or with several runs to out/report, unless --out says otherwise.
    """
    from .outcome import enclosures, scorecard_ending

    read = [reweighed(read_or_say(path, partial=partial), profile) for path in runs]
    if len(read) == 1:
        enclosed = enclosures([c.id for c in read[0].header.checklist.checks], comment, waivers)
        return scorecard_ending(read[0], out or runs[0].parent, pdf=not no_pdf, page=page, enclosed=enclosed)
    if comment or waivers:
        raise Trouble("--comment and --waivers belong to one run; make that vendor's scorecard by itself")
    from .contest import bakeoff_ending

    return bakeoff_ending(read, out or Path("out", "report"), pdf=not no_pdf, page=page)


def read_or_say(path: Path, *, partial: bool) -> Run:
    """Read a run file; one that is merely incomplete is told from one that was changed.

    Raises:
        Trouble: it is incomplete, and ``partial`` was not given.
        RunFileError: it was changed, or is no run file.
    """
    from prm_harness.record.reader import RunFileError, read_run

    try:
        return read_run(path, partial=partial)
    except RunFileError as error:
        if partial:
            raise
        read_run(path, partial=True)
        raise Trouble(str(error), OPEN) from error


def reweighed(run: Run, profile: str | None) -> Run:
    """The run under other weights, knock-outs and exclusions; limits and amounts of data stay as they were applied."""
    if profile is None:
        return run
    from prm_harness.scoring import load_profile

    used = run.header.profile
    known = [check.id for check in run.header.checklist.checks]
    wanted = load_profile(profile, checks=known).model_copy(
        update={"thresholds": used.thresholds, "data": used.data}
    )
    return run.model_copy(update={"header": run.header.model_copy(update={"profile": wanted})})
