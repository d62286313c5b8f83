"""The admin's door: a port of its own, a token of its own."""

import pytest
import requests

from prm_harness.crm.salesforce.http import Request
from prm_harness.crm.sandbox import Sandbox
from prm_harness.crm.sandbox.serve.admin import AdminDoor

RESOURCES = ["/health", "/facts", "/log", "/faults", "/clock", "/quota", "/outbound"]


@pytest.fixture
def admin(running):
    def ask(method, path, **more):
        headers = {"Authorization": f"Bearer {running.welcome['admin_token']}"}
        return requests.request(
            method, running.welcome["admin_url"] + path, headers=headers, timeout=10, **more
        )

    yield ask
    ask("DELETE", "/faults")


def crm(running, path="limits", **headers):
    headers.setdefault("Authorization", f"Bearer {running.sandbox.open_session()}")
    return requests.get(f"{running.welcome['url']}/services/data/v60.0/{path}", headers=headers, timeout=10)


@pytest.mark.parametrize("token", [None, "", "wrong", "the access token"])
def test_nothing_is_said_without_the_token(running, token):
    if token == "the access token":
        token = running.welcome["access_token"]
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    for path in [*RESOURCES, "/", "/nothing"]:
        answer = requests.get(running.welcome["admin_url"] + path, headers=headers, timeout=10)
        assert (answer.status_code, list(answer.json())) == (401, ["error"])


@pytest.mark.parametrize("path", RESOURCES)
def test_the_crm_knows_no_admin_resource(running, path):
    token = running.welcome["admin_token"]
    answer = requests.get(
        running.welcome["url"] + path, headers={"Authorization": f"Bearer {token}"}, timeout=10
    )

    assert answer.status_code in {401, 404}
    assert "errorCode" in answer.json()[0]


def test_health_and_facts(running, admin):
    facts = admin("GET", "/facts").json()

    assert admin("GET", "/health").json()["status"] == "ok"
    assert facts["id"] == running.welcome["org_id"]
    assert facts["clock"]["virtual"] is False
    assert {"Account", "Deal_Registration__c"} <= set(facts["objects"])


def test_the_log_goes_on_where_it_ended(running, admin):
    mark = admin("GET", "/log").json()["last"]
    crm(running)

    page = admin("GET", f"/log?since={mark}").json()

    assert [(e["number"], e["route"], e["status"]) for e in page["exchanges"]] == [
        (mark + 1, "meta.limits", 200)
    ]
    assert admin("GET", f"/log?since={page['last']}").json() == {"exchanges": [], "last": page["last"]}


def test_a_fault_hits_until_it_is_healed(running, admin):
    armed = admin("POST", "/faults", json={"name": "down", "kind": "status", "status": 503, "times": None})
    while_down = crm(running)
    admin("DELETE", "/faults?name=down")

    assert armed.json() == {"name": "down"}
    assert (while_down.status_code, crm(running).status_code) == (503, 200)


def test_the_quota_can_be_used_up(running, admin):
    before = admin("GET", "/facts").json()["quota"]
    admin("PUT", "/quota", json={"used": before["maximum"]})
    refused = crm(running)
    admin("PUT", "/quota", json={"used": 0})

    assert refused.json()[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"
    assert crm(running).status_code == 200


def test_a_real_clock_is_not_advanced(admin):
    answer = admin("POST", "/clock", json={"seconds": 60})

    assert answer.status_code == 409
    assert "cannot be advanced" in answer.json()["error"]


def test_a_virtual_clock_is():
    with Sandbox(seed=1) as sandbox:
        before = sandbox.clock.now()
        door = AdminDoor(sandbox, token="t")
        answer = door.handle(
            Request("POST", "/clock", headers={"authorization": "Bearer t"}, body=b'{"seconds": 90}')
        )

        assert answer.status == 200
        assert (sandbox.clock.now() - before).total_seconds() == 90


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/faults", b"{", 400),
        ("POST", "/faults", b"[]", 400),
        ("POST", "/faults", b'{"name": "x"}', 400),
        ("POST", "/faults", b'{"name": "x", "kind": "meteor"}', 400),
        ("POST", "/faults", b'{"name": "x", "kind": "status", "colour": "red"}', 400),
        ("POST", "/faults", b'{"name": "x", "kind": "status", "status": "503"}', 400),
        ("POST", "/clock", b'{"seconds": true}', 400),
        ("POST", "/clock", b'{"seconds": 1e400}', 400),
        ("PUT", "/quota", b"{}", 400),
        ("PUT", "/quota", b'{"used": -1}', 400),
        ("POST", "/outbound", b'{"name": "x"}', 400),
        (
            "POST",
            "/outbound",
            b'{"name": 1, "sobject": "Account", "fields": [], "endpoint": "http://[::1]/"}',
            400,
        ),
        (
            "POST",
            "/outbound",
            b'{"name": "x", "sobject": "Account", "fields": "Name", "endpoint": "http://[::1]/"}',
            400,
        ),
        (
            "POST",
            "/outbound",
            b'{"name": "x", "sobject": "Nope", "fields": [], "endpoint": "http://[::1]/"}',
            400,
        ),
        (
            "POST",
            "/outbound",
            b'{"name": "x", "sobject": "Account", "fields": [], "endpoint": "http://10.0.0.1/"}',
            400,
        ),
        ("DELETE", "/outbound?name=x", b"", 404),
        ("GET", "/log?since=x", b"", 400),
        ("GET", "/quota", b"", 405),
        ("GET", "/sobjects", b"", 404),
    ],
)
def test_a_mistake_is_answered_with_a_sentence(admin, method, path, body, status):
    answer = admin(method, path, data=body)

    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
