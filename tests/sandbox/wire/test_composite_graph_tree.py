"""``composite/graph`` and ``composite/tree``: limits, references, all or nothing."""

import pytest


def node(reference, body, *, url="sobjects/Account", method="POST"):
    return {
        "referenceId": reference,
        "method": method,
        "url": f"/services/data/v60.0/{url}",
        "body": body,
    }


def test_each_graph_is_all_or_nothing_by_itself(client):
    good = {
        "graphId": "g1",
        "compositeRequest": [
            node("acc", {"Name": "Kept"}),
            node("con", {"LastName": "C", "AccountId": "@{acc.id}"}, url="sobjects/Contact"),
        ],
    }
    bad = {"graphId": "g2", "compositeRequest": [node("a", {"Name": "Undone"}), node("b", {"Phone": "1"})]}
    answer = client("POST", "composite/graph", {"graphs": [good, bad]})

    assert answer.status == 200
    first, second = answer.body["graphs"]
    assert (first["graphId"], first["isSuccessful"]) == ("g1", True)
    assert [i["httpStatusCode"] for i in first["graphResponse"]["compositeResponse"]] == [201, 201]
    assert (second["graphId"], second["isSuccessful"]) == ("g2", False)
    innocent, culprit = second["graphResponse"]["compositeResponse"]
    assert innocent["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert culprit["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert [row["Name"] for row in client.query("SELECT Name FROM Account")] == ["Kept"]
    assert client.query("SELECT Account.Name FROM Contact")[0]["Account"]["Name"] == "Kept"


def test_too_many_nodes_are_told_as_one_failed_graph(client):
    parts = [node(f"n{i}", {"Name": "x"}) for i in range(501)]
    answer = client("POST", "composite/graph", {"graphs": [{"graphId": "g", "compositeRequest": parts}]})

    (only,) = answer.body["graphs"]
    assert (answer.status, only["graphId"], only["isSuccessful"]) == (200, "_default", False)
    (item,) = only["graphResponse"]["compositeResponse"]
    assert item["body"][0]["message"] == "Limit of 500 reached for number of Nodes in the Graph"
    assert item["referenceId"] is None


def test_after_fifteen_failed_graphs_the_rest_is_not_tried(client):
    failing = [{"graphId": f"g{i}", "compositeRequest": [node("a", {"Phone": "1"})]} for i in range(15)]
    last = {"graphId": "last", "compositeRequest": [node("a", {"Name": "Never"})]}
    graphs = client("POST", "composite/graph", {"graphs": [*failing, last]}).body["graphs"]

    assert not graphs[-1]["isSuccessful"]
    assert client.query("SELECT Id FROM Account") == []


def record(reference, **values):
    return {"attributes": {"type": "x", "referenceId": reference}, **values}


def test_a_tree_saves_children_under_their_parents(client):
    contacts = {"records": [record("c1", LastName="One"), record("c2", LastName="Two")]}
    answer = client(
        "POST", "composite/tree/account", {"records": [record("a1", Name="A", contacts=contacts)]}
    )

    assert (answer.status, answer.body["hasErrors"]) == (201, False)
    assert [entry["referenceId"] for entry in answer.body["results"]] == ["a1", "c1", "c2"]
    found = client.query("SELECT Account.Name FROM Contact")
    assert [row["Account"]["Name"] for row in found] == ["A", "A"]


def test_one_refused_record_undoes_the_whole_tree_and_only_it_is_named(client):
    contacts = {"records": [record("c1", FirstName="No last name")]}
    answer = client(
        "POST", "composite/tree/Account", {"records": [record("a1", Name="A", Contacts=contacts)]}
    )

    assert (answer.status, answer.body["hasErrors"]) == (400, True)
    (entry,) = answer.body["results"]
    assert entry["referenceId"] == "c1"
    assert entry["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert client.query("SELECT Id FROM Account") == []


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([], "REQUIRED_FIELD_MISSING"),
        ([{"Name": "A"}], "INVALID_INPUT"),
        ([record("a", Name="A"), record("a", Name="B")], "INVALID_INPUT"),
        ([record(f"r{i}", Name="A") for i in range(201)], "EXCEEDED_ID_LIMIT"),
        ([record("a", Name="A", Nothing={"records": [record("b")]})], "INVALID_FIELD"),
    ],
)
def test_what_is_no_tree_is_refused_as_a_whole(client, records, code):
    answer = client("POST", "composite/tree/Account", {"records": records})

    assert (answer.status, answer.body[0]["errorCode"]) == (400, code)
