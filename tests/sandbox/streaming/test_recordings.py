"""What the sandbox sends, beside captured deliveries and errors; skipped where they are not at hand."""

import json
import os
from pathlib import Path

import pytest

from .conftest import Bayeux

FOLDER = os.environ.get("PRM_HARNESS_RECORDINGS")
pytestmark = pytest.mark.skipif(
    not FOLDER, reason="PRM_HARNESS_RECORDINGS does not name a folder of recorded answers"
)


@pytest.fixture(scope="module")
def recorded():
    lines = (Path(FOLDER) / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    return {case["id"]: case["response"].get("body") for case in map(json.loads, lines)}


def shape(value):
    """Keys in order, and the JSON type of every leaf."""
    if isinstance(value, dict):
        return [(key, shape(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    return type(value).__name__


@pytest.mark.parametrize("case_id", ["cdc_event-002", "cdc_event-003", "cdc_event-004"])
def test_headers_of_updates(recorded, rest, listen, case_id):
    entity = recorded[case_id]["ChangeEventHeader"]["entityName"]
    more = {"Company": "Acme"} if entity == "Lead" else {}
    record_id = rest.create(entity, LastName="Old", **more)
    client = listen(f"/data/{entity}ChangeEvent")
    rest.update(entity, record_id, LastName="New")
    (event,) = client.events()
    header = event["data"]["payload"]["ChangeEventHeader"]
    assert shape(header) == shape(recorded[case_id]["ChangeEventHeader"])


def test_a_name_alone(recorded, rest, listen):
    record_id = rest.create("Contact", LastName="Old")
    client = listen("/data/ContactChangeEvent")
    rest.update("Contact", record_id, LastName="Youngest")
    (event,) = client.events()
    assert shape(event["data"]["payload"]) == shape(recorded["cdc_event-002"])


def test_the_delivery_around_an_event(recorded, rest, listen):
    client = listen("/data/AccountChangeEvent")
    rest.create("Account", Name="Acme")
    (event,) = client.events()
    theirs = recorded["cdc_event-006"]
    assert list(event) == list(theirs)
    assert list(event["data"]) == list(theirs["data"])
    assert shape(event["data"]["event"]) == shape(theirs["data"]["event"])
    assert len(event["data"]["schema"]) == len(theirs["data"]["schema"])
    assert list(event["data"]["payload"])[-1] == list(theirs["data"]["payload"])[-1]


def test_a_conversion(recorded, sandbox, rest, listen):
    lead_id = rest.create("Lead", LastName="Ann", Company="Acme")
    client = listen()
    sandbox.convert_lead(lead_id)
    header = client.events()[0]["data"]["payload"]["ChangeEventHeader"]
    theirs = recorded["cdc_event-008"]["ChangeEventHeader"]
    # The Pub/Sub decoding has two lists more, which CometD does not send (cdc_event-006).
    assert set(theirs) - set(header) == {"nulledFields", "diffFields"}
    same = ("entityName", "changeType", "sequenceNumber", "changeOrigin")
    assert [header[key] for key in same] == [theirs[key] for key in same]


def test_refused_messages(recorded, sandbox, listen):
    client = listen()
    sandbox.expire_sessions()
    (refused,) = client.connect()
    # Ids are echoed: the recorded client sent numbers.
    theirs = {**recorded["cometd-001"], "clientId": refused["clientId"], "id": refused["id"]}
    assert refused == theirs
    denied = Bayeux(sandbox, "00Dx!dead").handshake()
    assert {k: v for k, v in denied.items() if k != "id"} == recorded["cometd-002"]


def test_a_publication(recorded, sandbox, rest):
    sandbox.schema.add_object("Deal__e", "Deal", [{"name": "Name__c", "type": "string"}])
    body = json.loads(rest("POST", "sobjects/Deal__e", {"Name__c": "a"}).body)
    theirs = recorded["platform_event_publish-001"]
    assert shape(body) == [*shape(theirs)[:2], ("errors", [shape(theirs["errors"][0])])]
    assert body["errors"][0]["statusCode"] == theirs["errors"][0]["statusCode"]
