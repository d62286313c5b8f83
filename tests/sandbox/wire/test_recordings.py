"""The sandbox's answers held against recorded ones: status, order of keys, codes and messages.

The recordings are not part of the project: PRM_HARNESS_RECORDINGS names the folder that holds ``cases.jsonl`` and
``describes/``; without it these tests are skipped.
"""

import json
import os
import re
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("PRM_HARNESS_RECORDINGS", ""))
pytestmark = pytest.mark.skipif(
    not (FOLDER / "cases.jsonl").is_file(),
    reason="PRM_HARNESS_RECORDINGS does not name a folder of recorded answers",
)

ID = re.compile(r"\b[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?\b")


@pytest.fixture(scope="module")
def cases():
    lines = (FOLDER / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    return {case["id"]: case for case in map(json.loads, lines)}


def replay(client, case, ids=()):
    """Send a recorded request; ``ids`` maps recorded ids to ours."""
    request = case["request"]
    text = json.dumps([request["path"], request.get("query") or {}, request.get("body")])
    for recorded, ours in dict(ids).items():
        text = text.replace(recorded, ours)
    path, query, body = json.loads(text.replace("vXX.X", "v60.0").replace("vxx.0", "v60.0"))
    return client(request["method"], path, body, params=query)


def order(value):
    """Keys in order at every depth, leaves reduced to their JSON type; of a list the first entry stands for all."""
    if isinstance(value, dict):
        return [(key, order(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [order(value[0])] if value else []
    return (
        "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__
    )


def masked(value):
    return ID.sub("<id>", json.dumps(value))


PLAIN = [
    "create-001",
    "create-010",
    "collections_post-001",
    "collections_post-009",
    "upsert-002",
    "record_count-003",
]


@pytest.mark.parametrize("case_id", PLAIN)
def test_a_recorded_request_gets_an_answer_of_the_recorded_form(client, cases, case_id):
    case = cases[case_id]
    answer = replay(client, case)

    assert answer.status == case["response"]["status"]
    assert order(answer.body) == order(case["response"]["body"])
    wanted = {"sforce-limit-info", "location"} & case["response"]["headers"].keys()
    assert wanted <= {name.lower() for name in answer.headers}


EXACT = ["composite-007", "composite-011", "collections_patch-001"]


@pytest.mark.parametrize("case_id", EXACT)
def test_a_recorded_refusal_is_repeated_word_for_word(client, cases, case_id):
    case = cases[case_id]
    answer = replay(client, case)

    assert answer.status == case["response"]["status"]
    ours, recorded = masked(answer.body), masked(case["response"]["body"])
    assert re.sub(r'"totalSize": \d+', "", ours) == re.sub(r'"totalSize": \d+', "", recorded)


def test_quoted_refusals_are_repeated_word_for_word(sandbox, client, cases):
    (gone,) = sandbox.create("Account", [{"Name": "A"}])
    sandbox.delete("Account", gone)
    (live,) = sandbox.create("Account", [{"Name": "B"}])
    asked = {
        "create-063": client("POST", "sobjects/Account", {"Phone": "1"}),
        "create-062": client("POST", "sobjects/Contact", {"Name": "x", "LastName": "y"}),
        "update-002": client("PATCH", f"sobjects/Account/{live}", {"MasterRecordId": gone}),
        "update-017": client("PATCH", f"sobjects/Account/{gone}", {"Name": "x"}),
        "delete-014": client("DELETE", f"sobjects/Account/{gone}"),
        "delete-002": client("DELETE", f"sobjects/Account/{gone}"),
        "other-003": client("POST", "limits"),
        "collections_post-002": client("POST", "composite/sobjects", {"records": []}),
        "oauth_token-020": client.post_form(
            "/services/oauth2/token", {"grant_type": "password", "client_id": "x"}
        ),
    }
    for case_id, answer in asked.items():
        recorded = cases[case_id]["response"]
        assert answer.status == recorded["status"], case_id
        assert json.dumps(answer.body) == json.dumps(recorded["body"]), case_id


def test_what_is_about_the_org_has_the_recorded_keys(sandbox, client, cases):
    (record_id,) = sandbox.create("Account", [{"Name": "A"}])
    asked = {
        "versions-001": client("GET", "/services/data"),
        "oauth_userinfo-001": client("GET", "/services/oauth2/userinfo"),
        "upsert-001": client("PATCH", f"sobjects/Account/Id/{record_id}?updateOnly=true", {"Phone": "1"}),
        "update-001": client("PATCH", f"sobjects/Account/{record_id}", {"Phone": "2"}),
    }
    for case_id, answer in asked.items():
        recorded = cases[case_id]["response"]
        assert answer.status == recorded["status"]
        assert order(answer.body) == order(recorded["body"] or None), case_id
    assert asked["versions-001"].body == cases["versions-001"]["response"]["body"]


def test_identity_and_basic_have_no_key_less(sandbox, client, cases):
    ours = client("GET", f"/id/{sandbox.facts.id}/{sandbox.facts.integration_user}").body
    assert set(cases["oauth_identity-003"]["response"]["body"]) <= ours.keys()

    ours = client("GET", "/services/data/v63.0/sobjects/Account").body
    recorded = cases["sobject_basic-001"]["response"]["body"]
    assert order(ours["objectDescribe"]) == order(recorded["objectDescribe"])


def test_a_record_begins_as_recorded_ones_do(sandbox, client, cases):
    (record_id,) = sandbox.create("Account", [{"Name": "A", "BillingCity": "Graz"}])
    ours = client("GET", f"sobjects/Account/{record_id}")
    recorded = cases["retrieve-001"]["response"]

    assert list(ours.body)[:4] == list(recorded["body"])[:4]
    both = [name for name in recorded["body"] if name in ours.body]
    assert sorted(both, key=list(ours.body).index) == both
    assert {"last-modified", "sforce-limit-info"} <= {name.lower() for name in ours.headers}


def described(name):
    found = json.loads((FOLDER / "describes" / name).read_text(encoding="utf-8"))
    return found.get("body", found)


OBJECTS = {
    "Account": ["Account.integration-templates.9cbb4460d1.json", "Account.CumulusCI.9eb62759ce.json"],
    "Contact": ["Contact.CumulusCI.cc64b7b3c7.json"],
    "Lead": ["Lead.CumulusCI.107020d36f.json"],
    "Opportunity": ["Opportunity.CumulusCI.2528e8209b.json"],
}
DERIVED = ["type", "soapType", "aggregatable", "filterable", "groupable", "sortable", "queryByDistance", "byteLength",
           "length", "idLookup", "calculated", "digits", "precision", "scale", "createable", "updateable", "nillable",
           "relationshipName", "restrictedPicklist", "compoundFieldName", "externalId"]  # fmt: skip
# Orgs differ: administrators lengthen picklists, activate state lists and add values, releases change lengths.
DIFFERS_BY_ORG = {"picklist": {"length", "byteLength", "restrictedPicklist"}, "textarea": {"groupable"}}
# Account.Name is a compound where person accounts are on; the others are fields like no other, and no PRM maps them.
KNOWN = {
    ("Name", "compoundFieldName"), ("FiscalQuarter", "compoundFieldName"), ("FiscalYear", "compoundFieldName"),
    ("Fiscal", "byteLength"), ("HasOpenActivity", "filterable"), ("HasOpenActivity", "sortable"),
    ("HasOverdueTask", "filterable"), ("HasOverdueTask", "sortable"),
}  # fmt: skip


@pytest.mark.parametrize(("sobject", "file"), [(o, f) for o, files in OBJECTS.items() for f in files])
def test_describes_agree_field_by_field(client, sobject, file):
    ours, recorded = client("GET", f"sobjects/{sobject}/describe").body, described(file)
    theirs = {field["name"]: field for field in recorded["fields"]}

    differences = []
    shared = [field for field in ours["fields"] if field["name"] in theirs]
    for field in shared:
        for key in DERIVED:
            exempt = key in DIFFERS_BY_ORG.get(field["type"], ()) or (field["name"], key) in KNOWN
            if field[key] != theirs[field["name"]][key] and not exempt:
                differences.append((field["name"], key, field[key], theirs[field["name"]][key]))
    assert len(shared) > 20
    assert differences == []


@pytest.mark.parametrize(("sobject", "file"), [(o, f) for o, files in OBJECTS.items() for f in files])
def test_describes_have_the_recorded_keys(client, sobject, file):
    recorded = described(file)
    ours = client("GET", f"sobjects/{sobject}/describe").body

    assert set(recorded) <= ours.keys()
    assert set(recorded["fields"][0]) <= ours["fields"][0].keys()
    for part in ("childRelationships", "recordTypeInfos", "supportedScopes"):
        assert list(recorded[part][0]) == list(ours[part][0]), part


def test_the_global_describe_has_the_recorded_keys(client):
    recorded = {
        entry["name"]: entry
        for entry in described("_global.integration-templates.8c33777f70.json")["sobjects"]
    }
    for entry in client("GET", "/services/data/v59.0/sobjects").body["sobjects"]:
        if entry["name"] in recorded:
            assert list(entry) == list(recorded[entry["name"]])
            assert entry["keyPrefix"] == recorded[entry["name"]]["keyPrefix"]
