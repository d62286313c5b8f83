from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceError

from prm_harness.crm.admins import People
from prm_harness.crm.org.errors import OrgError
from prm_harness.crm.org.org import Org
from prm_harness.crm.org.templates import standard_org
from prm_harness.crm.sandbox import Sandbox


class TestClock:
    __test__ = False

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 5, 10, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def org(clock: TestClock) -> Org:
    return standard_org(11, clock)


@pytest.fixture
def account(org: Org) -> str:
    return org.insert("Account", {"Name": "Acme"}, user=org.sales_id)


@pytest.fixture
def deal(org: Org) -> Callable[..., str]:
    """Creates an Opportunity with the required fields and whatever else is given."""

    def create(**values: Any) -> str:
        base = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-30"}
        return org.insert("Opportunity", base | values, user=org.sales_id)

    return create


@pytest.fixture
def refused() -> Callable[..., list[tuple[str, str, tuple[str, ...]]]]:
    """What a call is refused with: (code, message, fields) each."""

    def call(action: Callable[[], object]) -> list[tuple[str, str, tuple[str, ...]]]:
        with pytest.raises(OrgError) as caught:
            action()
        return [(f.code, f.message, f.fields) for f in caught.value.faults]

    return call


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=12) as running:
        yield running


@pytest.fixture
def sf(sandbox: Sandbox) -> Iterator[Salesforce]:
    """An unmodified client of the sandbox, in process, as the integration user."""
    own = sandbox.credentials()
    with sandbox.in_process():
        yield Salesforce(
            username=own.username,
            password=own.password,
            consumer_key=own.client_id,
            consumer_secret=own.client_secret,
        )


@pytest.fixture
def people(sandbox: Sandbox) -> People:
    """What admins do about users and rights."""
    return sandbox.people


@pytest.fixture
def own(sandbox: Sandbox) -> str:
    """The integration user's id."""
    return sandbox.facts.integration_user


@pytest.fixture
def told() -> Callable[..., list[dict[str, Any]]]:
    """What a client is told when the org refuses: the answer's entries."""

    def call(action: Callable[[], object]) -> list[dict[str, Any]]:
        with pytest.raises(SalesforceError) as caught:
            action()
        return list(caught.value.content)

    return call
