"""From runs to files. What depends on nothing is written first, so a missing PDF engine costs only the PDF."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from prm_harness.record.certificate import Certificate
from prm_harness.record.enclosures import Enclosures
from prm_harness.record.run import Run
from prm_harness.scoring import bakeoff as compare
from prm_harness.scoring import comparison as compared
from prm_harness.scoring import score

from . import bakeoff as bakeoff_pages
from . import certificate as certificate_pages
from . import change as change_pages
from . import html, pdf, sentences_bakeoff, styles, text
from . import scorecard as scorecard_pages
from .machine import badge as badges
from .machine import markdown, tables
from .machine.ctrf import ctrf
from .machine.junit import junit
from .machine.results import bakeoff_results, results, to_json

FORMATS = ("json", "junit", "csv", "ctrf", "markdown", "badge", "html", "pdf")
MOST_VENDORS = 8
"""More than this do not fit the pages, nor a buyer's table."""


def scorecard(
    run: Run, out_dir: Path, *, formats: Sequence[str], page: str, enclosed: Enclosures
) -> list[Path]:
    """See :func:`prm_reports.render_scorecard`."""
    _demand(formats, FORMATS, page)
    card = score(run)
    data = to_json(results(run, card, enclosed))
    digest = hashlib.sha256(data).hexdigest()

    @text.on_paper()
    def paper(fit: str) -> str:
        context = scorecard_pages.context(run, card, digest, "paper", enclosed)
        return html.document("scorecard.html", "paper", page=page, fit=fit, **context)

    def screen() -> bytes:
        context = scorecard_pages.context(run, card, digest, "screen", enclosed)
        return html.document("scorecard.html", "screen", **context).encode()

    def printed() -> bytes:
        attached = (
            pdf.Attached("results.json", data, "Score, verdicts and full evidence"),
            pdf.Attached(
                "checklist.json", to_json(run.header.checklist), "Questions and checks as they stood"
            ),
        )
        return pdf.write(paper, page=page, second="questions", attached=attached, moment=_moment([run]))

    shown = badges.of_run(run, card)
    return _write(
        out_dir,
        formats,
        (
            ("json", "results.json", lambda: data),
            ("junit", "junit.xml", lambda: junit(run, card)),
            ("csv", "checks.csv", lambda: tables.checks(card, enclosed)),
            ("csv", "findings.csv", lambda: tables.findings(card)),
            ("csv", "field-matrix.csv", lambda: tables.matrix(run)),
            ("ctrf", "ctrf.json", lambda: ctrf(run, card)),
            ("markdown", "summary.md", lambda: markdown.summary(run, card, enclosed)),
            ("badge", "badge.svg", lambda: badges.svg(shown).encode("utf-8", "backslashreplace")),
            ("badge", "badge.json", lambda: badges.shield(shown)),
            ("html", "scorecard.html", screen),
            ("pdf", "scorecard.pdf", printed),
        ),
    )


def bakeoff(
    runs: Sequence[Run], out_dir: Path, *, formats: Sequence[str], page: str, title: str, buyer: str
) -> list[Path]:
    """See :func:`prm_reports.render_bakeoff`."""
    _demand(formats, ("json", "html", "pdf"), page)
    if len(runs) > MOST_VENDORS:
        raise ValueError(f"a bake-off compares at most {MOST_VENDORS} vendors, not {len(runs)}")
    compared = compare(list(runs))
    buyer = buyer or runs[0].header.profile.buyer
    data = to_json(
        bakeoff_results(
            runs,
            compared,
            title=title,
            buyer=buyer,
            headline=sentences_bakeoff.headline(compared),
            verdict=sentences_bakeoff.verdict(compared),
        ),
        evidence=False,
    )
    digest = hashlib.sha256(data).hexdigest()

    def made(medium: html.Medium, fit: str = "") -> str:
        context = bakeoff_pages.context(runs, compared, digest, title=title, buyer=buyer)
        return html.document("bakeoff.html", medium, page=page, fit=fit, **context)

    def printed() -> bytes:
        attached = (
            pdf.Attached("bakeoff.json", data, "Scores and verdicts of every vendor"),
            pdf.Attached(
                "checklist.json", to_json(runs[0].header.checklist), "Questions and checks as they stood"
            ),
        )
        return pdf.write(
            text.on_paper()(lambda fit: made("paper", fit)),
            page=page,
            second="questions",
            attached=attached,
            moment=_moment(runs),
        )

    return _write(
        out_dir,
        formats,
        (
            ("json", "bakeoff.json", lambda: data),
            ("html", "bakeoff.html", lambda: made("screen").encode()),
            ("pdf", "bakeoff.pdf", printed),
        ),
    )


