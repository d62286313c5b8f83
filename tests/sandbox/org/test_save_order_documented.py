"""The order of a save, step by step as documentation lists it.

Source: Apex Developer Guide, "Triggers and Order of Execution" (developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/
apex_triggers_order_of_execution.htm), read in the renderings of bbdoc-sample-output.onrender.com/orderofexecution and
reddymallareddy.blogspot.com/2016/11/order-of-execution-in-salesforce.html. Numbers are those of its list: 1 loads the
record, 2 loads the new values, 3 before-save flows, 4 before triggers (Apex, which the sandbox has not), 5 system validation
again and custom validation rules, 6 duplicate rules, 7 saves, 8 after triggers, 9 assignment rules, 10 auto-response, 11 workflow
rules and their field updates, after which custom validation rules, flows and duplicate rules do not run again, 14 after-save flows,
16 and 17 roll-ups of the parent and of the grandparent, 19 commits, 20 post-commit logic.
"""

import pytest

DEAL = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-30"}


def error(told, action):
    return [(entry["errorCode"], entry["message"]) for entry in told(action)]


@pytest.fixture
def rule(sandbox):
    """Adds a validation rule whose message is its name."""

    def add(name, formula, sobject="Opportunity"):
        sandbox.schema.add_validation_rule(sobject, name, formula, name)

    return add


@pytest.fixture
def flow(sandbox):
    """Activates automation."""

    def add(name, timing, condition="", sobject="Opportunity", **more):
        sandbox.schema.add_flow(sobject, name, timing=timing, condition=condition, **more)

    return add


@pytest.fixture
def blocked(sandbox):
    """Blocks a second deal of the same next step."""
    sandbox.schema.add_duplicate_rule("Opportunity", "Same", ["NextStep"])


def test_2_fields_of_the_request_are_validated_before_any_rule(sf, told, rule):
    rule("Never", "TRUE")
    assert error(told, lambda: sf.Opportunity.create(DEAL | {"Deal_Region__c": "Moon"}))[0][0] == (
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    )


def test_3_before_5_a_before_save_flow_writes_what_rules_see(sf, told, rule, flow):
    flow("Fill", "before_save", updates={"NextStep": '"filled"'})
    rule("Filled", 'NextStep = "filled"')
    assert error(told, lambda: sf.Opportunity.create(DEAL)) == [
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Filled")
    ]


def test_3_before_5_what_a_flow_writes_is_validated_by_the_system_too(sf, told, flow):
    flow("Wrong", "before_save", updates={"Deal_Region__c": '"Moon"'})
    code, message = error(told, lambda: sf.Opportunity.create(DEAL))[0]
    assert code == "CANNOT_EXECUTE_FLOW_TRIGGER"
    assert "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" in message


def test_5_all_rules_are_told_at_once(sf, told, rule):
    rule("One", "TRUE")
    rule("Two", "TRUE")
    assert [m for _, m in error(told, lambda: sf.Opportunity.create(DEAL))] == ["One", "Two"]


def test_5_before_6_rules_come_before_duplicate_rules(sf, told, rule, blocked):
    sf.Opportunity.create(DEAL | {"NextStep": "call"})
    assert (
        error(told, lambda: sf.Opportunity.create(DEAL | {"NextStep": "call"}))[0][0] == "DUPLICATES_DETECTED"
    )
    rule("Before", 'NextStep = "call"')
    assert error(told, lambda: sf.Opportunity.create(DEAL | {"NextStep": "call"})) == [
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Before")
    ]


def test_6_a_blocked_record_runs_nothing_after(sandbox, sf, told, flow, blocked):
    sf.Opportunity.create(DEAL | {"NextStep": "call"})
    flow("Later", "workflow", updates={"Description": '"ran"'})
    mark = sandbox.log.mark()[1]
    assert told(lambda: sf.Opportunity.create(DEAL | {"NextStep": "call"}))
    assert sandbox.log.changes(since=mark) == []


def test_11_field_updates_do_not_run_custom_rules_again(sf, rule, flow):
    rule("Not_Again", 'NextStep = "updated"')
    flow("Update", "workflow", updates={"NextStep": '"updated"'})
    made = sf.Opportunity.create(DEAL)["id"]
    assert sf.Opportunity.get(made)["NextStep"] == "updated"


