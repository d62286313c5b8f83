"""PushTopics: rows with a query, told of saves that it selects."""

import pytest


@pytest.fixture
def topic(rest):
    def make(query="SELECT Id, Name, Industry FROM Account WHERE Industry = 'Retail'", **more):
        return rest.create("PushTopic", Name="Retailers", Query=query, ApiVersion=60.0, **more)

    return make


def test_saves_that_the_query_selects_are_told_with_its_fields(rest, topic, listen):
    topic()
    client = listen("/topic/Retailers")
    rest.create("Account", Name="No", Industry="Banking")
    record_id = rest.create("Account", Name="Yes", Industry="Retail")
    (event,) = client.events()
    assert event["channel"] == "/topic/Retailers"
    assert event["data"] == {
        "event": {
            "createdDate": "2026-03-02T09:00:00.000Z",
            "replayId": event["data"]["event"]["replayId"],
            "type": "created",
        },
        "sobject": {"Id": record_id, "Name": "Yes", "Industry": "Retail"},
    }


@pytest.mark.parametrize(
    ("fields", "heard"),
    [("Referenced", ["Name", "Industry"]), ("Select", ["Name"]), ("Where", ["Industry"]), ("All", None)],
)
def test_updates_are_told_when_fields_that_count_change(rest, topic, listen, fields, heard):
    topic("SELECT Id, Name FROM Account WHERE Industry != null", NotifyForFields=fields)
    record_id = rest.create("Account", Name="a", Industry="Retail")
    client = listen("/topic/Retailers")
    for name, value in {"Name": "b", "Industry": "Banking", "Website": "w"}.items():
        rest.update("Account", record_id, **{name: value})
        expected = heard is None or name in heard
        assert [event["data"]["event"]["type"] for event in client.events()] == ["updated"] * expected


def test_a_deletion_tells_the_id_and_switched_off_operations_are_not_told(rest, topic, listen):
    topic("SELECT Id, Name FROM Account", NotifyForOperationCreate=False)
    client = listen("/topic/Retailers")
    record_id = rest.create("Account", Name="a")
    rest.delete("Account", record_id)
    (event,) = client.events()
    assert event["data"]["event"]["type"] == "deleted"
    assert event["data"]["sobject"] == {"Id": record_id}


def test_a_topic_that_is_switched_off_has_no_channel(rest, topic, listen):
    client = listen()
    topic_id = topic(IsActive=False)
    assert not client.subscribe("/topic/Retailers")["successful"]
    rest.update("PushTopic", topic_id, IsActive=True)
    assert client.subscribe("/topic/Retailers")["successful"]


def test_events_show_the_row_as_it_was_and_last_24_hours(sandbox, rest, topic, listen):
    topic("SELECT Id, Name FROM Account")
    record_id = rest.create("Account", Name="a")
    rest.update("Account", record_id, Name="b")
    names = [e["data"]["sobject"]["Name"] for e in listen("/topic/Retailers", replay=-2).events()]
    assert names == ["a", "b"]
    sandbox.clock.advance(24 * 3600 + 1)
    assert listen("/topic/Retailers", replay=-2).events() == []
