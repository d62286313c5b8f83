"""Automation through an unmodified client: what it writes, in which order, and what a failing flow answers."""

import pytest

from prm_harness.crm.backend import CrmRefusal

DEAL = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-30"}


def test_a_before_save_flow_writes_what_validation_rules_see(sandbox, sf, told):
    schema = sandbox.schema
    schema.add_flow(
        "Opportunity",
        "Region",
        timing="before_save",
        condition="ISBLANK(TEXT(Deal_Region__c))",
        updates={"Deal_Region__c": '"AMER"', "Discount__c": "0.05", "NextStep": '"Call " & Account.Name'},
    )
    account = sf.Account.create({"Name": "Acme"})["id"]
    deal = sf.Opportunity.create(DEAL | {"AccountId": account})["id"]
    found = sf.Opportunity.get(deal)
    assert (found["Deal_Region__c"], found["Discount__c"], found["NextStep"]) == ("AMER", 5.0, "Call Acme")
    schema.add_validation_rule(
        "Opportunity", "Not_Amer", 'ISPICKVAL(Deal_Region__c, "AMER")', "No deals there", "Deal_Region__c"
    )
    assert told(lambda: sf.Opportunity.create(DEAL)) == [
        {
            "message": "No deals there",
            "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "fields": ["Deal_Region__c"],
        }
    ]


def test_the_stage_that_a_flow_sets_brings_its_probability(sandbox, sf):
    sandbox.schema.add_flow(
        "Opportunity",
        "Win",
        timing="before_save",
        condition="Amount > 100",
        updates={"StageName": '"Closed Won"'},
    )
    found = sf.Opportunity.get(sf.Opportunity.create(DEAL | {"Amount": 101})["id"])
    assert (found["StageName"], found["IsWon"], found["Probability"]) == ("Closed Won", True, 100.0)


def test_an_after_save_flow_acts_once_and_the_change_is_told_once(sandbox, sf):
    schema = sandbox.schema
    schema.add_flow(
        "Opportunity", "Count", condition="Amount > 0", updates={"Seats__c": "BLANKVALUE(Seats__c, 0) + 1"}
    )
    deal = sf.Opportunity.create(DEAL | {"Amount": 5})["id"]
    assert sf.Opportunity.get(deal)["Seats__c"] == 1
    sf.Opportunity.update(deal, {"Amount": 6})
    assert sf.Opportunity.get(deal)["Seats__c"] == 2
    told = sandbox.log.changes(record_id=deal)
    assert [change.operation for change in told] == ["create", "update"]
    assert told[0].fields["Seats__c"] == (None, 1)
    assert told[1].fields["Seats__c"] == (1, 2)
    assert told[1].user == sandbox.facts.integration_user


def test_parents_and_new_records(sandbox, sf):
    sandbox.schema.add_flow(
        "Opportunity",
        "Won",
        condition="IsWon",
        only_when_it_becomes_true=True,
        updates={"Account.Rating": '"Hot"'},
        creates={"Task": {"Subject": '"Thank " & Account.Name', "WhatId": "Id", "Status": '"Not Started"'}},
    )
    account = sf.Account.create({"Name": "Acme"})["id"]
    deal = sf.Opportunity.create(DEAL | {"AccountId": account})["id"]
    assert sf.Account.get(account)["Rating"] is None
    sf.Opportunity.update(deal, {"StageName": "Closed Won"})
    sf.Opportunity.update(deal, {"NextStep": "rest"})
    assert sf.Account.get(account)["Rating"] == "Hot"
    tasks = sf.query("SELECT Subject, WhatId FROM Task")["records"]
    assert [(task["Subject"], task["WhatId"]) for task in tasks] == [("Thank Acme", deal)]


def test_a_failing_flow_refuses_the_save_and_nothing_stays(sandbox, sf, told):
    sandbox.schema.add_flow(
        "Opportunity",
        "Opp_Process",
        label="Opp Process",
        fails="An unhandled fault has occurred in this flow",
    )
    entry = told(lambda: sf.Opportunity.create(DEAL))[0]
    # Code, quotation marks and the sentence are those of the recorded answer create-021.
    assert entry["errorCode"] == "CANNOT_EXECUTE_FLOW_TRIGGER"
    assert entry["message"].startswith(
        "We can't save this record because the “Opp Process” process failed. Give your Salesforce admin these details. "
        "An unhandled fault has occurred in this flow Error ID: "
    )
    assert sandbox.query("SELECT Id FROM Opportunity") == []
    assert [change for change in sandbox.log.changes() if change.sobject == "Opportunity"] == []


