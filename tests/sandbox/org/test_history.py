"""Field history and the setup audit trail, as an unmodified client reads them."""

import pytest

from prm_harness.crm.backend import CrmRefusal

DEAL = {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-06-30"}


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


def test_checkboxes_are_true_and_false_by_every_road(sandbox, sf):
    sandbox.schema.track_history("Opportunity", ["Strategic__c", "Amount"])
    deal = sf.Opportunity.create(DEAL)["id"]
    sf.Opportunity.update(deal, {"Strategic__c": True, "Amount": 1})
    kept = {row[0]: row[1:] for row in rows(sf, "OpportunityFieldHistory") if row[0] != "created"}
    assert kept["Strategic__c"] == (False, True, "Boolean")
    assert [type(v) for v in kept["Strategic__c"][:2]] == [bool, bool]
    assert kept["Amount"] == (None, 1.0, "Currency")
    one = sf.query("SELECT Id FROM OpportunityFieldHistory WHERE Field = 'Strategic__c'")["records"][0]["Id"]
    assert sf.OpportunityFieldHistory.get(one)["NewValue"] is True
    # The same statement a second time takes another road through the engine.
    assert rows(sf, "OpportunityFieldHistory") == rows(sf, "OpportunityFieldHistory")
    table = sf.bulk2.OpportunityFieldHistory.query(
        "SELECT Field, OldValue, NewValue FROM OpportunityFieldHistory WHERE Field = 'Strategic__c'", wait=0
    )
    assert '"Strategic__c","false","true"' in next(iter(table))
    changes = [c for c in sandbox.log.changes() if c.record_id == one]
    assert changes[0].fields["NewValue"] == (None, True)


# -- OpportunityHistory: developer.salesforce.com, Object Reference, "OpportunityHistory"


def snapshots(sf, deal):
    found = sf.query(
        "SELECT StageName, Amount, PrevAmount, CloseDate, PrevCloseDate, Probability, ExpectedRevenue, ForecastCategory "
        f"FROM OpportunityHistory WHERE OpportunityId = '{deal}' ORDER BY Id"
    )["records"]
    return [tuple(v for k, v in row.items() if k != "attributes") for row in found]


def test_every_stage_leaves_a_snapshot(sandbox, sf):
    deal = sf.Opportunity.create(DEAL | {"Amount": 100})["id"]
    sf.Opportunity.update(deal, {"Amount": 250, "CloseDate": "2026-07-31"})
    sf.Opportunity.update(deal, {"NextStep": "call", "Amount": 250})  # none of the four: no snapshot
    sf.Opportunity.update(deal, {"StageName": "Closed Won"})
    assert snapshots(sf, deal) == [
        ("Prospecting", 100.0, None, "2026-06-30", None, 10.0, 10.0, "Pipeline"),
        ("Prospecting", 250.0, 100.0, "2026-07-31", "2026-06-30", 10.0, 25.0, "Pipeline"),
        ("Closed Won", 250.0, 250.0, "2026-07-31", "2026-07-31", 100.0, 250.0, "Closed"),
    ]
    row = sf.query(
        "SELECT LastAmountChangedHistoryId, LastAmountChangedHistory.PrevAmount, LastCloseDateChangedHistoryId, "
        f"(SELECT StageName, CreatedById FROM OpportunityHistories) FROM Opportunity WHERE Id = '{deal}'"
    )["records"][0]
    assert row["LastAmountChangedHistoryId"] == row["LastCloseDateChangedHistoryId"]
    assert row["LastAmountChangedHistory"]["PrevAmount"] == 100.0
    nested = row["OpportunityHistories"]["records"]
    assert {one["CreatedById"] for one in nested} == {sandbox.facts.integration_user}
    assert len(nested) == 3


def test_snapshots_are_of_what_automation_made_of_the_save(sandbox, sf):
    sandbox.schema.add_flow("Opportunity", "Double", timing="workflow", on_update=True, on_create=False,
                            condition="ISCHANGED(Amount)", updates={"Probability": "0.5"})  # fmt: skip
    deal = sf.Opportunity.create(DEAL | {"Amount": 100})["id"]
    sf.Opportunity.update(deal, {"Amount": 200})
    assert [(s[1], s[5]) for s in snapshots(sf, deal)] == [(100.0, 10.0), (200.0, 50.0)]


def test_snapshots_are_read_only_go_with_the_deal_and_come_back(sandbox, sf, told):
    deal = sf.Opportunity.create(DEAL)["id"]
    one = sf.query("SELECT Id FROM OpportunityHistory")["records"][0]["Id"]
    assert one.startswith("008")
    assert told(lambda: sf.OpportunityHistory.delete(one))
    assert told(lambda: sf.OpportunityHistory.update(one, {"Amount": 1}))
    described = sf.OpportunityHistory.describe()
    assert [described[k] for k in ("createable", "updateable", "deletable", "queryable", "replicateable")] == [
        False, False, False, True, True,
    ]  # fmt: skip
    sf.Opportunity.delete(deal)
    assert snapshots(sf, deal) == []
    assert (
        sf.query("SELECT Id FROM OpportunityHistory WHERE IsDeleted = true", include_deleted=True)[
            "totalSize"
        ]
        == 1
    )
    sandbox._org.undelete("Opportunity", deal, user=sandbox._org.sales_id)
    assert len(snapshots(sf, deal)) == 1


def test_snapshots_are_nobodys_changes(sandbox, sf):
    mark = sandbox.log.mark()
    deal = sf.Opportunity.create(DEAL)["id"]
    sf.Opportunity.update(deal, {"Amount": 5})
    mine = sandbox.log.changes(since=mark[1], user=sandbox.facts.integration_user)
    assert [c.sobject for c in mine] == ["Opportunity", "Opportunity"]
    assert sandbox.log.usage(since=mark).changes == 2
    assert [c.sobject for c in sandbox.log.changes(since=mark[1], user="")] == ["OpportunityHistory"] * 2


def test_a_closed_amount_is_closed_in_snapshots_too(sandbox, sf, told):
    sandbox.schema.close_field("Opportunity", "Amount")
    sf.Opportunity.create(DEAL)
    for name in ("Amount", "PrevAmount"):
        assert (
            told(lambda name=name: sf.query(f"SELECT {name} FROM OpportunityHistory"))[0]["errorCode"]
            == "INVALID_FIELD"
        )
    assert sf.query("SELECT StageName, PrevCloseDate FROM OpportunityHistory")["totalSize"] == 1


def test_snapshots_say_their_currency(sandbox, sf):
    sandbox.schema.enable_currencies({"EUR": 1, "USD": 1.1})
    sf.Opportunity.create(DEAL | {"CurrencyIsoCode": "USD"})
    assert (
        sf.query("SELECT CurrencyIsoCode FROM OpportunityHistory")["records"][0]["CurrencyIsoCode"] == "USD"
    )
