"""Contacts of several accounts, as an unmodified client meets them."""

import pytest

from prm_harness.crm.backend import CrmRefusal
from prm_harness.crm.orgfile.building import OrgBuilder
from prm_harness.crm.orgfile.reading import parse_org_file
from prm_harness.crm.sandbox import Sandbox


@pytest.fixture
def accounts(sandbox):
    return sandbox.create("Account", [{"Name": name} for name in "ABC"])


@pytest.fixture
def contact(sandbox, sf, accounts):
    """A contact of account A that was there before the switch, also related to B."""
    made = sf.Contact.create({"LastName": "Ito", "AccountId": accounts[0]})["id"]
    sandbox.schema.enable_shared_contacts()
    return made


def related(sf, **where):
    terms = " AND ".join(f"{name} = '{value}'" for name, value in where.items())
    found = sf.query(f"SELECT AccountId, IsDirect FROM AccountContactRelation WHERE {terms} ORDER BY Id")
    return {row["AccountId"]: row["IsDirect"] for row in found["records"]}


def relate(sf, account, contact, **values):
    return sf.AccountContactRelation.create({"AccountId": account, "ContactId": contact, **values})["id"]


def test_there_is_no_such_object_before_it_is_switched_on(sf, told):
    assert told(lambda: sf.query("SELECT Id FROM AccountContactRelation"))[0]["errorCode"] == "INVALID_TYPE"


def test_the_direct_relation_follows_the_contacts_account(sf, accounts, contact):
    a, b, c = accounts
    assert related(sf, ContactId=contact) == {a: True}
    made = relate(sf, b, contact, Roles="Decision Maker;Other")
    row = sf.AccountContactRelation.get(made)
    assert (row["Roles"], row["IsActive"], row["IsDirect"]) == ("Decision Maker;Other", True, False)
    sf.Contact.update(contact, {"AccountId": b})
    assert related(sf, ContactId=contact) == {a: False, b: True}
    sf.Contact.update(contact, {"AccountId": c})
    assert related(sf, ContactId=contact) == {a: False, b: False, c: True}
    other = sf.Contact.create({"LastName": "Rey", "AccountId": a})["id"]
    assert related(sf, AccountId=a) == {a: True}
    assert related(sf, ContactId=other) == {a: True}
    nested = sf.query(
        f"SELECT (SELECT Contact.LastName FROM AccountContactRelations) FROM Account WHERE Id = '{a}'"
    )
    names = [r["Contact"]["LastName"] for r in nested["records"][0]["AccountContactRelations"]["records"]]
    assert sorted(names) == ["Ito", "Rey"]


def test_fields_are_those_of_the_documentation(sf, contact):
    fields = {f["name"]: f for f in sf.AccountContactRelation.describe()["fields"]}
    shape = {name: (f["createable"], f["updateable"]) for name, f in fields.items()}
    assert shape["AccountId"] == shape["ContactId"] == (True, False)
    assert shape["IsDirect"] == (False, False)
    assert {shape[n] for n in ("Roles", "IsActive", "StartDate", "EndDate")} == {(True, True)}
    assert (fields["Roles"]["type"], fields["Roles"]["length"]) == ("multipicklist", 4099)


def test_what_no_relation_is(sf, told, accounts, contact):
    a, b, _ = accounts
    entry = told(lambda: relate(sf, a, contact))[0]
    assert entry["errorCode"] == "DUPLICATE_VALUE"
    assert entry["message"] == "This contact already has a relationship with this account."
    private = sf.Contact.create({"LastName": "Solo"})["id"]
    assert told(lambda: relate(sf, b, private))[0]["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"
    made = relate(sf, b, contact)
    entry = told(lambda: sf.AccountContactRelation.update(made, {"AccountId": accounts[2]}))[0]
    assert entry["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_a_direct_relation_goes_with_its_contact_only(sf, told, accounts, contact):
    direct = sf.query("SELECT Id FROM AccountContactRelation WHERE IsDirect = true")["records"][0]["Id"]
    assert told(lambda: sf.AccountContactRelation.delete(direct))
    sf.AccountContactRelation.delete(relate(sf, accounts[1], contact))
    assert related(sf, ContactId=contact) == {accounts[0]: True}
    relate(sf, accounts[1], contact)
    sf.Account.delete(accounts[1])
    assert related(sf, ContactId=contact) == {accounts[0]: True}
    sf.Contact.delete(contact)
    assert related(sf, ContactId=contact) == {}


def test_a_contact_that_comes_back_has_its_relations_again(org):
    user = org.sales_id
    org.enable_shared_contacts()
    kept, gone = (org.insert("Account", {"Name": name}, user=user) for name in "AB")
    contact = org.insert("Contact", {"LastName": "Ito", "AccountId": kept}, user=user)
    for account in (gone, org.insert("Account", {"Name": "C"}, user=user)):
        org.insert("AccountContactRelation", {"AccountId": account, "ContactId": contact}, user=user)
    org.delete("Contact", contact, user=user)
    org.delete("Account", gone, user=user)
    org.undelete("Contact", contact, user=user)
    sql = (
        'SELECT "AccountId" = ?, "IsDirect" FROM "AccountContactRelation" WHERE NOT "IsDeleted" ORDER BY "Id"'
    )
    assert org.connection.execute(sql, (kept,)).fetchall() == [(1, 1), (0, 0)]


def test_merged_contacts_keep_all_accounts(sandbox, sf, accounts, contact):
    a, b, c = accounts
    twin = sf.Contact.create({"LastName": "Ito", "AccountId": b})["id"]
    relate(sf, c, twin)
    sandbox.merge("Contact", contact, [twin])
    assert related(sf, ContactId=contact) == {a: True, b: False, c: False}
    same = sf.Contact.create({"LastName": "Ito", "AccountId": a})["id"]
    sandbox.merge("Contact", contact, [same])
    assert related(sf, ContactId=contact) == {a: True, b: False, c: False}


def test_merged_accounts_keep_all_contacts(sandbox, sf, accounts, contact):
    a, b, c = accounts
    relate(sf, b, contact)
    sandbox.merge("Account", c, [b])
    assert related(sf, ContactId=contact) == {a: True, c: False}
    with pytest.raises(CrmRefusal, match="These accounts have the same related contact"):
        sandbox.merge("Account", c, [a])
    assert related(sf, ContactId=contact) == {a: True, c: False}


def test_loads_relate_contacts_too(sf, accounts, contact):
    rows = [{"LastName": f"N{n}", "AccountId": accounts[2]} for n in range(3)]
    assert sf.bulk2.Contact.insert(records=rows, wait=0)[0]["numberRecordsFailed"] == 0
    found = sf.query(
        f"SELECT Id FROM AccountContactRelation WHERE AccountId = '{accounts[2]}' AND IsDirect = true"
    )
    assert found["totalSize"] == 3


def test_an_org_file_switches_it_on():
    text = (
        b"format: prm-harness.org/1\nswitches: {shared_contacts: true}\n"
        b"objects: {AccountContactRelation: {fields: {Since__c: {type: date}}}}\n"
    )
    builder = OrgBuilder(parse_org_file(text, "acme.yaml"), "acme.yaml")
    with Sandbox(seed=3, template="acme", make=builder.make) as sandbox:
        assert "Since__c" in sandbox.schema.describe("AccountContactRelation")
    assert builder.notes == []
