"""Bulk API 2.0, whole files in and out, against the raw work it cannot do without."""

import csv
import io
import sqlite3
from itertools import count
from urllib.parse import urlencode

from bench.client import Client
from bench.measure import Result, each, over, timed
from prm_harness.crm.sandbox import Sandbox

ROWS = 50_000
ROUNDS = 5
COLUMNS = {
    "FirstName": "Ada{0}", "LastName": "Lovelace {0}", "Company": "Company {1}", "Title": "Head of Channel",
    "Email": "ada{0}@example.com", "Phone": "+44 20 {0}", "MobilePhone": "+44 77 {0}", "Street": "{1} Long Street",
    "City": "London", "State": "LND", "PostalCode": "{1}", "Country": "UK", "Website": "https://example.com/{0}",
    "Description": "Met at the partner day, wants a demo of {1}", "LeadSource": "Web", "Industry": "Banking",
    "Rating": "Hot", "AnnualRevenue": "{1}000.50", "NumberOfEmployees": "{1}", "HasOptedOutOfEmail": "false",
}  # fmt: skip


def measurements():
    body = _upload()
    writes, reads = [], []
    for _ in range(ROUNDS):
        raw_write, database = timed(_raw_ingest, body)
        with Sandbox(seed=7) as sandbox:
            client = Client(sandbox)
            writes.append((timed(_ingest, client, body)[0], raw_write))
            raw_read = timed(_raw_extract, database)[0]
            reads.append((timed(_extract, client)[0], raw_read))
        database.close()
    for what, rounds, floor, definition in (
        (
            "ingest", writes, 0.40,
            "csv.reader, executemany with a unique Id / a job from the upload to the end of its results file",
        ),
        ("query CSV", reads, 0.70, "SELECT *, csv.writer / a job from its statement to the last part of its file"),
    ):  # fmt: skip
        figures = f"{ROWS:,} rows of 20 fields: sandbox {each(rounds, 0)}, raw {each(rounds, 1)}"
        speed = over(rounds, 1, 0)
        yield Result(
            f"Bulk 2.0 {what}",
            speed,
            "of raw speed",
            floor,
            at_least=True,
            definition=definition,
            figures=figures,
        )


def _upload():
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([text.format(i, i % 997) for text in COLUMNS.values()] for i in range(ROWS))
    return out.getvalue().encode()


def _ingest(client, body):
    job = client.json("POST", "/jobs/ingest", {"object": "Lead", "operation": "insert"})["id"]
    client.send("PUT", f"/jobs/ingest/{job}/batches", body, **{"content-type": "text/csv"})
    client.json("PATCH", f"/jobs/ingest/{job}", {"state": "UploadComplete"})
    state = {}
    while state.get("state") != "JobComplete":
        state = client.json("GET", f"/jobs/ingest/{job}")
    assert (state["numberRecordsProcessed"], state["numberRecordsFailed"]) == (ROWS, 0), state
    assert client.send("GET", f"/jobs/ingest/{job}/successfulResults").body.count(b"\n") == ROWS + 1


def _raw_ingest(body):
    database = sqlite3.connect(":memory:")
    reader = csv.reader(io.StringIO(body.decode(), newline=""))
    names = next(reader)
    columns = ", ".join(f'"{name}" TEXT' for name in names)
    database.execute(f'CREATE TABLE rows ("Id" TEXT PRIMARY KEY NOT NULL, {columns})')
    marks = ", ".join("?" * (len(names) + 1))
    ids = count()
    database.executemany(
        f"INSERT INTO rows VALUES ({marks})", ([f"{next(ids):018d}", *row] for row in reader)
    )
    database.commit()
    return database


def _extract(client):
    soql = f"SELECT Id, {', '.join(COLUMNS)} FROM Lead"
    job = client.json("POST", "/jobs/query", {"operation": "query", "query": soql})["id"]
    locator, seen = "", 0
    while locator != "null":
        answer = client.send("GET", f"/jobs/query/{job}/results", query=urlencode({"locator": locator}))
        locator, seen = answer.headers["Sforce-Locator"], seen + int(answer.headers["Sforce-NumberOfRecords"])
    assert seen == ROWS, seen


def _raw_extract(database):
    out = io.StringIO()
    csv.writer(out).writerows(database.execute("SELECT * FROM rows"))
    return out.getvalue().encode()
