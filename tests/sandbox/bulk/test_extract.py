"""Bulk API 2.0 query: columns, pages, refusals."""

import pytest


def started(client, soql, **more):
    answer = client.json("POST", "jobs/query", {"operation": "query", "query": soql, **more})
    assert answer.status == 200, answer.text
    return f"jobs/query/{answer.body['id']}"


def test_a_file_shows_values_as_texts_and_parents_as_columns(sandbox, client):
    sandbox.create("Account", [{"Name": 'A "q"', "NumberOfEmployees": 3, "AnnualRevenue": 1.5}])
    job = started(
        client, "SELECT Name, NumberOfEmployees, Phone, IsDeleted, CreatedDate, Owner.Name FROM Account"
    )
    page = client.send("GET", f"{job}/results")

    heading, row, end = page.text.split("\n")
    assert heading == '"Name","NumberOfEmployees","Phone","IsDeleted","CreatedDate","Owner.Name"'
    assert row.startswith('"A ""q""","3","","false","2026-')
    assert '.000Z","' in row
    assert end == ""
    assert (page.headers["Sforce-Locator"], page.headers["Sforce-NumberOfRecords"]) == ("null", "1")


def test_pages_follow_each_other_by_locator_and_every_one_has_the_heading(sandbox, client):
    sandbox.create("Account", [{"Name": f"A{i}"} for i in range(7)])
    job = started(client, "SELECT Name FROM Account ORDER BY Name")
    sandbox.create("Account", [{"Name": "A0 came later"}])
    names, sizes, locator = [], [], ""
    while locator != "null":
        page = client.send("GET", f"{job}/results?maxRecords=3&locator={locator}")
        names += [row["Name"] for row in page.rows]
        sizes.append(page.headers["Sforce-NumberOfRecords"])
        locator = page.headers["Sforce-Locator"]

    assert names == [f"A{i}" for i in range(7)]
    assert sizes == ["3", "3", "1"]


def test_query_all_sees_the_bin(sandbox, client):
    (gone,) = sandbox.create("Account", [{"Name": "Gone"}])
    sandbox.delete("Account", gone)

    assert client.send("GET", f"{started(client, 'SELECT Id FROM Account')}/results").rows == []
    job = started(client, "SELECT Id FROM Account", operation="queryAll")
    assert client.send("GET", f"{job}/results").rows == [{"Id": gone}]


def test_states_abort_and_delete(client):
    job = started(client, "SELECT Id FROM Account")

    assert client.json("GET", job).body["state"] == "JobComplete"
    assert client.json("PATCH", job, {"state": "Aborted"}).body[0]["errorCode"] == "INVALIDJOBSTATE"
    other = f"/services/data/v59.0/{job}/results"
    assert client.send("GET", other).status == 409
    assert client.send("GET", f"{job}/results?locator=%21").body[0]["errorCode"] == "INVALID_QUERY_LOCATOR"
    assert client.send("DELETE", job).status == 204
    assert client.send("GET", f"{job}/results").status == 404


@pytest.mark.parametrize(
    ("soql", "code", "words"),
    [
        (
            "SELECT BillingAddress FROM Account",
            "API_ERROR",
            "Selecting compound data not supported in Bulk Query",
        ),
        ("SELECT COUNT() FROM Account", "API_ERROR", "Aggregate"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "API_ERROR", "Aggregate"),
        ("SELECT Id FROM Account OFFSET 5", "API_ERROR", "Aggregate"),
        ("SELECT Nope FROM Account", "INVALID_FIELD", "No such column 'Nope' on entity 'Account'"),
        ("SELECT Id FROM Nope", "INVALID_TYPE", "sObject type 'Nope' is not supported"),
        ("SELECT Id Account", "MALFORMED_QUERY", "unexpected token"),
        ("", "INVALIDJOB", "query is required"),
    ],
)
def test_what_bulk_queries_do_not_do_is_refused_at_once(client, soql, code, words):
    answer = client.json("POST", "jobs/query", {"operation": "query", "query": soql})

    assert (answer.status, answer.body[0]["errorCode"]) == (400, code)
    assert words in answer.body[0]["message"]
