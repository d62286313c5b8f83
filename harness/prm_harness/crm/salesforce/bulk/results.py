"""The result files of an ingest job, told from its upload and its outcomes (recording bulk2-006)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

from prm_harness.crm.salesforce.bulk.jobs import IngestJob
from prm_harness.crm.salesforce.bulk.loader import Outcome, error_text
from prm_harness.crm.salesforce.bulk.sheet import Dialect, JobFault, decoded, read


def successful(job: IngestJob) -> str:
    """``sf__Id``, ``sf__Created`` and the uploaded columns of every row that was saved."""
    return _told(job, "sf__Created", lambda o: None if o.faults else "true" if o.created else "false")


def failed(job: IngestJob) -> str:
    """``sf__Id``, ``sf__Error`` and the uploaded columns of every row that was refused."""
    return _told(job, "sf__Error", lambda o: error_text(o.faults) if o.faults else None)


def unprocessed(job: IngestJob) -> str:
    """The uploaded columns of every row that was never looked at: the job failed as a whole, or was aborted."""
    header, rows = _uploaded(job)
    out = io.StringIO()
    out.write(_heading(job.dialect, (), header))
    writer = job.dialect.writer(out)
    for place, row in enumerate(rows):
        if place >= len(job.outcomes):
            writer.writerow(row)
    return out.getvalue()


def _told(job: IngestJob, second: str, cell: Callable[[Outcome], str | None]) -> str:
    """The rows for which ``cell`` has a text for the second column."""
    header, rows = _uploaded(job)
    out = io.StringIO()
    out.write(_heading(job.dialect, ("sf__Id", second), header))
    told = (
        (outcome.id, shown, *row)
        for outcome, row in zip(job.outcomes, rows, strict=False)
        if (shown := cell(outcome)) is not None
    )
    job.dialect.writer(out).writerows(told)
    return out.getvalue()


def _heading(dialect: Dialect, own: tuple[str, ...], header: list[str]) -> str:
    """Only the columns that Salesforce adds stand in quotes."""
    return dialect.separator.join([*(f'"{name}"' for name in own), *header]) + dialect.newline


def _uploaded(job: IngestJob) -> tuple[list[str], Iterator[list[str]]]:
    """The header and rows of the upload, as far as they can be read."""
    try:
        header, chunks = read(decoded(job.upload or b""), job.dialect)
    except JobFault:
        return [], iter(())
    return header, _readable(chunks)


def _readable(chunks: Iterator[list[list[str]]]) -> Iterator[list[str]]:
    try:
        for chunk in chunks:
            yield from chunk
    except JobFault:
        return
