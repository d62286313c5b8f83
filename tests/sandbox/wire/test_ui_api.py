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


def items(layout):
    return [
        item for section in layout["sections"] for row in section["layoutRows"] for item in row["layoutItems"]
    ]


def components(layout):
    return [part["apiName"] for item in items(layout) for part in item["layoutComponents"]]


def test_a_layout_says_what_each_mode_shows(client, types):
    view = client("GET", "ui-api/layout/contact").body
    create = client("GET", "ui-api/layout/Contact", params={"mode": "Create"}).body
    compact = client("GET", "ui-api/layout/Contact", params={"layoutType": "Compact"}).body
    deal = client("GET", "ui-api/layout/Opportunity", params={"recordTypeId": types["Partner_Deal"]}).body

    assert (view["mode"], view["layoutType"], view["objectApiName"]) == ("View", "Full", "Contact")
    assert items(view)[0]["layoutComponents"][0]["apiName"] == "Salutation", (
        "the parts of a name in their order"
    )
    assert {"MailingStreet", "MailingCity", "CreatedById", "CreatedDate"} <= set(components(view))
    assert {"MailingAddress", "MailingLatitude", "SystemModstamp"} & set(components(view)) == set()
    assert len(components(view)) == len(set(components(view)))
    assert all(item["editableForNew"] for item in items(create))
    assert "CreatedById" not in components(create)
    required = {item["label"]: item["uiBehavior"] for item in items(create) if item["required"]}
    assert "Required" in required.values()
    assert [section["columns"] for section in compact["sections"]] == [1]
    assert deal["recordTypeId"] == types["Partner_Deal"]
    account = next(item for item in items(view) if item["lookupIdApiName"] == "AccountId")
    assert account["label"] == "Account"


def test_defaults_are_what_a_new_record_begins_with(client, types):
    body = client(
        "GET", "ui-api/record-defaults/create/Opportunity", params={"recordTypeId": types["Partner_Deal"]}
    ).body
    fields = {name: entry["value"] for name, entry in body["record"]["fields"].items()}
    lean = client(
        "GET", "ui-api/record-defaults/template/create/Opportunity?optionalFields=Opportunity.OwnerId"
    ).body

    assert (body["record"]["id"], body["record"]["recordTypeId"]) == (None, types["Partner_Deal"])
    assert set(fields) == set(components(body["layout"]))
    assert {"Opportunity", "Account", "User"} <= set(body["objectInfos"])
    owner = client("GET", "/services/oauth2/userinfo").body["user_id"]
    assert lean["record"]["fields"] == {"OwnerId": {"displayValue": None, "value": owner}}
    assert (fields["OwnerId"], "layout" in lean) == (owner, False)

    sent = {name: value for name, value in fields.items() if value is not None}
    sent |= {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-06-30"}
    made = client("POST", "ui-api/records", {"apiName": "Opportunity", "fields": sent})
    assert made.status == 201, made.body


def test_a_clone_starts_with_what_the_record_has(client):
    made = client("POST", "sobjects/Contact", {"LastName": "A", "Email": "a@example.com"}).body["id"]
    body = client("GET", f"ui-api/record-defaults/clone/{made}").body
    fields = {name: entry["value"] for name, entry in body["record"]["fields"].items()}

    assert (body["record"]["id"], body["record"]["cloneSourceId"]) == (None, made)
    assert (fields["LastName"], fields["Email"]) == ("A", "a@example.com")
    assert "Id" not in fields


def test_default_values_by_name(client):
    every = client("GET", "sobjects/Task/defaultValues?recordTypeId&fields").body
    some = client("GET", "sobjects/Task/defaultValues", params={"fields": "status,Subject"}).body

    assert every["attributes"] == {"type": "Task"}
    assert (every["Status"], every["Priority"]) == ("Not Started", "Normal")
    assert some == {"attributes": {"type": "Task"}, "Status": "Not Started", "Subject": None}
    assert client("GET", "sobjects/Task/defaultValues?fields=Nope").status == 400


def test_fields_of_parents_come_with_the_parents_record(client):
    account = client("POST", "sobjects/Account", {"Name": "Acme", "Site": "Bonn"}).body["id"]
    contact = client("POST", "sobjects/Contact", {"LastName": "A", "AccountId": account}).body["id"]
    wanted = "Contact.LastName,Contact.Account.Name,Contact.Account.Owner.Username,Contact.ReportsTo.Name"
    read = client("GET", f"ui-api/records/{contact}", params={"fields": wanted}).body["fields"]

    assert read["LastName"]["value"] == "A"
    assert (read["Account"]["displayValue"], read["Account"]["value"]["id"]) == ("Acme", account)
    assert list(read["Account"]["value"]["fields"]) == ["Name", "Owner"]
    assert "@" in read["Account"]["value"]["fields"]["Owner"]["value"]["fields"]["Username"]["value"]
    assert read["ReportsTo"] == {"displayValue": None, "value": None}
    for unknown in ("Contact.Nope.Name", "Contact.Account.Nope", "Contact", "Lead.Name"):
        assert client("GET", f"ui-api/records/{contact}", params={"fields": unknown}).status == 400
    assert client("GET", f"ui-api/records/{contact}?childRelationships=Contact.Cases").status == 501


def test_record_ui_has_the_layouts_that_are_asked_for(client):
    made = client("POST", "sobjects/Account", {"Name": "Acme"}).body["id"]
    ui = client("GET", f"ui-api/record-ui/{made}?layoutTypes=Full,Compact&modes=View,Edit").body
    record = ui["records"][made]
    ((_, shown),) = ui["layouts"]["Account"].items()

    assert {kind: list(modes) for kind, modes in shown.items()} == {
        "Full": ["View", "Edit"],
        "Compact": ["View", "Edit"],
    }
    assert set(components(shown["Full"]["View"])) <= set(record["fields"])


def test_batches_tell_what_fails_beside_the_rest(client):
    made = [client("POST", "sobjects/Account", {"Name": name}).body["id"] for name in "ab"]
    gone = "001000000000000AAA"
    records = client("GET", f"ui-api/records/batch/{made[0]},{gone},{made[1]}?fields=Account.Name").body
    infos = client("GET", "ui-api/object-info/batch/Account,Nope").body

    assert [result["statusCode"] for result in records["results"]] == [200, 404, 200]
    assert records["hasErrors"] is True
    assert records["results"][2]["result"]["fields"] == {"Name": {"displayValue": None, "value": "b"}}
    assert [result["statusCode"] for result in infos["results"]] == [200, 404]
    assert infos["results"][0]["result"] == client("GET", "ui-api/object-info/Account").body
    assert client("GET", "ui-api/records/batch/" + ",".join([gone] * 201)).status == 400
    listed = client("GET", "ui-api/object-info").body["objects"]
    assert listed["Account"]["keyPrefix"] == "001"


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
        ("GET", "ui-api/layout/Profile", None, 400),
        ("GET", "ui-api/layout/Account?mode=Print", None, 400),
        ("GET", "ui-api/layout/Account?recordTypeId=012000000000001AAA", None, 404),
        ("GET", "ui-api/record-defaults/clone/nonsense", None, 404),
        ("GET", "ui-api/record-defaults/create/Nope", None, 404),
    ],
)
def test_what_is_not_there_says_so(client, method, path, body, status):
    assert client(method, path, body).status == status
