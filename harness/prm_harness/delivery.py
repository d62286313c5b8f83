"""A finished run on its way to its readers: report formats are found through entry points, an outcome is one line.

The command line and the pytest plugin both end here, so that the same run gives the same files and the same exit code.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from prm_harness.record.certificate import Certificate
    from prm_harness.record.enclosures import Enclosures
    from prm_harness.record.run import Run
    from prm_harness.scoring import Scorecard
    from prm_harness.scoring.comparison import Comparison

REPORTS: Final = "prm_harness.reports"
"""Entry point group of report formats: ``scorecard``, ``bakeoff``, ``change`` and ``certificate`` are built in."""


_SCORECARD: Final = ("html", "json", "junit", "csv", "ctrf", "markdown", "badge")


class DeliveryError(Exception):
    """A report cannot be made on this installation; one line says what to do."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was written; ``no_pdf`` says in a line why there is no PDF although one was asked for."""

    files: tuple[Path, ...]
    no_pdf: str = ""


def write_scorecard(
    run: Run, out: Path, *, pdf: bool = True, page: str = "a4", enclosed: Enclosures | None = None
) -> Delivered:
    """The scorecard of one run: PDF, HTML, results.json, and what other tools read (JUnit, CSV, CTRF, Markdown, badge).

    Raises:
        DeliveryError: no scorecard format is installed.
    """
    return _write("scorecard", _SCORECARD, run, out, pdf=pdf, page=page, enclosed=enclosed)


def write_bakeoff(
    runs: Sequence[Run], out: Path, *, pdf: bool = True, page: str = "a4", title: str = "", buyer: str = ""
) -> Delivered:
    """bakeoff.pdf, bakeoff.html and bakeoff.json of two to eight runs.

    Raises:
        DeliveryError: no bake-off format is installed.
        NotComparableError: the runs were not asked the same.
    """
    return _write("bakeoff", ("html", "json"), runs, out, pdf=pdf, page=page, title=title, buyer=buyer)


def write_change(
    runs: tuple[Run, Run], comparison: Comparison, out: Path, *, pdf: bool = True, page: str = "a4"
) -> Delivered:
    """change.pdf, change.html, change.json, change.md and change.junit.xml of a baseline and a run.

    Raises:
        DeliveryError: no change report is installed.
    """
    formats = ("html", "json", "markdown", "junit")
    return _write("change", formats, runs, out, pdf=pdf, page=page, comparison=comparison)


def write_certificate(
    certificate: Certificate, runs: Sequence[Run], out: Path, *, pdf: bool = True, page: str = "a4"
) -> Delivered:
    """certificate.pdf, certificate.html, certificate.json, badge.svg and badge.json; nothing is refused here.

    Raises:
        DeliveryError: no certificate format is installed.
    """
    formats = ("html", "json", "badge")
    return _write("certificate", formats, certificate, out, pdf=pdf, page=page, runs=runs)


def score_line(card: Scorecard) -> str:
    """Score, ceiling and coverage together, as scoring demands: one without the others misleads."""
    who = card.contestant.product
    if card.contestant.unverified:
        who += " (not verified against a live tenant)"
    if card.coverage is None:
        return f"{who}: n/a (nothing was wanted)"
    if card.printed_score is None:
        return f"{who}: n/a, at most {card.printed_ceiling}, 0% judged; no grade"
    held = "" if card.grade == card.raw_grade else f" (held down from {card.raw_grade})"
    return (
        f"{who}: {card.printed_score}, at most {card.printed_ceiling}, "
        f"{card.coverage:.0%} judged; grade {card.grade}{held}"
    )


def slug(name: str) -> str:
    """A folder name for a vendor."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "vendor"


def pdf_obstacle() -> str:
    """Why no PDF can be made here, or nothing. Loads the PDF engine."""
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError) as error:
        return next(iter(str(error).splitlines()), "") or type(error).__name__
    return ""


def _write(
    report: str, formats: tuple[str, ...], what: Any, out: Path, *, pdf: bool, **more: Any
) -> Delivered:
    render = _format(report)
    no_pdf = pdf_obstacle() if pdf else ""
    wanted = ("pdf", *formats) if pdf and not no_pdf else formats
    # The PDF engine leaves a file for the collector to close; a caller's filters must not make that an error.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        return Delivered(tuple(render(what, out, formats=wanted, **more)), no_pdf)


def _format(name: str) -> Callable[..., list[Path]]:
    from importlib import metadata

    for entry in metadata.entry_points(group=REPORTS, name=name):
        loaded: Callable[..., list[Path]] = entry.load()
        return loaded
    raise DeliveryError(
        f"no report format {name!r} is installed (entry points {REPORTS}): reinstall prm-harness"
    )
