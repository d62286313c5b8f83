"""jsforce's Bulk 1.0 and Bulk 2.0, unmodified, over a socket: chunked uploads, polling, result files, queries."""

import json
import subprocess
from pathlib import Path

import pytest

from prm_harness.crm.sandbox.serve import RunningSandbox

from .test_jsforce import jsforce  # noqa: F401 - the fixture that installs the client

SCRIPT = Path(__file__).parent / "js" / "bulk.cjs"


@pytest.fixture(scope="module")
def seen(jsforce):  # noqa: F811 - a fixture
    with RunningSandbox(seed=6) as running:
        welcome = running.folder / "welcome.json"
        welcome.write_text(json.dumps(running.welcome))
        command = ["node", str(SCRIPT), str(jsforce), str(welcome)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        gaps = running.sandbox.log.gaps()
        assert gaps == []
        return json.loads(done.stdout)


def test_version_one_loads_reads_and_deletes(seen):
    one = seen["one"]

    assert (one["made"], one["gone"]) == (2100, 2100)
    assert one["problem"] == ["REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"]
    assert one["upserted"] == [True, True]
    assert (one["read"], one["first"], one["phones"]) == (2101, 'Bulk "0", ü', 1)
    assert "Nope" in one["refused"]


def test_version_two_loads_reads_and_deletes(seen):
    two = seen["two"]

    assert (two["made"], two["gone"], two["created"], two["unprocessed"]) == (2100, 2100, "true", [])
    assert two["problem"] == ["REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"]
    assert two["upserted"] == ["false"]
    assert (two["read"], two["emails"], two["same"]) == (2100, 1, True)
