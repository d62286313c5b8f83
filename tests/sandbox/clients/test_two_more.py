"""aiosalesforce and salesforce-bulk, unmodified, through the TLS front: both know no other scheme than https."""

import json
import subprocess
from pathlib import Path

import pytest

from prm_harness.crm.sandbox.serve import RunningSandbox

from .installing import client_env, environment_with

SCRIPTS = Path(__file__).parent / "py"


@pytest.fixture(scope="module")
def python():
    return environment_with("aiosalesforce==0.6.2", "salesforce-bulk==2.2.0")


@pytest.fixture(scope="module")
def running():
    with RunningSandbox(seed=11, tls=True) as served:
        yield served


def run(python, running, script):
    own = running.welcome
    trust = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), own["ca_file"])
    done = subprocess.run(
        [str(python), "-W", "ignore", str(SCRIPTS / script)],
        input=json.dumps(own),
        env=client_env(HTTPS_PROXY=own["proxy_url"], **trust),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert running.sandbox.log.gaps() == []
    return json.loads(done.stdout)


def test_aiosalesforce_logs_in_twice_writes_reads_and_loads(python, running):
    seen = run(python, running, "aiosalesforce_session.py")
    assert seen["upserted"] == [True, False]
    assert seen["refused"] == "[INVALID_FIELD] No such column 'Nope' on sobject of type Account"
    assert seen["missing"] == "NotFoundError"
    assert (seen["loaded"], seen["failed"], seen["read"]) == (2300, 0, 2300)
    contact = running.sandbox.query("SELECT Account.Name FROM Contact WHERE LastName = 'Composite'")
    assert contact[0]["Account"]["Name"] == "Parent"
    assert seen["as_the_app"].startswith("001")


def test_salesforce_bulk_inserts_upserts_and_queries(python, running):
    seen = run(python, running, "salesforce_bulk_session.py")
    assert seen["inserted"] == [["true", "true"]] * 3
    assert seen["upserted"] == [["true", "true"], ["true", "false"]]
    assert sorted(seen["read"]) == ["Bulk 0", "Bulk 1", "Bulk 2"]
    assert "No such column 'Nope'" in seen["refused"]
