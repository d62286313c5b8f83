"""Bulk API 1.0 as salesforce-bulk, tap-salesforce and jsforce use it: XML and CSV, PK chunking, refusals."""

import csv
import io
import json
import os
import re
from pathlib import Path

import pytest

from prm_harness.crm.backend import FaultSpec

RECORDINGS = Path(os.environ.get("PRM_HARNESS_RECORDINGS", "")) / "cases.jsonl"
HEAD = '<jobInfo xmlns="http://www.force.com/2009/06/asyncapi/dataload">'
ASYNC = "/services/async/60.0/job"


def said(answer, tag):
    return re.findall(rf"<{tag}>(.*?)</{tag}>", answer.text)


def asked(client, method, path, body=b"", kind="application/xml; charset=UTF-8", **more):
    more |= {"x_sfdc_session": client.token, "authorization": ""}
    return client.send(method, f"{ASYNC}{path}", body, content_type=kind, **more)


def opened(client, operation, content="CSV", extra="", **more):
    body = f"{HEAD}<operation>{operation}</operation><object>Account</object>{extra}<contentType>{content}</contentType></jobInfo>"
    answer = asked(client, "POST", "", body, **more)
    assert answer.status == 201, answer.text
    return said(answer, "id")[0]


def added(client, job, body, kind="text/csv"):
    answer = asked(client, "POST", f"/{job}/batch", body, kind)
    assert (answer.status, said(answer, "state")) == (201, ["Queued"])
    return said(answer, "id")[0]


def test_a_csv_job_from_beginning_to_end(client):
    job = opened(client, "insert")
    batch = added(client, job, 'Name\nA\n""\n')
    state = asked(client, "GET", f"/{job}/batch/{batch}")
    assert state.headers["Content-Type"] == "application/xml"
    assert (said(state, "state"), said(state, "numberRecordsFailed")) == (["Completed"], ["1"])
    results = asked(client, "GET", f"/{job}/batch/{batch}/result")
    assert results.headers["Content-Type"] == "text/csv"
    rows = list(csv.DictReader(io.StringIO(results.text)))
    assert [(r["Success"], r["Created"]) for r in rows] == [("true", "true"), ("false", "false")]
    assert rows[1]["Error"] == "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"
    assert asked(client, "GET", f"/{job}/batch/{batch}/request").text == 'Name\nA\n""\n'
    closed = asked(client, "POST", f"/{job}", f"{HEAD}<state>Closed</state></jobInfo>")
    assert (said(closed, "state"), said(closed, "numberBatchesCompleted")) == (["Closed"], ["1"])
    assert asked(client, "POST", f"/{job}/batch", "Name\nB\n", "text/csv").status == 400


def test_an_xml_batch_has_parents_and_nulls(sandbox, client):
    (old,) = sandbox.create("Account", [{"Name": "P", "Phone": "1"}])
    job = opened(client, "update", "XML")
    body = (
        '<sObjects xmlns="http://www.force.com/2009/06/asyncapi/dataload" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><sObject>'
        f'<Id>{old}</Id><Phone xsi:nil="true"/><Fax>2</Fax></sObject></sObjects>'
    )
    batch = added(client, job, body, "application/xml")

    assert said(asked(client, "GET", f"/{job}/batch/{batch}/result"), "success") == ["true"]
    assert (sandbox.get("Account", old)["Phone"], sandbox.get("Account", old)["Fax"]) == (None, "2")


@pytest.mark.parametrize("content", ["CSV", "XML"])
def test_a_query_lists_its_files(sandbox, client, content):
    sandbox.create("Account", [{"Name": "A & B"}])
    job = opened(client, "query", content)
    batch = added(client, job, "SELECT Id, Name, CreatedDate FROM Account")
    listed = asked(client, "GET", f"/{job}/batch/{batch}/result")
    (result,) = said(listed, "result")
    text = asked(client, "GET", f"/{job}/batch/{batch}/result/{result}").text

    assert "result-list" in listed.text
    assert ('"A & B"' if content == "CSV" else "<Name>A &amp; B</Name>") in text


def test_pk_chunking_makes_batches_that_together_hold_every_row(sandbox, client):
    ids = sandbox.create("Account", [{"Name": f"A{i}"} for i in range(5)])
    job = opened(client, "query", sforce_enable_pkchunking="chunkSize=2")
    added(client, job, "SELECT Id FROM Account")
    listed = asked(client, "GET", f"/{job}/batch")
    states, batches = said(listed, "state"), said(listed, "id")
    assert states == ["NotProcessed", "Completed", "Completed", "Completed"]
    found = []
    for batch in batches[1:]:
        (result,) = said(asked(client, "GET", f"/{job}/batch/{batch}/result"), "result")
        text = asked(client, "GET", f"/{job}/batch/{batch}/result/{result}").text
        found += [row["Id"] for row in csv.DictReader(io.StringIO(text))]
    assert found == ids


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<x/>", "InvalidJob"),
        (f"{HEAD}<operation>nope</operation><object>Account</object></jobInfo>", "InvalidJob"),
        (f"{HEAD}<operation>insert</operation><object>Nope</object></jobInfo>", "InvalidJob"),
        (f"{HEAD}<operation>upsert</operation><object>Account</object></jobInfo>", "InvalidJob"),
    ],
)
def test_what_is_no_job_is_refused_in_this_apis_own_shape(client, body, code):
    answer = asked(client, "POST", "", body)

    assert (answer.status, said(answer, "exceptionCode")) == (400, [code])


