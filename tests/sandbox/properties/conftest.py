"""The wire's smallest client, once for a module of properties that only add rows."""

import pytest
from tests.sandbox.wire.conftest import Client

from prm_harness.crm.sandbox import Sandbox


@pytest.fixture(scope="module")
def client():
    with Sandbox(seed=7) as running:
        yield Client(running)
