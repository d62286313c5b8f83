import pytest

from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.org import Org
from prm_harness.crm.org.schema import Field, FieldType, SObjectType


def stored(org: Org, sobject: str, record_id: str, column: str) -> object:
    (value,) = org.connection.execute(
        f'SELECT "{column}" FROM "{sobject}" WHERE "Id" = ?', (record_id,)
    ).fetchone()
    return value


def test_soft(org: Org, clock, account: str) -> None:
    clock.advance(3)
    org.delete("Account", account[:15], user=org.admin_id)
    assert stored(org, "Account", account, "IsDeleted") == 1
    assert stored(org, "Account", account, "SystemModstamp") == "2026-03-05T10:00:03.000+0000"
    change = org.changes[-1]
    assert (change.operation, change.record_id, change.user) == ("delete", account, org.admin_id)
    assert change.fields == {"IsDeleted": (False, True)}


def test_cascade_reaches_children_of_children(org: Org, account: str, deal) -> None:
    contact = org.insert("Contact", {"LastName": "C", "AccountId": account}, user=org.sales_id)
    record = deal(AccountId=account)
    role = org.insert(
        "OpportunityContactRole", {"OpportunityId": record, "ContactId": contact}, user=org.sales_id
    )
    org.delete("Account", account, user=org.sales_id)
    gone = {(c.sobject, c.record_id) for c in org.changes if c.operation == "delete" and c.user}
    assert gone == {
        ("Account", account),
        ("Contact", contact),
        ("Opportunity", record),
        ("OpportunityContactRole", role),
    }


def test_lookups_are_emptied_by_the_system_not_by_a_user(org: Org, clock, account: str, deal) -> None:
    record = deal(Partner_Account__c=account)
    clock.advance(9)
    org.delete("Account", account, user=org.sales_id)
    row = org.get("Opportunity", record)
    assert row["Partner_Account__c"] is None
    assert row["LastModifiedDate"] == "2026-03-05T10:00:00.000+0000"
    assert row["SystemModstamp"] == "2026-03-05T10:00:09.000+0000"
    assert org.changes[-1].fields == {"Partner_Account__c": (account, None)}


def test_restricted(org: Org, account: str, refused) -> None:
    org.insert("Case", {"Subject": "s", "AccountId": account}, user=org.sales_id)
    message = "Your attempt to delete Acme could not be completed because it is associated with the following cases.: 00000001\n"
    assert refused(lambda: org.delete("Account", account, user=org.sales_id)) == [
        ("DELETE_FAILED", message, ())
    ]


def test_a_restricted_grandchild_stops_the_whole_delete(org: Org, account: str, refused) -> None:
    contact = org.insert("Contact", {"LastName": "C", "AccountId": account}, user=org.sales_id)
    org.insert("Case", {"Subject": "s", "ContactId": contact}, user=org.sales_id)
    before = len(org.changes)
    assert refused(lambda: org.delete("Account", account, user=org.sales_id))[0][0] == "DELETE_FAILED"
    assert org.get("Account", account)["Name"] == "Acme"
    assert len(org.changes) == before


def test_undelete_brings_back_what_went_along(org: Org, account: str, deal) -> None:
    contact = org.insert("Contact", {"LastName": "C", "AccountId": account}, user=org.sales_id)
    earlier = org.insert("Contact", {"LastName": "E", "AccountId": account}, user=org.sales_id)
    record = deal(Partner_Account__c=account)
    org.delete("Contact", earlier, user=org.sales_id)
    org.delete("Account", account, user=org.sales_id)
    org.undelete("Account", account, user=org.sales_id)
    assert org.get("Contact", contact)["AccountId"] == account
    assert org.get("Opportunity", record)["Partner_Account__c"] == account
    assert stored(org, "Contact", earlier, "IsDeleted") == 1
    assert [c.operation for c in org.changes[-3:]] == ["undelete", "undelete", "update"]


def test_undelete_respects_what_happened_since(org: Org, account: str, deal) -> None:
    other = org.insert("Account", {"Name": "Other"}, user=org.sales_id)
    record = deal(Partner_Account__c=account)
    org.delete("Account", account, user=org.sales_id)
    org.update("Opportunity", record, {"Partner_Account__c": other}, user=org.sales_id)
    org.undelete("Account", account, user=org.sales_id)
    assert org.get("Opportunity", record)["Partner_Account__c"] == other


def test_undelete_of_a_record_whose_lookup_is_gone(org: Org, account: str, deal) -> None:
    record = deal(Partner_Account__c=account)
    org.delete("Opportunity", record, user=org.sales_id)
    org.delete("Account", account, user=org.sales_id)
    org.undelete("Opportunity", record, user=org.sales_id)
    assert org.get("Opportunity", record)["Partner_Account__c"] is None


def test_undelete_of_a_duplicate(org: Org, deal, refused) -> None:
    record = deal(External_Id__c="k")
    org.delete("Opportunity", record, user=org.sales_id)
    other = deal(External_Id__c="k")
    message = f"duplicate value found: External_Id__c duplicates value on record with id: {other[:15]}"
    assert refused(lambda: org.undelete("Opportunity", record, user=org.sales_id)) == [
        ("DUPLICATE_VALUE", message, ())
    ]
    assert stored(org, "Opportunity", record, "IsDeleted") == 1


def test_nothing_to_undelete(org: Org, account: str, refused) -> None:
    expected = [("UNDELETE_FAILED", "Entity is not in the recycle bin", ())]
    assert refused(lambda: org.undelete("Account", account, user=org.sales_id)) == expected
    contact = org.insert("Contact", {"LastName": "C", "AccountId": account}, user=org.sales_id)
    org.delete("Account", account, user=org.sales_id)
    # It went with its account, so only the account's undelete brings it back.
    assert refused(lambda: org.undelete("Contact", contact, user=org.sales_id)) == expected


def test_master_detail(org: Org, account: str, refused) -> None:
    master = Field("Account__c", FieldType.REFERENCE, reference_to=("Account",), master_detail=True)
    org.add_object(SObjectType("Visit__c", "Visit", "Visits", None, fields={"Account__c": master}))
    assert "OwnerId" not in org.schema.objects["Visit__c"].fields
    assert refused(lambda: org.insert("Visit__c", {"Name": "V"}, user=org.sales_id)) == [
        ("REQUIRED_FIELD_MISSING", "Required fields are missing: [Account__c]", ("Account__c",))
    ]
    visit = org.insert("Visit__c", {"Name": "V", "Account__c": account}, user=org.sales_id)
    moved = refused(lambda: org.update("Visit__c", visit, {"Account__c": account}, user=org.sales_id))
    assert moved[0][0] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    org.delete("Visit__c", visit, user=org.sales_id)
    org.delete("Account", account, user=org.sales_id)
    with pytest.raises(SaveError, match="UNDELETE_FAILED: Undelete the parent record first"):
        org.undelete("Visit__c", visit, user=org.sales_id)
