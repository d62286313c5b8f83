"""CometD's Bayeux protocol over long polling, as Salesforce answers it at ``/cometd/<version>`` (contract §10).

Answers are those of recordings cometd-001 and -002, error texts those of the vendor's table of streaming error codes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.salesforce.streaming.bus import NEW_ONLY
from prm_harness.crm.salesforce.streaming.channels import Channel, find_channel
from prm_harness.crm.salesforce.streaming.streams import Streams

HOLD_SECONDS: Final = 110
"""How long a connect waits for news (contract §10)."""
RECONNECT: Final = timedelta(seconds=40)
"""How long a client may be away between connects before it is forgotten (contract §10)."""
COOKIE: Final = "BAYEUX_BROWSER"
"""The session cookie that a client must keep."""

_MOST_EVENTS: Final = 500
"""Events in one answer; the rest comes with the next connect."""
_ADVICE: Final = {"interval": 0, "timeout": HOLD_SECONDS * 1000, "reconnect": "retry"}

Message = dict[str, Any]


@dataclass(slots=True)
class Subscription:
    """A channel, and the replay id up to which its events were delivered."""

    channel: Channel
    position: int


@dataclass(slots=True)
class Client:
    """One CometD session, from its handshake to its disconnect (or to being forgotten)."""

    id: str
    cookie: str
    token: str
    seen_at: datetime
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    connected: bool = False
    held: LongPoll | None = None


class Refusal(Exception):  # noqa: N818 - a message that is answered with an error
    """Why a message is not successful; ``more`` joins the answer."""

    def __init__(self, error: str, **more: Any) -> None:
        self.error = error
        self.more = more
        super().__init__(error)


class Bayeux:
    """The clients of one org's streams."""

    def __init__(self, streams: Streams, *, user_of: Callable[[str], str | None], seed: int) -> None:
        self.streams = streams
        self._user_of = user_of
        self._seed = seed
        self._clients: dict[str, Client] = {}
        self._made = 0

    def exchange(self, messages: list[Message], *, token: str, cookie: str, keeps_cookies: bool) -> Response:
        """Answer the messages of one request.

        ``keeps_cookies`` says that this client can be asked for its cookie at all.
        """
        turn = _Turn(self, token, cookie, keeps_cookies=keeps_cookies)
        for message in messages:
            turn.take(message)
        return turn.answer(alone=len(messages) == 1)

    def user_of(self, token: str) -> str | None:
        """The user of a live session; being asked keeps it alive: a connected client's session never ends by age."""
        return self._user_of(token)

    def open(self, token: str) -> Client:
        """A new client."""
        self._made += 1
        digest = hashlib.sha256(f"client {self._seed} {self._made} {token}".encode()).hexdigest()
        made = Client(_base36(digest[:32]), _base36(digest[32:]), token, self.streams.now())
        self._clients[made.id] = made
        return made

    def find(self, client_id: Any) -> Client | None:
        """A client that is still known."""
        client = self._clients.get(client_id) if isinstance(client_id, str) else None
        if client is None:
            return None
        if client.held is None and self.streams.now() - client.seen_at > RECONNECT:
            self.forget(client)
            return None
        client.seen_at = self.streams.now()
        return client

    def listeners(self, channel: str) -> set[str]:
        """The users who are subscribed to a channel now."""
        now = self.streams.now()
        found = (
            self._user_of(client.token)
            for client in self._clients.values()
            if channel in client.subscriptions and (client.held or now - client.seen_at <= RECONNECT)
        )
        return {user for user in found if user}

    def forget(self, client: Client) -> None:
        """End a client; its held connect is answered."""
        self._clients.pop(client.id, None)
        client.connected = False
        self.streams.bus.wake()

    def events(self, client: Client) -> list[Message]:
        """What the client's subscriptions have not been told yet, oldest first; counts as told."""
        found: list[tuple[int, Message, Subscription]] = []
        for name, subscription in client.subscriptions.items():
            room = _MOST_EVENTS
            channel = subscription.channel
            for entry in self.streams.bus.after(subscription.position, retention=channel.retention):
                for replay_id, data in channel.deliveries(entry):
                    if replay_id > subscription.position:
                        found.append((replay_id, {"data": data, "channel": name}, subscription))
                        room -= 1
                if room <= 0:
                    break
            else:
                if not any(s is subscription for _, _, s in found):
                    subscription.position = max(subscription.position, self.streams.bus.last)
        found.sort(key=lambda item: item[0])
        for replay_id, _, subscription in found:
            subscription.position = max(subscription.position, replay_id)
        return self.streams.troubled([message for _, message, _ in found])


