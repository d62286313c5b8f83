"""A served sandbox tells its endpoints of saves by itself."""

import queue
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests

ACK = b"<x><Ack>true</Ack></x>"


@pytest.fixture
def endpoint():
    """A hook of this machine: its address, what it was sent, and what it is to answer next (else an acknowledgement)."""
    sent, answers = queue.Queue(), queue.Queue()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            sent.put(self.rfile.read(int(self.headers["Content-Length"])).decode())
            body = ACK if answers.empty() else answers.get()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook", sent, answers
        server.shutdown()
        thread.join()


@pytest.fixture
def admin(running):
    def ask(method, **more):
        headers = {"Authorization": f"Bearer {running.welcome['admin_token']}"}
        return requests.request(
            method, f"{running.welcome['admin_url']}/outbound", headers=headers, timeout=10, **more
        )

    yield ask
    ask("DELETE", params={"name": "told"})


def create(running, **values):
    answer = requests.post(
        f"{running.welcome['url']}/services/data/v60.0/sobjects/Account",
        json=values,
        headers={"Authorization": f"Bearer {running.welcome['access_token']}"},
        timeout=10,
    )
    return answer.json()["id"]


def test_a_save_arrives_without_anybody_asking(running, admin, endpoint):
    address, sent, _ = endpoint
    told = {"name": "told", "sobject": "Account", "fields": ["Name"], "endpoint": address}
    defined = admin("POST", json=told)
    record_id = create(running, Name="Acme")
    body = sent.get(timeout=10)

    assert defined.json() == {**told, "operations": ["create", "update"], "with_session": False}
    assert "<sf:Name>Acme</sf:Name>" in body
    assert record_id in body
    assert f"<PartnerUrl>{running.welcome['url']}/services/Soap/u/" in body


def test_what_is_not_acknowledged_waits(running, admin, endpoint):
    address, sent, answers = endpoint
    answers.put(b"<Ack>false</Ack>")
    admin("POST", json={"name": "told", "sobject": "Account", "fields": [], "endpoint": address})
    create(running, Name="Acme")
    sent.get(timeout=10)

    listed = admin("GET").json()
    assert [message["name"] for message in listed["messages"]] == ["told"]
    assert listed["waiting"] == 1


def test_a_message_taken_back_tells_no_more(running, admin, endpoint):
    address, sent, _ = endpoint
    for name in ("told", "other"):
        admin("POST", json={"name": name, "sobject": "Account", "fields": ["Name"], "endpoint": address})
    assert admin("DELETE", params={"name": "other"}).json() == {"removed": "other"}
    create(running, Name="Zenith")

    assert "Zenith" in sent.get(timeout=10)
    assert sent.empty()
    assert admin("GET").json()["messages"][0]["name"] == "told"
