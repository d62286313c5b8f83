"""Channels that admins make through the API, and what stands for a change event that cannot be told."""

import json

import pytest

from prm_harness.crm.salesforce.streaming import change_events


@pytest.fixture
def make(rest):
    """A component made by the Tooling API; its id, or the refusal."""

    def send(kind, name, **metadata):
        answer = rest("POST", f"tooling/sobjects/{kind}", {"FullName": name, "Metadata": metadata})
        body = json.loads(answer.body)
        return body["id"] if answer.status == 201 else body[0]

    return send


def deals(make, *events):
    assert make("PlatformEventChannel", "Deals__chn", channelType="data", label="Deals")[:3] == "0YL"
    return [
        make(
            "PlatformEventChannelMember",
            f"Deals_chn_{event}",
            eventChannel="Deals__chn",
            selectedEntity=event,
        )
        for event in events
    ]


def payloads(client):
    return [event["data"]["payload"] for event in client.events()]


def headers(client):
    return [payload["ChangeEventHeader"] for payload in payloads(client)]


def test_a_custom_channel_tells_of_its_members_only(rest, listen, make):
    deals(make, "AccountChangeEvent", "OpportunityChangeEvent")
    client = listen("/data/Deals__chn")
    rest.create("Account", Name="a")
    rest.create("Contact", LastName="c")
    assert [h["entityName"] for h in headers(client)] == ["Account"]


def test_a_member_of_the_standard_channel_switches_an_object_on_and_off(rest, listen, make):
    client = listen()
    rest.create("Product2", Name="before")
    assert len(client.events()) == 1
    found = json.loads(
        rest(
            "GET",
            "tooling/query",
            params={
                "q": "SELECT Id, DeveloperName, EventChannel FROM PlatformEventChannelMember "
                "WHERE SelectedEntity = 'Product2ChangeEvent'"
            },
        ).body
    )["records"][0]
    assert (found["DeveloperName"], found["EventChannel"]) == (
        "ChangeEvents_Product2ChangeEvent",
        "ChangeEvents",
    )
    rest("DELETE", f"tooling/sobjects/PlatformEventChannelMember/{found['Id']}")
    rest.create("Product2", Name="off")
    rest.create("Account", Name="still on")
    assert [h["entityName"] for h in headers(client)] == ["Account"]

    again = {"eventChannel": "ChangeEvents", "selectedEntity": "Product2ChangeEvent"}
    assert make("PlatformEventChannelMember", "ChangeEvents_Product2ChangeEvent", **again) == found["Id"]
    rest.create("Product2", Name="on again")
    assert [h["entityName"] for h in headers(client)] == ["Product2"]


def test_a_custom_channel_tells_what_the_standard_one_does_not(sandbox, rest, listen, make):
    sandbox.capture_changes(["Contact"])
    deals(make, "AccountChangeEvent")
    custom, standard = listen("/data/Deals__chn"), listen()
    rest.create("Account", Name="a")
    assert [h["entityName"] for h in headers(custom)] == ["Account"]
    assert headers(standard) == []


def test_enriched_fields_are_told_though_they_did_not_change(rest, listen, make):
    (member,) = deals(make, "AccountChangeEvent")
    wish = {"enrichedFields": [{"name": "External_Id__c"}, {"name": "Industry"}]}
    changed = {"FullName": "Deals_chn_AccountChangeEvent", "Metadata": wish}
    assert rest("PATCH", f"tooling/sobjects/PlatformEventChannelMember/{member}", changed).status == 204
    account = rest.create("Account", Name="a", External_Id__c="X-1")
    client = listen("/data/Deals__chn")
    rest.update("Account", account, Name="b")
    (payload,) = payloads(client)
    assert (payload["External_Id__c"], payload["Name"]) == ("X-1", "b")
    assert "Industry" not in payload
    assert "External_Id__c" not in payload["ChangeEventHeader"]["changedFields"]


def filtered(make, expression, event="AccountChangeEvent", kind="data"):
    make("PlatformEventChannel", "Some__chn", channelType=kind, label="Some")
    return make(
        "PlatformEventChannelMember",
        f"Some_chn_{event.replace('__', '_')}",
        eventChannel="Some__chn",
        selectedEntity=event,
        filterExpression=expression,
    )


