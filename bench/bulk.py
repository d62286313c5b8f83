"""Bulk API 2.0 against the raw work it cannot do without: ``python bench/bulk.py [rows]`` prints two ratios.

Ingest, from the upload to the results file, is held against csv.reader into sqlite's executemany with a unique Id;
a query's file against raw rows into csv.writer. Each pair is measured in turn and the best of three counts.
"""

import csv
import io
import json
import sqlite3
import sys
from itertools import count
from time import perf_counter
from urllib.parse import urlencode

from prm_harness.crm.salesforce.http import Request
from prm_harness.crm.sandbox import Sandbox

ROUNDS = 3
JOBS = "/services/data/v60.0/jobs"
COLUMNS = {
    "FirstName": "Ada{0}", "LastName": "Lovelace {0}", "Company": "Company {1}", "Title": "Head of Channel",
    "Email": "ada{0}@example.com", "Phone": "+44 20 {0}", "MobilePhone": "+44 77 {0}", "Street": "{1} Long Street",
    "City": "London", "State": "LND", "PostalCode": "{1}", "Country": "UK", "Website": "https://example.com/{0}",
    "Description": "Met at the partner day, wants a demo of {1}", "LeadSource": "Web", "Industry": "Banking",
    "Rating": "Hot", "AnnualRevenue": "{1}000.50", "NumberOfEmployees": "{1}", "HasOptedOutOfEmail": "false",
}  # fmt: skip


def upload(rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([text.format(i, i % 997) for text in COLUMNS.values()] for i in range(rows))
    return out.getvalue().encode()


class Client:
    def __init__(self, sandbox):
        own = sandbox.credentials()
        form = {"grant_type": "password", "client_id": own.client_id, "client_secret": own.client_secret,
                "username": own.username, "password": own.password}  # fmt: skip
        self.sandbox, self.token = sandbox, ""
        self.token = json.loads(self.send("POST", "/services/oauth2/token", urlencode(form).encode()).body)[
            "access_token"
        ]

    def send(self, method, path, body=b"", kind="application/json"):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {
            "host": "login.salesforce.com",
            "authorization": f"Bearer {self.token}",
            "content-type": kind,
        }
        answer = self.sandbox.handle(Request(method, *path.partition("?")[::2], headers, raw))
        assert answer.status < 300, answer.body
        return answer


def ingest(client, body, rows):
    job = json.loads(client.send("POST", f"{JOBS}/ingest", {"object": "Lead", "operation": "insert"}).body)[
        "id"
    ]
    client.send("PUT", f"{JOBS}/ingest/{job}/batches", body, "text/csv")
    client.send("PATCH", f"{JOBS}/ingest/{job}", {"state": "UploadComplete"})
    state = {}
    while state.get("state") != "JobComplete":
        state = json.loads(client.send("GET", f"{JOBS}/ingest/{job}").body)
    assert (state["numberRecordsProcessed"], state["numberRecordsFailed"]) == (rows, 0), state
    assert client.send("GET", f"{JOBS}/ingest/{job}/successfulResults").body.count(b"\n") == rows + 1


def raw_ingest(body):
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


def extract(client, rows):
    soql = f"SELECT Id, {', '.join(COLUMNS)} FROM Lead"
    body = json.loads(client.send("POST", f"{JOBS}/query", {"operation": "query", "query": soql}).body)
    locator, seen = "", 0
    while locator != "null":
        answer = client.send("GET", f"{JOBS}/query/{body['id']}/results?{urlencode({'locator': locator})}")
        locator, seen = answer.headers["Sforce-Locator"], seen + int(answer.headers["Sforce-NumberOfRecords"])
    assert seen == rows, seen


def raw_extract(database):
    out = io.StringIO()
    csv.writer(out).writerows(database.execute("SELECT * FROM rows"))
    return out.getvalue().encode()


def timed(function, *args):
    started = perf_counter()
    result = function(*args)
    return perf_counter() - started, result


def main(rows=100_000):
    body = upload(rows)
    writes, raw_writes, reads, raw_reads = [], [], [], []
    for _ in range(ROUNDS):
        seconds, database = timed(raw_ingest, body)
        raw_writes.append(seconds)
        with Sandbox(seed=7) as sandbox:
            client = Client(sandbox)
            writes.append(timed(ingest, client, body, rows)[0])
            raw_reads.append(timed(raw_extract, database)[0])
            reads.append(timed(extract, client, rows)[0])
        database.close()
    for what, ours, raw, floor in (("ingest", writes, raw_writes, 0.40), ("query", reads, raw_reads, 0.70)):
        print(f"Bulk 2.0 {what} of {rows:,} rows: {min(ours):.2f} s, raw {min(raw):.2f} s, "
              f"ratio {min(raw) / min(ours):.2f} (hold {floor:.2f})")  # fmt: skip


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