def test_a_flow_that_breaks_a_rule_fails_with_it(sandbox, sf, told):
    schema = sandbox.schema
    schema.add_validation_rule("Account", "Cold", 'ISPICKVAL(Rating, "Cold")', "Never cold", "Rating")
    schema.add_flow("Opportunity", "Chill", updates={"Account.Rating": '"Cold"'})
    account = sf.Account.create({"Name": "Acme"})["id"]
    entry = told(lambda: sf.Opportunity.create(DEAL | {"AccountId": account}))[0]
    assert (
        "This error occurred when the flow tried to update records: FIELD_CUSTOM_VALIDATION_EXCEPTION: Never cold."
        in (entry["message"])
    )
    assert sandbox.query("SELECT Id FROM Opportunity") == []


def test_one_bad_row_of_a_collection_leaves_nothing_behind(sandbox, sf):
    schema = sandbox.schema
    schema.add_flow("Opportunity", "Fails", condition="Amount = 13", fails="Unlucky")
    schema.add_flow("Opportunity", "Steps", timing="workflow", updates={"NextStep": '"Go"'})
    records = [{"attributes": {"type": "Opportunity"}, **DEAL, "Amount": amount} for amount in (12, 13, 14)]
    answer = sf.restful("composite/sobjects", method="POST", json={"records": records})
    assert [row["success"] for row in answer] == [True, False, True]
    found = sf.query("SELECT Amount, NextStep FROM Opportunity ORDER BY Amount")["records"]
    assert [(row["Amount"], row["NextStep"]) for row in found] == [(12.0, "Go"), (14.0, "Go")]


def test_workflow_does_not_ask_validation_rules_again(sandbox, sf):
    schema = sandbox.schema
    schema.add_validation_rule("Opportunity", "No_Step", 'NextStep = "Go"', "Never")
    schema.add_flow("Opportunity", "Steps", timing="workflow", updates={"NextStep": '"Go"'})
    deal = sf.Opportunity.create(DEAL)["id"]
    assert sf.Opportunity.get(deal)["NextStep"] == "Go"


def test_assignment_rules_choose_an_owner_unless_the_client_declines(sandbox, sf):
    sales, other = (
        sandbox.query(f"SELECT Id FROM User WHERE Username = '{name}@northwind.example'")[0]["Id"]
        for name in ("sales", "admin")
    )
    schema = sandbox.schema
    schema.add_flow(
        "Lead", "West", timing="assignment", condition='State = "CA"', updates={"OwnerId": f'"{sales}"'}
    )
    schema.add_flow("Lead", "Rest", timing="assignment", updates={"OwnerId": f'"{other}"'})
    lead = {"LastName": "Ito", "Company": "Acme"}
    own = sandbox.facts.integration_user
    owners = [
        sf.Lead.get(sf.Lead.create(lead | more, headers=headers)["id"])["OwnerId"]
        for more, headers in (({"State": "CA"}, None), ({}, None), ({}, {"Sforce-Auto-Assign": "FALSE"}))
    ]
    assert owners == [sales, other, own]


def test_before_delete(sandbox, sf, told):
    account = sf.Account.create({"Name": "Acme"})["id"]
    sandbox.schema.add_flow(
        "Account", "Keep", timing="before_delete", condition='Name = "Acme"', fails="Keep it"
    )
    assert told(lambda: sf.Account.delete(account))[0]["errorCode"] == "CANNOT_EXECUTE_FLOW_TRIGGER"
    sandbox.schema.drop_flow("Account", "Keep")
    assert sf.Account.delete(account) == 204


@pytest.mark.parametrize(
    ("properties", "problem"),
    [
        ({"updates": {"Nope": "1"}}, "No such column 'Nope'"),
        ({"updates": {"Account.Nope": "1"}}, "No such column 'Account.Nope'"),
        ({"updates": {"NextStep": "Nope"}}, "Field Nope does not exist"),
        ({"condition": "("}, "Syntax error"),
        ({"timing": "before_save", "updates": {"Account.Rating": '"Hot"'}}, "is another record's"),
        ({"timing": "now"}, "unknown timing 'now'; known: before_save, assignment, workflow, after_save"),
        ({"when": "now"}, "unknown flow properties: when"),
    ],
)
def test_what_cannot_be_made(sandbox, properties, problem):
    with pytest.raises(CrmRefusal, match=problem.replace("(", r"\(")):
        sandbox.schema.add_flow("Opportunity", "F", **properties)
