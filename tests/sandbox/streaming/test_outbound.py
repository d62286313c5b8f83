"""Outbound messages: what is sent, to whom, and until when."""

import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from xml.etree import ElementTree as ET

import pytest

from prm_harness.crm.salesforce.streaming.outbound import OutboundMessage, is_loopback

OUT = "{http://soap.sforce.com/2005/09/outbound}"
SF = "{urn:sobject.enterprise.soap.sforce.com}"
ACK = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>"
)


class Endpoint:
    """Keeps what it is sent and answers as told."""

    def __init__(self):
        self.bodies = []
        self.answer = (200, ACK)

    def __call__(self, address, body):
        self.bodies.append(ET.fromstring(body))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def notes(self):
        return [note for body in self.bodies for note in body.iter(f"{OUT}Notification")]


@pytest.fixture
def endpoint():
    return Endpoint()


@pytest.fixture
def outbox(sandbox, endpoint):
    box = sandbox.outbox()
    box.post = endpoint
    fields = ("Name", "Industry", "CreatedDate", "IsPartner")
    box.define(OutboundMessage("told", "Account", fields, "http://127.0.0.1:9/hook"))
    return box


def test_a_save_is_told_with_its_latest_values(sandbox, rest, outbox, endpoint):
    record_id = rest.create("Account", Name="A & B")
    rest.update("Account", record_id, Name="Later", Industry="Retail")
    assert outbox.deliver() == 2
    (body,) = endpoint.bodies
    message = next(body.iter(f"{OUT}notifications"))
    assert [child.tag.removeprefix(OUT) for child in message] == [
        *("OrganizationId", "ActionId", "SessionId", "EnterpriseUrl", "PartnerUrl"),
        *("Notification", "Notification"),
    ]
    assert message.findtext(f"{OUT}OrganizationId") == sandbox.facts.id
    assert message.findtext(f"{OUT}ActionId").startswith("04k")
    assert message.find(f"{OUT}SessionId").attrib["{http://www.w3.org/2001/XMLSchema-instance}nil"] == "true"
    ids = {note.findtext(f"{OUT}Id") for note in endpoint.notes()}
    assert len(ids) == 2
    row = endpoint.notes()[0].find(f"{OUT}sObject")
    assert row.attrib["{http://www.w3.org/2001/XMLSchema-instance}type"] == "sf:Account"
    assert {child.tag.removeprefix(SF): child.text for child in row} == {
        "Id": record_id,
        "Name": "Later",
        "Industry": "Retail",
        "CreatedDate": "2026-03-02T09:00:00.000Z",
        "IsPartner": "false",
    }
    assert outbox.deliver() == 0


@pytest.mark.parametrize(
    "answer",
    [(200, ACK.replace("true", "false")), (500, ACK), (200, "thanks"), OSError("refused")],
    ids=["not acknowledged", "failed", "no answer of the kind", "no answer at all"],
)
def test_what_is_not_acknowledged_is_sent_again_after_growing_gaps(sandbox, rest, outbox, endpoint, answer):
    rest.create("Account", Name="Acme")
    endpoint.answer = answer
    assert outbox.deliver() == 0
    for gap in (15, 30, 60):
        sandbox.clock.advance(gap - 1)
        sent = len(endpoint.bodies)
        outbox.deliver()
        assert len(endpoint.bodies) == sent
        sandbox.clock.advance(1)
        outbox.deliver()
        assert len(endpoint.bodies) == sent + 1
    ids = {note.findtext(f"{OUT}Id") for note in endpoint.notes()}
    assert len(ids) == 1
    endpoint.answer = (200, ACK)
    sandbox.clock.advance(2 * 3600)
    assert outbox.deliver() == 1
    assert outbox.waiting == 0


def test_after_24_hours_it_is_given_up(sandbox, rest, outbox, endpoint):
    rest.create("Account", Name="Acme")
    endpoint.answer = (503, "")
    outbox.deliver()
    sandbox.clock.advance(24 * 3600)
    assert (outbox.deliver(), outbox.waiting, len(endpoint.bodies)) == (0, 0, 1)


def test_a_message_holds_a_hundred_notifications(sandbox, outbox, endpoint):
    sandbox.create("Account", [{"Name": f"a{i}"} for i in range(250)])
    assert outbox.deliver() == 250
    assert [len(list(body.iter(f"{OUT}Notification"))) for body in endpoint.bodies] == [100, 100, 50]


def test_a_session_is_sent_along_when_asked_for_and_is_live(sandbox, rest, outbox, endpoint):
    outbox.define(OutboundMessage("told", "Account", ("Name",), "http://localhost:9/", with_session=True))
    record_id = rest.create("Account", Name="Acme")
    outbox.deliver()
    rest.token = endpoint.bodies[0].find(f".//{OUT}SessionId").text
    assert rest("GET", f"sobjects/Account/{record_id}").status == 200


def test_only_the_operations_asked_for_are_told(sandbox, rest, outbox, endpoint):
    only = OutboundMessage(
        "told", "Account", ("Name",), "http://127.0.0.1:9/", operations=frozenset({"update"})
    )
    outbox.define(only)
    record_id = rest.create("Account", Name="Acme")
    rest.delete("Account", record_id)
    assert (outbox.deliver(), outbox.waiting) == (0, 0)


@pytest.mark.parametrize(
    ("address", "stays"),
    [
        ("http://127.0.0.1:80/x", True),
        ("http://127.8.8.8/", True),
        ("http://[::1]:9/", True),
        ("https://localhost/", True),
        ("http://localhost.example.com/", False),
        ("http://127.0.0.1.example.com/", False),
        ("http://127.0.0.1@example.com/", False),
        ("http://10.0.0.1/", False),
        ("http://0.0.0.0/", False),
        ("ftp://127.0.0.1/", False),
        ("127.0.0.1", False),
    ],
)
def test_only_loopback_endpoints_are_served(outbox, address, stays):
    assert is_loopback(address) is stays
    if not stays:
        with pytest.raises(ValueError, match="loopback endpoints only"):
            outbox.define(OutboundMessage("x", "Account", ("Name",), address))


def test_what_does_not_exist_cannot_be_told(outbox):
    with pytest.raises(ValueError, match="Nothing__c"):
        outbox.define(OutboundMessage("x", "Account", ("Nothing__c",), "http://localhost/"))


def test_a_real_endpoint_may_call_the_org_while_it_is_told(sandbox, rest, outbox):
    seen = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            record_id = re.search(rb"<sf:Id>(\w+)", body)[1].decode()
            seen.append((self.headers["Content-Type"], sandbox.get("Account", record_id)["Name"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(ACK.encode())

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        outbox.post = None
        endpoint = f"http://127.0.0.1:{server.server_port}/hook"
        outbox.define(OutboundMessage("told", "Account", ("Name",), endpoint))
        rest.create("Account", Name="Acme")
        assert outbox.deliver() == 1
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert seen == [("text/xml; charset=utf-8", "Acme")]
