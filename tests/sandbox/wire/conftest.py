"""A sandbox, and the smallest possible client of its wire: no sockets, no HTTP library."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from simple_salesforce import Salesforce

from prm_harness.crm.salesforce.http import Request, Response
from prm_harness.crm.sandbox import Sandbox

API = "/services/data/v60.0"


@dataclass
class Answer:
    response: Response

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def body(self) -> Any:
        return json.loads(self.response.body) if self.response.body else None

    @property
    def headers(self) -> dict[str, str]:
        return self.response.headers


class Client:
    """Speaks to ``handle`` as the integration user."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.token = self.log_in()

    def log_in(self) -> str:
        own = self.sandbox.credentials()
        form = {
            "grant_type": "password",
            "client_id": own.client_id,
            "client_secret": own.client_secret,
            "username": own.username,
            "password": own.password,
        }
        return self.post_form("/services/oauth2/token", form).body["access_token"]

    def post_form(self, path: str, form: dict[str, str], **headers: str) -> Answer:
        request = Request("POST", path, headers={"host": "login.salesforce.com", **headers})
        request.body = urlencode(form).encode()
        return Answer(self.sandbox.handle(request))

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        full = path if path.startswith("/") else f"{API}/{path}"
        path_only, _, query = full.partition("?")
        sent = {"host": "login.salesforce.com", "authorization": f"Bearer {self.token}", **(headers or {})}
        request = Request(method, path_only, query or urlencode(params or {}), sent, raw)
        return Answer(self.sandbox.handle(request))

    def query(self, soql: str) -> list[dict[str, Any]]:
        answer = self("GET", "query", params={"q": soql})
        assert answer.status == 200, answer.body
        return answer.body["records"]


@pytest.fixture
def sandbox():
    with Sandbox(seed=7) as running:
        yield running


@pytest.fixture(scope="module")
def shared():
    """One sandbox for the tests of a module, which get along with each other."""
    with Sandbox(seed=7) as running:
        yield running


@pytest.fixture(scope="module")
def sf(shared):
    """An unmodified client of the shared sandbox, in process."""
    own = shared.credentials()
    with shared.in_process():
        yield Salesforce(username=own.username, password=own.password, security_token="", version="60.0")


@pytest.fixture
def client(sandbox):
    return Client(sandbox)
