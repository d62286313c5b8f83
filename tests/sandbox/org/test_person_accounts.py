"""Person accounts, as an unmodified client meets them.

Sources of what is expected: a recorded Account describe of an org with person accounts; API guide, "Person Account Record
Types" (developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_guidelines_personaccounts.htm); Help 005228092 and
005305352; the refusals that real clients met (SalesforceCommerceCloud/b2c-crm-sync#267 and #14, texei/texei-sfdx-plugin#51,
sorenkrabbe/Chrome-Salesforce-inspector#38, SFDO-Community/declarative-lookup-rollup-summaries#544).
"""

import json
import os
from pathlib import Path

import pytest

from prm_harness.crm.orgfile.building import OrgBuilder
from prm_harness.crm.orgfile.importing.folder import read_folder
from prm_harness.crm.orgfile.importing.report import Report
from prm_harness.crm.orgfile.reading import parse_org_file
from prm_harness.crm.sandbox import Sandbox

ADA = {
    "FirstName": "Ada",
    "LastName": "Byron",
    "PersonEmail": "ada@example.com",
    "PersonMailingCity": "London",
}


@pytest.fixture
def people(sandbox):
    """A sandbox in which accounts may be people, with a custom field of contacts."""
    sandbox.schema.add_field("Contact", "Shoe_Size__c", "double", precision=4, scale=1)
    sandbox.schema.enable_person_accounts()
    return sandbox


@pytest.fixture
def type_id(people, sf):
    """Id of the record type of people."""
    row = sf.query("SELECT Id FROM RecordType WHERE SobjectType = 'Account' AND IsPersonType = true")
    return row["records"][0]["Id"]


def only(sf, soql):
    (row,) = sf.query(soql)["records"]
    return row


def refusal(told, action):
    (entry,) = told(action)
    return entry["errorCode"], entry["message"], entry.get("fields")


def test_an_account_and_its_contact_are_made_and_kept_together(people, sf, type_id):
    made = sf.Account.create(ADA | {"RecordTypeId": type_id, "Shoe_Size__pc": 38.5, "Phone": "1"})["id"]
    row = only(
        sf,
        "SELECT Name, IsPersonAccount, PersonContactId, PersonContact.Email, PersonContact.Name, RecordType.IsPersonType"
        f" FROM Account WHERE Id = '{made}'",
    )
    assert (row["Name"], row["IsPersonAccount"], row["RecordType"]["IsPersonType"]) == (
        "Ada Byron",
        True,
        True,
    )
    assert row["PersonContact"]["Email"] == "ada@example.com"
    contact = sf.Contact.get(row["PersonContactId"])
    shown = {
        n: contact[n]
        for n in ("AccountId", "Name", "MailingCity", "Shoe_Size__c", "Phone", "IsPersonAccount")
    }
    assert shown == {
        "AccountId": made, "Name": "Ada Byron", "MailingCity": "London", "Shoe_Size__c": 38.5, "Phone": "1",
        "IsPersonAccount": True,
    }  # fmt: skip
    sf.Account.update(made, {"LastName": "Lovelace", "PersonMailingCity": "Paris", "Shoe_Size__pc": None})
    contact = sf.Contact.get(row["PersonContactId"])
    assert (contact["Name"], contact["MailingCity"], contact["Shoe_Size__c"]) == (
        "Ada Lovelace",
        "Paris",
        None,
    )
    sf.Contact.update(
        row["PersonContactId"], {"Email": "l@example.com", "FirstName": "A.", "Shoe_Size__c": 39}
    )
    account = sf.Account.get(made)
    assert (account["Name"], account["PersonEmail"], account["Shoe_Size__pc"]) == (
        "A. Lovelace", "l@example.com", 39.0,
    )  # fmt: skip
    assert account["PersonMailingAddress"]["city"] == "Paris"
    assert sf.query("SELECT Id FROM Account WHERE Name LIKE 'a. love%'")["totalSize"] == 1


