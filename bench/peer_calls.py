"""What simple-mockforce and the sandbox are both asked, through unmodified simple-salesforce.

Runs as a script, since the peer's pins need an environment of their own:
``python peer_calls.py mockforce|sandbox ROWS`` reads names of operations, one a line, and answers each with the
seconds that a call took, so that two such processes can take turns. A turn is one call at least, and of what is quick
as many as fit into its time: a process that has waited for the other begins slowly.
"""

import logging
import sys
import warnings
from itertools import count
from time import perf_counter

SECONDS = {"SOQL =": 0.3, "ORDER BY LIMIT": 0.3, "bulk upsert": 0.3, "get": 0.3, "update": 0.3}
"""How long a turn takes. An upsert adds rows: whoever is quicker has more of them in the end."""
UPSERTED = 1000
"""As many as make the Bulk API worth its four requests."""


def contact(i):
    return {
        "FirstName": f"Ada{i}", "LastName": f"Lovelace {i}", "Email": f"ada{i}@example.com", "Title": "Head of Channel",
        "Department": f"Department {i % 97}", "External_Id__c": f"key-{i:07d}", "Phone": f"+44 20 {i}",
    }  # fmt: skip


def run(sf, rows):
    made = sf.bulk.Contact.insert([contact(i) for i in range(rows)], batch_size=10_000)
    ids = [row["id"] for row in made]
    assert len(ids) == rows, ids[:3]
    numbers = count(1)

    def pick():
        return next(numbers) * 7919 % rows

    def equals():
        key = contact(pick())["External_Id__c"]
        found = sf.query(f"SELECT Id, FirstName, LastName, Email FROM Contact WHERE External_Id__c = '{key}'")
        assert found["totalSize"] == 1, found["totalSize"]

    def ordered():
        found = sf.query(
            f"SELECT Id, LastName FROM Contact WHERE Department = 'Department {pick() % 97}' ORDER BY LastName LIMIT 20"
        )
        assert len(found["records"]) == 20

    def upsert():
        half = UPSERTED // 2
        start, fresh = pick() % (rows - half), rows + next(numbers) * half
        there, new = range(start, start + half), range(fresh, fresh + half)
        sent = [contact(i) | {"Title": "Changed"} for i in (*there, *new)]
        done = sf.bulk.Contact.upsert(sent, "External_Id__c", batch_size=10_000)
        assert all(row["success"] for row in done)

    def get():
        assert sf.Contact.get(ids[pick()])["LastName"]

    def update():
        sf.Contact.update(ids[pick()], {"Title": f"Title {next(numbers)}"})

    operations = dict(zip(SECONDS, (equals, ordered, upsert, get, update), strict=True))
    for line in sys.stdin:
        name = line.strip()
        started, calls = perf_counter(), 0
        while calls < 1 or perf_counter() - started < SECONDS[name]:
            operations[name]()
            calls += 1
        print((perf_counter() - started) / calls, flush=True)


def in_mockforce(rows):
    from simple_mockforce import mock_salesforce
    from simple_salesforce import Salesforce

    @mock_salesforce
    def inside():
        run(Salesforce(username="u", password="p", security_token="t"), rows)

    inside()


def in_sandbox(rows):
    from simple_salesforce import Salesforce

    from prm_harness.crm.sandbox import Sandbox

    with Sandbox(seed=7) as sandbox, sandbox.in_process():
        sandbox.quota.set(maximum=10_000_000)
        own = sandbox.credentials()
        sf = Salesforce(username=own.username, password=own.password, security_token=own.security_token)
        run(sf, rows)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    side = {"mockforce": in_mockforce, "sandbox": in_sandbox}[sys.argv[1]]
    side(int(sys.argv[2]))