def test_a_filter_sees_fields_that_did_not_change_and_tells_them(rest, listen, make):
    filtered(make, "Industry = 'banking' AND (AnnualRevenue >= 100 OR Rating IN ('Hot', 'Warm'))")
    client = listen("/data/Some__chn")
    rest.create("Account", Name="too small", Industry="Banking", AnnualRevenue=99)
    rest.create("Account", Name="other", Industry="Energy", AnnualRevenue=500)
    told = rest.create("Account", Name="large", Industry="Banking", AnnualRevenue=100)
    assert [p["Name"] for p in payloads(client)] == ["large"]

    rest.update("Account", told, Phone="1")
    (changed,) = payloads(client)
    assert (changed["Phone"], changed["Industry"], changed["AnnualRevenue"]) == ("1", "Banking", 100.0)
    assert changed["ChangeEventHeader"]["changedFields"] == ["LastModifiedDate", "Phone"]
    rest.update("Account", told, AnnualRevenue=1)
    assert payloads(client) == []
    rest.update("Account", told, Rating="Hot")
    rest("DELETE", f"sobjects/Account/{told}")
    last = payloads(client)
    assert [p["ChangeEventHeader"]["changeType"] for p in last] == ["UPDATE", "DELETE"]
    assert last[1]["Rating"] == "Hot"


def test_a_filter_may_ask_for_the_header(rest, listen, make):
    member = filtered(make, "ChangeEventHeader.changeType = 'DELETE' OR NOT Name LIKE 'a%'")
    client = listen("/data/Some__chn")
    first, second = rest.create("Account", Name="A1"), rest.create("Account", Name="b1")
    rest("DELETE", f"sobjects/Account/{first}")
    told = [(h["changeType"], h["recordIds"]) for h in headers(client)]
    assert told == [("CREATE", [second]), ("DELETE", [first])]
    read = json.loads(rest("GET", f"tooling/sobjects/PlatformEventChannelMember/{member}").body)
    assert read["Metadata"]["filterExpression"].startswith("ChangeEventHeader.changeType")


