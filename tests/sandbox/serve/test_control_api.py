"""The control API: everything that a check can arrange, by a script in any language."""

import inspect

import pytest
import requests

from prm_harness.crm import backend
from prm_harness.crm.sandbox.serve.openapi import OTHERS, READS
from prm_harness.crm.sandbox.serve.operations import ELSEWHERE, PARTS, operations


@pytest.fixture
def admin(running):
    def ask(method, path, body=None):
        headers = {"Authorization": f"Bearer {running.welcome['admin_token']}"}
        return requests.request(
            method, running.welcome["admin_url"] + path, headers=headers, json=body, timeout=10
        )

    yield ask
    ask("DELETE", "/faults")
    ask("DELETE", "/hooks")
    ask("POST", "/logins/restore")


@pytest.fixture
def do(admin):
    def run(operation, **body):
        answer = admin("POST", f"/{operation}", body)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    return run


def crm(running, path, token=None):
    headers = {"Authorization": f"Bearer {token or running.sandbox.open_session()}"}
    return requests.get(f"{running.welcome['url']}/services/data/v60.0/{path}", headers=headers, timeout=10)


def test_every_power_of_the_backend_has_an_address():
    known = operations()
    for part, protocol in PARTS.items():
        for name, _ in inspect.getmembers(protocol, inspect.isfunction):
            assert name.startswith("_") or f"{part}/{name}" in known or f"{part}/{name}" in ELSEWHERE
    parts = {backend.Crm.__annotations__[name] for name in backend.Crm.__annotations__} - {
        "OrgFacts",
        "Hooks",
    }
    assert {p.__name__ for p in PARTS.values()} - {"Crm"} == parts


def test_its_description_is_complete_and_every_address_in_it_answers(running, admin):
    described = admin("GET", "/openapi.json").json()
    asked = {(verb, path) for path, verbs in described["paths"].items() for verb in verbs}

    assert {("get", path) for path in READS} <= asked
    assert {(verb.lower(), path) for verb, path in OTHERS} <= asked
    for path in READS:
        assert admin("GET", path).status_code == 200, path
    for verb, path in asked - {("get", path) for path in READS}:
        answer = requests.request(verb, running.welcome["admin_url"] + path, timeout=10)
        assert answer.status_code == 401, path
    assert all(operation["summary"] for verbs in described["paths"].values() for operation in verbs.values())


def test_records_are_made_changed_and_read(do):
    (record_id,) = do("records/create", sobject="Account", rows=[{"Name": "A"}], late=3600)
    do("records/update", sobject="Account", record_id=record_id, values={"Phone": "1"}, quietly=True)
    do("records/change", sobject="Account", changes=[[record_id, {"Fax": "2"}]])
    row = do("records/get", sobject="Account", record_id=record_id)

    assert (row["Name"], row["Phone"], row["Fax"]) == ("A", "1", "2")
    assert do("records/query", soql=f"SELECT Name FROM Account WHERE Id = '{record_id}'") == [{"Name": "A"}]
    do("records/delete", sobject="Account", record_id=record_id)
    assert do("records/get", sobject="Account", record_id=record_id) is None


def test_the_schema_follows_at_once(running, do):
    do(
        "schema/add_field",
        sobject="Account",
        name="Level__c",
        type="picklist",
        values=["A", "B"],
        restricted=True,
    )
    fields = crm(running, "sobjects/Account/describe").json()["fields"]

    assert [v["value"] for f in fields if f["name"] == "Level__c" for v in f["picklistValues"]] == ["A", "B"]
    do("schema/drop_field", sobject="Account", name="Level__c")


