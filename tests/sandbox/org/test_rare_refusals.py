"""Refusals that no other test meets, through an unmodified client; and two arrangements that end others."""

import pytest
from simple_salesforce.exceptions import SalesforceError

from prm_harness.crm.backend import CrmRefusal, FaultSpec

DEAL = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-30"}


def told(action):
    with pytest.raises(SalesforceError) as caught:
        action()
    return caught.value.status, caught.value.content[0]["errorCode"]


@pytest.fixture
def account(sf):
    return sf.Account.create({"Name": "Acme"})["id"]


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        ("recent?limit=0", {}, 400, "INVALID_QUERY_LIMIT"),
        ("query?q=SELECT+QualifiedApiName+FROM+EntityDefinition+WHERE+QualifiedApiName+!=+'Account'", {}, 400,
         "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION"),
        ("sobjects/Account/{}", {"If-Match": '"other"'}, 412, "PRECONDITION_FAILED"),
    ],
)  # fmt: skip
def test_reads(sf, account, path, headers, status, code):
    assert told(lambda: sf.restful(path.format(account), headers=headers)) == (status, code)


def test_writes(sf, account):
    bad = {"If-Match": "no tag"}
    assert told(lambda: sf.Account.update(account, {"Phone": "1"}, headers=bad)) == (400, "INVALID_HEADER")
    packed = {"Content-Encoding": "gzip"}
    assert told(lambda: sf.Account.update(account, {"Phone": "1"}, headers=packed)) == (
        400,
        "INVALID_CONTENT_TYPE",
    )
    rows = [{"attributes": {"type": "Account", "referenceId": str(n)}, "Name": "A"} for n in range(201)]
    tree = {"records": rows}
    assert told(lambda: sf.restful("composite/tree/Account", method="POST", json=tree))[0] == 400


def test_a_quick_action_without_its_record(sf):
    path = "quickActions/NewAccount"
    listed = {action["name"] for action in sf.restful("quickActions")}
    assert "NewAccount" in listed
    assert told(lambda: sf.restful(path, method="POST", json={})) == (400, "MISSING_RECORD")


def test_bulk(sf):
    job = sf.restful("jobs/ingest", method="POST", json={"object": "Account", "operation": "insert"})
    assert told(lambda: sf.restful(f"jobs/ingest/{job['id']}/batches", method="PUT", json=[])) == (
        415,
        "UNSUPPORTED_MEDIA_TYPE",
    )
    counted = {"operation": "query", "query": "SELECT count(Id) FROM Account"}
    status, code = told(lambda: sf.restful("jobs/query", method="POST", json=counted))
    assert (status, code) == (400, "API_ERROR"), (
        "what bulk queries cannot do; FUNCTIONALITY_NOT_ENABLED in 1.0"
    )


def test_a_flows_formula_that_cannot_be_computed(sandbox, sf):
    sandbox.schema.add_flow("Lead", "Divides", updates={"AnnualRevenue": "1 / NumberOfEmployees"})
    status, code = told(lambda: sf.Lead.create({"LastName": "Ito", "Company": "A", "NumberOfEmployees": 0}))
    assert (status, code) == (400, "CANNOT_EXECUTE_FLOW_TRIGGER"), "its reason is INVALID_FORMULA"


def test_merges(sandbox):
    one, *more = sandbox.create("Account", [{"Name": f"A{n}"} for n in range(4)])
    with pytest.raises(
        CrmRefusal, match="INVALID_ARGUMENT_TYPE: merge takes one to 2 records besides the master"
    ):
        sandbox.merge("Account", one, more)
    sandbox.schema.enable_shared_contacts()
    keep, lose = sandbox.create(
        "Contact", [{"LastName": "K", "AccountId": one}, {"LastName": "L", "AccountId": more[0]}]
    )
    sandbox.create("AccountContactRelation", [{"AccountId": one, "ContactId": lose}])
    with pytest.raises(CrmRefusal, match="MERGE_FAILED"):
        sandbox.merge("Contact", keep, [lose])


def test_a_history_of_too_many_fields(sandbox):
    for n in range(21):
        sandbox.schema.add_field("Lead", f"F{n}__c", "encryptedstring" if n == 20 else "string", length=20)
    with pytest.raises(CrmRefusal, match="LIMIT_EXCEEDED"):
        sandbox.schema.track_history("Lead", [f"F{n}__c" for n in range(21)])


def test_what_was_closed_is_opened_and_what_is_on_is_told(sandbox, sf, account):
    sandbox.schema.close_field("Account", "Phone")
    assert "Phone" not in sf.Account.get(account)
    sandbox.schema.open_field("Account", "Phone")
    assert "Phone" in sf.Account.get(account)
    sandbox.faults.inject(FaultSpec("down", "status"))
    assert [spec.name for spec in sandbox.faults.switched_on()] == ["down"]
