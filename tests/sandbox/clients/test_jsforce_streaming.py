"""jsforce's streaming client, unmodified, over a socket: change events live and replayed."""

import json
import subprocess
from pathlib import Path

import pytest

from prm_harness.crm.sandbox.serve import RunningSandbox

from .test_jsforce import jsforce  # noqa: F401 - the fixture that installs the client

SCRIPT = Path(__file__).parent / "js" / "streaming.cjs"


@pytest.fixture(scope="module")
def heard(jsforce):  # noqa: F811 - a fixture
    with RunningSandbox(seed=6) as running:
        welcome = running.folder / "welcome.json"
        welcome.write_text(json.dumps(running.welcome))
        command = ["node", str(SCRIPT), str(jsforce), str(welcome)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def test_it_hears_of_a_record_the_moment_it_is_saved(heard):
    payload = heard["message"]["payload"]
    assert payload["Name"] == "Live"
    assert payload["ChangeEventHeader"]["changeType"] == "CREATE"
    assert payload["ChangeEventHeader"]["changeOrigin"].startswith("com/salesforce/api/rest/50.0")


def test_its_replay_extension_brings_what_is_retained(heard):
    assert heard["replayed"] == heard["message"]


def test_it_understands_a_refused_channel(heard):
    assert "does not exist" in heard["refused"]
