"""What sharing opens and refuses is the same on every way that clients have: REST, user interface API, bulk, SOAP, search."""

import json
import re

import pytest
from simple_salesforce.exceptions import SalesforceError, SalesforceResourceNotFound

from prm_harness.crm.salesforce.http import Request


@pytest.fixture
def account(sandbox):
    return sandbox.create("Account", [{"Name": "Theirs"}])[0]


# -- every way of reading


def soap_rows(sandbox, soql):
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header>'
        '<SessionHeader xmlns="urn:partner.soap.sforce.com"><sessionId>'
        f"{sandbox.open_session()}</sessionId></SessionHeader></e:Header><e:Body>"
        f'<query xmlns="urn:partner.soap.sforce.com"><queryString>{soql}</queryString></query></e:Body></e:Envelope>'
    )
    path = "/services/Soap/u/60.0"
    answer = sandbox.handle(Request("POST", path, "", {"host": "x", "soapaction": '""'}, body.encode()))
    return answer.body.count(b"<records")


def bulk_rows(sf):
    (found,) = list(sf.bulk2.Account.query("SELECT Id FROM Account", wait=0)) or [""]
    return len(found.splitlines()) - 1 if found else 0


def found(call):
    try:
        call()
    except SalesforceResourceNotFound:
        return 0
    return 1


READS = {
    "query": lambda _, sf, __: sf.query("SELECT Id FROM Account")["totalSize"],
    "count": lambda _, sf, __: sf.query("SELECT count(Id) n FROM Account")["records"][0]["n"],
    "queryAll": lambda _, sf, __: sf.query("SELECT Id FROM Account", include_deleted=True)["totalSize"],
    "row": lambda _, sf, one: found(lambda: sf.Account.get(one)),
    "row of the user interface API": lambda _, sf, one: found(
        lambda: sf.restful(f"ui-api/records/{one}", params={"fields": "Account.Name"})
    ),
    "several rows": lambda _, sf, one: len(
        [row for row in sf.restful("composite/sobjects/Account", params={"ids": one, "fields": "Id"}) if row]
    ),
    "search": lambda _, sf, __: len(sf.search("FIND {Theirs} RETURNING Account(Id)")["searchRecords"]),
    "quick search": lambda _, sf, __: len(
        sf.restful("parameterizedSearch", params={"q": "Theirs", "sobject": "Account"})["searchRecords"]
    ),
    "bulk query": lambda _, sf, __: bulk_rows(sf),
    "parent": lambda _, sf, __: len(
        sf.query("SELECT Id FROM Contact WHERE Account.Name = 'Theirs'")["records"]
    ),
    "semi-join": lambda _, sf, __: len(
        sf.query("SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account)")["records"]
    ),
    "SOAP": lambda sandbox, _, __: soap_rows(sandbox, "SELECT Id FROM Account"),
}


@pytest.mark.parametrize("way", READS)
def test_a_rule_opens_a_record_on_every_way(sandbox, sf, people, own, account, way):
    sandbox.create("Contact", [{"LastName": "Ito", "AccountId": account}])
    people.set_sharing("Account", "private")
    people.create_group("Desk", [own])
    seen = []
    for rule in (None, "Read", None):
        if rule:
            people.add_sharing_rule("Account", "R", "group:Desk", condition="TRUE", level=rule)
        elif seen:
            people.drop_sharing_rule("Account", "R")
        seen.append(READS[way](sandbox, sf, account))
    assert seen == [0, 1, 0]


def codes_of(action):
    """What a way of writing is refused with, wherever it says so."""
    try:
        answer = action()
    except SalesforceError as error:
        answer = error.content
    return sorted(set(re.findall(r"INSUFFICIENT_ACCESS\w+", json.dumps(answer))))


def soap_update(sandbox, one):
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header>'
        '<SessionHeader xmlns="urn:partner.soap.sforce.com"><sessionId>'
        f"{sandbox.open_session()}</sessionId></SessionHeader></e:Header><e:Body>"
        '<update xmlns="urn:partner.soap.sforce.com"><sObjects><type>Account</type>'
        f"<Id>{one}</Id><Phone>1</Phone></sObjects></update></e:Body></e:Envelope>"
    )
    request = Request("POST", "/services/Soap/u/60.0", "", {"host": "x", "soapaction": '""'}, body.encode())
    return sandbox.handle(request).body.decode()


def bulk_update(sf, one):
    job = sf.bulk2.Account.update(records=[{"Id": one, "Phone": "1"}], wait=0)[0]["job_id"]
    return sf.bulk2.Account.get_failed_records(job)


def together(sf, method, one):
    if method == "DELETE":
        return sf.restful("composite/sobjects", method="DELETE", params={"ids": one})
    rows = [{"attributes": {"type": "Account"}, "Id": one, "Phone": "1"}]
    return sf.restful("composite/sobjects", method="PATCH", json={"records": rows})


WRITES = {
    "update": lambda _, sf, one: sf.Account.update(one, {"Phone": "1"}),
    "upsert": lambda _, sf, __: sf.Account.upsert("External_Id__c/t", {"Phone": "1"}),
    "delete": lambda _, sf, one: sf.Account.delete(one),
    "several updates": lambda _, sf, one: together(sf, "PATCH", one),
    "several deletes": lambda _, sf, one: together(sf, "DELETE", one),
    "bulk update": lambda _, sf, one: bulk_update(sf, one),
    "user interface API": lambda _, sf, one: sf.restful(
        f"ui-api/records/{one}", method="PATCH", json={"fields": {"Phone": "1"}}
    ),
    "SOAP": lambda sandbox, _, one: soap_update(sandbox, one),
}


@pytest.mark.parametrize("way", WRITES)
def test_what_is_not_ones_own_is_refused_on_every_way(sandbox, sf, people, own, account, way):
    sandbox.update("Account", account, {"External_Id__c": "t"})
    people.set_sharing("Account", "private")
    unseen = codes_of(lambda: WRITES[way](sandbox, sf, account))
    people.share("Account", account, own)
    read_only = codes_of(lambda: WRITES[way](sandbox, sf, account))
    assert (unseen, read_only) == (
        ["INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"],
        ["INSUFFICIENT_ACCESS_OR_READONLY"],
    )
    assert sandbox.get("Account", account)["Phone"] is None
