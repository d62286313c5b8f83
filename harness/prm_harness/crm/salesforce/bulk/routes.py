"""The addresses of both Bulk APIs."""

from __future__ import annotations

from typing import Final

from prm_harness.crm.salesforce.bulk import async_api, extract, ingest
from prm_harness.crm.salesforce.router import Route

_JOBS: Final = "/services/data/{version}/jobs"
_INGEST: Final = f"{_JOBS}/ingest"
_QUERY: Final = f"{_JOBS}/query"
_ASYNC: Final = "/services/async/{version}/job"
_BATCH: Final = f"{_ASYNC}/{{job}}/batch"
_GET: Final = ("GET",)
_POST: Final = ("POST",)

ROUTES: Final = (
    # Bulk API 2.0
    Route("write.bulk.create", _POST, _INGEST, ingest.create),
    Route("read.bulk.jobs", _GET, _INGEST, ingest.list_all),
    Route("read.bulk.state", _GET, f"{_INGEST}/{{job}}", ingest.info),
    Route("write.bulk.close", ("PATCH",), f"{_INGEST}/{{job}}", ingest.change),
    Route("write.bulk.forget", ("DELETE",), f"{_INGEST}/{{job}}", ingest.delete),
    Route("write.bulk.upload", ("PUT",), f"{_INGEST}/{{job}}/batches", ingest.upload),
    Route("read.bulk.results", _GET, f"{_INGEST}/{{job}}/successfulResults", ingest.successful),
    Route("read.bulk.results", _GET, f"{_INGEST}/{{job}}/failedResults", ingest.failed),
    Route("read.bulk.results", _GET, f"{_INGEST}/{{job}}/unprocessedRecords", ingest.unprocessed),
    Route("read.bulk.query", _POST, _QUERY, extract.create, "partly", "no compound fields, aggregates or functions"),
    Route("read.bulk.jobs", _GET, _QUERY, extract.list_all),
    Route("read.bulk.state", _GET, f"{_QUERY}/{{job}}", extract.info),
    Route("read.bulk.close", ("PATCH",), f"{_QUERY}/{{job}}", extract.change),
    Route("read.bulk.forget", ("DELETE",), f"{_QUERY}/{{job}}", extract.delete),
    Route("read.bulk.results", _GET, f"{_QUERY}/{{job}}/results", extract.results),
    # Bulk API 1.0: its sessions come in a header of its own
    Route("write.bulk.create", _POST, _ASYNC, async_api.create_job, public=True),
    Route("read.bulk.state", _GET, f"{_ASYNC}/{{job}}", async_api.get_job, public=True),
    Route("write.bulk.close", _POST, f"{_ASYNC}/{{job}}", async_api.change_job, public=True),
    Route("write.bulk.upload", _POST, _BATCH, async_api.add_batch, "partly", "no zipped files with attachments",
          public=True),
    Route("read.bulk.state", _GET, _BATCH, async_api.list_batches, public=True),
    Route("read.bulk.state", _GET, f"{_BATCH}/{{batch}}", async_api.get_batch, public=True),
    Route("read.bulk.results", _GET, f"{_BATCH}/{{batch}}/request", async_api.get_request, public=True),
    Route("read.bulk.results", _GET, f"{_BATCH}/{{batch}}/result", async_api.get_results, public=True),
    Route("read.bulk.results", _GET, f"{_BATCH}/{{batch}}/result/{{result}}", async_api.get_result, public=True),
)  # fmt: skip
