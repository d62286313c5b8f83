"""Bulk API 2.0 ingest: states, results, operations, refusals."""

import json
import os
from pathlib import Path

import pytest

RECORDINGS = Path(os.environ.get("PRM_HARNESS_RECORDINGS", "")) / "cases.jsonl"


def external_id(sandbox):
    sandbox.schema.add_field("Account", "Load_Key__c", "string", length=80, unique=True, external_id=True)


def test_a_job_shows_its_states_in_order(client):
    job = client.json("POST", "jobs/ingest", {"object": "account", "operation": "insert"}).body
    states = [job["state"]]
    client.send("PUT", f"/{job['contentUrl']}", "Name\nA\n", content_type="text/csv")
    states.append(client.json("GET", f"jobs/ingest/{job['id']}").body["state"])
    states.append(client.json("PATCH", f"jobs/ingest/{job['id']}", {"state": "UploadComplete"}).body["state"])
    states.append(client.json("GET", f"jobs/ingest/{job['id']}").body["state"])

    assert states == ["Open", "Open", "UploadComplete", "JobComplete"]
    assert job["object"] == "Account"
    assert job["contentUrl"] == f"services/data/v60.0/jobs/ingest/{job['id']}/batches"


def test_a_job_of_several_chunks_is_seen_in_progress(client):
    text = "Name\n" + "".join(f"A{i}\n" for i in range(10_001))
    job, first = client.ingest(text)
    second = client.json("GET", f"jobs/ingest/{job}").body

    assert (first["state"], second["state"]) == ("InProgress", "JobComplete")
    assert (second["numberRecordsProcessed"], second["numberRecordsFailed"]) == (10_001, 0)
    assert client.send("GET", "query?q=SELECT+COUNT()+FROM+Account").body["totalSize"] == 10_001


def test_every_row_has_its_own_fate(client):
    text = 'Name,NumberOfEmployees\nA,3\n"B, ""the"" second",x\n,4\n'
    job, end = client.ingest(text)

    assert (end["state"], end["numberRecordsProcessed"], end["numberRecordsFailed"]) == ("JobComplete", 3, 2)
    saved = client.results(job, "successfulResults")
    assert saved.text.startswith('"sf__Id","sf__Created",Name,NumberOfEmployees\n"001')
    assert [(r["sf__Created"], r["Name"]) for r in saved.rows] == [("true", "A")]
    refused = client.results(job, "failedResults").rows
    assert [r["sf__Error"] for r in refused] == [
        (
            "INVALID_FIELD:Failed to deserialize field at col 1. Due to, 'x' is not a valid value for the type "
            "xsd:int:NumberOfEmployees --"
        ),
        "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --",
    ]
    assert [r["Name"] for r in refused] == ['B, "the" second', ""]
    assert client.results(job, "unprocessedrecords").text == "Name,NumberOfEmployees\n"


@pytest.mark.parametrize(
    ("text", "more", "message"),
    [
        ("Name,Nope\nA,B\n", {}, "InvalidBatch : Field name not found : Nope"),
        (
            "Name\r\nA\r\n",
            {},
            "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF",
        ),
        ('\ufeff"Name"\n"A"\n', {}, ("InvalidBatch : Failed to parse CSV. Found unescaped quote. A value with quote "
         "should be within a quote")),
    ],
)  # fmt: skip
def test_a_file_that_makes_no_sense_fails_the_job_and_touches_nothing(client, text, more, message):
    job, end = client.ingest(text, **more)

    assert (end["state"], end["errorMessage"], end["numberRecordsProcessed"]) == ("Failed", message, 0)
    assert client.query("SELECT Id FROM Account") == []
    for kind in ("successfulResults", "failedResults", "unprocessedRecords"):
        assert client.results(job, kind).status == 200


def test_rows_of_a_failed_job_can_be_had_back(client):
    job, _ = client.ingest("Name,Nope\nA,1\nB,2\n")

    assert client.results(job, "unprocessedRecords").text == 'Name,Nope\n"A","1"\n"B","2"\n'


@pytest.mark.parametrize("delimiter", ["BACKQUOTE", "CARET", "PIPE", "SEMICOLON", "TAB", "COMMA"])
def test_files_come_and_go_in_the_dialect_of_the_job(client, delimiter):
    mark = {"BACKQUOTE": "`", "CARET": "^", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t", "COMMA": ","}[
        delimiter
    ]
    job, end = client.ingest(f"Name{mark}Phone\r\nA{mark}1\r\n", columnDelimiter=delimiter, lineEnding="CRLF")

    assert (end["state"], end["columnDelimiter"], end["lineEnding"]) == ("JobComplete", delimiter, "CRLF")
    lines = client.results(job, "successfulResults").text.split("\r\n")
    assert lines[0] == mark.join(['"sf__Id"', '"sf__Created"', "Name", "Phone"])
    assert lines[1].endswith(mark.join(['"true"', '"A"', '"1"']))


