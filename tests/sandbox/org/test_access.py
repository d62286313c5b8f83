"""What a user with few rights sees and writes, through an unmodified client, and the errors that it gets."""

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound

from prm_harness.crm.backend import CrmRefusal

DEAL = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-30"}


def names(sf, soql):
    return [row["Name"] for row in sf.query(soql)["records"]]


def session_of(sandbox, user):
    """A client logged in as someone else."""
    host = sandbox.instance_url.removeprefix("https://")
    return Salesforce(instance=host, session_id=sandbox.open_session(user))


# -- objects


def test_a_closed_object_is_not_there(sandbox, sf, people, told):
    people.close_object("Campaign")
    assert "Campaign" not in {o["name"] for o in sf.describe()["sobjects"]}
    with pytest.raises(SalesforceMalformedRequest, match="sObject type 'Campaign' is not supported"):
        sf.query("SELECT Id FROM Campaign")
    with pytest.raises(SalesforceResourceNotFound):
        sf.Campaign.create({"Name": "x"})
    assert sandbox.create("Campaign", [{"Name": "by sales"}])


def test_rights_on_an_object_one_by_one(sandbox, sf, people, own, told):
    account = sandbox.create("Account", [{"Name": "Acme"}])[0]
    people.close_object("Account")
    grants = people.create_permission_set("Portal", assignees=[own])
    people.grant_object(grants, "Account", ["Read"])
    flags = sf.Account.describe()
    assert (flags["queryable"], flags["createable"], flags["updateable"], flags["deletable"]) == (
        True,
        False,
        False,
        False,
    )
    assert names(sf, "SELECT Name FROM Account") == ["Acme"]
    assert told(lambda: sf.Account.create({"Name": "B"}))[0] == {
        "message": "entity type cannot be inserted: Account",
        "errorCode": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
    }
    assert told(lambda: sf.Account.update(account, {"Name": "B"}))[0]["message"] == (
        "entity type cannot be updated: Account"
    )
    assert told(lambda: sf.Account.delete(account))[0]["errorCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"
    assert sf.bulk2.Account.insert(records=[{"Name": "B"}], wait=0)[0]["numberRecordsFailed"] == 1
    people.grant_object(grants, "Account", ["Create", "Edit", "Delete"])
    made = sf.Account.create({"Name": "B"})["id"]
    sf.Account.update(made, {"Name": "C"})
    sf.Account.delete(made)


def test_a_grant_by_the_client_counts_at_once(sandbox, sf, people, own):
    people.close_object("Account")
    grants = people.create_permission_set("Portal", assignees=[own])
    sf.ObjectPermissions.create(
        {"ParentId": grants, "SobjectType": "Account", "PermissionsRead": True, "PermissionsCreate": True}
    )
    assert sf.Account.create({"Name": "A"})["success"]


def test_a_field_that_may_be_read_only(sf, people, own, told):
    people.close_field("Opportunity", "Internal_Rating__c")
    assert "Internal_Rating__c" not in {f["name"] for f in sf.Opportunity.describe()["fields"]}
    grants = people.create_permission_set("Portal", assignees=[own])
    people.grant_field(grants, "Opportunity", "Internal_Rating__c")
    entry = told(lambda: sf.Opportunity.create(DEAL | {"Internal_Rating__c": "A"}))[0]
    assert (entry["errorCode"], entry["fields"]) == (
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        ["Internal_Rating__c"],
    )
    people.grant_field(grants, "Opportunity", "Internal_Rating__c", edit=True)
    assert sf.Opportunity.create(DEAL | {"Internal_Rating__c": "A"})["success"]


# -- rows


def test_private_records_of_others_are_missing(sandbox, sf, people, own, told):
    theirs = sandbox.create("Account", [{"Name": "Theirs"}])[0]
    mine = sf.Account.create({"Name": "Mine"})["id"]
    people.set_sharing("Account", "private")
    assert names(sf, "SELECT Name FROM Account") == ["Mine"]
    assert sf.query("SELECT count() FROM Account")["totalSize"] == 1
    with pytest.raises(SalesforceResourceNotFound):
        sf.Account.get(theirs)
    refused = {
        "message": f"insufficient access rights on cross-reference id: {theirs[:15]}",
        "errorCode": "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "fields": [],
    }
    assert told(lambda: sf.Account.update(theirs, {"Name": "x"})) == [refused]
    assert told(lambda: sf.Contact.create({"LastName": "Ito", "AccountId": theirs})) == [refused]
    assert sf.Contact.create({"LastName": "Ito", "AccountId": mine})["success"]
    assert sf.search("FIND {Theirs} IN ALL FIELDS RETURNING Account(Id)")["searchRecords"] == []
    assert len(sandbox.query("SELECT Id FROM Account")) == 2


def test_what_may_be_read_only(sandbox, sf, people, told):
    theirs = sandbox.create("Account", [{"Name": "Theirs"}])[0]
    people.set_sharing("Account", "read")
    assert sf.Account.get(theirs)["Name"] == "Theirs"
    assert told(lambda: sf.Account.update(theirs, {"Name": "x"}))[0] == {
        "message": "insufficient access rights on object id",
        "errorCode": "INSUFFICIENT_ACCESS_OR_READONLY",
        "fields": [],
    }
    assert told(lambda: sf.Account.delete(theirs))[0]["errorCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"
    rows = sf.bulk2.Account.update(records=[{"Id": theirs, "Name": "x"}], wait=0)[0]
    assert rows["numberRecordsFailed"] == 1


def test_shares_by_hand_and_their_end(sandbox, sf, people, own, told):
    theirs = sandbox.create("Account", [{"Name": "Theirs"}])[0]
    people.set_sharing("Account", "private")
    people.share("Account", theirs, own)
    assert names(sf, "SELECT Name FROM Account") == ["Theirs"]
    assert (
        told(lambda: sf.Account.update(theirs, {"Name": "x"}))[0]["errorCode"]
        == "INSUFFICIENT_ACCESS_OR_READONLY"
    )
    people.share("Account", theirs, own, "Edit")
    sf.Account.update(theirs, {"Phone": "1"})
    causes = [
        row["RowCause"]
        for row in sandbox.query(f"SELECT RowCause FROM AccountShare WHERE AccountId = '{theirs}'")
    ]
    assert sorted(causes) == ["Manual", "Manual", "Owner"]
    sandbox.update("Account", theirs, {"OwnerId": people.user("admin@northwind.example")})
    assert names(sf, "SELECT Name FROM Account") == []


def test_clients_share_what_they_own(sandbox, sf, people, told):
    people.set_sharing("Account", "private")
    mine = sf.Account.create({"Name": "Mine"})["id"]
    other = people.create_user("other@northwind.example")
    seen = session_of(sandbox, other)
    assert names(seen, "SELECT Name FROM Account") == []
    share = {
        "AccountId": mine,
        "UserOrGroupId": other,
        "AccountAccessLevel": "Read",
        "OpportunityAccessLevel": "None",
    }
    entry = told(lambda: sf.AccountShare.create(share | {"RowCause": "Rule"}))[0]
    assert (entry["errorCode"], entry["message"]) == (
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "RowCause: bad value for restricted picklist field: Rule",
    )
    made = sf.AccountShare.create(share)["id"]
    assert names(seen, "SELECT Name FROM Account") == ["Mine"]
    sf.AccountShare.delete(made)
    assert names(seen, "SELECT Name FROM Account") == []


def test_roles_look_down(sandbox, sf, people, own):
    people.set_sharing("Account", "private")
    sandbox.create("Account", [{"Name": "By sales"}])
    top = people.create_role("CEO")
    middle = people.create_role("Channel", top)
    low = people.create_role("Reps", middle)
    people.assign_role(own, top)
    people.assign_role(people.user("sales@northwind.example"), low)
    assert names(sf, "SELECT Name FROM Account") == ["By sales"]
    people.assign_role(own, low)
    assert names(sf, "SELECT Name FROM Account") == []


def test_queue_members_see_what_their_queue_owns(sandbox, sf, people, own):
    people.set_sharing("Lead", "private")
    queue = people.create_queue("Inbound", ["Lead"])
    lead = sandbox.create("Lead", [{"LastName": "Ito", "Company": "Acme", "OwnerId": queue}])[0]
    assert sf.query("SELECT Id FROM Lead")["totalSize"] == 0
    group = people.create_queue("Portal", ["Lead"], [own])
    sandbox.update("Lead", lead, {"OwnerId": group})
    assert sf.query("SELECT Id FROM Lead")["totalSize"] == 1


def test_children_go_with_their_parent(sandbox, sf, people):
    account = sandbox.create("Account", [{"Name": "Theirs"}])[0]
    sandbox.create("Contact", [{"LastName": "Ito", "AccountId": account}])
    deal = sandbox.create("Opportunity", [DEAL])[0]
    contact = sandbox.create("Contact", [{"LastName": "Free"}])[0]
    sandbox.create("OpportunityContactRole", [{"OpportunityId": deal, "ContactId": contact}])
    people.set_sharing("Account", "private")
    people.set_sharing("Contact", "controlled_by_parent")
    people.set_sharing("Opportunity", "private")
    assert sf.query("SELECT Id FROM Contact")["totalSize"] == 0
    assert sf.query("SELECT Id FROM OpportunityContactRole")["totalSize"] == 0
    mine = sf.Account.create({"Name": "Mine"})["id"]
    sf.Contact.create({"LastName": "Ono", "AccountId": mine})
    assert names(sf, "SELECT Name FROM Contact") == ["Ono"]
    # Whoever owns a deal reads its account.
    sandbox.update("Opportunity", deal, {"AccountId": account, "OwnerId": sandbox.facts.integration_user})
    assert names(sf, "SELECT Name FROM Account ORDER BY Name") == ["Mine", "Theirs"]


def test_parents_that_are_not_seen_are_null(sandbox, sf, people):
    account = sandbox.create("Account", [{"Name": "Theirs"}])[0]
    sandbox.create("Contact", [{"LastName": "Ito", "AccountId": account}])
    people.set_sharing("Account", "private")
    row = sf.query("SELECT Name, AccountId, Account.Name FROM Contact")["records"][0]
    assert (row["AccountId"], row["Account"]) == (account, None)


@pytest.mark.parametrize("permission", ["ViewAllData", "ModifyAllData"])
def test_view_all_and_modify_all(sandbox, sf, people, own, told, permission):
    theirs = sandbox.create("Account", [{"Name": "Theirs"}])[0]
    people.set_sharing("Account", "private")
    people.create_permission_set("All", assignees=[own], permissions=[permission])
    assert names(sf, "SELECT Name FROM Account") == ["Theirs"]
    if permission == "ViewAllData":
        assert told(lambda: sf.Account.update(theirs, {"Name": "x"}))[0]["errorCode"] == (
            "INSUFFICIENT_ACCESS_OR_READONLY"
        )
    else:
        sf.Account.update(theirs, {"Name": "x"})
        sf.Account.delete(theirs)


def test_all_records_of_one_object(sandbox, sf, people, own, told):
    theirs = sandbox.create("Account", [{"Name": "Theirs"}])[0]
    people.set_sharing("Account", "private")
    grants = people.create_permission_set("Portal", assignees=[own])
    people.grant_object(grants, "Account", ["ViewAllRecords"])
    assert names(sf, "SELECT Name FROM Account") == ["Theirs"]
    people.grant_object(grants, "Account", ["Edit", "ModifyAllRecords"])
    sf.Account.update(theirs, {"Name": "x"})


def test_partner_users_see_their_account_and_what_is_theirs(sandbox, sf, people):
    partner, other = sandbox.create("Account", [{"Name": "Partner"}, {"Name": "Other"}])
    contact = sandbox.create("Contact", [{"LastName": "Ito", "AccountId": partner}])[0]
    with pytest.raises(CrmRefusal, match="no partner account"):
        people.create_user("ito@partner.example", contact=contact, profile="Partner Community User")
    sandbox.update("Account", partner, {"IsPartner": True})
    user = people.create_user("ito@partner.example", contact=contact, profile="Partner Community User")
    found = sandbox.query(
        f"SELECT UserType, ContactId, AccountId, IsPortalEnabled FROM User WHERE Id = '{user}'"
    )[0]
    assert found == {
        "UserType": "PowerPartner",
        "ContactId": contact,
        "AccountId": partner,
        "IsPortalEnabled": True,
    }
    seen = session_of(sandbox, user)
    sandbox.create("Opportunity", [DEAL | {"AccountId": other}])
    assert names(seen, "SELECT Name FROM Account") == ["Partner"]
    assert names(seen, "SELECT Name FROM Opportunity") == []
    deal = seen.Opportunity.create(DEAL | {"Name": "Own"})["id"]
    assert names(seen, "SELECT Name FROM Opportunity") == ["Own"]
    assert sf.Opportunity.get(deal)["PartnerAccountId"] == partner
    sf.Opportunity.update(deal, {"OwnerId": people.user("sales@northwind.example")})
    assert sf.Opportunity.get(deal)["PartnerAccountId"] is None
    assert len(names(sf, "SELECT Name FROM Account")) == 2


def test_loads_and_upserts_of_a_limited_user(sandbox, sf, people):
    theirs = sandbox.create("Account", [{"Name": "Theirs", "External_Id__c": "t"}])[0]
    people.set_sharing("Account", "private")
    records = [
        {"attributes": {"type": "Account"}, "External_Id__c": key, "Name": f"New {key}"} for key in ("t", "u")
    ]
    answer = sf.restful(
        "composite/sobjects/Account/External_Id__c", method="PATCH", json={"records": records}
    )
    assert [row["success"] for row in answer] == [False, True]
    assert answer[0]["errors"][0]["statusCode"] == "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
    rows = [{"LastName": "A", "AccountId": theirs}, {"LastName": "B", "AccountId": ""}]
    assert sf.bulk2.Contact.insert(records=rows, wait=0)[0]["numberRecordsFailed"] == 1


def test_what_admins_get_wrong(people):
    for act in (
        lambda: people.set_sharing("Account", "hidden"),
        lambda: people.set_sharing("OpportunityContactRole", "private"),
        lambda: people.create_permission_set("X", permissions=["Fly"]),
        lambda: people.grant_object("0PS000000000000AAA", "Account", ["Fly"]),
        lambda: people.close_field("Account", "Nope"),
        lambda: people.share("Account", "001000000000000AAA", "005000000000000AAA"),
        lambda: people.user("nobody@northwind.example"),
    ):
        with pytest.raises(CrmRefusal):
            act()