def test_11_field_updates_do_not_run_duplicate_rules_again(sf, flow, blocked):
    sf.Opportunity.create(DEAL | {"NextStep": "updated"})
    flow("Update", "workflow", updates={"NextStep": '"updated"'})
    assert sf.Opportunity.create(DEAL)["success"]


def test_9_before_11_workflow_sees_the_assigned_owner(sandbox, sf, flow):
    sales = sandbox.query("SELECT Id FROM User WHERE Username = 'sales@northwind.example'")[0]["Id"]
    flow("Assign", "assignment", sobject="Lead", updates={"OwnerId": f'"{sales}"'})
    flow("Seen", "workflow", f'OwnerId = "{sales}"', sobject="Lead", updates={"Description": '"assigned"'})
    sf.headers["Sforce-Auto-Assign"] = "TRUE"
    lead = sf.Lead.create({"LastName": "L", "Company": "C"})["id"]
    row = sf.Lead.get(lead)
    assert (row["OwnerId"], row["Description"]) == (sales, "assigned")


def test_11_before_14_an_after_save_flow_sees_what_workflow_wrote(sf, flow):
    flow("Update", "workflow", updates={"NextStep": '"updated"'})
    flow("After", "after_save", 'NextStep = "updated"', updates={"Description": '"seen"'})
    made = sf.Opportunity.create(DEAL)["id"]
    assert sf.Opportunity.get(made)["Description"] == "seen"


def test_16_and_17_parents_are_summed_up_after_the_flows(sandbox, sf, flow):
    flow("Priced", "after_save", "ISBLANK(Amount)", updates={"Amount": "5"})
    sandbox.schema.add_field("Account", "Worth__c", "currency", precision=18, scale=2,
                             roll_up={"child": "Opportunity", "via": "AccountId", "operation": "sum",
                                      "field": "Amount"})  # fmt: skip
    account = sf.Account.create({"Name": "A"})["id"]
    sf.Opportunity.create(DEAL | {"AccountId": account})
    assert sf.Account.get(account)["Worth__c"] == 5.0


def test_16_a_rule_of_the_parent_refuses_the_childs_save(sandbox, sf, told, rule):
    sandbox.schema.add_field("Account", "Worth__c", "currency", precision=18, scale=2,
                             roll_up={"child": "Opportunity", "via": "AccountId", "operation": "sum",
                                      "field": "Amount"})  # fmt: skip
    rule("Too_Much", "Worth__c > 10", "Account")
    account = sf.Account.create({"Name": "A"})["id"]
    assert told(lambda: sf.Opportunity.create(DEAL | {"AccountId": account, "Amount": 11}))
    assert sf.query("SELECT COUNT() FROM Opportunity")["totalSize"] == 0


def test_19_what_fails_late_undoes_all_of_it(sandbox, sf, told, flow):
    flow("Update", "workflow", updates={"NextStep": '"updated"'})
    flow("Fails", "after_save", fails="no")
    mark = sandbox.log.mark()[1]
    assert told(lambda: sf.Opportunity.create(DEAL))
    assert sandbox.log.changes(since=mark) == []
    assert sf.query("SELECT COUNT() FROM OpportunityHistory")["totalSize"] == 0


def test_1_and_2_isnew_ischanged_and_priorvalue_compare_with_what_was_loaded(sf, told, rule):
    """Visualforce Developer Guide, "Functions": ISNEW, ISCHANGED, PRIORVALUE."""
    rule("New_Ones_Are_Open", "ISNEW() && IsClosed")
    rule("No_Halving", "ISCHANGED(Amount) && Amount < PRIORVALUE(Amount) / 2")
    assert (
        error(told, lambda: sf.Opportunity.create(DEAL | {"StageName": "Closed Won"}))[0][1]
        == "New_Ones_Are_Open"
    )
    made = sf.Opportunity.create(DEAL | {"Amount": 100})["id"]
    sf.Opportunity.update(made, {"StageName": "Closed Won", "Amount": 60})
    assert error(told, lambda: sf.Opportunity.update(made, {"Amount": 20}))[0][1] == "No_Halving"
    sf.Opportunity.update(made, {"Amount": 60, "NextStep": "same amount"})
