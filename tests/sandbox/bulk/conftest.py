"""A sandbox, and the few calls that every Bulk API 2.0 client makes."""

from __future__ import annotations

import csv
import io
import json
from urllib.parse import urlencode

import pytest

from prm_harness.crm.salesforce.http import Request
from prm_harness.crm.sandbox import Sandbox

API = "/services/data/v60.0"


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.raw = response.status, response.headers, response.body
        self.text = response.body.decode()

    @property
    def body(self):
        return json.loads(self.raw)

    @property
    def rows(self):
        return list(csv.DictReader(io.StringIO(self.text)))


class Client:
    """Speaks to ``handle`` as the integration user; the body may be text, bytes or JSON."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        own = sandbox.credentials()
        form = {
            "grant_type": "password",
            "client_id": own.client_id,
            "client_secret": own.client_secret,
            "username": own.username,
            "password": own.password,
        }
        self.token = ""
        self.token = self.send("POST", "/services/oauth2/token", urlencode(form)).body["access_token"]

    def send(self, method, path, body=b"", **headers):
        sent = {"host": "login.salesforce.com", "authorization": f"Bearer {self.token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body if isinstance(body, bytes) else body.encode()
        full = path if path.startswith("/") else f"{API}/{path}"
        return Answer(self.sandbox.handle(Request(method, *full.partition("?")[::2], sent, raw)))

    def json(self, method, path, body=None):
        raw = b"" if body is None else json.dumps(body).encode()
        return self.send(method, path, raw, content_type="application/json")

    def ingest(self, text, operation="insert", sobject="Account", **more):
        """A whole job; returns its id and what its end looks like."""
        created = self.json("POST", "jobs/ingest", {"object": sobject, "operation": operation, **more})
        assert created.status == 200, created.text
        job = created.body["id"]
        assert self.send("PUT", f"/{created.body['contentUrl']}", text, content_type="text/csv").status == 201
        assert self.json("PATCH", f"jobs/ingest/{job}", {"state": "UploadComplete"}).status == 200
        return job, self.json("GET", f"jobs/ingest/{job}").body

    def results(self, job, kind):
        return self.send("GET", f"jobs/ingest/{job}/{kind}")

    def query(self, soql):
        answer = self.send("GET", f"query?{urlencode({'q': soql})}")
        assert answer.status == 200, answer.text
        return answer.body["records"]


def allow_hard_delete(sandbox):
    """Assign the integration user a permission set that lets it delete for good."""
    values = {"Name": "Purge", "Label": "Purge", "PermissionsBulkApiHardDelete": True}
    (granted,) = sandbox.create("PermissionSet", [values])
    assigned = {"AssigneeId": sandbox.facts.integration_user, "PermissionSetId": granted}
    sandbox.create("PermissionSetAssignment", [assigned])


@pytest.fixture
def may_hard_delete(sandbox):
    allow_hard_delete(sandbox)


@pytest.fixture
def sandbox():
    with Sandbox(seed=7) as running:
        yield running


@pytest.fixture
def client(sandbox):
    return Client(sandbox)
