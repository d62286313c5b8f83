"""32 clients on loopback sockets write at once: nothing is lost, nothing is there twice."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import requests

from prm_harness.crm.sandbox import Sandbox

CLIENTS = 32
ROUNDS = 6


@pytest.fixture
def sandbox():
    with Sandbox(seed=7) as running:
        yield running


def all_at_once(sandbox, work):
    """What ``work(session, base, number)`` answers for each client; all begin together."""
    start = Barrier(CLIENTS)
    with sandbox.serve() as server:
        base = f"{server.url}/services/data/v60.0"

        def client(number):
            with requests.Session() as session:
                session.headers["Authorization"] = f"Bearer {sandbox.open_session()}"
                start.wait(30)
                return work(session, base, number)

        with ThreadPoolExecutor(CLIENTS) as pool:
            return list(pool.map(client, range(CLIENTS)))


def test_every_row_that_was_answered_is_there_once(sandbox):
    def work(session, base, number):
        ids = []
        for turn in range(ROUNDS):
            name = f"{number}-{turn}"
            one = session.post(f"{base}/sobjects/Account", json={"Name": name}, timeout=60)
            records = [{"attributes": {"type": "Account"}, "Name": f"{name}-{n}"} for n in range(3)]
            many = session.post(f"{base}/composite/sobjects", json={"records": records}, timeout=60)
            ids += [(one.json()["id"], name)]
            ids += [(item["id"], row["Name"]) for item, row in zip(many.json(), records, strict=True)]
        return ids

    answered = dict(pair for ids in all_at_once(sandbox, work) for pair in ids)
    stored = {row["Id"]: row["Name"] for row in sandbox.query("SELECT Id, Name FROM Account")}

    assert len(answered) == CLIENTS * ROUNDS * 4
    assert stored == answered


def test_an_upsert_raced_by_all_is_created_by_one(sandbox):
    def work(session, base, number):
        return [
            session.patch(
                f"{base}/sobjects/Account/External_Id__c/key-{turn}", json={"Name": f"{number}"}, timeout=60
            )
            for turn in range(ROUNDS)
        ]

    answers = all_at_once(sandbox, work)
    for turn in range(ROUNDS):
        of_turn = [mine[turn] for mine in answers]
        assert Counter(answer.status_code for answer in of_turn) == {201: 1, 200: CLIENTS - 1}
        assert len({answer.json()["id"] for answer in of_turn}) == 1
    assert len(sandbox.query("SELECT Id FROM Account")) == ROUNDS


def test_bulk_jobs_side_by_side_keep_their_rows_apart(sandbox):
    def work(session, base, number):
        job = session.post(
            f"{base}/jobs/ingest", json={"object": "Contact", "operation": "insert"}, timeout=60
        ).json()["id"]
        sheet = "LastName\n" + "".join(f"{number}-{n}\n" for n in range(50))
        address = f"{base}/jobs/ingest/{job}"
        session.put(f"{address}/batches", data=sheet, headers={"Content-Type": "text/csv"}, timeout=60)
        session.patch(address, json={"state": "UploadComplete"}, timeout=60)
        assert session.get(address, timeout=60).json()["state"] == "JobComplete"
        return session.get(f"{address}/successfulResults", timeout=60).text.splitlines()[1:]

    results = all_at_once(sandbox, work)
    stored = {row["Id"]: row["LastName"] for row in sandbox.query("SELECT Id, LastName FROM Contact")}

    assert len(stored) == CLIENTS * 50
    for number, lines in enumerate(results):
        ids = [line.split(",")[0].strip('"') for line in lines]
        assert [stored[i] for i in ids] == [f"{number}-{n}" for n in range(50)]
