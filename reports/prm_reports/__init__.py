"""The printed product: scorecards, bake-offs, change reports and certificates, as pure functions of run files.

Nothing is measured or judged here. The same run gives byte-identical files, on any machine, at any later time.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .errors import PdfUnavailable

if TYPE_CHECKING:
    from prm_harness.record.certificate import Certificate
    from prm_harness.record.enclosures import Enclosures
    from prm_harness.record.run import Run
    from prm_harness.scoring.comparison import Comparison

__all__ = ["PdfUnavailable", "render_bakeoff", "render_certificate", "render_change", "render_scorecard"]


def render_scorecard(
    run: Run,
    out_dir: Path,
    *,
    formats: Sequence[str] = ("pdf", "html", "json", "junit", "csv", "ctrf", "markdown", "badge"),
    page: Literal["a4", "letter"] = "a4",
    enclosed: Enclosures | None = None,
) -> list[Path]:
    """Write the scorecard of one run.

    Args:
        run: what was seen.
        out_dir: made when it is missing.
        formats: which files to write: ``pdf`` (scorecard.pdf), ``html`` (scorecard.html), ``json`` (results.json),
            ``junit`` (junit.xml), ``csv`` (checks.csv, findings.csv, field-matrix.csv), ``ctrf`` (ctrf.json),
            ``markdown`` (summary.md) and ``badge`` (badge.svg, badge.json).
        page: paper size of the PDF.
        enclosed: the vendor's comment and the buyer's waivers, printed beside the verdicts and changing none.

    Returns:
        The files written.

    Raises:
        ValueError: for a format or page size that does not exist.
        PdfUnavailable: when the PDF engine cannot load; every other format has been written by then.
    """
    from prm_harness.record.enclosures import Enclosures

    from .render import scorecard

    return scorecard(run, out_dir, formats=formats, page=page, enclosed=enclosed or Enclosures())


def render_bakeoff(
    runs: Sequence[Run],
    out_dir: Path,
    *,
    formats: Sequence[str] = ("pdf", "html", "json"),
    page: Literal["a4", "letter"] = "a4",
    title: str = "",
    buyer: str = "",
) -> list[Path]:
    """Write bakeoff.pdf, bakeoff.html and bakeoff.json for two to eight comparable runs.

    Args:
        runs: one per vendor; scoring refuses runs that are not comparable and says what differs.
        out_dir: made when it is missing.
        formats: which files to write.
        page: paper size of the PDF.
        title: what the bake-off is called, printed above the answer.
        buyer: who it was prepared for; the profile's buyer when empty.

    Returns:
        The files written.

    Raises:
        ValueError: for fewer than two or more than eight runs, or an unknown format or page size.
        PdfUnavailable: when the PDF engine cannot load; every other format has been written by then.
    """
    from .render import bakeoff

    return bakeoff(runs, out_dir, formats=formats, page=page, title=title, buyer=buyer)


def render_change(
    runs: tuple[Run, Run],
    out_dir: Path,
    *,
    comparison: Comparison,
    formats: Sequence[str] = ("pdf", "html", "json", "markdown", "junit"),
    page: Literal["a4", "letter"] = "a4",
) -> list[Path]:
    """Write change.pdf, change.html, change.json, change.md and change.junit.xml, as far as ``formats`` names them.

    Args:
        runs: the baseline and the run; their evidence stands side by side where something got worse.
        out_dir: made when it is missing.
        comparison: what scoring found between the two.
        formats: which files to write.
        page: paper size of the PDF.

    Returns:
        The files written.

    Raises:
        ValueError: for a format or page size that does not exist.
        PdfUnavailable: when the PDF engine cannot load; every other format has been written by then.
    """
    from .render import change

    return change(runs, out_dir, comparison=comparison, formats=formats, page=page)


def render_certificate(
    certificate: Certificate,
    out_dir: Path,
    *,
    runs: Sequence[Run],
    formats: Sequence[str] = ("pdf", "html", "json", "badge"),
    page: Literal["a4", "letter"] = "a4",
) -> list[Path]:
    """Write certificate.pdf, certificate.html, certificate.json, badge.svg and badge.json.

    Nothing is refused here: whether a certificate may be issued is for who issues it. Counts and scores are computed
    from the runs; a check counts as passed where it passed in every run.

    Args:
        certificate: who vouches, how, and until when (:class:`prm_harness.record.certificate.Certificate`).
        out_dir: made when it is missing.
        runs: what it rests on; one per seed, all of one product.
        formats: which files to write.
        page: paper of the PDF, printed landscape.

    Returns:
        The files written.

    Raises:
        ValueError: no run, or an unknown format or page size.
        PdfUnavailable: when the PDF engine cannot load; every other format has been written by then.
    """
    from .render import certificate as render

    return render(certificate, out_dir, runs=runs, formats=formats, page=page)