class _Turn:
    """One request's messages and their answers."""

    def __init__(self, bayeux: Bayeux, token: str, cookie: str, *, keeps_cookies: bool) -> None:
        self.bayeux = bayeux
        self.token = token
        self.cookie = cookie
        self.keeps_cookies = keeps_cookies
        self.replies: list[Message] = []
        self.events: list[Message] = []
        self.headers: dict[str, str] = {}
        self.waiting: Client | None = None
        self.error = ""

    def take(self, message: Message) -> None:
        """Answer one message."""
        channel = str(message.get("channel", ""))
        handler = {
            "/meta/handshake": self.handshake,
            "/meta/connect": self.connect,
            "/meta/subscribe": self.subscribe,
            "/meta/unsubscribe": self.unsubscribe,
            "/meta/disconnect": self.disconnect,
        }.get(channel, self.publish)
        known = {"id": message["id"]} if "id" in message else {}
        try:
            reply = {**handler(message), "channel": channel, **known, "successful": True}
        except Refusal as refusal:
            self.error = self.error or refusal.error
            reply = {**refusal.more, "channel": channel, **known, "error": refusal.error, "successful": False}
        self.replies.append(reply)

    def answer(self, *, alone: bool) -> Response:
        """The answer to the whole request; one that may be held is, when it has nothing to tell."""
        answer = json_response([*self.events, *self.replies], headers=self.headers)
        answer.error_code = self.error
        if self.waiting is not None and alone and not self.events:
            answer.hold = LongPoll(self.bayeux, self.waiting, self.replies[0])
        return answer

    # -- the five meta channels

    def handshake(self, message: Message) -> Message:
        if not self.token or self.bayeux.user_of(self.token) is None:
            reason = "401::Authentication invalid" if self.token else "401::Request requires authentication"
            ext = {"sfdc": {"failureReason": reason}}
            raise Refusal("403::Handshake denied", ext=ext, advice={"reconnect": "none"})
        offered = message.get("supportedConnectionTypes") or ["long-polling"]
        if "long-polling" not in offered:
            raise Refusal(f"400::Invalid connection type {{{offered[0]}}}", advice={"reconnect": "none"})
        client = self.bayeux.open(self.token)
        self.headers["Set-Cookie"] = f"{COOKIE}={client.cookie}; Path=/cometd; HttpOnly"
        self.cookie = client.cookie
        return {
            "ext": {"replay": True, "payload.format": True},
            "minimumVersion": "1.0",
            "clientId": client.id,
            "supportedConnectionTypes": ["long-polling"],
            "version": "1.0",
        }

    def connect(self, message: Message) -> Message:
        client = self._client(message)
        if message.get("connectionType", "long-polling") != "long-polling":
            raise Refusal(f"400::Invalid connection type {{{message['connectionType']}}}")
        before, client.held = client.held, None
        if before is not None:
            self.bayeux.streams.bus.wake()
        self.events += self.bayeux.events(client)
        reply: Message = {"clientId": client.id}
        at_once = (message.get("advice") or {}).get("timeout") == 0
        if client.connected and not at_once:
            self.waiting = client
        else:
            reply["advice"] = dict(_ADVICE)
        client.connected = True
        return reply

    def subscribe(self, message: Message) -> Message:
        client = self._client(message)
        names = message.get("subscription")
        if not names:
            raise Refusal("400::Channel name not specified")
        wanted = (message.get("ext") or {}).get("replay")
        replay = wanted if isinstance(wanted, dict) else {}
        for name in names if isinstance(names, list) else [names]:
            client.subscriptions[name] = self._subscription(str(name), replay.get(name, NEW_ONLY))
        self.bayeux.streams.bus.wake()
        return {"clientId": client.id, "subscription": names}

    def unsubscribe(self, message: Message) -> Message:
        client = self._client(message)
        names = message.get("subscription")
        for name in names if isinstance(names, list) else [names]:
            client.subscriptions.pop(str(name), None)
        return {"clientId": client.id, "subscription": names}

    def disconnect(self, message: Message) -> Message:
        client = self._client(message)
        self.bayeux.forget(client)
        return {"clientId": client.id}

    def publish(self, message: Message) -> Message:
        """Events are published by REST and by Apex, not by CometD."""
        self._client(message)
        raise Refusal("403:denied_by_security_policy:publish_denied")

    def _subscription(self, name: str, replay_id: Any) -> Subscription:
        streams = self.bayeux.streams
        if not name.startswith("/"):
            raise Refusal("400::Channel subscriptions must start with a leading '/'", subscription=name)
        channel = find_channel(streams, name, self.bayeux.user_of(self.token) or "")
        if channel is None:
            text = f"400::The channel you requested to subscribe to does not exist {{{name}}}"
            raise Refusal(text, subscription=name)
        position = None
        if isinstance(replay_id, int):
            position = streams.bus.position(replay_id, retention=channel.retention)
        if position is None:
            raise Refusal(
                f"400::The replayId {{{replay_id}}} you provided was invalid.  Please provide a valid ID, -2 to replay "
                "all events, or -1 to replay only new events.",
                subscription=name,
            )
        return Subscription(channel, position)

    def _client(self, message: Message) -> Client:
        client = self.bayeux.find(message.get("clientId"))
        if client is None or (self.cookie and self.cookie != client.cookie):
            raise Refusal("403::Unknown client", advice={"interval": 0, "reconnect": "handshake"})
        if not self.cookie and self.keeps_cookies:
            raise Refusal(
                f"400::Client {{{client.id}}} has established a session, but no {{{COOKIE}}} cookie present"
            )
        if self.bayeux.user_of(self.token) is None:
            error = "401::Authentication invalid" if self.token else "401::Request requires authentication"
            raise Refusal(error, clientId=client.id, advice={"reconnect": "none", "interval": 0})
        return client