def test_update_clears_with_na_and_leaves_empty_cells_alone(sandbox, client):
    (account,) = sandbox.create("Account", [{"Name": "A", "Phone": "1", "Fax": "2"}])
    _, end = client.ingest(f"Id,Phone,Fax\n{account},#N/A,\n", "update")

    assert end["numberRecordsFailed"] == 0
    kept = sandbox.get("Account", account)
    assert (kept["Phone"], kept["Fax"]) == (None, "2")


def test_upsert_creates_and_updates_by_external_id_and_says_which(sandbox, client):
    external_id(sandbox)
    sandbox.create("Account", [{"Name": "Old", "Load_Key__c": "e1"}])
    job, _ = client.ingest(
        "Load_Key__c,Name\ne1,New\ne2,Second\n,None\n", "upsert", externalIdFieldName="Load_Key__c"
    )

    saved = client.results(job, "successfulResults").rows
    assert [(r["sf__Created"], r["Name"]) for r in saved] == [("false", "New"), ("true", "Second")]
    assert [r["sf__Error"] for r in client.results(job, "failedResults").rows] == [
        "MISSING_ARGUMENT:Load_Key__c not specified:Load_Key__c --"
    ]
    assert {r["Name"] for r in client.query("SELECT Name FROM Account")} == {"New", "Second"}


def test_parents_can_be_named_by_their_external_id(sandbox, client):
    external_id(sandbox)
    (account,) = sandbox.create("Account", [{"Name": "P", "Load_Key__c": "e1"}])
    job, _ = client.ingest("LastName,Account.Load_Key__c\nA,e1\nB,e9\nC,\n", sobject="Contact")

    assert [r["AccountId"] for r in client.query("SELECT AccountId FROM Contact ORDER BY LastName")] == [
        account,
        None,
    ]
    (refused,) = client.results(job, "failedResults").rows
    assert refused["sf__Error"] == (
        "INVALID_FIELD:Foreign key external ID: e9 not found for field Load_Key__c in entity Account:--"
    )


@pytest.mark.usefixtures("may_hard_delete")
def test_delete_goes_to_the_bin_and_hard_delete_does_not(sandbox, client):
    soft, hard = sandbox.create("Account", [{"Name": "A"}, {"Name": "B"}])
    client.ingest(f"Id\n{soft}\n", "delete")
    _, end = client.ingest(f"Id\n{hard}\n001000000000000AAA\n", "hardDelete")

    assert (end["numberRecordsProcessed"], end["numberRecordsFailed"]) == (2, 1)
    seen = client.send("GET", "queryAll?q=SELECT+Id,IsDeleted+FROM+Account").body["records"]
    assert [(r["Id"], r["IsDeleted"]) for r in seen] == [(soft, True)]


def test_hard_delete_takes_a_permission(client):
    refused = client.json("POST", "jobs/ingest", {"object": "Account", "operation": "hardDelete"})

    assert refused.status == 400
    assert refused.body == [
        {
            "errorCode": "FEATURENOTENABLED",
            "message": "FeatureNotEnabled : hardDelete operation requires special user profile permission, "
            "please contact your system administrator",
        }
    ]


def test_a_file_is_150_megabytes_at_most(client):
    job = client.json("POST", "jobs/ingest", {"object": "Account", "operation": "insert"}).body
    path = f"/{job['contentUrl']}"
    refused = client.send("PUT", path, bytes(150_000_001), content_type="text/csv")

    assert (refused.status, refused.body[0]["errorCode"]) == (413, "CLIENT_ERROR")
    assert client.send("PUT", path, "Name\nA\n", content_type="text/csv").status == 201


def test_a_delete_takes_nothing_but_ids(client):
    _, end = client.ingest("Id,Name\n001000000000000AAA,A\n", "delete")

    assert end["errorMessage"] == "InvalidBatch : The 'delete' batch must contain only ids"


def test_multipart_creates_fills_and_closes_in_one_request(client):
    body = (
        '--x\r\nContent-Type: application/json\r\nContent-Disposition: form-data; name="job"\r\n\r\n'
        '{"object":"Account","operation":"insert"}\r\n'
        '--x\r\nContent-Type: text/csv\r\nContent-Disposition: form-data; name="content"; filename="content"\r\n\r\n'
        "Name\nA\nB\n\r\n--x--\r\n"
    )  # fmt: skip
    answer = client.send("POST", "jobs/ingest", body, content_type="multipart/form-data; boundary=x")

    assert (answer.status, answer.body["state"]) == (200, "UploadComplete")
    end = client.json("GET", f"jobs/ingest/{answer.body['id']}").body
    assert (end["state"], end["numberRecordsProcessed"]) == ("JobComplete", 2)


