"""Running one batch of a Bulk API 1.0 job: rows into the org, or a query into a file."""

from __future__ import annotations

from typing import Final

from prm_harness.crm.org.errors import QueryError
from prm_harness.crm.org.org import Org
from prm_harness.crm.salesforce.bulk import async_files
from prm_harness.crm.salesforce.bulk.async_jobs import AsyncJob, Batch
from prm_harness.crm.salesforce.bulk.collector import collection_paused
from prm_harness.crm.salesforce.bulk.loader import Loader, Outcome
from prm_harness.crm.salesforce.bulk.sheet import CHUNK, Dialect, JobFault, decoded, read
from prm_harness.crm.salesforce.call import Call

MEDIA: Final = {"XML": "application/xml", "CSV": "text/csv", "JSON": "application/json"}
"""Content types as clients compare them: whole, without a charset."""
_AFTER_ALL_IDS: Final = "zzzzzzzzzzzzzzzzzz~"
_NO_NESTING: Final = "FUNCTIONALITY_NOT_ENABLED: Aggregate Relationships not supported in Bulk Query"


def run(call: Call, job: AsyncJob, batch: Batch, *, id_range: tuple[str, str] | None = None) -> None:
    """Process a batch: afterwards it is Completed, or Failed with a message."""
    try:
        if job.is_query:
            _query(call, job, batch, id_range)
        else:
            call.tally.background = True
            # batches of a serial job come one after another; those of a parallel one meet each other's locks
            alone = job.concurrency == "Serial"
            with call.org.acting(f"job {job.id}" if alone else f"batch {batch.id}"):
                _write(call, job, batch)
        batch.state = "Completed"
    except JobFault as fault:
        batch.state, batch.message = "Failed", str(fault)
        call.tally.part_errors.append(batch.message.partition(" :")[0])


def pk_ranges(org: Org, job: AsyncJob) -> list[tuple[str, str]]:
    """Id ranges of at most ``chunk_size`` records each, which together hold every record of the object."""
    soql = f"SELECT Id FROM {job.sobject} ORDER BY Id"  # the object's own name, looked up in the schema
    table = org.query_table(soql, user=job.user, include_deleted=job.operation == "queryAll")
    ids = [row[0] for chunk in table.chunks for row in chunk]
    starts = ids[:: job.chunk_size] or [""]
    return list(zip(starts, [*starts[1:], _AFTER_ALL_IDS], strict=True))


def _write(call: Call, job: AsyncJob, batch: Batch) -> None:
    loader = Loader(call.org, call.sobject(job.sobject), job.operation, job.key_field, user=call.user)
    with collection_paused():
        outcomes = _csv(loader, batch) if job.content == "CSV" else _records(loader, job, batch)
    batch.outcomes, batch.processed = outcomes, len(outcomes)
    write = {
        "CSV": async_files.csv_results,
        "JSON": async_files.json_results,
        "XML": async_files.xml_results,
    }
    batch.result = write[job.content](outcomes)
    call.tally.rows_in += len(outcomes)
    call.tally.part_errors += dict.fromkeys(o.faults[0].code for o in outcomes if o.faults)


def _csv(loader: Loader, batch: Batch) -> list[Outcome]:
    header, chunks = read(decoded(batch.body), Dialect())
    columns = loader.columns(header)
    rows = [row for chunk in chunks for row in chunk]
    _check_size(len(rows))
    return loader.load(columns, rows)


def _records(loader: Loader, job: AsyncJob, batch: Batch) -> list[Outcome]:
    parse = async_files.json_records if job.content == "JSON" else async_files.xml_records
    records = parse(batch.body)
    _check_size(len(records))
    return loader.load_records(records)


def _check_size(rows: int) -> None:
    if not rows:
        raise JobFault("InvalidBatch : Records not found")
    if rows > CHUNK:
        raise JobFault(f"InvalidBatch : Number of records in a batch is limited to {CHUNK}, found {rows}")


def _query(call: Call, job: AsyncJob, batch: Batch, id_range: tuple[str, str] | None) -> None:
    soql = decoded(batch.body).strip()
    call.tally.soql.append(soql)
    deleted = job.operation == "queryAll"
    try:
        if job.content == "CSV":
            table = call.org.query_table(soql, user=call.user, include_deleted=deleted, id_range=id_range)
            batch.result, batch.processed = async_files.csv_rows(table.columns, table.chunks)
        else:
            _nested(call, job, batch, soql, id_range)
    except QueryError as error:
        first = error.faults[0]
        raise JobFault(f"InvalidBatch : Failed to process query: {first.code}: {first.message}") from None
    batch.result_id = call.wire.bulk.mint.next("752")[:15]


def _nested(call: Call, job: AsyncJob, batch: Batch, soql: str, id_range: tuple[str, str] | None) -> None:
    """JSON and XML show records with their parents inside."""
    found = call.org.query(
        soql, user=call.user, include_deleted=job.operation == "queryAll", url_for=call.record_url
    )
    records = found.records
    if any(isinstance(v, dict) and "records" in v for record in records for v in record.values()):
        raise JobFault(f"InvalidBatch : Failed to process query: {_NO_NESTING}")
    if id_range is not None:
        low, high = id_range
        records = [r for r in records if low <= str(r["attributes"]["url"]).rpartition("/")[2] < high]
    batch.processed = len(records)
    if job.content == "JSON":
        batch.result = async_files.json_rows(call.org, records)
    else:
        batch.result = async_files.xml_rows(records)
