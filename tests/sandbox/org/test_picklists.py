"""Picklists that admins change under a running client: dependent values, record types, renames, deactivation."""

import base64

import pytest

from prm_harness.crm.backend import CrmRefusal

DEAL = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-30"}
REFUSED = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


def described(sf, sobject, name):
    return next(f for f in getattr(sf, sobject).describe()["fields"] if f["name"] == name)


def valid_indexes(bitmap):
    """As clients decode it: bit i from the most significant of byte 0 (gist.github.com/4166342)."""
    raw = base64.b64decode(bitmap)
    return [i for i in range(8 * len(raw)) if raw[i // 8] & 0x80 >> i % 8]


@pytest.fixture
def dependent(sandbox):
    sandbox.schema.add_field("Account", "Track__c", "picklist", values=["Resell", "Refer", "Build"])
    sandbox.schema.set_dependency(
        "Account", "Partner_Tier__c", "Track__c", {"Resell": ["Gold", "Silver"], "Build": ["Bronze", "Gold"]}
    )


@pytest.mark.usefixtures("dependent")
def test_a_dependency_is_described_as_bitmaps(sf):
    field = described(sf, "Account", "Partner_Tier__c")
    assert (field["controllerName"], field["dependentPicklist"]) == ("Track__c", True)
    assert {v["value"]: valid_indexes(v["validFor"]) for v in field["picklistValues"]} == {
        "Gold": [0, 2],
        "Silver": [0],
        "Bronze": [2],
    }
    values = sf.restful("ui-api/object-info/Account/picklist-values/012000000000000AAA/Partner_Tier__c")
    assert values["controllerValues"] == {"Resell": 0, "Refer": 1, "Build": 2}
    assert {v["value"]: v["validFor"] for v in values["values"]} == {
        "Gold": [0, 2],
        "Silver": [0],
        "Bronze": [2],
    }


@pytest.mark.usefixtures("dependent")
def test_the_api_does_not_hold_to_it(sf):
    account = sf.Account.create({"Name": "Acme", "Track__c": "Refer", "Partner_Tier__c": "Gold"})["id"]
    assert sf.Account.get(account)["Partner_Tier__c"] == "Gold"


@pytest.mark.usefixtures("dependent")
def test_a_dependency_follows_its_controller(sandbox, sf):
    sandbox.schema.change_picklist_value("Account", "Track__c", "Build", rename="OEM")
    sandbox.schema.drop_picklist_value("Account", "Track__c", "Refer")
    values = {
        v["value"]: valid_indexes(v["validFor"])
        for v in described(sf, "Account", "Partner_Tier__c")["picklistValues"]
    }
    assert values == {"Gold": [0, 1], "Silver": [0], "Bronze": [1]}
    sandbox.schema.set_dependency("Account", "Partner_Tier__c", "", {})
    assert described(sf, "Account", "Partner_Tier__c")["picklistValues"][0]["validFor"] is None


def test_a_checkbox_can_control(sandbox, sf):
    sandbox.schema.set_dependency(
        "Opportunity", "Deal_Region__c", "Strategic__c", {"true": ["EMEA"], "false": ["AMER"]}
    )
    values = described(sf, "Opportunity", "Deal_Region__c")["picklistValues"]
    assert [valid_indexes(v["validFor"]) for v in values] == [[1], [0], [], []]


def test_a_renamed_value_shows_at_once_and_no_date_moves(sandbox, sf):
    account = sf.Account.create({"Name": "Acme", "Partner_Tier__c": "Gold"})["id"]
    before = sf.Account.get(account)
    sandbox.clock.advance(60)
    sandbox.schema.change_picklist_value("Account", "Partner_Tier__c", "Gold", label="Top tier")
    assert sf.Account.get(account) == before
    assert (
        sf.query("SELECT toLabel(Partner_Tier__c) FROM Account")["records"][0]["Partner_Tier__c"]
        == "Top tier"
    )
    sandbox.schema.change_picklist_value("Account", "Partner_Tier__c", "Gold", rename="Platinum")
    assert sf.Account.get(account) == before | {"Partner_Tier__c": "Platinum"}
    assert sf.query("SELECT Id FROM Account WHERE Partner_Tier__c = 'Platinum'")["totalSize"] == 1
    field = described(sf, "Account", "Partner_Tier__c")
    first = field["picklistValues"][0]
    assert (first["value"], first["label"]) == ("Platinum", "Top tier")


def test_a_deactivated_value_stays_where_it_is_and_is_not_taken_again(sandbox, sf, told):
    deal = sf.Opportunity.create(DEAL | {"Deal_Region__c": "AMER"})["id"]
    sandbox.schema.change_picklist_value("Opportunity", "Deal_Region__c", "AMER", active=False)
    sf.Opportunity.update(deal, {"NextStep": "go", "Deal_Region__c": "AMER"})
    assert sf.Opportunity.get(deal)["Deal_Region__c"] == "AMER"
    assert told(lambda: sf.Opportunity.create(DEAL | {"Deal_Region__c": "AMER"}))[0]["errorCode"] == REFUSED
    values = {
        v["value"]: v["active"] for v in described(sf, "Opportunity", "Deal_Region__c")["picklistValues"]
    }
    assert values == {"EMEA": True, "AMER": False, "APAC": True, "LATAM": True}
    sandbox.schema.change_picklist_value("Opportunity", "Deal_Region__c", "AMER", active=True)
    assert sf.Opportunity.create(DEAL | {"Deal_Region__c": "AMER"})["success"]


def test_a_deleted_value_is_replaced_and_the_row_is_seen_to_change(sandbox, sf):
    account = sf.Account.create({"Name": "Acme", "Partner_Tier__c": "Gold"})["id"]
    before = sf.Account.get(account)
    sandbox.clock.advance(60)
    sandbox.schema.drop_picklist_value("Account", "Partner_Tier__c", "Gold", replacement="Silver")
    after = sf.Account.get(account)
    assert after["Partner_Tier__c"] == "Silver"
    assert after["SystemModstamp"] > before["SystemModstamp"]
    assert after["LastModifiedDate"] == before["LastModifiedDate"]


def test_multi_select_values_are_renamed_and_dropped_inside_the_text(sandbox, sf):
    deal = sf.Opportunity.create(DEAL | {"Industries__c": "Banking;Retail;Oil, Gas"})["id"]
    sandbox.schema.change_picklist_value("Opportunity", "Industries__c", "Retail", rename="Shops")
    sandbox.schema.drop_picklist_value("Opportunity", "Industries__c", "Banking")
    assert sf.Opportunity.get(deal)["Industries__c"] == "Shops;Oil, Gas"


def test_values_by_record_type(sandbox, sf, told):
    direct = sandbox.query("SELECT Id FROM RecordType WHERE DeveloperName = 'Direct_Sale'")[0]["Id"]
    schema = sandbox.schema
    schema.add_picklist_value(
        "Opportunity", "Deal_Region__c", "ANZ", label="Oceania", record_types=["Direct_Sale"]
    )
    layouts = sf.restful("sobjects/Opportunity/describe/layouts")["recordTypeMappings"]
    offered = {
        mapping["name"]: [v["value"] for v in picklist["picklistValues"]]
        for mapping in layouts
        for picklist in mapping["picklistsForRecordType"]
        if picklist["picklistName"] == "Deal_Region__c"
    }
    assert offered["Direct Sale"] == ["AMER", "LATAM", "ANZ"]
    assert offered["Partner Deal"] == ["EMEA", "AMER", "APAC"]
    assert sf.Opportunity.create(DEAL | {"Deal_Region__c": "ANZ", "RecordTypeId": direct})["success"]
    schema.offer_picklist_values("Opportunity", "Direct_Sale", "Deal_Region__c", ["EMEA"])
    assert told(lambda: sf.Opportunity.create(DEAL | {"Deal_Region__c": "ANZ"}))[0]["errorCode"] == REFUSED
    assert sf.Opportunity.create(DEAL | {"Deal_Region__c": "EMEA"})["success"]
    schema.offer_picklist_values("Opportunity", "Direct_Sale", "Deal_Region__c", None)
    assert sf.Opportunity.create(DEAL | {"Deal_Region__c": "ANZ"})["success"]


def test_stages_have_rows_that_follow(sandbox, sf):
    deal = sf.Opportunity.create(DEAL)["id"]
    sandbox.schema.change_picklist_value("Opportunity", "StageName", "Prospecting", rename="Discovery")
    assert sf.Opportunity.get(deal)["StageName"] == "Discovery"
    sandbox.schema.add_picklist_value("Opportunity", "StageName", "Legal")
    names = [
        row["ApiName"]
        for row in sf.query("SELECT ApiName FROM OpportunityStage ORDER BY SortOrder")["records"]
    ]
    assert (names[0], names[-1]) == ("Discovery", "Legal")
    found = sf.Opportunity.get(sf.Opportunity.create(DEAL | {"StageName": "Legal"})["id"])
    assert (found["IsClosed"], found["ForecastCategory"]) == (False, "Pipeline")


@pytest.mark.parametrize(
    ("act", "problem"),
    [
        (
            lambda s: s.add_picklist_value("Account", "Partner_Tier__c", "gold"),
            "there is a value gold already",
        ),
        (
            lambda s: s.change_picklist_value("Account", "Partner_Tier__c", "Tin", active=False),
            "bad value .* Tin",
        ),
        (lambda s: s.change_picklist_value("Account", "Name", "Tin", active=False), "is no picklist"),
        (lambda s: s.set_dependency("Account", "Partner_Tier__c", "Name", {}), "cannot control a picklist"),
        (
            lambda s: s.set_dependency("Account", "Partner_Tier__c", "Type", {"Tin": []}),
            "Type has no value Tin",
        ),
        (lambda s: s.offer_picklist_values("Account", "X", "Partner_Tier__c", None), "no RecordType named"),
    ],
)
def test_what_is_refused(sandbox, act, problem):
    with pytest.raises(CrmRefusal, match=problem):
        act(sandbox.schema)
