"""One session of salesforce-bulk (Bulk API 1.0); prints what it saw. The welcome comes by standard input."""

import csv
import io
import json
import sys

from salesforce_bulk import CsvDictsAdapter, SalesforceBulk
from salesforce_bulk.salesforce_bulk import BulkBatchFailed

OWN = json.load(sys.stdin)
bulk = SalesforceBulk(sessionId=OWN["access_token"], host="acme.my.salesforce.com")
seen = {}


def load(job, rows):
    batch = bulk.post_batch(job, CsvDictsAdapter(iter(rows)))
    bulk.wait_for_batch(job, batch)
    bulk.close_job(job)
    return [[result.success, result.created] for result in bulk.get_batch_results(batch)]


seen["inserted"] = load(
    bulk.create_insert_job("Lead", contentType="CSV"),
    [{"LastName": f"Bulk {n}", "Company": "C"} for n in range(3)],
)
seen["upserted"] = [
    load(
        bulk.create_upsert_job("Account", external_id_name="External_Id__c", contentType="CSV"),
        [{"Name": name, "External_Id__c": "SB-1"}],
    )[0]
    for name in ("One", "Two")
]
job = bulk.create_query_job("Lead", contentType="CSV")
batch = bulk.query(job, "SELECT Id, Name FROM Lead")
bulk.close_job(job)
bulk.wait_for_batch(job, batch)
seen["read"] = [
    row["Name"]
    for result in bulk.get_all_results_for_query_batch(batch)
    for row in csv.DictReader(io.TextIOWrapper(result, encoding="utf-8"))
]
job = bulk.create_query_job("Lead", contentType="CSV")
try:
    bulk.wait_for_batch(job, bulk.query(job, "SELECT Nope FROM Lead"))
except BulkBatchFailed as error:
    seen["refused"] = str(error)
json.dump(seen, sys.stdout)
