"""Whatever arrives is answered: no crash, no 500, no hang."""

import contextlib
import json
import socket
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prm_harness.crm.backend import BUG
from prm_harness.crm.salesforce.http import Request
from prm_harness.crm.salesforce.routes import ROUTES

VERBS = ("GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS", "get", "")
WORDS = ("v60.0", "v45.0", "Account", "contact", "Deal_Registration__c", "Id", "External_Id__c", "Email", "describe",
         "001000000000001AAA", "0r8000000000001AAA-2000", "%00", "%F0%9F%A6%84", "..", "'", "%", "a%2Fb", "60.0",
         "<job>", "<old job>")  # fmt: skip
# What the sandbox itself may say 500 to: SOAP faults are HTTP 500 by that protocol.
SOAP = "/services/soap/"
HANDLED = [route for route in ROUTES if route.handler is not None]

field_names = st.sampled_from(
    ["Name", "LastName", "records", "allOrNone", "attributes", "type", "id", "Id", "External_Id__c", "Account", "ids",
     "fields", "compositeRequest", "batchRequests", "referenceId", "method", "url", "body", "OwnerId", "Amount"]
)  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(field_names | st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
tags = st.sampled_from(
    ["jobInfo", "operation", "object", "state", "contentType", "sObjects", "type", "Name", "Id", "ids", "create",
     "query", "queryString", "login", "username", "createMetadata", "metadata", "deploy", "ZipFile", "deployOptions"]
)  # fmt: skip
elements = st.recursive(
    st.text(max_size=8).map(lambda text: text.replace("<", "").replace("&", "")),
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", tags, st.lists(inner, max_size=3)
    ),
    max_leaves=6,
)
ENVELOPE = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><SessionHeader><sessionId><token>'
    "</sessionId></SessionHeader></e:Header><e:Body>%s</e:Body></e:Envelope>"
)
cells = st.sampled_from(
    ["Name", "Id", "External_Id__c", "Account.Name", '"', '"a', "#N/A", "", "\x00", "ü", "1"]
)
sheets = st.lists(st.lists(cells, max_size=3).map(",".join), max_size=4).map("\n".join)
bayeux = st.lists(
    st.fixed_dictionaries(
        {"channel": st.sampled_from(["/meta/handshake", "/meta/connect", "/meta/subscribe", "/data/x", ""])},
        optional={"clientId": st.text(max_size=4), "subscription": json_values, "ext": json_values,
                  "version": json_values, "connectionType": json_values, "id": json_values},
    ),
    max_size=3,
)  # fmt: skip
bodies = st.one_of(
    st.binary(max_size=60),
    (json_values | bayeux).map(lambda value: json.dumps(value).encode()),
    (elements | elements.map(lambda inner: ENVELOPE % inner) | sheets).map(lambda text: text.encode()),
    st.sampled_from([
        b'{"object":"Account","operation":"insert"}', b'{"state":"UploadComplete"}', b'{"state":"Aborted"}',
        b'{"operation":"query","query":"SELECT Id FROM Account"}', b'{"state":"Closed"}', b"SELECT Id FROM Account",
        b'[{"Name":"A"},{"Name":null},7]', b'{"object":"Account","operation":"upsert","externalIdFieldName":"Nope"}',
    ]),
)  # fmt: skip


@st.composite
def requests(draw):
    """A verb and an address: mostly a verb that the route takes, and a version that is offered."""
    route = draw(st.sampled_from(ROUTES if draw(st.integers(0, 9)) == 0 else HANDLED))
    method = draw(st.sampled_from(VERBS if draw(st.integers(0, 4)) == 0 else route.methods))
    segments = []
    for part in route.template.split("/")[1:]:
        word = part if part[:1] != "{" else draw(st.sampled_from(WORDS) | st.text(max_size=6))
        segments.append("v60.0" if part == "{version}" and draw(st.integers(0, 9)) else word)
    return method, "/" + "/".join(segments)


headers = st.fixed_dictionaries(
    {},
    optional={
        "content-encoding": st.sampled_from(["gzip", "deflate", "br", "identity"]),
        "x-http-method-override": st.sampled_from(VERBS),
        "sforce-query-options": st.text(max_size=15),
        "sforce-call-options": st.text(max_size=15),
        "if-modified-since": st.text(max_size=30),
        "x-forwarded-host": st.text(max_size=10),
        "authorization": st.text(max_size=20),
        "content-type": st.sampled_from(
            [
                "text/csv",
                "application/json",
                "application/xml",
                "text/xml",
                "multipart/form-data; boundary=b",
                "x",
            ]
        ),
        "x-sfdc-session": st.just("<token>"),
        "sforce-enable-pkchunking": st.sampled_from(["true", "chunkSize=0", "chunkSize=x; startRow=1", ""]),
        "if-match": st.text(max_size=8),
    },
)
queries = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["q=SELECT+Id+FROM+Account", "q=SELECT", "q=SELECT+Id+FROM+Account+WHERE+Name+%3D+%27%00", "ids=1,2&fields=Name", "start=1&end=2", "fields=,,Name", "sObjects=Account",
         "start=0001-01-01T00:00:00Z&end=9999-12-31T23:59:59Z", "start=2026-03-02T08:00:00-23:59&end=2026-03-02"]
    ),
)  # fmt: skip


