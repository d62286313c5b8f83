"""What a hundred times as many rows cost: 10,000 and 1,000,000, made in the store directly."""

from itertools import cycle
from urllib.parse import urlencode

import orjson

from bench.client import Client
from bench.measure import Result, each, over, rounds_of
from prm_harness.crm.sandbox import Sandbox

SMALL, LARGE = 10_000, 1_000_000
ROUNDS = 9
CALLS = 100
COLUMNS = ("Id", "Name", "BillingCity", "Phone", "IsDeleted", "OwnerId", "CreatedById", "LastModifiedById",
           "CreatedDate", "LastModifiedDate", "SystemModstamp", "External_Id__c")  # fmt: skip


def measurements():
    with Sandbox(seed=7) as small, Sandbox(seed=7) as large:
        sides = [_calls(sandbox, rows) for sandbox, rows in ((small, SMALL), (large, LARGE))]
        for what in sides[0]:
            few, many = (side[what] for side in sides)
            few(), many()
            rounds = rounds_of(ROUNDS, many, few)
            yield Result(
                f"growth 10k to 1M rows: {what}", over(rounds), "x", 2, at_least=False,
                definition="the same request in Sandbox.handle, with 1,000,000 / with 10,000 Accounts in memory",
                figures=f"{each(rounds, 0, CALLS)} at 1M, {each(rounds, 1, CALLS)} at 10k",
            )  # fmt: skip


def _calls(sandbox, rows):
    client = Client(sandbox)
    ids = _fill(sandbox, rows)
    places = cycle([place * 7919 % rows for place in range(997)])

    def repeated(call):
        def calls():
            for _ in range(CALLS):
                call(next(places))

        return calls

    def soql(place):
        text = f"SELECT Id, Name, BillingCity FROM Account WHERE External_Id__c = 'key-{place:07d}'"
        client.send("GET", "/query", query=urlencode({"q": text}))

    def get(place):
        client.send("GET", f"/sobjects/Account/{ids[place]}")

    def update(place):
        client.send("PATCH", f"/sobjects/Account/{ids[place]}", orjson.dumps({"Phone": f"+44 {place}"}))

    return {"indexed SOQL": repeated(soql), "get": repeated(get), "update": repeated(update)}


def _fill(sandbox, rows):
    org = sandbox._org
    user, now = org.integration_id, "2026-03-02T09:00:00.000+0000"
    ids = org._core.mint.take("001", rows)
    marks = ", ".join("?" * len(COLUMNS))
    columns = ", ".join(f'"{name}"' for name in COLUMNS)
    org.connection.execute("BEGIN")
    org.connection.executemany(
        f'INSERT INTO "Account" ({columns}) VALUES ({marks})',
        ((record_id, f"Account {i}", f"City {i % 997}", "", 0, user, user, user, now, now, now, f"key-{i:07d}")
         for i, record_id in enumerate(ids)),
    )  # fmt: skip
    org.connection.execute("COMMIT")
    return ids
