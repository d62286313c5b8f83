"""Field history and the setup audit trail, as an unmodified client reads them."""

import pytest

from prm_harness.crm.backend import CrmRefusal


def rows(sf, sobject="AccountHistory"):
    # Rows of one moment come in the order they were written: their ids say so.
    found = sf.query(f"SELECT Field, OldValue, NewValue, DataType FROM {sobject} ORDER BY Id")["records"]
    return [(r["Field"], r["OldValue"], r["NewValue"], r["DataType"]) for r in found]


def test_history_of_tracked_fields(sandbox, sf):
    sandbox.schema.track_history("Account", ["Name", "AnnualRevenue", "Description", "ParentId"])
    parent = sandbox.create("Account", [{"Name": "Parent"}])[0]
    account = sf.Account.create({"Name": "Acme"})["id"]
    sf.Account.update(
        account,
        {"Name": "Best", "AnnualRevenue": 12, "Description": "long", "ParentId": parent, "Phone": "1"},
    )
    assert rows(sf) == [
        ("created", None, None, None),
        ("created", None, None, None),
        ("Name", "Acme", "Best", "Text"),
        ("ParentId", None, "Parent", "Text"),
        ("ParentId", None, parent, "EntityId"),
        ("AnnualRevenue", None, 12.0, "Currency"),
        ("Description", None, None, "TextArea"),
    ]
    nested = sf.query(
        f"SELECT Id, (SELECT Field, NewValue FROM Histories) FROM Account WHERE Id = '{account}'"
    )
    assert nested["records"][0]["Histories"]["totalSize"] == 6


def test_owners_are_tracked_by_id_and_name(sandbox, sf):
    sandbox.schema.track_history("Opportunity", ["OwnerId", "StageName"])
    deal = sf.Opportunity.create({"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-06-30"})["id"]
    sales = sandbox.query("SELECT Id FROM User WHERE Username = 'sales@northwind.example'")[0]["Id"]
    sf.Opportunity.update(deal, {"OwnerId": sales, "StageName": "Closed Won"})
    owner = [row for row in rows(sf, "OpportunityFieldHistory") if row[0] == "Owner"]
    integration = sandbox.facts.integration_user
    assert owner == [
        ("Owner", "Ines Integration", "Sam Sales", "Text"),
        ("Owner", integration, sales, "EntityId"),
    ]


def test_history_cannot_be_written_and_goes_with_its_record(sandbox, sf, told):
    sandbox.schema.track_history("Account", ["Name"])
    account = sf.Account.create({"Name": "Acme"})["id"]
    assert told(lambda: sf.AccountHistory.create({"AccountId": account, "Field": "Name"}))
    sf.Account.delete(account)
    assert rows(sf) == []


def test_custom_objects_get_a_history_of_their_own(sandbox, sf):
    assert "Deal_Registration__History" not in {o["name"] for o in sf.describe()["sobjects"]}
    sandbox.schema.track_history("Deal_Registration__c", ["Status__c"])
    record = sf.Deal_Registration__c.create({"Name": "R", "Status__c": "Draft"})["id"]
    sf.Deal_Registration__c.update(record, {"Status__c": "Approved"})
    found = sf.query("SELECT ParentId, Field, OldValue, NewValue FROM Deal_Registration__History ORDER BY Id")
    last = found["records"][-1]
    assert (last["ParentId"], last["Field"], last["OldValue"], last["NewValue"]) == (
        record,
        "Status__c",
        "Draft",
        "Approved",
    )
    entry = next(o for o in sf.describe()["sobjects"] if o["name"] == "Deal_Registration__History")
    assert entry["keyPrefix"] is None
    described = {f["name"]: f for f in sf.Deal_Registration__History.describe()["fields"]}
    assert described["OldValue"]["type"] == "anyType"
    sandbox.schema.track_history("Deal_Registration__c", [])
    sf.Deal_Registration__c.update(record, {"Status__c": "Rejected"})
    assert len(rows(sf, "Deal_Registration__History")) == 2


def test_what_cannot_be_tracked(sandbox):
    with pytest.raises(CrmRefusal, match="at most 20"):
        sandbox.schema.track_history("Account", [f"F{n}" for n in range(21)])
    with pytest.raises(CrmRefusal, match="Weighted__c cannot be tracked"):
        sandbox.schema.track_history("Opportunity", ["Weighted__c"])


def test_the_setup_audit_trail_tells_what_admins_did(sandbox, sf):
    before = sf.query("SELECT count() FROM SetupAuditTrail")["totalSize"]
    sandbox.schema.add_field("Account", "Colour__c", "string")
    sandbox.schema.rename_field("Account", "Colour__c", "Color__c")
    sandbox.schema.drop_field("Account", "Color__c")
    found = sf.query("SELECT Action, Section, Display, CreatedBy.Username FROM SetupAuditTrail ORDER BY Id")[
        "records"
    ]
    assert [(r["Action"], r["Section"]) for r in found[before:]] == [
        ("createdCF", "Account"),
        ("changedCFName", "Account"),
        ("deletedCF", "Account"),
    ]
    assert found[-1]["CreatedBy"]["Username"] == "admin@northwind.example"