def test_a_hook_runs_its_steps_when_the_request_comes(running, admin, do):
    steps = [
        {"path": "/schema/add_field", "body": {"sobject": "Lead", "name": "Mid__c", "type": "string"}},
        {"path": "/faults", "body": {"name": "then", "kind": "status", "route": "limits"}},
    ]
    admin("POST", "/hooks", {"name": "mid", "match": {"route": "query", "after": 1}, "do": steps})
    seen = [crm(running, "query?q=SELECT+Id+FROM+Lead").status_code for _ in range(2)]

    assert seen == [200, 200]
    (hook,) = admin("GET", "/hooks").json()["hooks"]
    assert (hook["fired"], hook["error"]) == (1, "")
    assert crm(running, "limits").status_code == 503
    assert "Mid__c" in do("schema/describe", sobject="Lead")
    do("schema/drop_field", sobject="Lead", name="Mid__c")


def test_a_hook_that_failed_says_why(running, admin):
    steps = [{"path": "/schema/drop_field", "body": {"sobject": "Lead", "name": "Never__c"}}]
    admin("POST", "/hooks", {"name": "bad", "match": {}, "do": steps})
    crm(running, "limits")
    hooks = {hook["name"]: hook for hook in admin("GET", "/hooks").json()["hooks"]}

    assert "Never__c" in hooks["bad"]["error"]


def test_logins_quota_and_the_log(running, admin, do):
    mark = admin("GET", "/log/mark").json()
    token = running.sandbox.open_session()
    assert crm(running, "limits", token).status_code == 200
    do("logins/expire")
    assert crm(running, "limits", token).status_code == 401
    do("quota/use", calls=10)
    usage = do("log/usage", since=[mark["exchange"], mark["change"]])

    assert (usage["calls"], usage["by_status"]) == (2, {"200": 1, "401": 1})
    assert admin("GET", "/facts").json()["quota"]["used"] >= 11
    assert [
        e["status"] for e in admin("GET", f"/log?since={mark['exchange']}&route=limits").json()["exchanges"]
    ] == [
        200,
        401,
    ]


def test_firings_can_be_proved(running, admin, do):
    admin("POST", "/faults", {"name": "lost", "kind": "lost", "route": "limits"})
    with pytest.raises(requests.ConnectionError):
        crm(running, "limits")
    (fault,) = [f for f in do("faults/firings") if f["name"] == "lost"]

    assert fault["kind"] == "lost"
    assert do("log/exchanges", since=fault["exchange"] - 1)[0]["fault"] == "lost"


def test_a_package_of_faults_is_injected_whole_or_not_at_all(admin):
    bad_day = [
        {"name": "slow reads", "kind": "slow", "route": "read", "seconds": 0.01, "share": 0.3, "times": None},
        {"name": "locked rows", "kind": "rows", "route": "write", "rows": 0.1, "times": None, "lasts": 3600},
    ]
    assert admin("POST", "/faults", bad_day).json() == {"names": ["slow reads", "locked rows"]}
    assert admin("POST", "/faults", [{"name": "fine", "kind": "reset"}, {"name": "x"}]).status_code == 400
    assert [fault["name"] for fault in admin("GET", "/faults").json()["faults"]] == [
        "slow reads",
        "locked rows",
    ]


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/records/create", {"sobject": "Account"}, 400, "rows: field required"),
        ("/records/create", {"sobject": "Account", "rows": [{}]}, 409, "REQUIRED_FIELD_MISSING"),
        ("/records/create", {"sobject": "Nothing", "rows": [{}]}, 409, "NOT_FOUND"),
        ("/records/create", {"sobject": "Account", "rows": [], "x": 1}, 400, "unknown key 'x'; known: sobject"),
        ("/schema/add_field", {"sobject": "Account", "name": "X__c", "type": "integer"}, 409, "unknown field type"),
        ("/faults/inject", {"name": "x", "kind": "gremlin"}, 400, "unknown kind of fault"),
        ("/hooks", {"name": "x", "match": {}, "do": [{"path": "/nothing"}]}, 404, "there is no /nothing"),
        ("/quota/set", {"resets": "noon"}, 400, "resets"),
        ("/capture", {"objects": "Account"}, 400, "objects"),
    ],
)  # fmt: skip
def test_mistakes_are_one_sentence(admin, path, body, status, words):
    answer = admin("POST", path, body)

    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert words in answer.json()["error"]
