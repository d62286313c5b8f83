"""Event schemas: a platform event's fields as Avro tells them."""

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
    assert schema(rest, "sobjects/AccountChangeEvent/eventSchema") == 501
