"""What may be asked beside the rows: columns, plans; and child lists that are longer than a page."""

import pytest


@pytest.fixture
def acme(sandbox):
    return sandbox.create("Account", [{"Name": "Acme"}])[0]


def columns(client, soql):
    answer = client("GET", "query", params={"q": soql, "columns": "true"})
    assert answer.status == 200, answer.body
    return answer.body


def names(entries):
    return [(e["columnName"], e["aggregate"], names(e["joinColumns"])) for e in entries]


def test_columns_nest_as_the_command_line_reads_them(client):
    soql = (
        "SELECT c.Id, name, Account.Name, Account.Owner.Name, Account.Industry, (SELECT Id FROM Tasks) "
        "FROM Contact c"
    )
    body = columns(client, soql)

    assert list(body) == ["columnMetadata", "entityName", "groupBy", "idSelected", "keyPrefix"]
    assert (body["entityName"], body["keyPrefix"], body["idSelected"]) == ("Contact", "003", True)
    assert names(body["columnMetadata"]) == [
        ("Id", False, []),
        ("Name", False, []),
        (
            "Account",
            False,
            [("Name", False, []), ("Owner", False, [("Name", False, [])]), ("Industry", False, [])],
        ),
        ("Tasks", True, [("Id", False, [])]),
    ]


def test_functions_are_columns_without_joins(client):
    body = columns(client, "SELECT StageName, COUNT(Id) n, SUM(Amount) FROM Opportunity GROUP BY StageName")

    assert body["groupBy"] is True
    assert [(e["columnName"], e["displayName"], e["aggregate"]) for e in body["columnMetadata"]] == [
        ("StageName", "StageName", False),
        ("n", "count", True),
        ("expr0", "sum", True),
    ]


def test_a_column_knows_its_type(client):
    entry = columns(client, "SELECT Amount FROM Opportunity")["columnMetadata"][0]

    assert (entry["apexType"], entry["numberType"], entry["textType"]) == ("Double", True, False)


@pytest.mark.parametrize("asked", [{"columns": "true"}, {}])
def test_a_wrong_query_is_refused_whatever_is_asked_of_it(client, asked):
    wrong = client("GET", "query", params={"q": "SELECT Nope FROM Account", **asked})
    explained = client("GET", "query", params={"explain": "SELECT Nope FROM Account"})

    assert (wrong.status, wrong.body[0]["errorCode"]) == (400, "INVALID_FIELD")
    assert explained.body[0]["errorCode"] == "INVALID_FIELD"


def test_a_plan_names_the_index_that_helps(client, acme):
    def plans(soql):
        return client("GET", "query", params={"explain": soql}).body["plans"]

    by_index = plans("SELECT Id FROM Account WHERE External_Id__c = 'x' AND Industry = 'Banking'")
    by_scan = plans("SELECT Id FROM Account WHERE Industry = 'Banking' OR Name = 'x'")

    assert [(plan["leadingOperationType"], plan["fields"]) for plan in by_index] == [
        ("Index", ["External_Id__c"]),
        ("TableScan", []),
    ]
    assert by_index[1]["notes"][0]["fields"] == ["Industry"]
    assert [plan["leadingOperationType"] for plan in by_scan] == ["TableScan"]
    assert (by_scan[0]["sobjectType"], by_scan[0]["sobjectCardinality"]) == ("Account", 1)


def test_a_long_child_list_has_pages_of_its_own(sandbox, client, acme):
    sandbox.create("Contact", [{"LastName": f"C{n}", "AccountId": acme} for n in range(450)])
    options = {"sforce-query-options": "batchSize=200"}
    soql = "SELECT Name, (SELECT LastName FROM Contacts ORDER BY CreatedDate, Id) FROM Account"

    child = client("GET", "query", params={"q": soql}, headers=options).body["records"][0]["Contacts"]
    seen = [row["LastName"] for row in child["records"]]
    sizes = [len(seen)]
    assert list(child) == ["totalSize", "done", "nextRecordsUrl", "records"]
    while not child["done"]:
        child = client("GET", child["nextRecordsUrl"]).body
        assert child["totalSize"] == 450
        sizes.append(len(child["records"]))
        seen += [row["LastName"] for row in child["records"]]

    assert sizes == [200, 200, 50]
    assert seen == [f"C{n}" for n in range(450)]


def test_child_lists_are_paged_on_later_pages_too(sandbox, client):
    parents = sandbox.create("Account", [{"Name": f"A{n:03}"} for n in range(201)])
    sandbox.create("Contact", [{"LastName": f"C{n}", "AccountId": parents[-1]} for n in range(201)])
    options = {"sforce-query-options": "batchSize=200"}
    soql = "SELECT Name, (SELECT Id FROM Contacts) FROM Account ORDER BY Name"

    first = client("GET", "query", params={"q": soql}, headers=options).body
    last = client("GET", first["nextRecordsUrl"]).body["records"][0]

    assert last["Name"] == "A200"
    assert (last["Contacts"]["done"], len(last["Contacts"]["records"])) == (False, 200)
