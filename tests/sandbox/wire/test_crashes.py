"""A crash of the sandbox is told from what it does not implement: by its code, in the log, on standard error."""

import subprocess
import sys

import pytest

from prm_harness.audit.judge import _ours
from prm_harness.crm.org.schema import Schema
from prm_harness.crm.salesforce.sessions import Sessions

PART = {
    "method": "GET",
    "url": "/services/data/v60.0/sobjects/Account/001000000000001AAA",
    "referenceId": "a",
}
QUERY = b"""<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Header><SessionHeader
xmlns="urn:partner.soap.sforce.com"><sessionId>%s</sessionId></SessionHeader></Header><Body>
<retrieve xmlns="urn:partner.soap.sforce.com"><fieldList>Id</fieldList><sObjectType>Account</sObjectType>
<ids>001000000000001AAA</ids></retrieve></Body></Envelope>"""


def broken(*_args, **_kwargs):
    raise KeyError("a mistake of ours")


@pytest.fixture
def broken_org(monkeypatch, sandbox, client):
    assert client.token  # logged in before it breaks
    monkeypatch.setattr(Schema, "get", broken)
    return sandbox


def asked(client, way):
    if way == "row":
        return client("GET", "sobjects/Account/001000000000001AAA")
    if way == "composite":
        return client("POST", "composite", {"compositeRequest": [PART]})
    return client(
        "POST", "/services/Soap/u/60.0", QUERY % client.token.encode(),
        headers={"content-type": "text/xml", "soapaction": '""'},
    )  # fmt: skip


@pytest.mark.parametrize(("way", "status"), [("row", 500), ("composite", 200), ("soap", 500)])
def test_a_crash_has_a_code_of_its_own_and_leaves_a_trace(broken_org, client, caplog, way, status):
    answer = asked(client, way)

    assert answer.status == status
    assert b"SANDBOX_BUG" in answer.response.body
    assert b"crashed with KeyError ('a mistake of ours'); please report it" in answer.response.body
    (gap,) = broken_org.log.gaps()
    assert gap.error_code == "SANDBOX_BUG"
    (line,) = caplog.records
    assert line.message.startswith("SANDBOX_BUG: ")
    assert line.exc_info is not None


def test_a_crash_before_any_handler_is_answered_too_and_the_next_request_is_served(
    sandbox, client, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(Sessions, "user_of", broken)
        assert client("GET", "limits").response.error_code == "SANDBOX_BUG"
    assert client("GET", "limits").status == 200
    assert sandbox.log.current is None


def test_a_check_that_met_a_crash_is_open_and_says_so():
    assert _ours(["SANDBOX_GAP", "SANDBOX_BUG"]) == (
        "the sandbox itself crashed on 1 requests (SANDBOX_BUG), please report it"
    )
    assert _ours(["SANDBOX_GAP"]) == "1 requests met something that the sandbox does not implement yet"


SERVED = """
from urllib.request import Request, urlopen
from urllib.error import HTTPError
from prm_harness.crm.org.org import Org
from prm_harness.crm.sandbox import Sandbox
def broken(*_args, **_kwargs):
    raise KeyError("a mistake of ours")
sandbox = Sandbox(seed=1)
token = sandbox.open_session()
Org.seen_by = broken
with sandbox.serve() as server:
    path = "/services/data/v60.0/sobjects/Account/001000000000001AAA"
    try:
        urlopen(Request(server.url + path, headers={"Authorization": "Bearer " + token}))
    except HTTPError as error:
        print(error.code, error.read().decode())
"""


def test_a_served_crash_is_told_on_standard_error():
    done = subprocess.run([sys.executable, "-c", SERVED], capture_output=True, text=True, check=True)

    assert done.stdout.startswith(
        '500 [{"errorCode":"SANDBOX_BUG","message":"The sandbox crashed with KeyError'
    )
    assert done.stderr.startswith("SANDBOX_BUG: GET /services/data/v60.0/sobjects/Account/")
    assert "Traceback" in done.stderr
