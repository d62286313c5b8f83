"""aiosfstream-ng, unmodified, over a real loopback socket: long polling that wakes, replays and reconnects."""

import asyncio
import threading
from contextlib import suppress

import pytest

from prm_harness.crm.clock import RealClock
from prm_harness.crm.sandbox import Sandbox

aiosfstream = pytest.importorskip("aiosfstream_ng", reason="the client aiosfstream-ng is not installed")
ReplayOption = aiosfstream.ReplayOption


@pytest.fixture
def sandbox():
    with Sandbox(seed=5, clock=RealClock()) as running:
        yield running


@pytest.fixture
def server(sandbox):
    with sandbox.serve() as running:
        yield running


@pytest.fixture
def client(sandbox, server):
    """Makes clients that log in at the sandbox instead of the shared login host; nothing else is changed."""
    # The client keeps no cookies of IP addresses, so it comes by name.
    url = f"http://localhost:{server.port}"

    class Login(aiosfstream.PasswordAuthenticator):
        @property
        def _token_url(self):
            return f"{url}/services/oauth2/token"

    def make(**more):
        own = sandbox.credentials()
        login = Login(own.client_id, own.client_secret, own.username, own.password)
        return aiosfstream.Client(login, **more)

    return make


def run(scenario):
    return asyncio.run(asyncio.wait_for(scenario(), 20))


def test_a_held_connect_wakes_when_something_is_saved(sandbox, client):
    async def scenario():
        async with client() as stream:
            await stream.subscribe("/data/AccountChangeEvent")
            await asyncio.to_thread(sandbox.create, "Account", [{"Name": "Acme"}])
            return await stream.receive()

    message = run(scenario)
    assert message["channel"] == "/data/AccountChangeEvent"
    assert message["data"]["payload"]["Name"] == "Acme"
    assert message["data"]["event"]["replayId"] > 0


def test_missed_events_are_replayed_from_the_id_that_was_kept(sandbox, client):
    kept = {}

    async def scenario():
        async with client(replay=kept) as stream:
            await stream.subscribe("/data/ChangeEvents")
            await asyncio.to_thread(sandbox.create, "Account", [{"Name": "one"}])
            first = await stream.receive()
        sandbox.create("Account", [{"Name": "two"}])
        async with client(replay=kept) as stream:
            await stream.subscribe("/data/ChangeEvents")
            return first, await stream.receive()

    names = [message["data"]["payload"]["Name"] for message in run(scenario)]
    assert names == ["one", "two"]


def test_all_retained_events_come_in_order(sandbox, client):
    for i in range(30):
        sandbox.create("Contact", [{"LastName": f"c{i}"}])

    async def scenario():
        async with client(replay=ReplayOption.ALL_EVENTS) as stream:
            await stream.subscribe("/data/ContactChangeEvent")
            return [await stream.receive() for _ in range(30)]

    told = [message["data"]["payload"]["Name"]["LastName"] for message in run(scenario)]
    assert told == [f"c{i}" for i in range(30)]


def test_the_clients_fallback_understands_a_refused_replay_id(sandbox, client):
    from aiosfstream_ng import ReplayMarker

    sandbox.create("Account", [{"Name": "old"}])
    lost = {"/data/ChangeEvents": ReplayMarker(date="2026-01-01T00:00:00Z", replay_id=17)}

    async def scenario():
        async with client(replay=lost, replay_fallback=ReplayOption.ALL_EVENTS) as stream:
            await stream.subscribe("/data/ChangeEvents")
            return await stream.receive()

    assert run(scenario)["data"]["payload"]["Name"] == "old"


def test_a_session_that_ended_is_renewed_by_the_client(sandbox, client):
    async def scenario():
        async with client() as stream:
            await stream.subscribe("/data/ChangeEvents")
            await asyncio.to_thread(sandbox.expire_sessions)
            await asyncio.to_thread(sandbox.create, "Account", [{"Name": "wakes the connect"}])
            await stream.subscribe("/data/ContactChangeEvent")
            await asyncio.to_thread(sandbox.create, "Contact", [{"LastName": "heard"}])
            heard = await stream.receive()
            while heard["channel"] != "/data/ContactChangeEvent":
                heard = await stream.receive()
            return heard

    # The client renews a session when a subscription is refused, not when its own waiting connect is: which of the two
    # meets the end first is a matter of a millisecond.
    for _ in range(5):
        with suppress(aiosfstream.exceptions.ServerError):
            assert run(scenario)["data"]["payload"]["Name"] == {"LastName": "heard"}
            return
    pytest.fail("the client never renewed its session")


def test_an_unknown_channel_is_the_clients_server_error(client):
    async def scenario():
        async with client() as stream:
            await stream.subscribe("/topic/None")

    with pytest.raises(aiosfstream.exceptions.ServerError, match="does not exist"):
        run(scenario)


def test_twenty_waiting_clients_hold_no_thread(sandbox, client):
    async def scenario():
        streams = [client() for _ in range(20)]
        await asyncio.gather(*(stream.open() for stream in streams))
        await asyncio.gather(*(stream.subscribe("/data/ChangeEvents") for stream in streams))
        threads = [thread.name for thread in threading.enumerate()]
        await asyncio.to_thread(sandbox.create, "Account", [{"Name": "Acme"}])
        heard = await asyncio.gather(*(stream.receive() for stream in streams))
        await asyncio.gather(*(stream.close() for stream in streams))
        return threads, heard

    threads, heard = run(scenario)
    assert threads.count("prm-sandbox") == 1
    assert len([name for name in threads if name.startswith("prm-sandbox")]) == 1
    assert [message["data"]["payload"]["Name"] for message in heard] == ["Acme"] * 20


def test_a_stopping_server_answers_those_who_wait_at_once(sandbox, monkeypatch):
    server = sandbox.serve()
    url = f"http://localhost:{server.port}"
    loop_time = []
    waits = threading.Event()
    bus = sandbox._wire.streams.bus
    listen = bus.listen

    def watched(wake):
        waits.set()
        return listen(wake)

    monkeypatch.setattr(bus, "listen", watched)

    async def scenario():
        import aiohttp

        loop = asyncio.get_running_loop()
        headers = {"Authorization": f"Bearer {sandbox.open_session()}"}
        async with aiohttp.ClientSession(headers=headers) as session:

            async def send(**message):
                async with session.post(f"{url}/cometd/60.0", json=[message]) as answer:
                    return (await answer.json())[0]

            shaken = await send(channel="/meta/handshake", supportedConnectionTypes=["long-polling"])
            await send(channel="/meta/connect", clientId=shaken["clientId"])
            held = asyncio.ensure_future(send(channel="/meta/connect", clientId=shaken["clientId"]))
            await asyncio.to_thread(waits.wait, 10)
            begun = loop.time()
            await asyncio.to_thread(server.stop)
            reply = await held
            loop_time.append(loop.time() - begun)
            return reply

    assert run(scenario)["successful"]
    assert loop_time[0] < 1
