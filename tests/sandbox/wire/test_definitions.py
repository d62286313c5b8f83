"""Objects, fields and picklist values asked for by SOQL, as clients do that never call describe."""

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest

from prm_harness.crm.sandbox import Sandbox


def rows(sf, soql):
    return sf.query(soql)["records"]


def test_objects_agree_with_the_global_describe(sf):
    told = {o["name"]: o for o in sf.describe()["sobjects"]}
    found = rows(
        sf,
        "SELECT QualifiedApiName, Label, KeyPrefix, IsEverCreatable, IsQueryable, IsLayoutable FROM EntityDefinition",
    )
    assert {row["QualifiedApiName"] for row in found} >= told.keys()
    for row in found:
        entry = told.get(row["QualifiedApiName"])
        if entry:
            assert (entry["label"], entry["keyPrefix"], entry["createable"], entry["layoutable"]) == (
                row["Label"], row["KeyPrefix"], row["IsEverCreatable"], row["IsLayoutable"]
            )  # fmt: skip


def test_particles_agree_with_the_describe(sf):
    told = {f["name"]: f for f in sf.Contact.describe()["fields"]}
    found = rows(
        sf,
        "SELECT QualifiedApiName, DataType, Length, IsCreatable, IsNillable, ReferenceTo, IsComponent "
        "FROM EntityParticle WHERE EntityDefinition.QualifiedApiName = 'Contact'",
    )
    assert {row["QualifiedApiName"] for row in found} == told.keys()
    for row in found:
        field = told[row["QualifiedApiName"]]
        assert (field["type"], field["length"], field["createable"], field["nillable"]) == (
            row["DataType"], row["Length"], row["IsCreatable"], row["IsNillable"]
        )  # fmt: skip
        assert row["ReferenceTo"] == {"referenceTo": field["referenceTo"] or None}
    assert {r["QualifiedApiName"] for r in found if r["IsComponent"]} >= {"FirstName", "MailingCity"}


def test_fields_are_told_in_setups_words_and_without_the_parts_of_compounds(sf):
    found = rows(
        sf,
        "SELECT DurableId, QualifiedApiName, DataType, EntityDefinition.Label FROM FieldDefinition "
        "WHERE EntityDefinitionId = 'Contact'",
    )
    words = {row["QualifiedApiName"]: row["DataType"] for row in found}
    assert words["AccountId"] == "Lookup(Account)"
    assert (words["Name"], words["MailingAddress"]) == ("Name", "Address")
    assert words["CreatedDate"] == "Date/Time"
    assert words["External_Id__c"] == "Text(80) (External ID) (Unique Case Insensitive)"
    assert not {"FirstName", "MailingCity"} & words.keys()
    (account,) = [row for row in found if row["QualifiedApiName"] == "AccountId"]
    assert (account["DurableId"], account["EntityDefinition"]["Label"]) == ("Contact.Account", "Contact")
    assert account["attributes"]["url"] == "/services/data/v60.0/sobjects/FieldDefinition/Contact.Account"


def test_picklist_values_are_found_through_their_particle(sf):
    told = next(f for f in sf.Account.describe()["fields"] if f["name"] == "Industry")["picklistValues"]
    for where in (
        "EntityParticleId = 'Account.Industry'",
        "EntityParticle.EntityDefinition.QualifiedApiName = 'Account' AND EntityParticle.QualifiedApiName = 'Industry'",
    ):
        found = rows(
            sf, f"SELECT Value, Label, IsActive, IsDefaultValue FROM PicklistValueInfo WHERE {where}"
        )
        assert {r["Value"] for r in found} == {value["value"] for value in told}


def test_an_objects_fields_come_as_a_sub_select_with_its_record_types(sf):
    (entity,) = rows(
        sf,
        "SELECT Id, RecordTypesSupported, (SELECT QualifiedApiName FROM Fields WHERE QualifiedApiName = 'Name') "
        "FROM EntityDefinition WHERE QualifiedApiName = 'Opportunity'",
    )
    assert entity["Id"] == "000000000000000AAA"
    assert entity["Fields"]["records"][0]["QualifiedApiName"] == "Name"
    assert entity["RecordTypesSupported"]["recordTypeInfos"][-1]["name"] == "Master"


@pytest.mark.parametrize(
    ("soql", "words"),
    [
        ("SELECT QualifiedApiName FROM FieldDefinition", r"filter on a reified column is required \[EntityDefinitionId,D"),
        ("SELECT QualifiedApiName FROM FieldDefinition WHERE Label LIKE 'A%'", "FieldDefinition: a filter on a reified"),
        ("SELECT Id FROM EntityParticle", r"required \[EntityDefinitionId,FieldDefinitionId,DurableId\]"),
        ("SELECT Id FROM PicklistValueInfo WHERE IsActive = true", r"required \[EntityParticleId,DurableId\]"),
        ("SELECT COUNT() FROM EntityDefinition", "not yet supported by this SObject storage type"),
        ("SELECT Id FROM EntityDefinition WHERE KeyPrefix != '001'", "Only equals comparisons permitted"),
        ("SELECT Nope FROM EntityDefinition", "No such column 'Nope' on entity 'EntityDefinition'"),
    ],
)  # fmt: skip
def test_what_definitions_refuse(sf, soql, words):
    for ask in (sf.query, lambda text: sf.toolingexecute("query", params={"q": text})):
        with pytest.raises(SalesforceMalformedRequest, match=words):
            ask(soql)


def test_an_org_with_many_objects_tells_all_of_them():
    with Sandbox(seed=7, template="enterprise-complex") as complex_org, complex_org.in_process():
        own = complex_org.credentials()
        client = Salesforce(username=own.username, password=own.password, security_token="", version="60.0")
        tasks = rows(
            client,
            "SELECT DataType FROM FieldDefinition WHERE EntityDefinitionId = 'Attachment' AND QualifiedApiName = 'ParentId'",
        )
        assert "Deal_Registration__c" in tasks[0]["DataType"]
        assert client.toolingexecute("query", params={"q": "SELECT Id FROM CustomField"})["size"] > 20


def test_a_new_field_is_told_at_once(shared, sf):
    ask = "SELECT DataType FROM FieldDefinition WHERE EntityDefinitionId = 'Lead' AND QualifiedApiName = 'Score__c'"
    assert rows(sf, ask) == []
    shared.schema.add_field("Lead", "Score__c", type="double", precision=5, scale=1)
    assert rows(sf, ask)[0]["DataType"] == "Number(4, 1)"