def test_platform_events_are_filtered_by_their_own_fields(sandbox, rest, listen, make):
    fields = [
        {"name": "City__c", "type": "string", "length": 9},
        {"name": "Amount__c", "type": "double", "precision": 9},
    ]
    sandbox.schema.add_object("Sale__e", "Sale", fields)
    filtered(make, "City__c = 'Rome' AND Amount__c > 1.5", "Sale__e", "event")
    client = listen("/event/Some__chn")
    for city, amount in (("Rome", 1), ("Rome", 2), ("Bonn", 3), ("Rome", None)):
        rest.create("Sale__e", City__c=city, Amount__c=amount)
    assert [p["Amount__c"] for p in payloads(client)] == [2.0]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("Nope = 'x'", "Nope is not a field"),
        ("Name = 5", "value for Name is of another type"),
        ("Description = 'x'", "Description is not a field that Account can be filtered by"),
        ("Name = 'x' LIMIT 5", "only conditions"),
        ("Id IN (SELECT AccountId FROM Contact)", "sub-selects are not supported"),
        ("ChangeEventHeader.recordIds = 'x'", "recordIds is not a field"),
        ("CreatedDate = TODAY", "not supported"),
        ("Name =", "unexpected token"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(make, expression, words):
    refusal = filtered(make, expression)
    assert refusal["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"
    assert words in refusal["message"]


def test_platform_events_have_channels_of_their_own(sandbox, rest, listen, make):
    for name in ("Won__e", "Lost__e"):
        sandbox.schema.add_object(name, name, [{"name": "Deal__c", "type": "string", "length": 9}])
    make("PlatformEventChannel", "Ends__chn", channelType="event", label="Ends")
    make("PlatformEventChannelMember", "Ends_chn_Won_e", eventChannel="Ends__chn", selectedEntity="Won__e")
    client = listen("/event/Ends__chn")
    rest.create("Won__e", Deal__c="1")
    rest.create("Lost__e", Deal__c="2")
    assert [p["Deal__c"] for p in payloads(client)] == ["1"]


@pytest.mark.parametrize(
    ("kind", "name", "metadata", "code"),
    [
        ("PlatformEventChannel", "Deals", {"channelType": "data", "label": "x"}, "FIELD_INTEGRITY_EXCEPTION"),
        ("PlatformEventChannel", "A__chn", {"channelType": "data"}, "REQUIRED_FIELD_MISSING"),
        (
            "PlatformEventChannel",
            "A__chn",
            {"channelType": "x", "label": "x"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        ),
        (
            "PlatformEventChannel",
            "Deals__chn",
            {"channelType": "data", "label": "x"},
            "DUPLICATE_DEVELOPER_NAME",
        ),
        (
            "PlatformEventChannelMember",
            "M",
            {"eventChannel": "None__chn", "selectedEntity": "AccountChangeEvent"},
            "INVALID_CROSS_REFERENCE_KEY",
        ),
        (
            "PlatformEventChannelMember",
            "M",
            {"eventChannel": "Deals__chn", "selectedEntity": "Account"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        ),
        (
            "PlatformEventChannelMember",
            "M",
            {"eventChannel": "Deals__chn", "selectedEntity": "AccountChangeEvent"},
            "DUPLICATE_VALUE",
        ),
        (
            "PlatformEventChannelMember",
            "Deals__M",
            {"eventChannel": "Deals__chn", "selectedEntity": "LeadChangeEvent"},
            "INVALID_FULL_NAME",
        ),
        (
            "PlatformEventChannelMember",
            "M",
            {"eventChannel": "Deals__chn", "selectedEntity": "LeadChangeEvent", "filterExpression": "x = 1"},
            "FIELD_INTEGRITY_EXCEPTION",
        ),
        (
            "PlatformEventChannelMember",
            "M",
            {
                "eventChannel": "ChangeEvents",
                "selectedEntity": "GroupChangeEvent",
                "filterExpression": "Name = 'x'",
            },
            "SANDBOX_GAP",
        ),
    ],
)
def test_what_no_channel_can_be_is_refused(make, kind, name, metadata, code):
    deals(make, "AccountChangeEvent")
    assert make(kind, name, **metadata)["errorCode"] == code


def test_a_channel_with_members_stays_and_one_that_is_gone_has_no_subscribers(sandbox, rest, listen, make):
    (member,) = deals(make, "AccountChangeEvent")
    channel = json.loads(
        rest("GET", "tooling/query", params={"q": "SELECT Id FROM PlatformEventChannel"}).body
    )["records"][0]["Id"]
    path = f"tooling/sobjects/PlatformEventChannel/{channel}"
    assert json.loads(rest("DELETE", path).body)[0]["errorCode"] == "DEPENDENCY_EXISTS"
    assert rest("DELETE", f"tooling/sobjects/PlatformEventChannelMember/{member}").status == 204
    assert rest("DELETE", path).status == 204
    client = listen()
    assert client.subscribe("/data/Deals__chn")["error"].startswith("400::The channel you requested")


def test_beyond_a_hundred_thousand_changes_one_event_an_object_says_so(sandbox, listen, monkeypatch):
    monkeypatch.setattr(change_events, "OVERFLOW_AFTER", 3)
    client = listen()
    accounts = sandbox.create("Account", [{"Name": f"a{n}"} for n in range(5)])
    first, second, third, overflow = headers(client)
    assert [h["recordIds"] for h in (first, second, third)] == [[account] for account in accounts[:3]]
    assert (overflow["changeType"], overflow["entityName"]) == ("GAP_OVERFLOW", "Account")
    assert (overflow["recordIds"], overflow["sequenceNumber"]) == (["001000000000000AAA"], 4)

    # Of an update every changed field counts.
    sandbox.change("Account", [(account, {"Name": "x", "Industry": "Banking"}) for account in accounts[:2]])
    assert [h["changeType"] for h in headers(client)] == ["UPDATE", "GAP_OVERFLOW"]


def test_what_is_too_large_to_be_told_is_a_gap(sandbox, rest, listen):
    sandbox.schema.add_object(
        "Essay__c", "Essay", [{"name": f"T{n}__c", "type": "textarea", "length": 131_072} for n in range(8)]
    )
    client = listen()
    record = rest.create("Essay__c", Name="long", **{f"T{n}__c": "x" * 131_072 for n in range(8)})
    (payload,) = payloads(client)
    assert list(payload) == ["ChangeEventHeader"]
    assert payload["ChangeEventHeader"]["changeType"] == "GAP_CREATE"
    assert payload["ChangeEventHeader"]["recordIds"] == [record]


def test_a_converted_field_is_a_gap_and_no_record_was_edited(sandbox, listen):
    records = sandbox.create("Account", [{"Name": "a", "Description": "d"}, {"Name": "b"}])
    sandbox.schema.add_field("Account", "Size__c", "string", length=20)
    for record, size in zip(records, ("12", "many"), strict=True):
        sandbox.update("Account", record, {"Size__c": size})
    client = listen()
    sandbox.schema.change_field("Account", "Size__c", type="double")
    (header,) = headers(client)
    assert (header["changeType"], set(header["recordIds"])) == ("GAP_UPDATE", set(records))
    assert header["changedFields"] == []