def check(answer, path):
    assert 200 <= answer.status < 600
    assert BUG.encode() not in answer.body, answer.body
    if answer.status == 500:
        assert SOAP in path.lower()
    if answer.headers.get("Content-Type", "").startswith("application/json") and answer.body:
        json.loads(answer.body)


@pytest.fixture
def jobs(client):
    """Ids of bulk jobs that wait for data, by their placeholders."""
    asked = {"object": "Account", "operation": "insert"}
    new = client("POST", "jobs/ingest", asked).body["id"]
    old = client(
        "POST", "/services/async/60.0/job", asked | {"contentType": "JSON"},
        headers={"x-sfdc-session": client.token, "content-type": "application/json"},
    ).body["id"]  # fmt: skip
    return {"<job>": new, "<old job>": old}


@settings(
    max_examples=1500,
    deadline=timedelta(seconds=5),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
@given(request=requests(), query=queries, sent=headers, body=bodies)
def test_any_request_to_any_route_is_answered(client, jobs, request, query, sent, body):
    method, path = request
    for name, job in jobs.items():
        path = path.replace(name, job)
    sent = {"host": "login.salesforce.com", "authorization": f"Bearer {client.token}", **sent}
    sent = {name: value.replace("<token>", client.token) for name, value in sent.items()}
    body = body.replace(b"<token>", client.token.encode())

    check(client.sandbox.handle(Request(method, path, query, sent, body)), path)


@settings(
    max_examples=200,
    deadline=timedelta(seconds=5),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(
    route=st.sampled_from([("POST", "composite/sobjects"), ("PATCH", "composite/sobjects"), ("POST", "composite"),
                           ("PATCH", "composite/sobjects/Account/External_Id__c"), ("POST", "composite/batch"),
                           ("POST", "composite/sobjects/Account")]),
    rows=st.lists(st.dictionaries(field_names, json_values, max_size=4), max_size=3),
    name=st.sampled_from(["records", "compositeRequest", "batchRequests", "ids"]),
)  # fmt: skip
def test_any_batch_is_answered(client, route, rows, name):
    method, path = route
    rows = [{"attributes": {"type": "Account"}, **row} for row in rows]
    answer = client(method, path, {name: rows, "fields": rows, "allOrNone": len(rows) == 2})

    check(answer.response, path)


@pytest.mark.parametrize(
    "body", [b"[" * 5000, b'{"a":' * 5000, b'"\\ud800"', b"\xff\xfe", b"1e999", b"{}" * 3]
)
def test_json_that_breaks_parsers_does_not_break_ours(client, body):
    answer = client("POST", "sobjects/Account", body)

    assert answer.status == 400


def test_a_bomb_is_not_unpacked(client):
    import gzip

    answer = client(
        "POST", "sobjects/Account", gzip.compress(b" " * 150_000_001), headers={"content-encoding": "gzip"}
    )

    assert answer.status == 400


@settings(
    max_examples=100,
    deadline=timedelta(seconds=10),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(
    start=st.sampled_from([b"", b"GET / HTTP/1.1\r\n", b"POST /services/data HTTP/1.1\r\nHost: a\r\n",
                           b"POST /cometd/60.0 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
                           b"PUT /services/data HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"]),
    rest=st.binary(max_size=80),
)  # fmt: skip
def test_any_bytes_on_the_line_end_in_an_answer_or_an_end(line_to, start, rest):
    with line_to() as line:
        line.sendall(start + rest)
        with contextlib.suppress(ConnectionError):
            line.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: line.recv(65536), b""))
            assert not answer or answer.startswith(b"HTTP/1.1 ")
            assert b" 500 " not in answer.split(b"\r\n")[0]

    with line_to() as line:
        line.sendall(b"GET /services/data HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert line.recv(15) == b"HTTP/1.1 200 OK"


@pytest.fixture
def line_to(sandbox):
    """Opens connections to the served sandbox; one that stays silent for five seconds is an error."""
    with sandbox.serve() as server:
        yield lambda: socket.create_connection(("127.0.0.1", server.port), timeout=5)
