"""Queries and their pages (contract §7.1)."""

import pytest


@pytest.fixture
def accounts(sandbox):
    return sandbox.create("Account", [{"Name": f"A{n:04d}"} for n in range(450)])


def ask(client, soql, **more):
    return client("GET", "query/", params={"q": soql}, **more)


def test_the_envelope_and_the_order_of_its_keys(client, accounts):
    answer = ask(client, "SELECT Name, Id FROM Account ORDER BY Name LIMIT 1")

    assert answer.status == 200
    assert list(answer.body) == ["totalSize", "done", "records"]
    assert answer.body["records"] == [
        {
            "attributes": {"type": "Account", "url": f"/services/data/v60.0/sobjects/Account/{accounts[0]}"},
            "Name": "A0000",
            "Id": accounts[0],
        }
    ]


def test_pages_follow_each_other_without_loss_or_repeat(client, accounts):
    headers = {"sforce-query-options": "batchSize=200"}
    answer = ask(client, "SELECT Id FROM Account ORDER BY Name", headers=headers)
    assert list(answer.body) == ["totalSize", "done", "nextRecordsUrl", "records"]

    seen = [row["Id"] for row in answer.body["records"]]
    sizes = [len(seen)]
    while not answer.body["done"]:
        answer = client("GET", answer.body["nextRecordsUrl"] + "?q=stale+words+are+ignored")
        assert answer.body["totalSize"] == 450
        sizes.append(len(answer.body["records"]))
        seen += [row["Id"] for row in answer.body["records"]]

    assert (seen, sizes) == (accounts, [200, 200, 50])


def test_a_cursor_is_a_snapshot(sandbox, client, accounts):
    first = ask(client, "SELECT Id, Name FROM Account", headers={"sforce-query-options": "batchSize=1"}).body
    sandbox.create("Account", [{"Name": "late"}])

    second = client("GET", first["nextRecordsUrl"]).body
    assert second["totalSize"] == 450


def test_a_cursor_dies_after_two_days_and_unknown_ones_never_lived(sandbox, client, accounts):
    first = ask(client, "SELECT Id FROM Account", headers={"sforce-query-options": "batchSize=200"}).body
    sandbox.clock.advance(2 * 86400 + 1)
    client.token = client.log_in()

    for url in (first["nextRecordsUrl"], "query/0r8nothing-200", "query/-", "query/x"):
        answer = client("GET", url)
        assert answer.status == 400
        assert answer.body == [{"message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR"}]


def test_deleted_rows_are_in_query_all_only(sandbox, client):
    (record_id,) = sandbox.create("Account", [{"Name": "gone"}])
    sandbox.delete("Account", record_id)
    params = {"q": "SELECT Id, IsDeleted FROM Account"}

    assert client("GET", "query", params=params).body["totalSize"] == 0
    found = client("GET", "queryAll/", params=params).body["records"]
    assert [(row["Id"], row["IsDeleted"]) for row in found] == [(record_id, True)]


def test_count_has_a_total_and_no_records(client, accounts):
    assert ask(client, "SELECT COUNT() FROM Account").body == {"totalSize": 450, "done": True, "records": []}


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("", "MALFORMED_QUERY"),
        ("SELECT FROM", "MALFORMED_QUERY"),
        ("SELECT Nope FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Nope", "INVALID_TYPE"),
    ],
)
def test_a_query_that_cannot_run_says_message_then_code(client, soql, code):
    answer = ask(client, soql)

    assert answer.status == 400
    assert list(answer.body[0]) == ["message", "errorCode"]
    assert answer.body[0]["errorCode"] == code


def test_parents_and_children_come_nested(sandbox, client):
    (account,) = sandbox.create("Account", [{"Name": "Acme"}])
    sandbox.create("Contact", [{"LastName": n, "AccountId": account} for n in "AB"])

    child = ask(client, "SELECT LastName, Account.Name FROM Contact ORDER BY LastName").body["records"][0]
    parent = ask(client, "SELECT Name, (SELECT LastName FROM Contacts) FROM Account").body["records"][0]

    assert child["Account"]["Name"] == "Acme"
    assert child["Account"]["attributes"]["url"] == f"/services/data/v60.0/sobjects/Account/{account}"
    assert parent["Contacts"]["totalSize"] == 2
    assert [row["LastName"] for row in parent["Contacts"]["records"]] == ["A", "B"]


def test_record_count_leaves_empty_objects_out(sandbox, client):
    sandbox.create("Account", [{"Name": "A"}, {"Name": "B"}])
    answer = client("GET", "limits/recordCount", params={"sObjects": "Account,Contact,Nope"})

    assert answer.body == {"sObjects": [{"count": 2, "name": "Account"}]}


@pytest.mark.parametrize(
    "where",
    [
        "Id IN (SELECT AccountId FROM Contact)",
        "Id NOT IN (SELECT AccountId FROM Opportunity WHERE AccountId != null)",
    ],
)
def test_a_sub_select_that_only_filters_comes_through(client, sandbox, where):
    with_contact, with_deal = sandbox.create("Account", [{"Name": "A"}, {"Name": "B"}])
    sandbox.create("Contact", [{"LastName": "L", "AccountId": with_contact}])
    deal = {"Name": "O", "StageName": "Prospecting", "CloseDate": "2026-03-02", "AccountId": with_deal}
    sandbox.create("Opportunity", [deal])
    answer = ask(client, f"SELECT Id FROM Account WHERE {where}")
    assert [row["Id"] for row in answer.body["records"]] == [with_contact]


