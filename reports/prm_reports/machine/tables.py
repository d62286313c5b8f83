"""CSV files for spreadsheets: the checks, what was found in each comparison, and the field-type matrix.

Cells come from products under test. What a spreadsheet would take for a formula gets an apostrophe in front
(OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Final

from prm_harness.record.enclosures import Enclosures
from prm_harness.record.run import Run
from prm_harness.scoring.model import Scorecard
from prm_reports import field_matrix
from prm_reports.text import readable

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

CHECKS: Final = (
    "part", "question", "check", "title", "verdict", "knock_out", "points", "earned", "open", "share", "attempts",
    "flaky", "evidence_grade", "finding", "reason", "waived_until", "waived_by",
)  # fmt: skip
FINDINGS: Final = ("check", "verdict", "kind", "name", "expected", "observed", "unit", "right", "note")
MATRIX: Final = (
    "type",
    "direction",
    "outcome",
    "values_with_this_outcome",
    "values_compared",
    "fields",
    "vendor_says",
)


def checks(card: Scorecard, enclosed: Enclosures) -> bytes:
    """One line a check."""
    return _csv(CHECKS, _checks(card, enclosed))


def findings(card: Scorecard) -> bytes:
    """One line a comparison and a measurement, in the checks' order."""
    return _csv(FINDINGS, _findings(card))


def matrix(run: Run) -> bytes:
    """One line a type and direction."""
    rows = (
        (row.kind, way, cell.outcome or "not tried", cell.many, cell.of, " ".join(cell.fields), cell.claimed)
        for row in field_matrix.matrix(run)
        for way, cell in zip(field_matrix.DIRECTIONS, row.cells, strict=True)
    )
    return _csv(MATRIX, rows)


def _checks(card: Scorecard, enclosed: Enclosures) -> Iterator[tuple[object, ...]]:
    for question in card.questions():
        for c in question.checks:
            waiver = enclosed.waived(c.plan.id)
            yield (
                question.part, question.id, c.plan.id, c.plan.title, c.result.verdict.value, _yes(c.knock_out),
                _figure(c.weight), _figure(c.earned), _figure(c.open),
                "" if c.result.share is None else _figure(c.result.share), c.attempts, _yes(c.flaky),
                c.result.evidence.grade if c.attempts else "", c.result.finding, c.result.reason,
                waiver.until.isoformat() if waiver else "", waiver.owner if waiver else "",
            )  # fmt: skip


def _findings(card: Scorecard) -> Iterator[tuple[object, ...]]:
    for c in card.checks():
        about = (c.plan.id, c.result.verdict.value)
        for diff in c.result.evidence.diffs:
            yield (*about, "compared", diff.field, diff.expected, diff.observed, "", _yes(diff.ok), diff.note)
        for metric in c.result.evidence.metrics:
            limit = "" if metric.limit is None else _figure(metric.limit)
            right = "" if metric.ok is None else _yes(metric.ok)
            yield (*about, "measured", metric.name, limit, _figure(metric.value), metric.unit, right, "")


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    # The mark at the start is how spreadsheets know that it is UTF-8.
    return ("\ufeff" + out.getvalue()).encode("utf-8", "backslashreplace")


def _cell(value: object) -> str:
    text = readable(str(value)) if isinstance(value, str) else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) and not _number(text) else text


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _figure(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _yes(value: bool) -> str:
    return "yes" if value else "no"
