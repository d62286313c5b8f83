"""simple-salesforce, unmodified, against the sandbox (over both transports where it matters)."""

import contextlib
import json
from datetime import UTC, datetime

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce, SFType
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from prm_harness.crm.backend import FaultSpec
from prm_harness.crm.sandbox import Sandbox


class PlainHttp(HTTPAdapter):
    """Carries the client's https:// addresses to the sandbox's plain loopback port; nothing else changes."""

    def __init__(self, url):
        super().__init__()
        self.url = url

    def send(self, request, **more):
        request.headers["Host"] = request.url.split("/")[2]
        request.headers["X-Forwarded-Proto"] = "https"
        request.url = self.url + "/" + request.url.split("/", 3)[3]
        return super().send(request, **more)


@contextlib.contextmanager
def session_for(sandbox, transport):
    """What the client is given as ``session=``: nothing at all in process."""
    if transport == "in process":
        with sandbox.in_process():
            yield None
        return
    with sandbox.serve() as server, requests.Session() as session:
        session.mount("https://", PlainHttp(server.url))
        yield session


def by_oauth(sandbox, **more):
    own = sandbox.credentials()
    return Salesforce(
        username=own.username,
        password=own.password,
        consumer_key=own.client_id,
        consumer_secret=own.client_secret,
        **more,
    )


def by_soap(sandbox, **more):
    own = sandbox.credentials()
    return Salesforce(username=own.username, password=own.password, security_token=own.security_token, **more)


@pytest.fixture
def sandbox():
    with Sandbox(seed=11) as running:
        yield running


@pytest.fixture(params=["in process", "loopback"])
def session(request, sandbox):
    with session_for(sandbox, request.param) as given:
        yield given


@pytest.fixture(params=[by_oauth, by_soap], ids=["oauth", "soap"])
def sf(request, sandbox, session):
    return request.param(sandbox, session=session)


def test_it_logs_in_and_is_sent_to_the_org(sandbox, sf):
    assert f"https://{sf.sf_instance}" == sandbox.instance_url
    assert sf.limits()["DailyApiRequests"]["Max"] == sandbox.quota.maximum
    assert sf.api_usage["api-usage"].total == sandbox.quota.maximum


def test_a_wrong_password_is_its_own_exception(sandbox, session):
    own = sandbox.credentials()
    with pytest.raises(SalesforceAuthenticationFailed, match="INVALID_LOGIN"):
        Salesforce(username=own.username, password="wrong", security_token="x", session=session)
    with pytest.raises(SalesforceAuthenticationFailed, match="authentication failure"):
        Salesforce(
            username=own.username,
            password="wrong",
            consumer_key=own.client_id,
            consumer_secret=own.client_secret,
            session=session,
        )


def test_client_credentials_at_the_my_domain_host(sandbox):
    own = sandbox.credentials()
    domain = sandbox.instance_url.removeprefix("https://").removesuffix(".salesforce.com")
    with sandbox.in_process():
        sf = Salesforce(consumer_key=own.client_id, consumer_secret=own.client_secret, domain=domain)
        assert sf.Account.describe()["name"] == "Account"


def test_describe(sf):
    names = {entry["name"] for entry in sf.describe()["sobjects"]}
    fields = {field["name"]: field for field in sf.Opportunity.describe()["fields"]}

    assert {"Account", "Opportunity", "Deal_Registration__c"} <= names
    assert fields["Deal_Region__c"]["type"] == "picklist"
    assert [v["value"] for v in fields["Deal_Region__c"]["picklistValues"]] == [
        "EMEA",
        "AMER",
        "APAC",
        "LATAM",
    ]
    assert sf.Account.metadata()["objectDescribe"]["keyPrefix"] == "001"
    assert sf.is_sandbox() is True