def test_without_a_session_the_answer_is_a_400_of_its_own_shape(client):
    answer = client.send("GET", f"{ASYNC}/750000000000000", x_sfdc_session="no", authorization="")

    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/xml")
    assert said(answer, "exceptionCode") == ["InvalidSessionId"]


def test_an_unknown_column_or_too_many_rows_fail_the_batch(client):
    job = opened(client, "insert")
    messages = []
    for body in ("Nope\nA\n", "Name\n", "Name\n" + "A\n" * 10_001):
        batch = added(client, job, body)
        state = asked(client, "GET", f"/{job}/batch/{batch}")
        assert said(state, "state") == ["Failed"]
        messages += said(state, "stateMessage")
    assert messages[:2] == ["InvalidBatch : Field name not found : Nope", "InvalidBatch : Records not found"]
    assert messages[2].startswith("InvalidBatch : Number of records")


def shape(text):
    return re.findall(r"</?([A-Za-z-]+)", text)


@pytest.mark.skipif(not RECORDINGS.is_file(), reason="PRM_HARNESS_RECORDINGS does not name recorded answers")
def test_answers_have_the_recorded_form(client):
    lines = RECORDINGS.read_text(encoding="utf-8").splitlines()
    cases = {c["id"]: c["response"] for c in map(json.loads, lines) if c["kind"] == "bulk1"}
    request = f"{HEAD}<operation>upsert</operation><object>Contact</object><externalIdFieldName>Id</externalIdFieldName>"
    request += "<concurrencyMode>Parallel</concurrencyMode><contentType>CSV</contentType></jobInfo>"
    created = asked(client, "POST", "", request)
    job = said(created, "id")[0]
    none = asked(client, "GET", f"/{job}/batch")
    batch = asked(client, "POST", f"/{job}/batch", 'LastName,Id\nA,""\n', "text/csv")
    closed = asked(client, "POST", f"/{job}", f"{HEAD}<state>Closed</state></jobInfo>")
    seen = {
        "bulk1-010": created,
        "bulk1-011": batch,
        "bulk1-012": closed,
        "bulk1-013": asked(client, "GET", f"/{job}"),
        "bulk1-014": asked(client, "GET", f"/{job}/batch"),
        "bulk1-019": none,
    }
    for case, answer in seen.items():
        assert answer.status == cases[case]["status"], case
        assert shape(answer.text) == shape(cases[case]["body"]), case
        assert answer.headers["Content-Type"] == cases[case]["headers"]["content-type"], case
    json_job = opened(client, "query", "JSON")
    shown = asked(client, "POST", f"/{json_job}/batch", "SELECT Id FROM Account", "text/csv").body
    assert list(shown) == list(cases["bulk1-004"]["body"])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("application/xml", "<exceptionCode>ServerUnavailable</exceptionCode>"),
        ("application/json", '"exceptionCode":"ServerUnavailable"'),
    ],
)
def test_an_injected_fault_speaks_this_apis_language(sandbox, client, kind, expected):
    fault = FaultSpec(name="down", kind="status", status=503, code="SERVER_UNAVAILABLE", message="Later")
    sandbox.faults.inject(fault)
    answer = asked(client, "GET", "/750000000000000AAA", kind=kind)

    assert answer.status == 503
    assert expected in answer.text
    assert "Later" in answer.text


def test_an_injected_limit_is_this_apis_exceeded_quota(sandbox, client):
    fault = FaultSpec(name="down", kind="status", status=403, code="REQUEST_LIMIT_EXCEEDED", message="x")
    sandbox.faults.inject(fault)

    assert said(asked(client, "GET", "/750000000000000AAA"), "exceptionCode") == ["ExceededQuota"]


def test_a_batch_has_ten_million_characters_at_most(client):
    job = opened(client, "insert")
    refused = asked(client, "POST", f"/{job}/batch", bytes(10_000_001), "text/csv")

    assert (refused.status, said(refused, "exceptionCode")) == (400, ["ClientInputError"])
    assert said(refused, "exceptionMessage") == [
        "Failed to read request. Exceeded max size limit of 10000000"
    ]
