"""Event schemas: the fields of platform events and of change events as Avro tells them."""

import json

import pytest


@pytest.fixture
def event(sandbox):
    sandbox.schema.add_object(
        "Won__e",
        "Won",
        [
            {"name": "Deal__c", "type": "string", "length": 9},
            {"name": "Amount__c", "type": "double", "precision": 9},
            {"name": "At__c", "type": "datetime"},
            {"name": "Sure__c", "type": "boolean"},
        ],
    )


def schema(rest, address, **params):
    answer = rest("GET", address, params=params)
    return json.loads(answer.body) if answer.status == 200 else answer.status


def types(fields):
    return {field["name"]: field["type"] for field in fields}


def test_the_schema_is_found_by_the_id_that_events_name(sandbox, rest, listen, event):
    client = listen("/event/Won__e")
    rest.create("Won__e", Deal__c="1", Amount__c=5, At__c="2026-03-02T09:00:00Z")
    (message,) = client.events()
    whole = schema(rest, f"event/eventSchema/{message['data']['schema']}")
    assert whole == schema(rest, "sobjects/Won__e/eventSchema", payloadFormat="EXPANDED")
    assert (whole["type"], whole["namespace"]) == ("expanded-record", "com.sforce.eventbus")
    data, _channel = whole["fields"]
    payload = types(data["type"]["fields"])["payload"]
    told = types(payload["fields"])
    assert told.keys() == message["data"]["payload"].keys()
    assert (told["Amount__c"], told["At__c"], told["Sure__c"]) == (
        ["null", "double"],
        ["null", "string"],
        "boolean",
    )


def test_the_compact_form_is_avros_own_and_all_that_old_versions_have(rest, event):
    compact = schema(rest, "sobjects/Won__e/eventSchema", payloadFormat="COMPACT")
    assert (compact["type"], types(compact["fields"])["CreatedDate"]) == ("record", "long")
    assert schema(rest, f"event/eventSchema/{compact['uuid']}", payloadFormat="COMPACT") == compact
    assert schema(rest, "sobjects/Won__e/eventSchema", payloadFormat="AVRO") == 400


def test_only_events_have_one(rest, event):
    assert schema(rest, "sobjects/Account/eventSchema") == 404
    assert schema(rest, "event/eventSchema/nothing") == 404
    assert schema(rest, "sobjects/ProfileChangeEvent/eventSchema") == 404


def test_a_change_event_has_the_schema_that_its_messages_name(rest, listen):
    client = listen("/data/AccountChangeEvent")
    made = rest.create("Account", Name="A", BillingCity="Bonn", AnnualRevenue=5, NumberOfEmployees=7)
    rest.update("Account", made, Name="B", ShippingStreet="1")
    messages = client.events()
    assert len(messages) == 2
    for message in messages:
        whole = schema(rest, f"event/eventSchema/{message['data']['schema']}")
        payload = types(whole["fields"][0]["type"]["fields"])["payload"]
        told = types(payload["fields"])
        assert message["data"]["payload"].keys() <= told.keys()
        assert (
            message["data"]["payload"]["ChangeEventHeader"].keys()
            <= types(told["ChangeEventHeader"]["fields"]).keys()
        )
    assert whole == schema(rest, "sobjects/accountchangeevent/eventSchema")


def test_compounds_are_written_out_once_and_kinds_are_told(rest):
    compact = schema(rest, "sobjects/ContactChangeEvent/eventSchema", payloadFormat="COMPACT")
    told = types(compact["fields"])
    docs = {field["name"]: field["doc"] for field in compact["fields"]}
    assert compact["fields"][0]["name"] == "ChangeEventHeader"
    assert told["Name"][1]["name"] == "PersonName"
    assert [part["name"] for part in told["Name"][1]["fields"]] == ["Salutation", "FirstName", "LastName"]
    assert sorted(json.dumps(told[name])[:40] for name in ("MailingAddress", "OtherAddress")) == [
        '["null", "Address"]',
        '["null", {"type": "record", "name": "Add',
    ]
    assert (told["CreatedDate"], docs["CreatedDate"]) == (["null", "long"], "CreatedDate:DateTime")
    assert (docs["AccountId"], docs["Email"], docs["Birthdate"]) == (
        "ForeignKey:EntityId",
        "Data:Email",
        "Data:DateOnly",
    )
    assert not {"Id", "IsDeleted", "SystemModstamp", "LastName", "MailingCity"} & told.keys()


def test_a_named_type_is_written_out_before_it_is_used(rest):
    names = {o["name"] for o in json.loads(rest("GET", "sobjects").body)["sobjects"]}
    read = 0
    for name in sorted(names):
        event = f"{name.removesuffix('c')}ChangeEvent" if name.endswith("__c") else f"{name}ChangeEvent"
        compact = schema(rest, f"sobjects/{event}/eventSchema", payloadFormat="COMPACT")
        if compact == 404:
            continue
        read += 1
        known = {"null", "string", "boolean", "int", "long", "double"}
        seen = set()
        for field in compact["fields"]:
            assert field["name"] not in seen
            seen.add(field["name"])
            for kind in field["type"] if isinstance(field["type"], list) else [field["type"]]:
                if isinstance(kind, dict):
                    assert kind["name"] not in known
                    known.add(kind["name"])
                else:
                    assert kind in known, (event, field)
            assert ":00N" in field["doc"] or not field["name"].endswith("__c")
    assert read > 10