def test_the_life_of_a_row(sandbox, sf):
    created = sf.Account.create({"Name": "Acme", "External_Id__c": "a/1ü"})
    record_id = created["id"]
    assert created["success"] is True

    assert sf.Account.update(record_id, {"Phone": "1"}) == 204
    row = sf.Account.get(record_id)
    assert (row["Id"], row["Name"], row["Phone"]) == (record_id, "Acme", "1")
    assert sf.Account.get_by_custom_id("External_Id__c", "a/1ü")["Id"] == record_id

    assert sf.Account.upsert("External_Id__c/a%2F1ü", {"Phone": "2"}) == 200
    assert sf.Account.upsert("External_Id__c/new", {"Name": "New"}) == 201
    assert sandbox.get("Account", record_id)["Phone"] == "2"

    assert sf.Account.delete(record_id) == 204
    with pytest.raises(SalesforceResourceNotFound) as gone:
        sf.Account.get(record_id)
    assert gone.value.content == [
        {"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}
    ]


def test_pages_beyond_two_thousand_rows_and_nested_relationships(sandbox, sf):
    accounts = sandbox.create("Account", [{"Name": f"A{n:04d}"} for n in range(2001)])
    sandbox.create("Contact", [{"LastName": name, "AccountId": accounts[0]} for name in ("Doe", "Roe")])

    result = sf.query("SELECT Id FROM Account ORDER BY Name")
    assert (result["totalSize"], result["done"], len(result["records"])) == (2001, False, 2000)
    everything = sf.query_all("SELECT Id FROM Account ORDER BY Name")
    assert [row["Id"] for row in everything["records"]] == accounts

    contacts = list(sf.query_all_iter("SELECT LastName, Account.Name FROM Contact ORDER BY LastName"))
    assert [(row["LastName"], row["Account"]["Name"]) for row in contacts] == [
        ("Doe", "A0000"),
        ("Roe", "A0000"),
    ]
    (parent,) = sf.query("SELECT Name, (SELECT LastName FROM Contacts) FROM Account WHERE Name = 'A0000'")[
        "records"
    ]
    assert [row["LastName"] for row in parent["Contacts"]["records"]] == ["Doe", "Roe"]


def test_errors_arrive_as_salesforce_words_them(sf):
    with pytest.raises(SalesforceMalformedRequest) as missing:
        sf.Account.create({})
    assert missing.value.content == [
        {
            "message": "Required fields are missing: [Name]",
            "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": ["Name"],
        }
    ]

    with pytest.raises(SalesforceMalformedRequest) as unknown:
        sf.query("SELECT Nope FROM Account")
    assert unknown.value.content[0]["errorCode"] == "INVALID_FIELD"
    assert "No such column 'Nope' on entity 'Account'." in unknown.value.content[0]["message"]

    with pytest.raises(SalesforceMalformedRequest) as region:
        sf.Opportunity.create(
            {"Name": "O", "StageName": "Prospecting", "CloseDate": "2026-05-01", "Deal_Region__c": "MARS"}
        )
    assert region.value.content[0]["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert region.value.content[0]["fields"] == ["Deal_Region__c"]

    with pytest.raises(SalesforceResourceNotFound):
        sf.Nope.describe()


def test_two_rows_with_one_key_are_more_than_one(sandbox, sf):
    sandbox.create(
        "Contact", [{"LastName": "A", "Email": "t@example.com"}, {"LastName": "B", "Email": "t@example.com"}]
    )

    with pytest.raises(SalesforceMoreThanOneRecord) as more:
        sf.Contact.get_by_custom_id("Email", "t@example.com")
    assert len(more.value.content) == 2


def test_updated_and_deleted(sandbox, sf):
    kept, gone = (sf.Account.create({"Name": name})["id"] for name in "AB")
    sf.Account.delete(gone)
    sandbox.clock.advance(60)
    window = (datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 2, 10, tzinfo=UTC))

    assert sf.Account.updated(*window)["ids"] == [kept]
    assert [row["id"] for row in sf.Account.deleted(*window)["deletedRecords"]] == [gone]


def test_collections_through_restful(sandbox, sf):
    rows = [{"attributes": {"type": "Contact"}, "LastName": name} for name in "AB"]
    answer = sf.restful("composite/sobjects", method="POST", data=json.dumps({"records": rows}))

    assert [item["success"] for item in answer] == [True, True]
    assert len(sandbox.query("SELECT Id FROM Contact")) == 2


def test_collections_change_upsert_and_delete_with_a_fate_for_each_row(sandbox, sf):
    def send(method, path="", records=(), **more):
        rows = [{"attributes": {"type": "Account"}, **row} for row in records]
        return sf.restful(
            f"composite/sobjects{path}", method=method, data=json.dumps({"records": rows, **more})
        )

    made = send("PATCH", "/Account/External_Id__c", [{"External_Id__c": "k", "Name": "K"}, {"Name": "none"}])
    assert [(row["success"], row["created"]) for row in made] == [(True, True), (False, False)]
    undone = send("PATCH", "", [{"id": made[0]["id"], "Phone": "1"}, {"Name": "no id"}], allOrNone=True)
    assert [row["errors"][0]["statusCode"] for row in undone] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "MISSING_ARGUMENT",
    ]
    assert sandbox.get("Account", made[0]["id"])["Phone"] is None
    with pytest.raises(SalesforceMalformedRequest, match="EXCEEDED_ID_LIMIT"):
        send("POST", "", [{"Name": "A"}] * 201)
    gone = sf.restful("composite/sobjects", params={"ids": made[0]["id"]}, method="DELETE")
    assert [row["success"] for row in gone] == [True]