@pytest.mark.parametrize("name", ["EmailMessage", "order", "AccountFeed", "Product2History"])
def test_an_object_that_every_org_has_and_the_sandbox_has_not_is_our_gap(client, name):
    asked = (
        ask(client, f"SELECT Id FROM {name}"),
        client("GET", f"sobjects/{name}/describe"),
        client("POST", "jobs/query", {"operation": "query", "query": f"SELECT Id FROM {name}"}),
    )
    assert [(answer.status, answer.body[0]["errorCode"]) for answer in asked] == [(501, "SANDBOX_GAP")] * 3
    made = client("POST", "composite/sobjects", {"records": [{"attributes": {"type": name}}]})
    assert made.body[0]["errors"][0]["statusCode"] == "SANDBOX_GAP"


@pytest.mark.parametrize("name", ["Accountt", "Quote", "Foo__c", "Nope__Share"])
def test_an_object_that_no_such_org_has_is_the_clients_mistake(client, name):
    assert ask(client, f"SELECT Id FROM {name}").body[0]["errorCode"] == "INVALID_TYPE"
    assert client("GET", f"sobjects/{name}/describe").status == 404


def test_queues_own_leads_and_are_named(client, sandbox):
    queue = client("POST", "sobjects/Group", {"Name": "Partner leads", "Type": "Queue"}).body["id"]
    assert client("POST", "sobjects/QueueSobject", {"QueueId": queue, "SobjectType": "Lead"}).status == 201
    (lead,) = sandbox.create("Lead", [{"LastName": "L", "Company": "C", "OwnerId": queue}])
    (row,) = ask(client, "SELECT OwnerId, Owner.Name, Owner.Type FROM Lead").body["records"]
    assert (row["OwnerId"], row["Owner"]["Name"], row["Owner"]["Type"]) == (queue, "Partner leads", "Queue")
    found = ask(client, "SELECT Id FROM Group WHERE Type = 'Queue' AND Name LIKE 'Partner%'").body["records"]
    assert [group["Id"] for group in found] == [queue]
    assert client("PATCH", f"sobjects/Lead/{lead}", {"OwnerId": sandbox.facts.integration_user}).status == 204


def test_cases_have_comments_and_accounts_notes(client, sandbox):
    (case,) = sandbox.create("Case", [{"Subject": "S"}])
    (account,) = sandbox.create("Account", [{"Name": "A"}])
    client("POST", "sobjects/CaseComment", {"ParentId": case, "CommentBody": "hello", "IsPublished": True})
    client("POST", "sobjects/Note", {"ParentId": account, "Title": "T", "Body": "b"})
    (row,) = ask(client, "SELECT (SELECT CommentBody FROM CaseComments) FROM Case").body["records"]
    assert row["CaseComments"]["records"][0]["CommentBody"] == "hello"
    (row,) = ask(client, "SELECT (SELECT Title FROM Notes) FROM Account").body["records"]
    assert row["Notes"]["records"][0]["Title"] == "T"


def test_scopes_are_those_that_the_describe_names(client, sandbox):
    scopes = {
        name: [scope["name"] for scope in client("GET", f"sobjects/{name}/describe").body["supportedScopes"]]
        for name in ("Account", "Lead", "Task", "Profile")
    }
    assert scopes == {
        "Account": ["everything", "mine"],
        "Lead": ["everything", "mine", "queue_owned", "user_owned"],
        "Task": ["delegated", "everything", "mine", "queue_owned"],
        "Profile": ["everything"],
    }
    for name, known in scopes.items():
        for scope in known:
            assert (
                client("GET", "query", params={"q": f"SELECT Id FROM {name} USING SCOPE {scope}"}).status
                == 200
            )


def test_a_scope_narrows_by_owner(client, sandbox):
    queue = sandbox.people.create_queue("Inbox", ["Lead"])
    other = sandbox.query("SELECT Id FROM User WHERE Profile.Name = 'Standard User'")[0]["Id"]
    mine, theirs, waiting = (
        client("POST", "sobjects/Lead", {"LastName": "L", "Company": "C", **owner}).body["id"]
        for owner in ({}, {"OwnerId": other}, {"OwnerId": queue})
    )
    given = client("POST", "sobjects/Task", {"Subject": "Call", "OwnerId": other}).body["id"]
    client("POST", "sobjects/Task", {"Subject": "Mine"})

    def ids(sobject, scope):
        return {row["Id"] for row in client.query(f"SELECT Id FROM {sobject} USING SCOPE {scope}")}

    assert ids("Lead", "mine") == {mine}
    assert ids("Lead", "User_Owned") == {mine, theirs}
    assert ids("Lead", "queue_owned") == {waiting}
    assert ids("Task", "delegated") == {given}
