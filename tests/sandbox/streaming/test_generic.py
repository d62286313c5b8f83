"""Generic streaming: texts pushed to channels of one's own."""

import json

import pytest

NAME = "/u/notifications/Deals"


@pytest.fixture
def push(rest):
    channel = rest.create("StreamingChannel", Name=NAME)

    def call(*events, method="POST"):
        body = {"pushEvents": list(events)} if method == "POST" else None
        answer = rest(method, f"sobjects/StreamingChannel/{channel}/push", body)
        return json.loads(answer.body)

    return call


def told(client):
    return [event["data"]["payload"] for event in client.events()]


def test_a_text_reaches_whoever_listens_and_is_replayed(push, listen):
    assert push({"payload": "early"}) == [{"fanoutCount": 0, "userOnlineStatus": {}}]
    client = listen(NAME)
    assert push({"payload": "a", "userIds": []}, {"payload": "b"})[0]["fanoutCount"] == -1
    (first, _second) = client.events()
    assert (first["channel"], first["data"]["payload"]) == (NAME, "a")
    assert set(first["data"]["event"]) == {"createdDate", "replayId"}
    assert told(listen(NAME, -2)) == ["early", "a", "b"]
    assert told(listen(NAME, first["data"]["event"]["replayId"])) == ["b"]


def test_users_may_be_named(sandbox, push, listen):
    me, other = sandbox.facts.integration_user, "005000000000000AAA"
    client = listen(NAME)
    assert push(method="GET") == {"OnlineUserIds": [me], "ChannelName": NAME}
    assert push({"payload": "mine", "userIds": [me[:15]]}, {"payload": "theirs", "userIds": [other]}) == [
        {"fanoutCount": 1, "userOnlineStatus": {me: True}},
        {"fanoutCount": 0, "userOnlineStatus": {other: False}},
    ]
    assert told(client) == ["mine"]


def test_what_cannot_be_pushed_or_heard(rest, push, listen):
    assert push({"payload": "x" * 3001})[0]["errorCode"] == "STRING_TOO_LONG"
    assert push({"text": "x"})[0]["errorCode"] == "MISSING_ARGUMENT"
    assert push()[0]["errorCode"] == "MISSING_ARGUMENT"
    assert push({"payload": "x", "userIds": ["x"]})[0]["errorCode"] == "MALFORMED_ID"
    client = listen(NAME)
    assert "does not exist" in client.subscribe("/u/other")["error"]
    other = rest.create("StreamingChannel", Name="elsewhere")
    assert rest("GET", f"sobjects/StreamingChannel/{other}/push").status == 404
