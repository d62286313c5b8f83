"""jsforce, unmodified, over a socket. It is installed from npm by the tests themselves."""

import json
import subprocess
from pathlib import Path

import pytest

from prm_harness.crm.sandbox.serve import RunningSandbox

from .installing import npm_folder_with

SCRIPT = Path(__file__).parent / "js" / "session.cjs"
JSFORCE = "jsforce@~3.10.0"


@pytest.fixture(scope="session")
def jsforce():
    """The folder that jsforce is installed in: one for all workers of a run."""
    return npm_folder_with(JSFORCE)


@pytest.fixture(scope="module")
def running():
    with RunningSandbox(seed=5) as served:
        yield served


@pytest.fixture(scope="module")
def seen(jsforce, running):
    """What one session of the client saw."""
    welcome = running.folder / "welcome.json"
    welcome.write_text(json.dumps(running.welcome))
    command = ["node", str(SCRIPT), str(jsforce), str(welcome)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_logs_in_by_oauth_by_soap_with_a_token_and_refreshes_a_dead_one(seen, running):
    login = seen["login"]

    assert login["oauth"] == login["soap"] == login["token"] == running.welcome["org_id"]
    assert login["instance"]
    assert login["refreshed"]
    assert login["wrong"]["name"] == "invalid_grant"
    assert "INVALID_LOGIN" in login["wrongSoap"]["message"]


def test_it_reads_the_schema(seen):
    describe = seen["describe"]

    assert describe["objects"] == ["Account", "Contact", "Lead", "Opportunity"]
    assert (describe["key"]["type"], describe["key"]["unique"], describe["key"]["externalId"]) == (
        "string",
        True,
        True,
    )
    assert describe["limit"] == 100_000


def test_it_writes_and_reads_rows(seen):
    rows = seen["rows"]

    assert rows["read"] == [rows["id"], "Acme", "123"]
    assert rows["upserted"] == [rows["id"], False]
    assert rows["created"] is True
    assert rows["found"] == ["456"]
    assert rows["gone"]["code"] == "NOT_FOUND"


def test_it_understands_refusals(seen):
    codes = {name: refusal["code"] for name, refusal in seen["errors"].items()}

    assert codes == {
        "field": "INVALID_FIELD",
        "required": "REQUIRED_FIELD_MISSING",
        "duplicate": "DUPLICATE_VALUE",
        "query": "INVALID_FIELD",
        "object": "NOT_FOUND",
    }


def test_it_pages_through_more_than_2000_rows(seen):
    assert seen["pages"] == {"made": 2100, "first": [2100, False, 2000], "more": [True, 100], "all": 2100}


def test_it_writes_collections(seen):
    assert seen["collections"] == {
        "made": [True, False, True],
        "problem": "REQUIRED_FIELD_MISSING",
        "read": ["C1", "C3"],
        "changed": [True, True],
        "whole": ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"],
        "gone": [True, True],
    }


def test_nothing_of_it_met_a_gap(seen, running):
    assert running.sandbox.log.gaps() == []
