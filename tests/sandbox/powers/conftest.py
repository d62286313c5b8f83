"""A sandbox, and an unmodified simple-salesforce that reaches it in process as the integration user."""

import pytest
from simple_salesforce import Salesforce

from prm_harness.crm.sandbox import Sandbox


@pytest.fixture
def sandbox():
    with Sandbox(seed=7) as running, running.in_process():
        yield running


@pytest.fixture
def log_in(sandbox):
    def start():
        own = sandbox.credentials()
        return Salesforce(
            username=own.username, password=own.password, security_token=own.security_token, version="60.0"
        )

    return start


@pytest.fixture
def sf(log_in):
    return log_in()


@pytest.fixture
def session(sandbox):
    """A client that was given a session and cannot open another by itself."""
    return Salesforce(instance_url=sandbox.instance_url, session_id=sandbox.open_session(), version="60.0")