def test_both_bulk_apis_carry_more_than_a_page(sandbox, sf):
    rows = [{"LastName": f'C "{n}", ü', "External_Id__c": f"c{n}"} for n in range(2100)]
    (done,) = sf.bulk2.Contact.insert(records=rows, wait=0)
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (2100, 0)
    (again,) = sf.bulk2.Contact.upsert(records=rows[:3], external_id_field="External_Id__c", wait=0)
    assert again["numberRecordsProcessed"] == 3
    pages = list(sf.bulk2.Contact.query("SELECT Id, LastName FROM Contact", max_records=1000, wait=0))
    lines = [line for page in pages for line in page.splitlines()[1:]]
    assert (len(pages), len(lines), len(set(lines))) == (3, 2100, 2100)

    found = sf.bulk.Contact.query("SELECT Id, LastName FROM Contact")
    assert {row["LastName"] for row in found} == {row["LastName"] for row in rows}
    gone = sf.bulk.Contact.delete([{"Id": row["Id"]} for row in found], batch_size=900)
    assert [row["success"] for row in gone] == [True] * 2100
    assert sandbox.query("SELECT Id FROM Contact") == []


def test_an_expired_session_is_renewed_when_it_can_be(sandbox, sf):
    sandbox.expire_sessions()
    assert sf.query("SELECT Id FROM Account")["totalSize"] == 0

    sandbox.expire_sessions()
    stranger = SFType("Account", "00Dxx!x", sf.sf_instance, session=sf.session)
    with pytest.raises(SalesforceExpiredSession) as expired:
        stranger.describe()
    assert expired.value.content == [
        {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
    ]


def test_a_used_up_allowance_is_a_refusal(sandbox, sf):
    sandbox.quota.set(used=sandbox.quota.maximum)

    with pytest.raises(SalesforceRefusedRequest) as refused:
        sf.query("SELECT Id FROM Account")
    assert refused.value.content == [
        {"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}
    ]


def test_a_lost_answer_is_a_connection_error_after_the_row_was_written(sandbox, sf):
    sandbox.faults.inject(FaultSpec("lost", "lost", route="write"))

    with pytest.raises(requests.exceptions.ConnectionError):
        sf.Account.create({"Name": "Acme"})
    assert [row["Name"] for row in sandbox.query("SELECT Name FROM Account")] == ["Acme"]