def change(
    runs: tuple[Run, Run],
    out_dir: Path,
    *,
    comparison: compared.Comparison,
    formats: Sequence[str],
    page: str,
) -> list[Path]:
    """See :func:`prm_reports.render_change`."""
    _demand(formats, ("json", "junit", "markdown", "html", "pdf"), page)
    data = compared.as_json(comparison).encode()
    digest = hashlib.sha256(data).hexdigest()

    def made(medium: html.Medium, fit: str = "") -> str:
        context = change_pages.context(runs, comparison, digest, medium)
        return html.document("change.html", medium, page=page, fit=fit, **context)

    def printed() -> bytes:
        return pdf.write(
            text.on_paper()(lambda fit: made("paper", fit)),
            page=page,
            second="worse" if comparison.moved(compared.Move.WORSE) else "compared",
            attached=(pdf.Attached("change.json", data, "Every check in both runs, and what changed"),),
            moment=_moment(runs),
        )

    return _write(
        out_dir,
        formats,
        (
            ("json", "change.json", lambda: data),
            ("markdown", "change.md", lambda: compared.markdown(comparison).encode()),
            ("junit", "change.junit.xml", lambda: compared.junit(comparison)),
            ("html", "change.html", lambda: made("screen").encode()),
            ("pdf", "change.pdf", printed),
        ),
    )


def certificate(
    issued: Certificate,
    out_dir: Path,
    *,
    runs: Sequence[Run],
    formats: Sequence[str],
    page: str,
) -> list[Path]:
    """See :func:`prm_reports.render_certificate`."""
    _demand(formats, ("json", "html", "pdf", "badge"), page)
    shown = certificate_pages.badge(issued, runs)
    data = to_json(issued)

    def made(medium: html.Medium, fit: str = "") -> str:
        context = certificate_pages.context(issued, runs)
        return html.document("certificate.html", medium, page=f"{page} landscape", fit=fit, **context)

    def printed() -> bytes:
        attached = [pdf.Attached("certificate.json", data, "Who vouches, how, and until when")]
        attached += [
            pdf.Attached(
                f"results-{number}.json", to_json(results(run, score(run))), f"Results of run {number}"
            )
            for number, run in enumerate(runs, start=1)
        ]
        return pdf.write(
            text.on_paper()(lambda fit: made("paper", fit)),
            page=page,
            second=None,
            attached=attached,
            moment=_moment(runs),
        )

    return _write(
        out_dir,
        formats,
        (
            ("json", "certificate.json", lambda: data),
            ("badge", "badge.svg", lambda: badges.svg(shown).encode("utf-8", "backslashreplace")),
            ("badge", "badge.json", lambda: badges.shield(shown)),
            ("html", "certificate.html", lambda: made("screen").encode()),
            ("pdf", "certificate.pdf", printed),
        ),
    )


def _write(
    out_dir: Path, formats: Sequence[str], made: Sequence[tuple[str, str, Callable[[], bytes]]]
) -> list[Path]:
    out_dir.mkdir(parents=True, exist_ok=True)
    paths = []
    for kind, name, content in made:
        if kind in formats:
            path = out_dir / name
            path.write_bytes(content())
            paths.append(path)
    return paths


def _demand(formats: Sequence[str], known: Sequence[str], page: str) -> None:
    styles.known_page(page)
    if strange := [kind for kind in formats if kind not in known]:
        raise ValueError(f"no report format {', '.join(strange)}: choose from {', '.join(known)}")


def _moment(runs: Sequence[Run]) -> datetime:
    """The only date a report carries: when the last of its runs ended, or started where it never did."""
    return max(run.footer.ended_at if run.footer else run.header.started_at for run in runs)
