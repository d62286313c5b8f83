"""Layouts and the User Interface API: what screens are built from (contract §3.4)."""

import pytest

MASTER = "012000000000000AAA"


@pytest.fixture
def types(client):
    infos = client("GET", "sobjects/Opportunity/describe").body["recordTypeInfos"]
    return {info["developerName"]: info["recordTypeId"] for info in infos}


def values(entry):
    return [value["value"] for value in entry]


@pytest.mark.parametrize(
    ("name", "regions"),
    [
        ("Direct_Sale", ["AMER", "LATAM"]),
        ("Partner_Deal", ["EMEA", "AMER", "APAC"]),
        ("Master", ["EMEA", "AMER", "APAC", "LATAM"]),
    ],
)
def test_picklists_by_record_type_are_the_same_in_both_apis(client, types, name, regions):
    layouts = client("GET", "sobjects/Opportunity/describe/layouts").body
    mapping = next(m for m in layouts["recordTypeMappings"] if m["recordTypeId"] == types[name])
    classic = next(p for p in mapping["picklistsForRecordType"] if p["picklistName"] == "Deal_Region__c")
    address = f"ui-api/object-info/Opportunity/picklist-values/{types[name]}"

    assert values(classic["picklistValues"]) == regions
    assert values(client("GET", address).body["picklistFieldValues"]["Deal_Region__c"]["values"]) == regions
    assert values(client("GET", f"{address}/deal_region__c").body["values"]) == regions


def test_a_layout_shows_the_name_first_and_every_field_once(client):
    layout = client("GET", f"sobjects/Account/describe/layouts/{MASTER}").body
    (section,) = layout["detailLayoutSections"]
    shown = [
        item["layoutComponents"][0]["value"] for row in section["layoutRows"] for item in row["layoutItems"]
    ]

    assert shown[0] == "Name"
    assert len(shown) == len(set(shown))
    assert {"External_Id__c", "BillingAddress"} <= set(shown)
    assert client("GET", "sobjects/Account/describe/layouts/012000000000001AAA").status == 404
    assert (
        client("GET", "sobjects/Account/describe/compactLayouts").body["compactLayouts"][0]["name"]
        == "SYSTEM"
    )
    primary = client("GET", "sobjects/Account/describe/compactLayouts/primary").body
    both = client("GET", "compactLayouts", params={"q": "account, Contact"}).body
    assert (list(both), both["Account"]) == (["Account", "Contact"], primary)
    assert client("GET", "compactLayouts").status == 400
    assert client("GET", "sobjects/Account/describe/approvalLayouts").body == {"approvalLayouts": []}


def test_object_info_agrees_with_describe(client):
    info = client("GET", "ui-api/object-info/opportunity").body
    fields = {field["name"]: field for field in client("GET", "sobjects/Opportunity/describe").body["fields"]}

    assert set(info["fields"]) == set(fields)
    assert info["fields"]["Amount"]["dataType"] == "Currency"
    assert info["fields"]["AccountId"]["referenceToInfos"] == [{"apiName": "Account", "nameFields": ["Name"]}]
    assert all(info["fields"][name]["updateable"] == field["updateable"] for name, field in fields.items())
    assert info["recordTypeInfos"][info["defaultRecordTypeId"]]["defaultRecordTypeMapping"] is True


def test_a_record_goes_round(client):
    made = client(
        "POST", "ui-api/records", {"apiName": "Account", "fields": {"Name": "Acme", "NumberOfEmployees": 5}}
    )
    record = f"ui-api/records/{made.body['id']}"
    changed = client("PATCH", record, {"fields": {"Phone": "1"}})
    read = client(
        "GET", f"{record}?fields=Account.Name,Account.NumberOfEmployees&optionalFields=Account.Nope"
    ).body

    assert (made.status, changed.status) == (201, 200)
    assert read["fields"] == {
        "Name": {"displayValue": None, "value": "Acme"},
        "NumberOfEmployees": {"displayValue": "5", "value": 5},
    }
    ui = client("GET", f"ui-api/record-ui/{made.body['id']}").body
    assert (list(ui["records"]), list(ui["objectInfos"])) == ([made.body["id"]], ["Account"])
    assert (client("DELETE", record).status, client("GET", record).status) == (204, 404)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "ui-api/records/nonsense", None, 404),
        ("GET", "ui-api/record-ui/nonsense", None, 404),
        ("GET", "ui-api/object-info/Nope", None, 404),
        ("GET", "ui-api/object-info/Account/picklist-values/nonsense", None, 404),
        ("POST", "ui-api/records", {"apiName": "Account"}, 400),
        ("POST", "ui-api/records", {"fields": {}}, 400),
        ("GET", "ui-api/favorites", None, 501),
    ],
)
def test_what_is_not_there_says_so(client, method, path, body, status):
    assert client(method, path, body).status == status