class LongPoll:
    """A connect that waits for news; a :class:`~prm_harness.crm.salesforce.transport.holding.Hold`."""

    seconds: float = HOLD_SECONDS

    def __init__(self, bayeux: Bayeux, client: Client, reply: Message) -> None:
        self._bayeux = bayeux
        self._client = client
        self._reply = reply

    def listen(self, wake: Callable[[], None]) -> Callable[[], Any]:
        """See Hold."""
        with self._bayeux.streams.lock:
            self._client.held = self
        stop = self._bayeux.streams.bus.listen(wake)

        def end() -> None:
            stop()
            with self._bayeux.streams.lock:
                if self._client.held is self:
                    self._client.held = None
                    self._client.seen_at = self._bayeux.streams.now()

        return end

    def poll(self) -> Response | None:
        """The waiting connect's answer: events, or none when the client ended or connected anew meanwhile."""
        with self._bayeux.streams.lock:
            if self._client.held is not self or not self._client.connected:
                return json_response([self._reply])
            if self._bayeux.user_of(self._client.token) is None:
                return json_response([self._ended()])
            events = self._bayeux.events(self._client)
        return json_response([*events, self._reply]) if events else None

    def _ended(self) -> Message:
        reply = {k: v for k, v in self._reply.items() if k != "successful"}
        advice = {"reconnect": "none", "interval": 0}
        return {**reply, "advice": advice, "error": "401::Authentication invalid", "successful": False}


def _base36(digest: str) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    number, text = int(digest, 16), ""
    while number:
        number, low = divmod(number, 36)
        text += digits[low]
    return text.rjust(25, "0")
