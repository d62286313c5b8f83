"""Describe (contract §3)."""

import pytest

from prm_harness.crm.salesforce.describing.field import valid_for

FIELD_KEYS = 57
OBJECT_KEYS = 45


def test_the_global_describe_lists_every_object_with_its_28_keys(client):
    answer = client("GET", "sobjects/")
    entries = {entry["name"]: entry for entry in answer.body["sobjects"]}

    assert list(answer.body) == ["encoding", "maxBatchSize", "sobjects"]
    assert {"Account", "Contact", "Lead", "Opportunity", "Deal_Registration__c"} <= entries.keys()
    for entry in entries.values():
        assert len(entry) == 28
        assert list(entry)[:-1] == sorted(list(entry)[:-1])
    assert entries["Deal_Registration__c"]["custom"] is True
    assert entries["Account"]["urls"]["rowTemplate"] == "/services/data/v60.0/sobjects/Account/{ID}"


def test_an_object_describe_has_all_keys_in_order(client):
    answer = client("GET", "sobjects/opportunity/describe")

    assert len(answer.body) == OBJECT_KEYS
    assert list(answer.body) == sorted(answer.body)
    assert answer.body["name"] == "Opportunity"
    assert answer.body["listviewable"] is None
    for field in answer.body["fields"]:
        assert len(field) == FIELD_KEYS
        assert list(field) == sorted(field)


def test_before_v50_two_keys_are_missing(client):
    old = client("GET", "/services/data/v48.0/sobjects/Account/describe").body

    assert len(old) == OBJECT_KEYS - 2
    assert "associateEntityType" not in old


@pytest.fixture
def fields(client):
    return {f["name"]: f for f in client("GET", "sobjects/Opportunity/describe").body["fields"]}


def test_facts_that_clients_read(fields):
    assert fields["Id"]["idLookup"] is True
    assert (fields["Name"]["length"], fields["Name"]["byteLength"], fields["Name"]["nillable"]) == (
        120,
        360,
        False,
    )
    assert fields["StageName"]["picklistValues"][0].keys() == {
        "active",
        "defaultValue",
        "label",
        "validFor",
        "value",
    }
    assert fields["External_Id__c"]["externalId"] is fields["External_Id__c"]["idLookup"] is True
    assert fields["Weighted__c"]["calculated"] is True
    assert fields["Weighted__c"]["createable"] is fields["Weighted__c"]["updateable"] is False
    assert fields["Industries__c"]["length"] == 4099
    assert fields["Notes__c"]["filterable"] is fields["Notes__c"]["sortable"] is False
    assert fields["Strategic__c"]["defaultedOnCreate"] is True
    assert fields["Partner_Account__c"]["relationshipName"] == "Partner_Account__r"
    assert fields["Deal_Region__c"]["restrictedPicklist"] is True
    assert fields["OwnerId"]["defaultedOnCreate"] is True


def test_record_types_end_with_master_which_is_not_the_default(client):
    types = client("GET", "sobjects/Opportunity/describe").body["recordTypeInfos"]
    by_name = {entry["developerName"]: entry for entry in types}

    assert [entry["developerName"] for entry in types][-1] == "Master"
    assert by_name["Master"]["recordTypeId"] == "012000000000000AAA"
    assert by_name["Direct_Sale"]["defaultRecordTypeMapping"] is True
    assert by_name["Master"]["defaultRecordTypeMapping"] is False


def test_master_is_the_default_when_alone(client):
    (master,) = client("GET", "sobjects/Contact/describe").body["recordTypeInfos"]

    assert (master["master"], master["defaultRecordTypeMapping"]) == (True, True)


def test_child_relationships_name_what_a_sub_select_can_use(client):
    children = client("GET", "sobjects/Account/describe").body["childRelationships"]
    names = {(c["childSObject"], c["field"]): c["relationshipName"] for c in children}

    assert names["Contact", "AccountId"] == "Contacts"
    assert names["Opportunity", "Partner_Account__c"] == "Partner_Opportunities__r"


def test_a_schema_change_is_seen_at_once_and_ends_the_304(sandbox, client):
    url = "sobjects/Account/describe"
    seen = client("GET", url).headers["Last-Modified"]
    assert client("GET", url, headers={"if-modified-since": seen}).status == 304

    sandbox.clock.advance(60)
    sandbox.schema.add_field("Account", "Colour__c", "picklist", values=["red", "blue"])
    again = client("GET", url, headers={"if-modified-since": seen})

    assert again.status == 200
    colour = next(f for f in again.body["fields"] if f["name"] == "Colour__c")
    assert [v["value"] for v in colour["picklistValues"]] == ["red", "blue"]
    assert client("POST", "sobjects/Account", {"Name": "A", "Colour__c": "red"}).status == 201


def test_the_basic_resource_has_recent_rows_of_the_caller(sandbox, client):
    sandbox.create("Account", [{"Name": "not mine"}])
    mine = client("POST", "sobjects/Account", {"Name": "mine"}).body["id"]
    answer = client("GET", "sobjects/Account").body

    assert list(answer) == ["objectDescribe", "recentItems"]
    assert [(row["Id"], row["Name"]) for row in answer["recentItems"]] == [(mine, "mine")]


@pytest.mark.parametrize(
    ("indexes", "bitmap"),
    [([0], "gAAA"), ([1], "QAAA"), ([3], "EAAA"), ([0, 1, 4, 5, 6, 7], "zwAA"), ([], "AAAA")],
)
def test_valid_for_bitmaps(indexes, bitmap):
    assert valid_for(indexes) == bitmap


def test_valid_for_grows_with_the_controller():
    assert len(valid_for([30])) == 8
