"""Platform events: published as records, heard by subscribers, stored nowhere."""

import json

import pytest


@pytest.fixture(autouse=True)
def event_type(sandbox):
    fields = [
        {"name": "Deal__c", "type": "string", "length": 40, "required": True},
        {"name": "At__c", "type": "datetime"},
    ]
    sandbox.schema.add_object("Deal_Won__e", "Deal Won", fields)


def test_publishing_answers_success_with_an_entry_in_errors_and_reaches_subscribers(rest, listen):
    """Recording platform_event_publish-001."""
    client = listen("/event/Deal_Won__e")
    answer = rest("POST", "sobjects/Deal_Won__e", {"Deal__c": "D-1", "At__c": "2026-03-01T10:00:00Z"})
    body = json.loads(answer.body)
    assert answer.status == 201
    assert list(body) == ["id", "success", "errors"]
    assert body["id"].startswith("e0")
    assert body["success"] is True
    (entry,) = body["errors"]
    assert list(entry) == ["statusCode", "message", "fields"]
    assert (entry["statusCode"], entry["fields"]) == ("OPERATION_ENQUEUED", [])
    (event,) = client.events()
    assert event["channel"] == "/event/Deal_Won__e"
    assert event["data"]["payload"] == {
        "CreatedDate": "2026-03-02T09:00:00.000Z",
        "CreatedById": event["data"]["payload"]["CreatedById"],
        "Deal__c": "D-1",
        "At__c": "2026-03-01T10:00:00.000Z",
    }
    assert event["data"]["event"]["EventUuid"] == entry["message"]
    assert event["data"]["event"]["EventApiName"] == "Deal_Won__e"


def test_an_empty_field_is_told_as_null_and_a_required_one_demanded(rest, listen):
    client = listen("/event/Deal_Won__e")
    answer = rest("POST", "sobjects/Deal_Won__e", {"At__c": None})
    assert json.loads(answer.body)[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    rest.create("Deal_Won__e", Deal__c="D-2")
    (event,) = client.events()
    assert event["data"]["payload"]["At__c"] is None


def test_events_are_no_change_events_and_cannot_be_queried(rest, listen):
    client = listen("/data/ChangeEvents")
    rest.create("Deal_Won__e", Deal__c="D-1")
    assert client.events() == []
    answer = rest("GET", "query", params={"q": "SELECT Id FROM Deal_Won__e"})
    assert json.loads(answer.body)[0]["errorCode"] == "INVALID_TYPE"


def test_events_are_replayed_for_72_hours(sandbox, rest, listen):
    rest.create("Deal_Won__e", Deal__c="D-1")
    sandbox.clock.advance(72 * 3600)
    assert len(listen("/event/Deal_Won__e", replay=-2).events()) == 1
    sandbox.clock.advance(1)
    assert listen("/event/Deal_Won__e", replay=-2).events() == []
