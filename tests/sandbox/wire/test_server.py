"""The same wire on a socket, and in process (transports)."""

import contextlib
import socket
import threading

import pytest
import requests
import responses

from prm_harness.crm.backend import FaultSpec
from prm_harness.crm.clock import RealClock
from prm_harness.crm.sandbox import Sandbox


def log_in(sandbox, base, session=requests):
    own = sandbox.credentials()
    form = {
        "grant_type": "password",
        "client_id": own.client_id,
        "client_secret": own.client_secret,
        "username": own.username,
        "password": own.password,
    }
    return session.post(f"{base}/services/oauth2/token", data=form, timeout=10).json()


class Reached:
    """A requests session that is logged in over one of the transports."""

    def __init__(self, sandbox, base):
        self.session = requests.Session()
        token = log_in(sandbox, base, self.session)
        self.session.headers["Authorization"] = f"Bearer {token['access_token']}"
        self.base = token["instance_url"]

    def __call__(self, method, path, **more):
        return self.session.request(method, f"{self.base}/services/data/v60.0/{path}", timeout=10, **more)


@contextlib.contextmanager
def reached(sandbox, transport):
    if transport == "in process":
        with sandbox.in_process():
            yield Reached(sandbox, sandbox.login_url)
        return
    with sandbox.serve() as server:
        there = Reached(sandbox, server.url)
        yield there
        there.session.close()


@pytest.fixture(params=["in process", "loopback"])
def ask(request, sandbox):
    with reached(sandbox, request.param) as there:
        yield there


def test_both_transports_give_the_same_answers(ask):
    created = ask("POST", "sobjects/Account", json={"Name": "Acme ü"})
    read = ask("GET", f"sobjects/Account/{created.json()['id']}")
    deleted = ask("DELETE", f"sobjects/Account/{created.json()['id']}")

    assert (created.status_code, read.status_code, deleted.status_code) == (201, 200, 204)
    assert read.json()["Name"] == "Acme ü"
    assert read.headers["content-type"] == "application/json;charset=UTF-8"
    # As HTTP/1.1 servers spell them; airbyte-source-salesforce cannot read results with content-type.
    assert {"Content-Type", "Date", "Sforce-Limit-Info"} <= set(dict(read.headers))
    assert read.headers["date"] == "Mon, 02 Mar 2026 09:00:00 GMT"
    assert (deleted.content, deleted.headers.get("content-type")) == (b"", None)


def test_percent_encoding_and_chunked_bodies_arrive_whole(ask):
    chunks = iter([b'{"Name":', b'"Acme"}'])
    answer = ask("PATCH", "sobjects/Account/External_Id__c/a%2Fb%20c%3F", data=chunks)

    assert answer.status_code == 201
    row = ask("GET", f"sobjects/Account/{answer.json()['id']}").json()
    assert row["External_Id__c"] == "a/b c?"


@pytest.mark.parametrize("kind", ["lost", "reset"])
def test_a_broken_connection_is_one_for_the_client(sandbox, ask, kind):
    sandbox.faults.inject(FaultSpec(kind, kind, route="write"))
    with pytest.raises(requests.exceptions.ConnectionError):
        ask("POST", "sobjects/Account", json={"Name": "Acme"})

    assert sandbox.faults.fired(kind) == 1
    assert len(sandbox.log.changes(sobject="Account")) == (1 if kind == "lost" else 0)
    assert ask("GET", "limits").status_code == 200


def test_a_client_that_waits_less_than_the_answer_takes_gives_up(sandbox):
    sandbox.faults.inject(FaultSpec("slow", "slow", seconds=60, route="write"))
    with sandbox.in_process():
        ask = Reached(sandbox, sandbox.login_url)
        with pytest.raises(requests.exceptions.ReadTimeout):
            ask("POST", "sobjects/Account", json={"Name": "Acme"})

    assert len(sandbox.log.changes(sobject="Account")) == 1


@pytest.mark.parametrize("transport", ["in process", "loopback"])
def test_on_a_real_clock_a_slow_answer_is_slow(transport):
    with Sandbox(seed=7, clock=RealClock()) as sandbox, reached(sandbox, transport) as ask:
        sandbox.faults.inject(FaultSpec("slow", "slow", seconds=0.2))
        assert ask("GET", "limits").elapsed.total_seconds() >= 0.2


def test_large_answers_are_packed_for_those_who_ask(ask):
    packed = ask("GET", "sobjects/Account/describe")
    plain = ask("GET", "sobjects/Account/describe", headers={"Accept-Encoding": "identity"})

    assert packed.json() == plain.json()
    assert "content-encoding" not in plain.headers


def test_in_process_leaves_everybody_else_alone_and_keeps_no_calls(sandbox):
    with sandbox.serve() as server, sandbox.in_process():
        ask = Reached(sandbox, sandbox.login_url)
        for _ in range(5):
            ask("GET", "limits")
        through = requests.get(f"{server.url}/services/data", timeout=10)

    assert through.status_code == 200
    assert ask.base == sandbox.instance_url


def test_in_process_ends_with_its_block(sandbox):
    with sandbox.in_process():
        assert requests.get(f"{sandbox.login_url}/services/data", timeout=10).status_code == 200
    with responses.RequestsMock(), pytest.raises(requests.exceptions.ConnectionError):
        requests.get(f"{sandbox.login_url}/services/data", timeout=10)


def test_two_sandboxes_can_be_open_at_once(sandbox):
    with Sandbox(seed=8) as other, sandbox.in_process():
        ask = Reached(sandbox, sandbox.login_url)
        with other.in_process():
            inner = Reached(other, other.login_url)
            inner("POST", "sobjects/Account", json={"Name": "inner"})
            ask("POST", "sobjects/Account", json={"Name": "outer"})

    assert [c.fields["Name"][1] for c in sandbox.log.changes(sobject="Account")] == ["outer"]
    assert [c.fields["Name"][1] for c in other.log.changes(sobject="Account")] == ["inner"]


def test_threads_and_the_harness_may_work_at_the_same_time(sandbox, ask):
    def work(number):
        session_answer = ask("POST", "sobjects/Account", json={"Name": f"T{number}"})
        statuses.append(session_answer.status_code)

    statuses: list[int] = []
    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    ours = sandbox.create("Account", [{"Name": f"H{n}"} for n in range(20)])
    for thread in threads:
        thread.join()

    assert statuses == [201] * 8
    changes = sandbox.log.changes(sobject="Account")
    assert len(changes) == 28
    assert all((change.exchange is None) == (change.record_id in ours) for change in changes)


def test_a_taken_port_is_an_error_and_a_stopped_one_is_free(sandbox):
    server = sandbox.serve()
    port = int(server.url.rpartition(":")[2])
    with pytest.raises(OSError, match="ddress already in use"):
        sandbox.serve(port)
    server.stop()
    server.stop()

    with sandbox.serve(port) as again:
        assert requests.get(f"{again.url}/services/data", timeout=10).status_code == 200


def test_what_is_not_http_does_not_hurt_the_server(sandbox):
    with sandbox.serve() as server:
        port = int(server.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
            raw.sendall(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
            assert raw.recv(100).startswith(b"HTTP/1.1 400")
        assert requests.get(f"{server.url}/services/data", timeout=10).status_code == 200
