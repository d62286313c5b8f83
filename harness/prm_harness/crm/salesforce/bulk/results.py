"""The result files of an ingest job, written chunk by chunk while it runs (recording bulk2-006)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prm_harness.crm.salesforce.bulk.jobs import IngestJob
from prm_harness.crm.salesforce.bulk.loader import Outcome, error_text
from prm_harness.crm.salesforce.bulk.sheet import Dialect, JobFault, decoded, read


def account(job: IngestJob, outcomes: Sequence[Outcome], rows: Sequence[Sequence[str]]) -> None:
    """Add a chunk of rows to the files of what was saved and what was refused."""
    both = list(zip(outcomes, rows, strict=True))
    refused = [(o, row) for o, row in both if o.faults]
    saved = both if not refused else [(o, row) for o, row in both if not o.faults]
    job.saved.append(_lines(job.dialect, ((o.id, "true" if o.created else "false", row) for o, row in saved)))
    job.refused.append(_lines(job.dialect, ((o.id, error_text(o.faults), row) for o, row in refused)))
    job.processed += len(both)
    job.failed += len(refused)


def successful(job: IngestJob) -> str:
    """``sf__Id``, ``sf__Created`` and the uploaded columns of every row that was saved."""
    return _heading(job, "sf__Id", "sf__Created") + "".join(job.saved)


def failed(job: IngestJob) -> str:
    """``sf__Id``, ``sf__Error`` and the uploaded columns of every row that was refused."""
    return _heading(job, "sf__Id", "sf__Error") + "".join(job.refused)


def unprocessed(job: IngestJob) -> str:
    """The uploaded columns of every row that was never looked at: the job failed as a whole, or was aborted."""
    if job.outcome in {"", "JobComplete"}:
        return _heading(job)
    rows: list[list[str]] = []
    try:
        header, chunks = read(decoded(job.upload or b""), job.dialect)
        job.header = header
        for chunk in chunks:
            rows += chunk
    except JobFault:
        pass  # what cannot be read cannot be given back row by row
    return _heading(job) + job.dialect.page(rows[job.processed :])


def _lines(dialect: Dialect, told: Iterable[tuple[str, str, Sequence[str]]]) -> str:
    """Rows with every cell in quotes; joined by hand where no cell has quotes of its own, which is twice as fast."""
    between, end = f'"{dialect.separator}"', f'"{dialect.newline}'
    rows = [(record_id, shown, *row) for record_id, shown, row in told]
    texts = [between.join(row) for row in rows]
    whole = f'{end}"'.join(texts)
    if not rows:
        return ""
    if whole.count('"') == 2 * sum(map(len, rows)) - 2:
        return f'"{whole}{end}'
    return "".join(
        f'"{text}{end}' if text.count('"') == 2 * len(row) - 2 else dialect.page([row])
        for row, text in zip(rows, texts, strict=True)
    )


def _heading(job: IngestJob, *own: str) -> str:
    """Only the columns that Salesforce adds stand in quotes."""
    return job.dialect.separator.join([*(f'"{name}"' for name in own), *job.header]) + job.dialect.newline