def test_what_a_state_forbids_is_refused(client):
    job, _ = client.ingest("Name\nA\n")
    abort = client.json("PATCH", f"jobs/ingest/{job}", {"state": "Aborted"})
    again = client.send("PUT", f"jobs/ingest/{job}/batches", "Name\nB\n", content_type="text/csv")

    assert (abort.status, abort.body) == (
        400,
        [{"errorCode": "INVALIDJOBSTATE", "message": "Aborting already Completed Job not allowed"}],
    )
    assert again.body[0]["errorCode"] == "INVALIDJOBSTATE"


def test_a_second_upload_is_refused(client):
    job = client.json("POST", "jobs/ingest", {"object": "Account", "operation": "insert"}).body
    statuses = [
        client.send("PUT", f"/{job['contentUrl']}", "Name\nA\n", content_type="text/csv").status for _ in "12"
    ]

    assert statuses == [201, 400]


def test_an_aborted_job_gives_its_rows_back_and_can_be_deleted(client):
    job = client.json("POST", "jobs/ingest", {"object": "Account", "operation": "insert"}).body
    client.send("PUT", f"/{job['contentUrl']}", "Name\nA\n", content_type="text/csv")
    address = f"jobs/ingest/{job['id']}"

    assert client.send("DELETE", address).status == 400
    assert client.json("PATCH", address, {"state": "Aborted"}).body["state"] == "Aborted"
    assert client.results(job["id"], "unprocessedrecords").text == 'Name\n"A"\n'
    assert client.send("DELETE", address).status == 204
    assert client.send("GET", address).status == 404


def test_jobs_are_listed_and_forgotten_after_seven_days(sandbox, client):
    job, _ = client.ingest("Name\nA\n")
    listed = client.json("GET", "jobs/ingest").body

    assert (listed["done"], listed["nextRecordsUrl"]) == (True, None)
    assert [(r["id"], r["jobType"]) for r in listed["records"]] == [(job, "V2Ingest")]
    sandbox.clock.advance(7 * 86_400 + 1)
    client.token = type(client)(sandbox).token
    assert client.json("GET", "jobs/ingest").body["records"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"object": "Account"},
        {"object": "Account", "operation": "merge"},
        {"object": "Nothing", "operation": "insert"},
        {"object": "Account", "operation": "upsert"},
        {"object": "Account", "operation": "upsert", "externalIdFieldName": "Phone"},
        {"object": "Account", "operation": "insert", "columnDelimiter": "DOT"},
        {"object": "Account", "operation": "insert", "lineEnding": "CR"},
        {"object": "Account", "operation": "insert", "contentType": "XML"},
    ],
)
def test_a_job_that_makes_no_sense_is_not_created(client, body):
    answer = client.json("POST", "jobs/ingest", body)

    assert (answer.status, answer.body[0]["errorCode"]) == (400, "INVALIDJOB")


def test_the_log_says_how_many_rows_a_request_brought_and_what_was_refused(sandbox, client):
    client.ingest('Name\nA\n""\n')
    (close,) = sandbox.log.exchanges(route="bulk.close")

    assert (close.rows_in, close.error_code) == (2, "REQUIRED_FIELD_MISSING")
    assert [c.exchange for c in sandbox.log.changes(sobject="Account")] == [close.number]


@pytest.mark.skipif(not RECORDINGS.is_file(), reason="PRM_HARNESS_RECORDINGS does not name recorded answers")
def test_answers_have_the_recorded_form(client):
    lines = RECORDINGS.read_text(encoding="utf-8").splitlines()
    cases = {c["id"]: c["response"]["body"] for c in map(json.loads, lines) if c["kind"] == "bulk2"}
    created = client.json("POST", "jobs/ingest", {"object": "Opportunity", "operation": "delete"}).body
    assert list(created) == list(cases["bulk2-001"])
    more = {"object": "Account", "operation": "upsert", "externalIdFieldName": "Id"}
    job = client.json("POST", "jobs/ingest", more).body
    assert list(job) == list(cases["bulk2-008"])
    client.send("PUT", f"/{job['contentUrl']}", "Id,Name\n,A\n", content_type="text/csv")
    closed = client.json("PATCH", f"jobs/ingest/{job['id']}", {"state": "UploadComplete"}).body
    assert list(closed) == list(cases["bulk2-009"])
    assert list(client.json("GET", f"jobs/ingest/{job['id']}").body) == list(cases["bulk2-005"])
    _, end = client.ingest("Id,Wrong\n,A\n", "upsert", externalIdFieldName="Id")
    assert list(end) == list(cases["bulk2-003"])
    text = "Name,StageName,NextStep,CloseDate\nN,Prospecting,e,2003-04-987654321987654321\n"
    job, _ = client.ingest(text, sobject="Opportunity")
    recorded = cases["bulk2-006"].split("\n")[1].split(",")[1:3]
    assert client.results(job, "failedResults").text.split("\n")[1].split(",")[1:3] == recorded
    query = client.json("POST", "jobs/query", {"operation": "query", "query": "SELECT Id FROM Account"}).body
    assert list(query) == list(cases["bulk2-007"])
