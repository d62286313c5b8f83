"""A sandbox, a REST client of its wire and a Bayeux client of the smallest kind: messages in, messages out."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from prm_harness.crm.salesforce.http import Request
from prm_harness.crm.sandbox import Sandbox

COMETD = "/cometd/60.0"


class Rest:
    """Requests of the integration user, answered in process."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.token = sandbox.open_session()

    def __call__(self, method, path, body=None, *, headers=None, params=None):
        sent = {"host": "acme.my.salesforce.com", "authorization": f"Bearer {self.token}", **(headers or {})}
        raw = b"" if body is None else json.dumps(body).encode()
        full = path if path.startswith("/") else f"/services/data/v60.0/{path}"
        return self.sandbox.handle(Request(method, full, urlencode(params or {}), sent, raw))

    def create(self, sobject, **values):
        answer = self("POST", f"sobjects/{sobject}", values)
        assert answer.status == 201, answer.body
        return json.loads(answer.body)["id"]

    def update(self, sobject, record_id, **values):
        answer = self("PATCH", f"sobjects/{sobject}/{record_id}", values)
        assert answer.status == 204, answer.body

    def delete(self, sobject, record_id):
        assert self("DELETE", f"sobjects/{sobject}/{record_id}").status == 204


class Bayeux:
    """A CometD client that keeps its cookie and its client id."""

    def __init__(self, sandbox, token=None, *, host="acme.my.salesforce.com"):
        self.sandbox = sandbox
        self.token = sandbox.open_session() if token is None else token
        self.host = host
        self.cookie = ""
        self.client_id = None
        self.sent = 0

    def raw(self, messages, path=COMETD):
        headers = {"host": self.host}
        if self.token:
            headers["authorization"] = f"OAuth {self.token}"
        if self.cookie:
            headers["cookie"] = self.cookie
        body = messages if isinstance(messages, bytes) else json.dumps(messages).encode()
        answer = self.sandbox.handle(Request("POST", path, "", headers, body))
        if "Set-Cookie" in answer.headers:
            self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        return answer

    def send(self, channel, **more):
        """The answers to one message; events come first."""
        self.sent += 1
        message = {"channel": channel, "id": str(self.sent), **more}
        if self.client_id:
            message["clientId"] = self.client_id
        answer = self.raw([message])
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def handshake(self):
        (reply,) = self.send(
            "/meta/handshake",
            version="1.0",
            minimumVersion="1.0",
            supportedConnectionTypes=["long-polling", "callback-polling"],
        )
        self.client_id = reply.get("clientId")
        return reply

    def connect(self, **more):
        return self.send("/meta/connect", connectionType="long-polling", **more)

    def events(self):
        """What a connect brings, without its own reply."""
        *events, reply = self.connect()
        assert reply["successful"], reply
        return events

    def subscribe(self, channel, replay=None):
        ext = {} if replay is None else {"ext": {"replay": {channel: replay}}}
        (reply,) = self.send("/meta/subscribe", subscription=channel, **ext)
        return reply


@pytest.fixture
def sandbox():
    with Sandbox(seed=7) as running:
        yield running


@pytest.fixture
def rest(sandbox):
    return Rest(sandbox)


@pytest.fixture
def listen(sandbox):
    """A connected client that is subscribed to the channel."""

    def start(channel="/data/ChangeEvents", replay=None):
        client = Bayeux(sandbox)
        assert client.handshake()["successful"]
        assert client.connect()[-1]["successful"]
        reply = client.subscribe(channel, replay)
        assert reply["successful"], reply
        return client

    return start