def test_both_sides_have_the_same_dates_whichever_was_saved(people, sf):
    made = sf.Account.create(ADA)["id"]
    for change in ({"Industry": "Banking"}, {"PersonEmail": "x@example.com"}):
        people.clock.advance(90)
        sf.Account.update(made, change)
        row = only(
            sf, "SELECT LastModifiedDate, SystemModstamp, PersonContact.LastModifiedDate, PersonContact.SystemModstamp "
            f"FROM Account WHERE Id = '{made}'"
        )  # fmt: skip
        assert row["LastModifiedDate"] == row["PersonContact"]["LastModifiedDate"]
        assert row["SystemModstamp"] == row["PersonContact"]["SystemModstamp"]


def test_the_family_follows_from_the_names_where_no_record_type_is_given(people, sf, type_id):
    person, business = (
        sf.Account.get(sf.Account.create(v)["id"]) for v in ({"LastName": "Ito"}, {"Name": "Acme"})
    )
    assert (person["RecordTypeId"], person["IsPersonAccount"]) == (type_id, True)
    assert (business["IsPersonAccount"], business["PersonContactId"], business["LastName"]) == (
        False,
        None,
        None,
    )
    assert sf.query("SELECT COUNT() FROM Contact")["totalSize"] == 1


def test_fields_are_those_of_the_family_only(people, sf, told, type_id):
    bad = "INVALID_FIELD_FOR_INSERT_UPDATE"
    code, message, fields = refusal(
        told, lambda: sf.Account.create(ADA | {"RecordTypeId": type_id, "Name": "Ada"})
    )
    assert (code, fields) == (bad, ["Name"])
    assert message.startswith("Unable to create/update fields: Name. Please check the security settings")
    person = sf.Account.create(ADA)["id"]
    assert refusal(told, lambda: sf.Account.update(person, {"Name": "X"})) == (
        bad, "Account: bad field names on insert/update call: Name", ["Name"],
    )  # fmt: skip
    business = sf.Account.create({"Name": "Acme"})["id"]
    for call in (
        lambda: sf.Account.update(business, {"PersonEmail": "a@example.com", "Shoe_Size__pc": 1}),
        lambda: sf.Account.create({"Name": "B", "PersonEmail": "a@example.com", "Shoe_Size__pc": 1}),
    ):
        assert refusal(told, call) == (
            bad, "Account: bad field names on insert/update call: PersonEmail, Shoe_Size__pc",
            ["PersonEmail", "Shoe_Size__pc"],
        )  # fmt: skip
    missing = refusal(told, lambda: sf.Account.create({"FirstName": "Ada", "RecordTypeId": type_id}))
    assert missing == ("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ["LastName"])
    assert refusal(told, lambda: sf.Account.update(person, {"LastName": None}))[0] == "REQUIRED_FIELD_MISSING"
    assert (
        refusal(told, lambda: sf.Account.create({"Phone": "1"}))[1] == "Required fields are missing: [Name]"
    )


def test_a_user_without_a_record_type_of_the_family_is_told(people, sf, told, type_id):
    people.schema.offer_record_types("Integration User", "Account", ["PersonAccount"])
    assert refusal(told, lambda: sf.Account.create({"Name": "Acme"}))[:2] == (
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "record type missing for: Account",
    )  # fmt: skip


def test_the_contact_of_a_person_is_changed_and_never_moved_or_removed(people, sf, told, type_id):
    account = sf.Account.create(ADA)["id"]
    other = sf.Account.create({"Name": "Acme"})["id"]
    contact = sf.Account.get(account)["PersonContactId"]
    assert refusal(told, lambda: sf.Contact.delete(contact))[:2] == (
        "INVALID_PERSON_ACCOUNT_OPERATION", "cannot reference person contact",
    )  # fmt: skip
    assert refusal(told, lambda: sf.Contact.update(contact, {"AccountId": other}))[:2] == (
        "INVALID_FIELD_FOR_INSERT_UPDATE", "Account: bad field names on insert/update call: AccountId",
    )  # fmt: skip
    second = refusal(told, lambda: sf.Contact.create({"LastName": "Rey", "AccountId": account}))
    assert second[0] == "INVALID_PERSON_ACCOUNT_OPERATION"
    loose = sf.Contact.create({"LastName": "Rey"})["id"]
    assert refusal(told, lambda: sf.Contact.update(loose, {"AccountId": account}))[0] == second[0]
    sf.Account.delete(account)
    assert only(sf, f"SELECT COUNT(Id) n FROM Contact WHERE Id = '{contact}'")["n"] == 0
    people._org.undelete("Account", account, user=people._org.sales_id)
    assert sf.Contact.get(contact)["AccountId"] == account


def test_a_business_becomes_its_one_contact_and_a_person_is_separated_again(people, sf, told, type_id):
    as_person = {"RecordTypeId": type_id}
    account = sf.Account.create({"Name": "Byron Ltd", "Phone": "7"})["id"]
    no_contact = refusal(told, lambda: sf.Account.update(account, as_person))
    assert no_contact[1] == "Account cannot be converted to person-account"
    contact = sf.Contact.create(
        {"LastName": "Byron", "FirstName": "Ada", "AccountId": account, "Phone": "8"}
    )["id"]
    assert refusal(told, lambda: sf.Account.update(account, as_person | {"Industry": "Banking"}))[:2] == (
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "Cannot specify any additional fields when marrying or separating a Person-Account",
    )
    second = sf.Contact.create({"LastName": "Rey", "AccountId": account})["id"]
    assert refusal(told, lambda: sf.Account.update(account, as_person)) == no_contact
    sf.Contact.delete(second)
    sf.Account.update(account, as_person)
    row = sf.Account.get(account)
    assert (row["Name"], row["PersonContactId"], row["Phone"]) == ("Ada Byron", contact, "7")
    assert (sf.Contact.get(contact)["IsPersonAccount"], sf.Contact.get(contact)["Phone"]) == (True, "7")
    business = only(sf, "SELECT Id FROM RecordType WHERE SobjectType = 'Account' AND IsPersonType = false")[
        "Id"
    ]
    sf.Account.update(account, {"RecordTypeId": business})
    row = sf.Account.get(account)
    assert (row["IsPersonAccount"], row["PersonContactId"], row["Name"], row["LastName"]) == (
        False, None, "Ada Byron", None,
    )  # fmt: skip
    assert (sf.Contact.get(contact)["IsPersonAccount"], sf.Contact.get(contact)["AccountId"]) == (
        False,
        account,
    )
    sf.Contact.delete(contact)


def test_people_are_merged_with_people(people, sf, told):
    kept, gone = (sf.Account.create({"LastName": name})["id"] for name in ("Ito", "Ito"))
    business = sf.Account.create({"Name": "Ito"})["id"]
    contacts = [sf.Account.get(one)["PersonContactId"] for one in (kept, gone)]
    case = sf.Case.create({"Subject": "Late", "ContactId": contacts[1]})["id"]
    people.merge("Account", kept, [gone])
    assert sf.Case.get(case)["ContactId"] == contacts[0]
    assert [r["Id"] for r in sf.query("SELECT Id FROM Contact")["records"]] == [contacts[0]]
    masters = {r["Id"]: r["MasterRecordId"] for r in sf.query(
        "SELECT Id, MasterRecordId FROM Contact WHERE IsDeleted = true", include_deleted=True
    )["records"]}  # fmt: skip
    assert masters == {contacts[1]: contacts[0]}
    with pytest.raises(Exception, match="INVALID_PERSON_ACCOUNT_OPERATION"):
        people.merge("Account", kept, [business])
    other = sf.Contact.create({"LastName": "Ito"})["id"]
    with pytest.raises(Exception, match="cannot reference person contact"):
        people.merge("Contact", other, [contacts[0]])


def test_a_lead_without_a_company_becomes_a_person(people, sf, told):
    lead = sf.Lead.create(
        {"LastName": "Byron", "FirstName": "Ada", "Email": "a@example.com", "Title": "Countess"}
    )["id"]
    done = people.convert_lead(lead)
    row = sf.Account.get(done["accountId"])
    assert (row["Name"], row["PersonEmail"], row["PersonTitle"]) == ("Ada Byron", "a@example.com", "Countess")
    assert row["PersonContactId"] == done["contactId"]
    assert sf.Opportunity.get(done["opportunityId"])["Name"] == "Ada Byron-"
    long = sf.Lead.create({"LastName": "Byron", "Title": "x" * 81})["id"]
    with pytest.raises(Exception, match="STRING_TOO_LONG"):
        people.convert_lead(long)
    company = people.convert_lead(sf.Lead.create({"LastName": "Rey", "Company": "Acme"})["id"])
    assert sf.Account.get(company["accountId"])["IsPersonAccount"] is False


def test_custom_fields_of_contacts_are_followed(people, sf):
    made = sf.Account.create(ADA | {"Shoe_Size__pc": 40})["id"]
    people.schema.rename_field("Contact", "Shoe_Size__c", "Size__c")
    row = sf.Account.get(made)
    assert "Shoe_Size__pc" not in row
    assert row["Size__pc"] == 40.0
    people.schema.add_field("Contact", "Level__c", "picklist", values=["A", "B"])
    people.schema.add_picklist_value("Contact", "Level__c", "C")
    people.schema.add_field("Contact", "Loud__c", "string", formula="UPPER(LastName)")
    people.schema.add_field("Contact", "Number__c", "string", auto_number="P-{000}")
    fields = {f["name"]: f for f in sf.Account.describe()["fields"]}
    assert [v["value"] for v in fields["Level__pc"]["picklistValues"]] == ["A", "B", "C"]
    assert (fields["Loud__pc"]["calculated"], fields["Loud__pc"]["createable"]) == (True, False)
    assert sf.Account.get(made)["Loud__pc"] == "BYRON"
    new = sf.Account.get(sf.Account.create({"LastName": "Ito"})["id"])
    assert new["Number__pc"] == sf.Contact.get(new["PersonContactId"])["Number__c"] == "P-001"
    people.schema.drop_field("Contact", "Size__c")
    assert "Size__pc" not in sf.Account.get(made)


def test_a_load_makes_people_too(people, sf):
    answer = sf.bulk2.Account.insert(
        records=[{"LastName": "A", "PersonEmail": "a@example.com"}, {"LastName": "B"}], wait=0
    )
    assert (answer[0]["numberRecordsProcessed"], answer[0]["numberRecordsFailed"]) == (2, 0)
    assert sf.query("SELECT COUNT() FROM Contact WHERE IsPersonAccount = true")["totalSize"] == 2
    sf.Account.upsert("External_Id__c/p1", {"LastName": "C"})
    sf.Account.upsert("External_Id__c/p1", {"LastName": "D"})
    assert only(sf, "SELECT Name FROM Account WHERE External_Id__c = 'p1'")["Name"] == "D"


def test_a_change_of_either_is_told_of_both(people, sf):
    mark = people.log.mark()[1]
    made = sf.Account.create(ADA)["id"]
    sf.Account.update(made, {"Industry": "Banking"})
    told = [(c.sobject, c.operation) for c in people.log.changes(since=mark)]
    assert told == [
        ("Account", "create"),
        ("Contact", "create"),
        ("Account", "update"),
        ("Contact", "update"),
    ]


def test_rules_and_flows_of_accounts_reach_the_contact(people, sf, told):
    people.schema.add_validation_rule(
        "Account", "No_Bob", 'IsPersonAccount && FirstName = "Bob"', "no Bobs", "FirstName"
    )
    assert refusal(told, lambda: sf.Account.create({"FirstName": "Bob", "LastName": "X"}))[2] == ["FirstName"]
    people.schema.add_flow(
        "Account",
        "Dept",
        timing="workflow",
        updates={"PersonDepartment": '"Sales"'},
        condition="IsPersonAccount",
    )
    row = sf.Account.get(sf.Account.create(ADA)["id"])
    assert sf.Contact.get(row["PersonContactId"])["Department"] == row["PersonDepartment"] == "Sales"


def test_an_org_file_switches_them_on():
    builder = OrgBuilder(
        parse_org_file(
            b"format: prm-harness.org/1\nbase: bare\nswitches: {person_accounts: true}\n"
            b"objects: {Account: {record_types: {Patient: {person: true}, Clinic: {default: true}}}}\n",
            "p.yaml",
        ),
        "p.yaml",
    )
    with Sandbox(seed=3, template="p", make=builder.make) as made:
        assert builder.notes == []
        kinds = made.query("SELECT DeveloperName, IsPersonType FROM RecordType ORDER BY DeveloperName")
        assert {r["DeveloperName"]: r["IsPersonType"] for r in kinds} == {
            "Business_Account": False, "Clinic": False, "Patient": True, "PersonAccount": True,
        }  # fmt: skip
        (patient,) = made.query("SELECT Id FROM RecordType WHERE DeveloperName = 'Patient'")
        (account,) = made.create("Account", [{"LastName": "Ito", "RecordTypeId": patient["Id"]}])
        assert made.get("Account", account)["PersonContactId"]


def test_a_person_type_needs_the_switch():
    builder = OrgBuilder(
        parse_org_file(
            b"format: prm-harness.org/1\nbase: bare\nobjects: {Account: {record_types: {Patient: {person: true}}}}\n",
            "p.yaml",
        ),
        "p.yaml",
    )
    with Sandbox(seed=3, template="p", make=builder.make):
        assert "person accounts are not switched on" in builder.notes[0]


def test_the_file_of_an_org_is_opened_again_with_its_people(tmp_path):
    path = str(tmp_path / "org.db")
    with Sandbox(seed=4, path=path) as first:
        first.schema.enable_person_accounts()
        (account,) = first.create("Account", [ADA])
    with Sandbox.reopen(path) as again:
        again.update("Account", account, {"LastName": "King"})
        contact = again.get("Account", account)["PersonContactId"]
        assert again.get("Contact", contact)["Name"] == "Ada King"


@pytest.mark.skipif(not os.environ.get("PRM_HARNESS_RECORDINGS"), reason="needs the recorded describes")
def test_fields_are_those_of_a_recorded_describe_and_imports_know_them(people, sf, tmp_path):
    recorded = Path(os.environ["PRM_HARNESS_RECORDINGS"]) / "describes/Account.CumulusCI.e966cf1846.json"
    theirs = json.loads(recorded.read_text())
    wanted = {
        f["name"]: f for f in theirs["fields"] if "erson" in f["name"] or f["compoundFieldName"] == "Name"
    }
    ours = {f["name"]: f for f in sf.Account.describe()["fields"]}
    absent = {"PersonPronouns", "PersonGenderIdentity", "PersonHasOptedOutOfFax"}
    assert {n for n in wanted if not n.endswith("__pc")} - set(ours) == absent
    same = ("type", "length", "label", "createable", "updateable", "nillable", "defaultedOnCreate", "extraTypeInfo",
            "compoundFieldName", "relationshipName", "referenceTo", "restrictedPicklist", "soapType")  # fmt: skip
    for name in wanted.keys() & ours.keys():
        assert {k: ours[name][k] for k in same} == {k: wanted[name][k] for k in same}, name
    order = [
        f["name"]
        for f in theirs["fields"]
        if f["name"] in {"Name", "LastName", "FirstName", "Salutation", "Type"}
    ]
    assert [n for n in ours if n in order] == order
    (tmp_path / "Account.json").write_text(recorded.read_text())
    builder = OrgBuilder(read_folder(tmp_path, Report()), "imported")
    with Sandbox(seed=5, template="imported", make=builder.make) as made:
        (kind,) = made.query("SELECT Id FROM RecordType WHERE IsPersonType = true")
        (account,) = made.create("Account", [{"LastName": "Ito", "RecordTypeId": kind["Id"]}])
        contact = made.get("Account", account)["PersonContactId"]
        assert made.get("Contact", contact)["LastName"] == "Ito"
