"""simple-salesforce's own handlers of both Bulk APIs, unmodified."""

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceOperationError,
)


@pytest.fixture
def sf(sandbox):
    own = sandbox.credentials()
    with sandbox.in_process():
        yield Salesforce(
            username=own.username,
            password=own.password,
            consumer_key=own.client_id,
            consumer_secret=own.client_secret,
        )


def test_version_two_inserts_reads_and_deletes(sandbox, sf):
    (done,) = sf.bulk2.Account.insert(records=[{"Name": "A"}, {"Name": ""}], wait=0)
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (2, 1)
    told = sf.bulk2.Account.get_all_ingest_records(done["job_id"])
    assert [r["Name"] for r in told["successfulRecords"]] == ["A"]
    assert told["failedRecords"][0]["sf__Error"].startswith("REQUIRED_FIELD_MISSING:")
    assert told["unprocessedRecords"] == []

    pages = list(sf.bulk2.Account.query("SELECT Id, Name FROM Account", wait=0))
    assert [page.splitlines()[0] for page in pages] == ['"Id","Name"']
    account = told["successfulRecords"][0]["sf__Id"]
    sf.bulk2.Account.delete(records=[{"Id": account}], wait=0)
    assert sandbox.get("Account", account) is None


def test_version_two_says_why_a_job_failed(sf):
    with pytest.raises(SalesforceOperationError, match="Field name not found : Nope"):
        sf.bulk2.Account.insert(records=[{"Nope": "A"}], wait=0)


def test_hard_delete_takes_a_permission(sf):
    with pytest.raises(SalesforceMalformedRequest, match="FeatureNotEnabled"):
        sf.bulk.Account.hard_delete([{"Id": "001000000000000AAA"}])


@pytest.mark.usefixtures("may_hard_delete")
def test_version_one_writes_and_tells_row_by_row(sandbox, sf):
    made = sf.bulk.Account.insert([{"Name": "A", "NumberOfEmployees": 3}, {"Phone": "1"}])

    assert [(r["success"], r["created"]) for r in made] == [(True, True), (False, False)]
    assert made[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    account = made[0]["id"]
    assert sf.bulk.Account.update([{"Id": account, "Phone": "2"}], use_serial=True)[0]["success"]
    assert sandbox.get("Account", account)["Phone"] == "2"
    upserted = sf.bulk.Account.upsert([{"Id": account, "Fax": "3"}], "Id", include_detailed_results=True)
    assert (upserted[0]["created"], upserted[0]["Fax"]) == (False, "3")
    assert sf.bulk.Account.hard_delete([{"Id": account}])[0]["success"]
    assert sandbox.get("Account", account) is None


def test_version_one_reads_datetimes_as_milliseconds(sandbox, sf):
    (account,) = sandbox.create("Account", [{"Name": "A"}])
    ((row,),) = sf.bulk.Account.query(
        "SELECT Id, Name, CreatedDate, Owner.Name FROM Account", lazy_operation=True
    )

    assert (row["Id"], row["Name"]) == (account, "A")
    assert row["CreatedDate"] == int(sandbox.clock.now().timestamp()) // 1 * 1000
    assert row["Owner"]["attributes"]["type"] == "User"
    assert len(sf.bulk.Account.query_all("SELECT Id FROM Account")) == 1


def test_version_one_fails_a_batch_whose_query_makes_no_sense(sf):
    with pytest.raises(SalesforceGeneralError, match="InvalidBatch : Failed to process query: INVALID_FIELD"):
        sf.bulk.Account.query("SELECT Nope FROM Account")


def test_version_one_needs_a_session(sandbox, sf):
    sandbox.expire_sessions()
    with pytest.raises(SalesforceMalformedRequest, match="InvalidSessionId"):
        sf.bulk.Account.query("SELECT Id FROM Account")
