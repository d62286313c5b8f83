"""The CometD protocol itself: sessions, cookies, advice, refusals."""

import json

import pytest

from .conftest import Bayeux

BAD_REPLAY = (
    "400::The replayId {%s} you provided was invalid.  Please provide a valid ID, -2 to replay all events, or -1 to "
    "replay only new events."
)


def test_a_handshake_opens_a_client_and_gives_it_a_cookie(sandbox):
    client = Bayeux(sandbox)
    reply = client.handshake()
    assert client.cookie.startswith("BAYEUX_BROWSER=")
    assert reply == {
        "ext": {"replay": True, "payload.format": True},
        "minimumVersion": "1.0",
        "clientId": client.client_id,
        "supportedConnectionTypes": ["long-polling"],
        "version": "1.0",
        "channel": "/meta/handshake",
        "id": "1",
        "successful": True,
    }


def test_the_first_connect_is_answered_at_once_with_advice_and_the_second_may_wait(sandbox):
    client = Bayeux(sandbox)
    client.handshake()
    (first,) = client.connect()
    assert first["advice"] == {"interval": 0, "timeout": 110_000, "reconnect": "retry"}
    answer = client.raw([{"channel": "/meta/connect", "clientId": client.client_id}])
    assert answer.hold is not None
    assert answer.hold.seconds == 110
    assert json.loads(answer.body)[0]["successful"]  # in process: what is there now
    (at_once,) = client.connect(advice={"timeout": 0})
    assert "advice" in at_once


@pytest.mark.parametrize(
    ("token", "reason"),
    [("00Dx!dead", "401::Authentication invalid"), ("", "401::Request requires authentication")],
)
def test_a_handshake_without_a_live_session_is_denied(sandbox, token, reason):
    """Recording cometd-002."""
    reply = Bayeux(sandbox, token).handshake()
    assert reply == {
        "ext": {"sfdc": {"failureReason": reason}},
        "advice": {"reconnect": "none"},
        "channel": "/meta/handshake",
        "id": "1",
        "error": "403::Handshake denied",
        "successful": False,
    }


def test_a_session_that_ended_refuses_the_next_connect(sandbox, listen):
    """Recording cometd-001."""
    client = listen()
    sandbox.expire_sessions()
    (reply,) = client.connect()
    assert reply == {
        "clientId": client.client_id,
        "advice": {"reconnect": "none", "interval": 0},
        "channel": "/meta/connect",
        "id": str(client.sent),
        "error": "401::Authentication invalid",
        "successful": False,
    }


def test_a_client_that_stays_away_is_forgotten(sandbox, listen):
    client = listen()
    sandbox.clock.advance(40)
    assert client.connect()[-1]["successful"]
    sandbox.clock.advance(41)
    (reply,) = client.connect()
    assert reply["error"] == "403::Unknown client"
    assert reply["advice"] == {"interval": 0, "reconnect": "handshake"}


def test_another_clients_cookie_is_refused_and_a_missing_one_is_asked_for(sandbox, listen):
    client = listen()
    own = client.cookie
    client.cookie = "BAYEUX_BROWSER=somebodyelse"
    assert client.connect()[0]["error"] == "403::Unknown client"
    client.cookie = ""
    assert "no {BAYEUX_BROWSER} cookie present" in client.connect()[0]["error"]
    client.cookie = own
    assert client.connect()[0]["successful"]


def test_a_client_that_came_by_address_is_not_asked_for_its_cookie(sandbox):
    client = Bayeux(sandbox, host="127.0.0.1:8080")
    client.handshake()
    client.cookie = ""
    assert client.connect()[0]["successful"]


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("/topic/None", "400::The channel you requested to subscribe to does not exist {/topic/None}"),
        (
            "/data/NoneChangeEvent",
            "400::The channel you requested to subscribe to does not exist {/data/NoneChangeEvent}",
        ),
        ("/event/None__e", "400::The channel you requested to subscribe to does not exist {/event/None__e}"),
        ("data/ChangeEvents", "400::Channel subscriptions must start with a leading '/'"),
        ("", "400::Channel name not specified"),
    ],
)
def test_unknown_channels_are_refused_by_name(sandbox, channel, error):
    client = Bayeux(sandbox)
    client.handshake()
    client.connect()
    reply = client.subscribe(channel)
    assert not reply["successful"]
    assert reply["error"] == error


@pytest.mark.parametrize("replay", [5, 99_999_999, "x", -3])
def test_a_replay_id_that_is_not_retained_is_refused(sandbox, rest, replay):
    rest.create("Account", Name="Acme")
    client = Bayeux(sandbox)
    client.handshake()
    client.connect()
    reply = client.subscribe("/data/ChangeEvents", replay)
    assert reply["error"] == BAD_REPLAY % replay
    assert reply["subscription"] == "/data/ChangeEvents"


def test_only_long_polling_is_offered(sandbox):
    client = Bayeux(sandbox)
    (reply,) = client.send("/meta/handshake", version="1.0", supportedConnectionTypes=["websocket"])
    assert reply["error"] == "400::Invalid connection type {websocket}"


def test_events_are_not_published_through_cometd(listen):
    (reply,) = listen().send("/event/Deal__e", data={"a": 1})
    assert reply["error"] == "403:denied_by_security_policy:publish_denied"


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/cometd", "400::API version in the URI is mandatory. URI format: '/cometd/60.0'"),
        (
            "/cometd/9.0",
            "400::Unsupported API version. Only API versions '23.0' and above are supported. URI format: '/cometd/60.0'",
        ),
    ],
)
def test_the_address_names_a_version(sandbox, path, error):
    answer = Bayeux(sandbox).raw([{"channel": "/meta/handshake"}], path)
    assert (answer.status, json.loads(answer.body)[0]["error"]) == (400, error)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[1]", b"null"])
def test_what_is_no_message_is_refused(sandbox, body):
    assert Bayeux(sandbox).raw(body).status == 400


def test_unsubscribed_and_disconnected_clients_hear_nothing(sandbox, rest, listen):
    client = listen()
    assert client.send("/meta/unsubscribe", subscription="/data/ChangeEvents")[0]["successful"]
    rest.create("Account", Name="Acme")
    assert client.events() == []
    assert client.send("/meta/disconnect")[0]["successful"]
    assert client.connect()[0]["error"] == "403::Unknown client"


def test_two_messages_in_one_request_are_answered_in_order(sandbox):
    client = Bayeux(sandbox)
    client.handshake()
    connect = {"channel": "/meta/connect", "id": "a", "clientId": client.client_id}
    subscribe = {**connect, "channel": "/meta/subscribe", "id": "b", "subscription": "/data/ChangeEvents"}
    answer = client.raw([connect, subscribe])
    assert [reply["id"] for reply in json.loads(answer.body)] == ["a", "b"]
