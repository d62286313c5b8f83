"""Recorded requests of the Metadata API, sent again: the answers have the recorded elements, in the recorded order.

Skipped where PRM_HARNESS_RECORDINGS does not name the folder of recorded answers.
"""

import json
import os
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from prm_harness.crm.salesforce.http import Request
from prm_harness.crm.sandbox import Sandbox

FOLDER = Path(os.environ.get("PRM_HARNESS_RECORDINGS", ""))
pytestmark = pytest.mark.skipif(
    not (FOLDER / "cases.jsonl").is_file(),
    reason="PRM_HARNESS_RECORDINGS does not name a folder of recorded answers",
)


@pytest.fixture(scope="module")
def cases():
    lines = (FOLDER / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    return {case["id"]: case for case in map(json.loads, lines) if case["id"].startswith("soap_metadata")}


@pytest.fixture
def send():
    own_objects = [{"name": "Age__c", "type": "double"}, {"name": "Hobby__c", "type": "string"}]
    with Sandbox(seed=7) as sandbox:
        sandbox.schema.add_object("TestObject15__c", "Test", own_objects)
        token = sandbox._sessions.open()

        def post(case, body=None):
            text = (body or case["request"]["body"]).replace("REDACTED", token)
            return sandbox.handle(Request("POST", "/services/Soap/m/60.0", "", {"host": "x"}, text.encode()))

        yield post


def form(text):
    """Tags in order at every depth; of equal neighbours one stands for all."""

    def of(element):
        inner = []
        for child in element:
            found = of(child)
            if found not in inner:
                inner.append(found)
        return element.tag.rpartition("}")[2], inner

    return of(ET.fromstring(text).find("{*}Body")[0])


def messages(text):
    root = ET.fromstring(text)
    return [
        (e.findtext("{*}statusCode"), e.findtext("{*}message"))
        for e in root.iter()
        if e.tag.endswith("}errors")
    ]


def test_refusals_are_repeated_word_for_word(send, cases):
    # The recorded request of the first does not say what was refused; a required checkbox is what its answer is about.
    first, second = cases["soap_metadata-002"], cases["soap_metadata-006"]
    head, checkbox, rest = first["request"]["body"].partition("<type>Checkbox</type>")
    asked = head + checkbox + rest.replace("<required>false", "<required>true", 1)

    refused = send(first, asked)
    send(second)  # deletes what the first has made, so that there is nothing left to delete

    for case, answer in ((first, refused), (second, send(second))):
        recorded = messages(case["response"]["body"])
        assert answer.status == 200
        assert recorded
        assert set(recorded) <= set(messages(answer.body))


def test_fields_and_permission_sets_are_upserted_and_read_in_the_recorded_form(send, cases):
    made = send(cases["soap_metadata-001"])
    assert form(made.body) == form(cases["soap_metadata-001"]["response"]["body"])
    for case_id in ("soap_metadata-004", "soap_metadata-003", "soap_metadata-005"):
        answer = send(cases[case_id])
        assert answer.status == 200
        ours, recorded = form(answer.body), form(cases[case_id]["response"]["body"])
        assert json.dumps(ours).replace('["description", []], ', "") == json.dumps(recorded), case_id


def test_a_retrieve_is_queued_checked_and_fetched_in_the_recorded_form(send, cases):
    queued = send(cases["soap_metadata-034"])
    assert form(queued.body) == form(cases["soap_metadata-034"]["response"]["body"])
    job = ET.fromstring(queued.body).findtext(".//{*}id")
    for case_id in ("soap_metadata-035", "soap_metadata-036"):
        case = cases[case_id]
        asked = case["request"]["body"]
        recorded_job = ET.fromstring(asked).findtext(".//{*}asyncProcessId")
        answer = send(case, asked.replace(recorded_job, job))
        assert form(answer.body) == form(case["response"]["body"]), case_id
