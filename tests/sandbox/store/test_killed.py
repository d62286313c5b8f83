"""Killed at every single SQL statement: nothing acknowledged is lost, nothing half-written is visible."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from prm_harness.crm.sandbox import Sandbox


@pytest.fixture(scope="module")
def deaths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deaths")
    command = [sys.executable, str(Path(__file__).with_name("dying.py")), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return sorted(folder.glob("[0-9]*.db"), key=lambda path: int(path.stem))


def test_whatever_the_statement(deaths):
    assert len(deaths) > 40
    for path in deaths:
        acks = [json.loads(line) for line in path.with_suffix(".acks").read_text().splitlines()]
        with Sandbox.reopen(str(path)) as again:
            try:
                _nothing_lost(again, acks)
                _nothing_half_written(again)
                _it_goes_on(again)
            except AssertionError as error:
                raise AssertionError(f"killed at statement {path.stem}, after {acks[-1:]}") from error


def _nothing_lost(sandbox, acknowledged):
    for what, answer in acknowledged:
        if what == "account":
            assert sandbox.get("Account", answer)
        elif what == "contacts":
            assert all(sandbox.get("Contact", record_id) for record_id in answer)
        elif what == "file":
            assert sandbox.get("ContentVersion", answer)["ContentDocumentId"]
        elif what == "field":
            assert answer in sandbox.schema.describe("Account")
        elif what == "case":
            assert sandbox.get("Case", answer)["CaseNumber"]
        else:
            assert sandbox.get("Opportunity", answer["opportunityId"])["AccountId"] == answer["accountId"]


def _nothing_half_written(sandbox):
    contacts = sandbox.query("SELECT Id FROM Contact WHERE LastName LIKE 'C%'")
    assert len(contacts) % 3 == 0, "three are one transaction"
    versions = sandbox.query("SELECT ContentDocumentId FROM ContentVersion")
    documents = sandbox.query("SELECT Id FROM ContentDocument")
    assert {v["ContentDocumentId"] for v in versions} == {d["Id"] for d in documents}
    leads = sandbox.query("SELECT ConvertedOpportunityId FROM Lead WHERE IsConverted = true")
    opportunities = sandbox.query("SELECT Id FROM Opportunity")
    assert {lead["ConvertedOpportunityId"] for lead in leads} == {row["Id"] for row in opportunities}


def _it_goes_on(sandbox):
    accounts = {row["Id"] for row in sandbox.query("SELECT Id FROM Account")}
    numbers = [case["CaseNumber"] for case in sandbox.query("SELECT CaseNumber FROM Case")]
    (account,) = sandbox.create("Account", [{"Name": "new"}])
    (case,) = sandbox.create("Case", [{"Subject": "new"}])
    assert account not in accounts
    assert sandbox.get("Case", case)["CaseNumber"] not in numbers
    for n in range(3):
        if f"Field{n}__c" not in sandbox.schema.describe("Account"):
            sandbox.schema.add_field("Account", f"Field{n}__c", "double", precision=5)
            sandbox.update("Account", account, {f"Field{n}__c": n})
            assert sandbox.get("Account", account)[f"Field{n}__c"] == n
