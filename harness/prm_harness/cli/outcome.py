"""From a run file to its ending: read, score, write the reports, say what was found. Audit, report and demo end here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prm_harness.delivery import Delivered, score_line, write_scorecard

from .ending import Ending

if TYPE_CHECKING:
    from prm_harness.record.enclosures import Enclosures
    from prm_harness.record.run import Run

PDF_HINT = "`prm-harness doctor` prints the command that installs what is missing"


def scorecard_ending(
    run: Run, out: Path, *, pdf: bool, page: str, enclosed: Enclosures | None = None
) -> Ending:
    """Write the scorecard, print where it is and the score, and say how the run ended."""
    say_files(write_scorecard(run, out, pdf=pdf, page=page, enclosed=enclosed))
    return score_ending(run)


def enclosures(checks: Sequence[str], comment: Path | None, waivers: Path | None) -> Enclosures:
    """What was handed in beside a run.

    Args:
        checks: ids that may be spoken of.
        comment: the vendor's own words.
        waivers: checks that the buyer accepts as they are.

    Raises:
        EnclosureError: a file that cannot be used.
        OSError: a file that cannot be read.
    """
    from prm_harness.record.enclosures import Enclosures
    from prm_harness.scoring.enclosures import load_comment, load_waivers

    return Enclosures(
        comment=load_comment(comment, checks=checks) if comment else None,
        waivers=load_waivers(waivers, checks=checks) if waivers else (),
    )


def score_ending(run: Run) -> Ending:
    """Print the score line; the ending is scoring's verdict on the run."""
    from prm_harness.scoring import outcome, score

    card = score(run)
    click.echo(score_line(card))
    code, line = outcome(run, card)
    return Ending(int(code), line.partition(": ")[2])


def say_failures(run: Run, run_file: Path, most: int = 10) -> None:
    """What failed, each with the command that runs it again."""
    failed = [check for check in run.cases if not run.results[check].verdict.open]
    for check in failed[:most]:
        result = run.results[check]
        title = next((plan.title for plan in run.header.every_check if plan.id == check), "")
        flaky = " (flaky)" if check in run.flaky else ""
        click.echo(f"{check} {title}: {result.verdict.words}{flaky}")
        click.echo(f"  again: prm-harness replay {run_file} {check}   (--show: the CRM's side as curl lines)")
    if len(failed) > most:
        click.echo(f"… and {len(failed) - most} more")


def say_files(delivered: Delivered, *, err: bool = False) -> None:
    """Say what was written, and why there is no PDF where one was wanted; ``err`` where stdout is for a machine."""
    for path in delivered.files:
        click.echo(f"wrote {path}", err=err)
    if delivered.no_pdf:
        click.echo(f"no PDF: {delivered.no_pdf}; {PDF_HINT}", err=True)
