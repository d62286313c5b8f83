"""The REST hot paths, from a request to its answer's bytes in ``Sandbox.handle``, against SQLite alone."""

from itertools import count, cycle
from urllib.parse import parse_qsl, urlencode

import orjson

from bench.client import DATA, Client
from bench.measure import Result, each, over, rounds_of
from prm_harness.crm import soql
from prm_harness.crm.sandbox import Sandbox
from prm_harness.crm.soql import tokens

ROWS = 10_000
ROUNDS = 9
POINTS = 200
COLUMNS = (
    "Id", "FirstName", "LastName", "Company", "Title", "Email", "Phone", "MobilePhone", "Street", "City", "State",
    "PostalCode", "Country", "Website", "LeadSource", "Industry", "AnnualRevenue", "NumberOfEmployees",
    "HasOptedOutOfEmail", "SystemModstamp",
)  # fmt: skip


def lead(i):
    return {
        "FirstName": f"Ada{i}", "LastName": f"Lovelace {i}", "Company": f"Company {i % 997}", "Title": "Head of Channel",
        "Email": f"ada{i}@example.com", "Phone": f"+44 20 {i}", "MobilePhone": f"+44 77 {i}",
        "Street": f"{i % 997} Long Street", "City": "London", "State": "LND", "PostalCode": f"{i % 997}",
        "Country": "UK", "Website": f"https://example.com/{i}", "LeadSource": "Web", "Industry": "Banking",
        "AnnualRevenue": i * 1000, "NumberOfEmployees": i % 997, "HasOptedOutOfEmail": False,
    }  # fmt: skip


def measurements():
    with Sandbox(seed=7) as sandbox:
        client = Client(sandbox)
        ids = client.create("Lead", [lead(i) for i in range(ROWS)])
        database = sandbox._org.connection  # the very store that the sandbox reads
        yield from _points(client, database, ids)
        yield _page(client, database)
        yield _collections(client, database)


def _points(client, database, ids):
    names = ", ".join(COLUMNS)
    columns = ", ".join(f'"{name}"' for name in COLUMNS)
    statement = f'SELECT {columns} FROM "Lead" WHERE "Id" = ? AND "IsDeleted" = 0'
    queries = [
        urlencode({"q": f"SELECT {names} FROM Lead WHERE Id = '{i}'"})
        for i in ids[: 2 * POINTS * (ROUNDS + 1)]
    ]
    # Statements of their own for each side: one that the other has asked is remembered word for word.
    half = len(queries) // 2
    known, fresh, asked, bound = cycle(queries[:half]), cycle(queries[half:]), cycle(queries), cycle(ids)

    def select(record_id):
        cursor = database.execute(statement, (record_id,))
        keys = [column[0] for column in cursor.description]
        records = [
            {
                "attributes": {"type": "Lead", "url": f"{DATA}/sobjects/Lead/{row[0]}"},
                **dict(zip(keys, row, strict=True)),
            }
            for row in cursor.fetchall()
        ]
        return orjson.dumps({"totalSize": len(records), "done": True, "records": records})

    def raw():
        return select(dict(parse_qsl(next(asked)))["q"][-19:-1])

    def cached():
        return client.send("GET", "/query", query=next(known)).body

    def uncached():
        soql._plans.clear()
        tokens._outline.cache_clear()
        client.send("GET", "/query", query=next(fresh))

    assert orjson.loads(cached()) == orjson.loads(raw()), "both sides make the same answer"
    sides = (cached, uncached, raw, lambda: select(next(bound)))
    rounds = rounds_of(ROUNDS, *[lambda side=side: [side() for _ in range(POINTS)] for side in sides])
    definition = (
        "GET /query of one Lead's 20 fields by Id, another id each time, from the request to the answer's bytes, with "
        "session, quota and request log; {} / the query string decoded, the same SELECT through sqlite3, its row as the "
        "same record, orjson"
    )
    for what, side, floor, which in (
        ("SOQL point query, cached", 0, 2.5, "the statement's shape is known"),
        (
            "SOQL point query, uncached",
            1,
            4.0,
            "cut into tokens, parsed and compiled each time, its list of fields known",
        ),
    ):
        figures = (
            f"core {each(rounds, side, POINTS)}, raw {each(rounds, 2, POINTS)}; {over(rounds, side, 3):.1f}x of the raw "
            f"side without decoding ({each(rounds, 3, POINTS)})"
        )
        yield Result(
            what,
            over(rounds, side, 2),
            "x",
            floor,
            at_least=False,
            definition=definition.format(which),
            figures=figures,
        )


def _page(client, database):
    names = ", ".join(COLUMNS)
    columns = ", ".join(f'"{name}"' for name in COLUMNS)
    statement = f'SELECT {columns} FROM "Lead" WHERE "IsDeleted" = 0 LIMIT 2000'
    query = urlencode({"q": f"SELECT {names} FROM Lead LIMIT 2000"})

    def ours():
        return client.send("GET", "/query", query=query)

    def raw():
        return database.execute(statement).fetchall()

    def with_json():
        cursor = database.execute(statement)
        return orjson.dumps([dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()])

    assert ours().body.count(b'"attributes"') == 2000
    rounds = rounds_of(ROUNDS, ours, raw, with_json)
    figures = (
        f"core {each(rounds, 0)}, raw fetch {each(rounds, 1)}; "
        f"{over(rounds, 0, 2):.2f}x of fetch, dicts and orjson ({each(rounds, 2)})"
    )
    definition = (
        "GET /query of 2,000 rows of 20 fields, to the page's bytes / the same SELECT and fetchall, no JSON"
    )
    return Result(
        "page of 2,000 x 20", over(rounds), "x", 1.5, at_least=False, definition=definition, figures=figures
    )


def _collections(client, database):
    records = [{"attributes": {"type": "Lead"}, **lead(i)} for i in range(200)]
    body = orjson.dumps({"allOrNone": False, "records": records})
    names = list(lead(0))
    (made,) = database.execute(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'Lead'"
    ).fetchone()
    database.execute(made.replace('"Lead"', '"RawLead"', 1))
    columns = ", ".join(f'"{name}"' for name in ("Id", *names))
    marks = ", ".join("?" * (len(names) + 1))
    insert = f'INSERT INTO "RawLead" ({columns}) VALUES ({marks})'
    numbers = count()

    def ours():
        return client.send("POST", "/composite/sobjects", body)

    def raw():
        rows = orjson.loads(body)["records"]
        ids = [f"{next(numbers):018d}" for _ in rows]
        database.execute("BEGIN")
        database.executemany(
            insert, [(i, *[row[name] for name in names]) for i, row in zip(ids, rows, strict=True)]
        )
        database.execute("COMMIT")
        return orjson.dumps([{"id": i, "success": True, "errors": []} for i in ids])

    assert ours().body.count(b'"success":true') == 200
    rounds = rounds_of(4 * ROUNDS, ours, raw)
    database.execute('DROP TABLE "RawLead"')
    figures = f"core {each(rounds, 0)}, raw {each(rounds, 1)}"
    definition = (
        "POST /composite/sobjects of 200 Leads of 18 fields, to the answer's bytes: all checks, change log, change events "
        "/ orjson, executemany of the same fields into a table of the same columns with its unique Id, commit, ids as JSON"
    )
    return Result(
        "collections create of 200",
        over(rounds),
        "x",
        1.5,
        at_least=False,
        definition=definition,
        figures=figures,
    )
