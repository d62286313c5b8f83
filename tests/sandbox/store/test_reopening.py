"""An org in a file: closed or killed, and opened again with all that was acknowledged."""

import sqlite3

import pytest
from simple_salesforce import Salesforce

from prm_harness.crm.org.keeping import NotAnOrgError
from prm_harness.crm.sandbox import Sandbox
from prm_harness.crm.store.store import FileInUseError


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "org.db")


def client(sandbox):
    own = sandbox.credentials()
    return Salesforce(
        username=own.username, password=own.password, security_token=own.security_token, version="60.0"
    )


def test_everything_is_there_again(path):
    with Sandbox(seed=7, path=path) as first, first.in_process():
        sf = client(first)
        ids = [sf.Account.create({"Name": f"A{n}"})["id"] for n in range(3)]
        case = sf.Case.create({"Subject": "S"})["id"]
        first.schema.add_field("Account", "Tier__c", "picklist", values=["Gold", "Silver"], restricted=True)
        first.schema.add_validation_rule("Account", "NoX", 'Name = "X"', "no X", "Name")
        first.schema.add_object("Deal__c", "Deal", [{"name": "Value__c", "type": "currency"}])
        first.schema.change_field("Account", "Phone", length=20)
        sf.Account.update(ids[0], {"Tier__c": "Gold"})
        (deal,) = first.create("Deal__c", [{"Name": "D", "Value__c": 5}])
        first.delete("Account", ids[2])
        before = {o: first.schema.describe(o) for o in first.objects()}
        number = first.get("Case", case)["CaseNumber"]
        facts = first.facts

    with Sandbox.reopen(path) as again, again.in_process():
        sf = client(again)
        assert again.facts == facts
        assert {o: again.schema.describe(o) for o in again.objects()} == before
        assert again.get("Account", ids[0])["Tier__c"] == "Gold"
        assert again.get("Deal__c", deal)["Value__c"] == 5
        assert again.get("Account", ids[2]) is None
        refused = [("Tier__c", "Bronze"), ("Name", "X"), ("Phone", "1" * 21)]
        for field, value in refused:
            with pytest.raises(Exception, match=r"INVALID_OR_NULL|FIELD_CUSTOM|STRING_TOO_LONG"):
                sf.Account.update(ids[0], {field: value})
        new = sf.Account.create({"Name": "A9"})["id"]
        assert new not in ids
        assert (
            again.get("Case", sf.Case.create({"Subject": "T"})["id"])["CaseNumber"] == f"{int(number) + 1:08}"
        )
        assert sf.Account.get(ids[1])["Name"] == "A1"


def test_the_clock_goes_on_where_the_records_end(path):
    with Sandbox(seed=7, path=path) as first:
        first.clock.advance(3600)
        first.create("Account", [{"Name": "A"}])
        ended = first.clock.now()

    with Sandbox.reopen(path) as again:
        assert again.clock.now() == ended


def test_what_was_dropped_stays_dropped(path):
    with Sandbox(seed=7, path=path) as first:
        first.schema.drop_field("Account", "Tier_Score__c")
        first.schema.add_field("Account", "Tier_Score__c", "string")
        first.create("Account", [{"Name": "A", "Tier_Score__c": "high"}])

    with Sandbox.reopen(path) as again:
        (row,) = again.query("SELECT Tier_Score__c FROM Account")
        assert row["Tier_Score__c"] == "high"
        assert again.schema.describe("Account")["Tier_Score__c"]["type"] == "string"


def test_a_field_that_is_closed_stays_closed(path):
    soap = {"FullName": "Account.Secret__c", "Metadata": {"type": "Text", "length": 20, "label": "Secret"}}
    with Sandbox(seed=7, path=path) as first, first.in_process():
        client(first).toolingexecute("sobjects/CustomField", method="POST", data=soap)
        closed = client(first).Account.describe()

    with Sandbox.reopen(path) as again, again.in_process():
        names = [field["name"] for field in client(again).Account.describe()["fields"]]
        assert "Secret__c" not in names
        assert names == [field["name"] for field in closed["fields"]]
        assert "Secret__c" in again.schema.describe("Account")


@pytest.mark.parametrize("content", [b"not a database at all", b""])
def test_other_files_are_no_orgs(tmp_path, content):
    file = tmp_path / "other"
    file.write_bytes(content)

    with pytest.raises(NotAnOrgError, match="holds no org"):
        Sandbox.reopen(str(file))
    assert file.read_bytes()[:10] == content[:10]


def test_an_org_of_another_version_is_named(path):
    Sandbox(seed=7, path=path).close()
    with sqlite3.connect(path) as database:
        database.execute('UPDATE "$org" SET "Value" = \'99\' WHERE "Key" = \'format\'')

    with pytest.raises(NotAnOrgError, match="format 99, this version reads 1"):
        Sandbox.reopen(path)


def test_a_file_has_one_sandbox_at_a_time(path):
    with Sandbox(seed=7, path=path) as first:
        first.create("Account", [{"Name": "A"}])
        for opened in (lambda: Sandbox.reopen(path), lambda: Sandbox(seed=8, path=path)):
            with pytest.raises(FileInUseError, match="it is in use by another sandbox"):
                opened()
        first.create("Account", [{"Name": "B"}])
    with Sandbox.reopen(path) as again:
        assert len(again.query("SELECT Id FROM Account")) == 2
