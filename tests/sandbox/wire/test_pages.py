"""List views and quick actions, as jsforce's ``listviews()`` and ``quickActions()`` ask for them."""

import pytest
from simple_salesforce.exceptions import (
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

ACTION_KEYS = ["actionEnumOrId", "label", "name", "type", "urls"]


@pytest.fixture(scope="module")
def accounts(shared, sf):
    """Three of the caller's, one of somebody else's."""
    mine = [sf.Account.create({"Name": f"Mine {n}", "Phone": "1"})["id"] for n in (2, 1, 3)]
    other = shared.create("Account", [{"Name": "Other's"}])
    return mine, other


def followed(sf, url):
    return sf.restful(url.partition("/v60.0/")[2])


def shown(answer):
    return [{c["fieldNameOrPath"]: c["value"] for c in record["columns"]} for record in answer["records"]]


def test_views_lead_to_what_they_show(sf, accounts):
    listed = sf.restful("sobjects/Account/listviews")
    assert list(listed) == ["done", "listviews", "nextRecordsUrl", "size", "sobjectType"]
    everything, mine = listed["listviews"]
    assert (everything["developerName"], mine["label"], listed["size"]) == ("AllAccounts", "My Accounts", 2)
    assert followed(sf, everything["url"]) == everything

    told = followed(sf, everything["describeUrl"])
    assert (told["scope"], told["sobjectType"], told["id"]) == ("everything", "Account", everything["id"])
    whole = followed(sf, everything["resultsUrl"])
    names = [row["Name"] for row in shown(whole)]
    assert names == [row["Name"] for row in sf.query_all(told["query"])["records"]]
    assert "Other's" in names
    assert "Other's" not in [row["Name"] for row in shown(followed(sf, mine["resultsUrl"]))]
    assert [column["fieldNameOrPath"] for column in whole["columns"]] == list(shown(whole)[0])


def test_results_come_in_pages_and_as_texts(sf, accounts):
    view = sf.restful("sobjects/Account/listviews")["listviews"][1]
    address = view["resultsUrl"].partition("/v60.0/")[2]
    pages = [sf.restful(address, params={"limit": 2, "offset": start}) for start in (0, 2)]
    assert [(page["size"], page["done"]) for page in pages] == [(2, False), (1, True)]
    rows = [row for page in pages for row in shown(page)]
    assert [row["Name"] for row in rows] == ["Mine 1", "Mine 2", "Mine 3"]
    assert rows[0]["CreatedDate"].endswith(f"GMT {sf.Account.get(rows[0]['Id'])['CreatedDate'][:4]}")
    with pytest.raises(SalesforceMalformedRequest, match="limit has to be a number from 1 to 2000"):
        sf.restful(address, params={"limit": 2001})


def test_views_are_found_by_query_and_not_under_another_object(sf):
    (row,) = sf.query(
        "SELECT Id, Name FROM ListView WHERE SobjectType = 'Lead' AND DeveloperName = 'AllLeads'"
    )["records"]
    assert sf.restful(f"sobjects/Lead/listviews/{row['Id'][:15]}")["label"] == row["Name"] == "All Leads"
    assert (
        sf.query("SELECT COUNT() FROM ListView WHERE SobjectType != 'Lead' OR Name = 'x'")["totalSize"] > 10
    )
    with pytest.raises(SalesforceResourceNotFound):
        sf.restful(f"sobjects/Account/listviews/{row['Id']}")
    assert sf.restful("sobjects/Profile/listviews")["listviews"] == []


def test_actions_are_listed_globally_and_by_object(sf):
    for place in ("", "sobjects/Account/"):
        listed = sf.restful(f"{place}quickActions")
        assert {list(entry) == ACTION_KEYS for entry in listed} == {True}
        assert {"LogACall", "NewTask", "NewLead"} <= {entry["name"] for entry in listed}
        for entry in listed:
            assert followed(sf, entry["urls"]["quickAction"]) == entry
            assert followed(sf, entry["urls"]["describe"])["actionEnumOrId"] == entry["actionEnumOrId"]


def test_a_task_is_made_with_the_defaults_of_its_form(sf, accounts):
    account = accounts[0][0]
    address = "quickActions/NewTask"
    defaults = sf.restful(f"{address}/defaultValues")
    assert (defaults["attributes"], defaults["Status"], defaults["WhatId"]) == (
        {"type": "Task"},
        "Not Started",
        None,
    )
    assert sf.restful(f"{address}/defaultValues/{account}")["WhatId"] == account

    made = sf.restful(
        address, method="POST", json={"contextId": account[:15], "record": {"Subject": "Call back"}}
    )
    assert (made["success"], made["contextId"]) == (True, account)
    task = sf.Task.get(made["id"])
    assert (task["Subject"], task["WhatId"], task["Status"]) == ("Call back", account, "Not Started")
    called = sf.restful("quickActions/LogACall", method="POST", json={"record": {"Subject": "Called"}})
    assert sf.Task.get(called["id"])["Status"] == "Completed"


def test_what_actions_refuse(sf):
    with pytest.raises(SalesforceResourceNotFound):
        sf.restful("quickActions/Nothing")
    with pytest.raises(SalesforceResourceNotFound):
        sf.restful("quickActions/NewTask/defaultValues/001000000000000AAA")
    with pytest.raises(SalesforceMalformedRequest, match="Required fields are missing"):
        sf.restful("quickActions/NewLead", method="POST", json={"record": {"LastName": "x"}})
    with pytest.raises(SalesforceMalformedRequest, match="record of a quick action is missing"):
        sf.restful("quickActions/NewLead", method="POST", json={})
    with pytest.raises(SalesforceGeneralError, match="does not implement the quick action SendEmail"):
        sf.restful("quickActions/SendEmail")


def test_what_no_org_has_answers_as_they_do(sf):
    """Code of a managed package that is not installed, and the action that many tools believe in."""
    with pytest.raises(SalesforceResourceNotFound, match="Invalid Action Type"):
        sf.restful("actions/standard/convertLead", method="POST", json={"inputs": [{}]})
    with pytest.raises(SalesforceResourceNotFound, match="Could not find a match for URL"):
        sf.apexecute("portal/deals")
    with pytest.raises(SalesforceGeneralError, match="invocable actions"):
        sf.restful("actions/standard/emailSimple", method="POST", json={"inputs": [{}]})
