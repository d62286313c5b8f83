"""Fields that get another name or type while a client is at work, and records whose ids differ by case only."""

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest

from prm_harness.crm.backend import CrmRefusal

DEAL = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-30"}


def test_a_renamed_field_keeps_values_rules_and_formulas(sandbox, sf, told):
    schema = sandbox.schema
    schema.add_validation_rule("Opportunity", "Cheap", "Budget__c < 5", "Too cheap", "Budget__c")
    schema.add_field("Opportunity", "Twice__c", "currency", formula="Budget__c * 2", scale=2)
    schema.add_flow("Opportunity", "Rich", condition="Budget__c > 99", updates={"NextStep": '"Rich"'})
    deal = sf.Opportunity.create(DEAL | {"Budget__c": 50})["id"]
    before = sf.Opportunity.get(deal)
    schema.rename_field("Opportunity", "Budget__c", "Funds__c")
    names = [f["name"] for f in sf.Opportunity.describe()["fields"]]
    assert "Funds__c" in names
    assert "Budget__c" not in names
    after = sf.Opportunity.get(deal)
    assert (after["Funds__c"], after["Twice__c"]) == (50.0, 100.0)
    assert after["SystemModstamp"] == before["SystemModstamp"]
    with pytest.raises(
        SalesforceMalformedRequest, match="No such column 'Budget__c' on entity 'Opportunity'"
    ):
        sf.query("SELECT Budget__c FROM Opportunity")
    assert told(lambda: sf.Opportunity.update(deal, {"Budget__c": 1}))[0]["errorCode"] == "INVALID_FIELD"
    assert told(lambda: sf.Opportunity.update(deal, {"Funds__c": 1})) == [
        {"message": "Too cheap", "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": ["Funds__c"]}
    ]
    sf.Opportunity.update(deal, {"Funds__c": 100})
    assert sf.Opportunity.get(deal)["NextStep"] == "Rich"
    assert sf.query("SELECT Id FROM Opportunity WHERE Funds__c = 100")["totalSize"] == 1


def test_a_renamed_lookup_and_a_name_that_was_used_before(sandbox, sf):
    partner = sf.Account.create({"Name": "Acme"})["id"]
    deal = sf.Opportunity.create(DEAL | {"Partner_Account__c": partner})["id"]
    schema = sandbox.schema
    schema.add_field("Opportunity", "Reseller__c", "string")
    sf.Opportunity.update(deal, {"Reseller__c": "old"})
    schema.drop_field("Opportunity", "Reseller__c")
    schema.rename_field("Opportunity", "Partner_Account__c", "Reseller__c")
    found = sf.query("SELECT Reseller__r.Name, (SELECT Id FROM OpportunityContactRoles) FROM Opportunity")[
        "records"
    ][0]
    assert found["Reseller__r"]["Name"] == "Acme"
    sandbox.delete("Account", partner)
    assert sf.Opportunity.get(deal)["Reseller__c"] is None


@pytest.mark.parametrize(
    ("kind", "more", "given", "kept"),
    [
        ("string", {"length": 40}, 12.5, "12.5"),
        ("int", {"digits": 8}, 12.0, 12),
        ("int", {"digits": 8}, 12.5, None),
        ("currency", {"precision": 18, "scale": 2}, 12.5, 12.5),
    ],
)
def test_a_number_becomes_something_else(sandbox, sf, kind, more, given, kept):
    deal = sf.Opportunity.create(DEAL | {"Score__c": given})["id"]
    before = sf.Opportunity.get(deal)
    sandbox.clock.advance(60)
    sandbox.schema.change_field("Opportunity", "Score__c", type=kind, **more)
    field = next(f for f in sf.Opportunity.describe()["fields"] if f["name"] == "Score__c")
    assert field["type"] == kind
    after = sf.Opportunity.get(deal)
    assert (after["Score__c"], after["SystemModstamp"]) == (kept, before["SystemModstamp"])


@pytest.mark.parametrize(("text", "kept"), [("1,200.50", 1200.5), ("12", 12.0), ("many", None), (None, None)])
def test_a_text_becomes_a_number(sandbox, sf, text, kept):
    deal = sf.Opportunity.create(DEAL | {"Summary__c": text})["id"]
    sandbox.schema.change_field("Opportunity", "Summary__c", type="double", precision=18, scale=2)
    assert sf.Opportunity.get(deal)["Summary__c"] == kept
    sf.Opportunity.update(deal, {"Summary__c": 7})
    assert sf.query("SELECT Id FROM Opportunity WHERE Summary__c > 6")["totalSize"] == 1


def test_what_cannot_become_each_other(sandbox):
    with pytest.raises(
        CrmRefusal, match="Cannot change the type of Partner_Account__c from reference to date"
    ):
        sandbox.schema.change_field("Opportunity", "Partner_Account__c", type="date")
    with pytest.raises(CrmRefusal, match="only custom fields are renamed"):
        sandbox.schema.rename_field("Opportunity", "NextStep", "Step__c")
    with pytest.raises(CrmRefusal, match="already a field named Budget__c"):
        sandbox.schema.rename_field("Opportunity", "Score__c", "Budget__c")


def test_two_records_whose_ids_differ_by_the_case_of_a_letter(sandbox, sf):
    first = sandbox.create("Account", [{"Name": "One"}])[0]
    planned = sandbox.plan_twin(first)
    second = sf.Account.create({"Name": "Two"})["id"]
    assert second == planned
    assert first[:15] != second[:15]
    assert first[:15].lower() == second[:15].lower()
    assert first[15:] != second[15:]
    sf.Account.update(second[:15], {"Phone": "2"})
    assert (sf.Account.get(first[:15])["Phone"], sf.Account.get(second)["Phone"]) == (None, "2")
    assert [
        r["Name"] for r in sf.query(f"SELECT Name FROM Account WHERE Id = '{first[:15]}'")["records"]
    ] == ["One"]
    ids = {row["id"] for row in (sf.Account.create({"Name": str(n)}) for n in range(80))}
    assert len(ids | {first, second}) == 82


def test_loads_keep_clear_of_planned_ids(sandbox):
    first = sandbox.create("Account", [{"Name": "One"}])[0]
    twins = {sandbox.plan_twin(first) for _ in range(3)}
    made = sandbox.create("Account", [{"Name": str(n)} for n in range(200)])
    assert len(set(made)) == 200
    assert twins < set(made)
