"""The template with everything that demos leave out, as a portal meets it."""

import pytest
from simple_salesforce import Salesforce

from prm_harness.crm.sandbox import Sandbox

DEAL = {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-06-30"}


@pytest.fixture(scope="module")
def org():
    with Sandbox(seed=7, template="enterprise-complex") as sandbox, sandbox.in_process():
        own = sandbox.credentials()
        sf = Salesforce(
            username=own.username, password=own.password, security_token=own.security_token, version="60.0"
        )
        yield sandbox, sf


def kind(sandbox, name):
    return sandbox.query(f"SELECT Id FROM RecordType WHERE DeveloperName = '{name}'")[0]["Id"]


def test_the_portal_sees_what_its_profile_opens(org):
    _, sf = org
    deal = {field["name"]: field for field in sf.Opportunity.describe()["fields"]}

    assert {"Internal_Rating__c", "Margin__c"} & set(deal) == set()
    assert (deal["Discount__c"]["updateable"], deal["Registration_Status__c"]["updateable"]) == (False, True)
    assert "Credit_Limit__c" not in {field["name"] for field in sf.Account.describe()["fields"]}
    assert "Consent__c" in {field["name"] for field in sf.Contact.describe()["fields"]}


def test_record_types_have_picklists_and_rules_of_their_own(org):
    sandbox, _ = org
    partner = {"Name": "P", "RecordTypeId": kind(sandbox, "Partner"), "Partner_Status__c": "Active"}

    with pytest.raises(Exception, match="An active partner needs a level"):
        sandbox.create("Account", [partner])
    with pytest.raises(Exception, match="INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"):
        sandbox.create("Account", [{**partner, "Partner_Level__c": "Select", "Program__c": "Distribution"}])
    assert sandbox.create("Account", [{**partner, "Partner_Level__c": "Select", "Program__c": "MSP"}])


def test_the_portals_profile_has_record_types_and_defaults_of_its_own(org):
    sandbox, sf = org
    offered = {
        sobject: {
            info["developerName"]: info["defaultRecordTypeMapping"]
            for info in getattr(sf, sobject).describe()["recordTypeInfos"]
            if info["available"]
        }
        for sobject in ("Account", "Opportunity")
    }
    assert offered["Account"] == {"Partner": True, "Customer": False, "Master": False}
    assert offered["Opportunity"] == {"Partner_Deal": True, "Direct_Sale": False, "Master": False}
    made = sf.Opportunity.create(DEAL)["id"]
    assert sandbox.get("Opportunity", made)["RecordTypeId"] == kind(sandbox, "Partner_Deal")
    (ours,) = sandbox.create("Opportunity", [DEAL])
    assert sandbox.get("Opportunity", ours)["RecordTypeId"] == kind(sandbox, "Direct_Sale")
    with pytest.raises(Exception, match="this ID value isn't valid for the user"):
        sf.Account.create({"Name": "D", "RecordTypeId": kind(sandbox, "Distributor")})


def test_automation_depends_on_exact_values(org):
    sandbox, _ = org
    emea, other = sandbox.create(
        "Opportunity",
        [
            {**DEAL, "RecordTypeId": kind(sandbox, "Partner_Deal"), "Deal_Region__c": region}
            for region in ("EMEA", "APAC")
        ],
    )
    sandbox.update("Opportunity", emea, {"Registration_Status__c": "Approved"})
    row = sandbox.get("Opportunity", emea)

    assert row["Internal_Rating__c"] == "A-EMEA"
    assert sandbox.get("Opportunity", other)["Internal_Rating__c"] is None
    assert row["Registration_Expires__c"] == "2026-09-28"
    assert len(sandbox.query(f"SELECT Id FROM Task WHERE WhatId = '{emea}'")) == 1


def test_a_deal_has_many_partners_and_a_partner_many_deals(org):
    sandbox, _ = org
    partners = sandbox.create("Account", [{"Name": f"Partner {n}"} for n in range(2)])
    deals = sandbox.create("Opportunity", [{**DEAL, "Deal_Region__c": "AMER"} for _ in range(2)])
    links = [{"Opportunity__c": d, "Partner__c": p, "Share__c": 0.5} for d in deals for p in partners]
    made = sandbox.create("Deal_Partner__c", links)

    assert sandbox.get("Deal_Partner__c", made[0])["Name"] == "DP-00001"
    assert len(sandbox.query(f"SELECT Id FROM Deal_Partner__c WHERE Partner__c = '{partners[0]}'")) == 2
    sandbox.delete("Opportunity", deals[0])
    assert len(sandbox.query("SELECT Id FROM Deal_Partner__c")) == 2, "details go with their master"


def test_duplicates_are_blocked_and_alerted_to(org):
    sandbox, sf = org
    sandbox.create("Contact", [{"LastName": "A", "Email": "a@example.com"}])

    with pytest.raises(Exception, match="DUPLICATES_DETECTED"):
        sf.Contact.create({"LastName": "B", "Email": "a@example.com"})


def test_the_portal_may_sync_what_salespeople_own_though_it_is_private(org):
    sandbox, sf = org
    (account,) = sandbox.create("Account", [{"Name": "Theirs"}])
    (deal,) = sandbox.create("Opportunity", [{**DEAL, "AccountId": account}])
    colleague = sandbox.query("SELECT Id FROM User WHERE Username = 'carl.cam@northwind.example'")[0]["Id"]

    assert sf.query(f"SELECT Id FROM Opportunity WHERE Id = '{deal}'")["totalSize"] == 1
    assert (
        sf.Opportunity.update(deal, {"NextStep": "call"}) == sf.Account.update(account, {"Site": "x"}) == 204
    )
    theirs = Salesforce(
        instance_url=f"https://{sf.sf_instance}", session_id=sandbox.open_session(colleague), version="60.0"
    )
    assert theirs.query("SELECT COUNT() FROM Opportunity")["totalSize"] == 0, (
        "to others it is private as ever"
    )


def test_the_role_hierarchy_is_five_deep_and_somebody_has_left(org):
    sandbox, _ = org
    roles = {r["Id"]: r for r in sandbox.query("SELECT Id, DeveloperName, ParentRoleId FROM UserRole")}
    depth, role = 1, next(r for r in roles.values() if r["DeveloperName"] == "CAM_DACH_North")
    while role["ParentRoleId"]:
        depth, role = depth + 1, roles[role["ParentRoleId"]]

    assert depth == 5
    assert sandbox.query("SELECT IsActive FROM User WHERE LastName = 'Left'") == [{"IsActive": False}]
