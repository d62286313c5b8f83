"""simple-salesforce's metadata client, with its own WSDL, and what a grant does to a new field."""

import io
import re
import zipfile

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest

from prm_harness.crm.sandbox import Sandbox


@pytest.fixture
def sandbox():
    with Sandbox(seed=7) as running:
        yield running


@pytest.fixture
def sf(sandbox):
    own = sandbox.credentials()
    with sandbox.in_process():
        yield Salesforce(
            username=own.username, password=own.password, security_token=own.security_token, version="59.0"
        )


def fields_of(sf, sobject="Account"):
    return {f["name"]: f for f in getattr(sf, sobject).describe()["fields"]}


def new_field(sf, name="Account.Portal_Tier__c", **more):
    api = sf.mdapi
    return api.CustomField(
        fullName=name,
        label="Portal Tier",
        type=api._client.get_type("ns0:FieldType")("Text"),
        length=40,
        **more,
    )


def grant(sf, field="Account.Portal_Tier__c", *, edit=True):
    api = sf.mdapi
    wish = api._client.get_type("ns0:PermissionSetFieldPermissions")(
        editable=edit, field=field, readable=True
    )
    api.PermissionSet.upsert([api.PermissionSet(fullName="Portal", label="Portal", fieldPermissions=[wish])])
    return sf.query("SELECT Id FROM PermissionSet WHERE Name = 'Portal'")["records"][0]["Id"]


def assign(sf, sandbox, permission_set):
    user = sandbox.facts.integration_user
    sf.PermissionSetAssignment.create({"AssigneeId": user, "PermissionSetId": permission_set})


def test_a_new_field_is_closed_until_it_is_granted_and_assigned(sandbox, sf):
    sf.mdapi.CustomField.create([new_field(sf)])
    assert "Portal_Tier__c" in sandbox.schema.describe("Account")
    assert "Portal_Tier__c" not in fields_of(sf)
    with pytest.raises(
        SalesforceMalformedRequest, match="No such column 'Portal_Tier__c' on entity 'Account'"
    ):
        sf.query("SELECT Portal_Tier__c FROM Account")
    with pytest.raises(
        SalesforceMalformedRequest, match="No such column 'Portal_Tier__c' on sobject of type Account"
    ):
        sf.Account.create({"Name": "A", "Portal_Tier__c": "Gold"})

    permission_set = grant(sf)
    assert "Portal_Tier__c" not in fields_of(sf)
    assign(sf, sandbox, permission_set)

    assert fields_of(sf)["Portal_Tier__c"]["updateable"] is True
    record = sf.Account.create({"Name": "A", "Portal_Tier__c": "Gold"})["id"]
    assert sf.Account.get(record)["Portal_Tier__c"] == "Gold"
    assert sf.query("SELECT Portal_Tier__c FROM Account")["records"][0]["Portal_Tier__c"] == "Gold"


def test_a_field_granted_for_reading_cannot_be_written(sandbox, sf):
    sf.mdapi.CustomField.create([new_field(sf)])
    assign(sf, sandbox, grant(sf, edit=False))

    assert fields_of(sf)["Portal_Tier__c"]["updateable"] is False
    with pytest.raises(SalesforceMalformedRequest, match="INVALID_FIELD_FOR_INSERT_UPDATE"):
        sf.Account.create({"Name": "A", "Portal_Tier__c": "Gold"})


def test_the_users_profile_grants_as_well(sandbox, sf):
    sf.mdapi.CustomField.create([new_field(sf)])
    own = "SELECT Id FROM PermissionSet WHERE IsOwnedByProfile = true AND Profile.Name = 'Integration User'"
    parent = sf.query(own)["records"][0]["Id"]
    row = {"ParentId": parent, "SobjectType": "Account", "Field": "Account.Portal_Tier__c", "PermissionsRead": True,
           "PermissionsEdit": True}  # fmt: skip
    made = sf.FieldPermissions.create(row)["id"]
    assert "Portal_Tier__c" in fields_of(sf)
    with pytest.raises(SalesforceMalformedRequest, match="DUPLICATE_VALUE"):
        sf.FieldPermissions.create(row)

    sf.FieldPermissions.delete(made)
    assert "Portal_Tier__c" not in fields_of(sf)


def test_what_the_harness_adds_is_open_at_once_and_the_harness_sees_all(sandbox, sf):
    sandbox.schema.add_field("Account", "Open__c", "string")
    sf.mdapi.CustomField.create([new_field(sf)])
    (record,) = sandbox.create("Account", [{"Name": "A", "Portal_Tier__c": "Gold"}])

    assert "Open__c" in fields_of(sf)
    assert sandbox.query("SELECT Portal_Tier__c FROM Account") == [{"Portal_Tier__c": "Gold"}]
    assert "Portal_Tier__c" not in sf.Account.get(record)


def test_an_assignment_twice_is_refused_in_the_recorded_words(sandbox, sf):
    sf.mdapi.CustomField.create([new_field(sf)])
    permission_set = grant(sf)
    assign(sf, sandbox, permission_set)

    words = f"Duplicate PermissionSetAssignment.  Assignee: {sandbox.facts.integration_user[:15]}; Permission Set: {permission_set[:15]}"
    with pytest.raises(SalesforceMalformedRequest, match=re.escape(words)):
        assign(sf, sandbox, permission_set)


def test_a_field_is_read_changed_and_deleted(sandbox, sf):
    api = sf.mdapi
    api.CustomField.create([new_field(sf, externalId=True, unique=True)])
    read = api.CustomField.read(["Account.Portal_Tier__c"])
    assert (read.fullName, read.type, read.length, read.externalId) == (
        "Account.Portal_Tier__c",
        "Text",
        40,
        True,
    )

    read.label = "Tier in the portal"
    api.CustomField.update([read])
    assert sandbox.schema.describe("Account")["Portal_Tier__c"]["label"] == "Tier in the portal"
    api.CustomField.delete(["Account.Portal_Tier__c"])
    assert "Portal_Tier__c" not in sandbox.schema.describe("Account")
    with pytest.raises(Exception, match="This custom field does not exist or is not accessible"):
        api.CustomField.delete(["Account.Portal_Tier__c"])


def test_refused_components_are_results_in_the_recorded_words(sf):
    api = sf.mdapi
    kind = api._client.get_type("ns0:FieldType")
    with pytest.raises(
        Exception,
        match="FIELD_INTEGRITY_EXCEPTION, Can not specify 'required' for a CustomField of type Checkbox",
    ):
        api.CustomField.upsert(
            [api.CustomField(fullName="Account.X__c", label="X", type=kind("Checkbox"), required=True)]
        )
    with pytest.raises(Exception, match="Must specify 'length' for a CustomField of type Text"):
        api.CustomField.create([api.CustomField(fullName="Account.X__c", label="X", type=kind("Text"))])


def test_metadata_is_described_and_listed(sf):
    described = sf.mdapi.describe_metadata()
    assert "CustomObject" in {o.xmlName for o in described.metadataObjects}
    query = sf.mdapi._client.get_type("ns0:ListMetadataQuery")(type="CustomField")
    names = {p.fullName for p in sf.mdapi.list_metadata([query])}
    assert {"Account.External_Id__c", "Opportunity.Deal_Region__c"} <= names


OBJECT = """<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata">
<fields><fullName>Zip__c</fullName><label>Zip</label><type>Text</type><length>{length}</length></fields>
<recordTypes><fullName>Special</fullName><active>true</active><label>Special</label></recordTypes>
<validationRules><fullName>No_Zip</fullName><active>true</active><errorConditionFormula>ISBLANK(Name)</errorConditionFormula>
<errorMessage>no</errorMessage></validationRules></CustomObject>"""
SET = """<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata"><label>Zip</label><fieldPermissions>
<editable>true</editable><field>Account.Zip__c</field><readable>true</readable></fieldPermissions></PermissionSet>"""


def package(**lengths):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as files:
        files.writestr("package.xml", '<Package xmlns="http://soap.sforce.com/2006/04/metadata"/>')
        files.writestr("objects/Account.object", OBJECT.format(**lengths))
        files.writestr("permissionsets/Zip.permissionset", SET)
    return packed


def test_a_package_is_deployed_and_retrieved(sandbox, sf):
    deployed = sf.deploy(package(length=20), sandbox=False)
    assert deployed["state"] == "Queued"
    result = sf.checkDeployStatus(deployed["asyncId"])
    assert result["state"] == "Succeeded"
    assert result["deployment_detail"]["deployed_count"] == "4"
    assert "Zip__c" in sandbox.schema.describe("Account")

    job, state = sf.mdapi.retrieve(
        "x", unpackaged={"CustomField": ["Account.Zip__c"], "PermissionSet": ["*"]}
    )
    assert state == "Queued"
    state, _, _, data = sf.mdapi.retrieve_zip(job)
    assert state == "Succeeded"
    with zipfile.ZipFile(io.BytesIO(data)) as files:
        assert "<fullName>Zip__c</fullName>" in files.read("unpackaged/objects/Account.object").decode()
        assert "Account.Zip__c" in files.read("unpackaged/permissionsets/Zip.permissionset").decode()


def test_a_package_with_an_error_leaves_nothing(sandbox, sf):
    deployed = sf.deploy(package(length=""), sandbox=False)
    result = sf.checkDeployStatus(deployed["asyncId"])

    assert result["state"] == "Failed"
    assert "Must specify 'length' for a CustomField of type Text" in str(
        result["deployment_detail"]["errors"]
    )
    assert "Zip__c" not in sandbox.schema.describe("Account")


@pytest.mark.parametrize(("length", "state"), [(20, "Succeeded"), ("", "Failed")])
def test_a_package_that_is_only_checked_leaves_nothing(sandbox, sf, length, state):
    before = sandbox.schema.describe("Account")
    deployed = sf.deploy(package(length=length), sandbox=False, checkOnly=True)
    result = sf.checkDeployStatus(deployed["asyncId"])

    assert result["state"] == state
    assert sandbox.schema.describe("Account") == before
    assert sandbox.query("SELECT Id FROM PermissionSet WHERE Name = 'Zip'") == []
    assert (
        sf.checkDeployStatus(sf.deploy(package(length=20), sandbox=False)["asyncId"])["state"] == "Succeeded"
    )


def test_components_are_renamed_and_what_uses_them_follows(sandbox, sf):
    api = sf.mdapi
    api.CustomField.create([new_field(sf)])
    assign(sf, sandbox, grant(sf))
    record = sf.Account.create({"Name": "A", "Portal_Tier__c": "Gold"})["id"]
    sandbox.schema.add_validation_rule("Account", "No_Lead", 'Portal_Tier__c = "Lead"', "no lead")

    api.CustomField.rename("Account.Portal_Tier__c", "Account.Level__c")
    api.ValidationRule.rename("Account.No_Lead", "Account.Only_Metals")
    api.RecordType.rename("Opportunity.Partner_Deal", "Opportunity.Channel_Deal")
    api.PermissionSet.rename("Portal", "Gate")

    assert sf.Account.get(record)["Level__c"] == "Gold"
    assert "Portal_Tier__c" not in fields_of(sf)
    with pytest.raises(SalesforceMalformedRequest, match="no lead"):
        sf.Account.update(record, {"Level__c": "Lead"})
    assert api.ValidationRule.read(["Account.Only_Metals"]).errorMessage == "no lead"
    found = sf.query(
        "SELECT DeveloperName FROM RecordType WHERE SobjectType = 'Opportunity' ORDER BY DeveloperName"
    )
    assert [row["DeveloperName"] for row in found["records"]] == ["Channel_Deal", "Direct_Sale"]
    assert sf.query("SELECT Id FROM PermissionSet WHERE Name = 'Gate'")["totalSize"] == 1


@pytest.mark.parametrize(
    ("kind", "old", "new", "words"),
    [
        ("CustomField", "Account.None__c", "Account.Some__c", "INVALID_CROSS_REFERENCE_KEY"),
        ("CustomField", "Account.External_Id__c", "Account.Partner_Tier__c", "DUPLICATE_DEVELOPER_NAME"),
        ("CustomField", "Account.External_Id__c", "Contact.Key__c", "INVALID_FULL_NAME"),
        ("CustomObject", "Deal_Registration__c", "Deal__c", "SANDBOX_GAP"),
    ],
)
def test_what_cannot_be_renamed_stays(sandbox, sf, kind, old, new, words):
    before = sandbox.schema.describe("Account")
    with pytest.raises(Exception, match=words):
        getattr(sf.mdapi, kind).rename(old, new)
    assert sandbox.schema.describe("Account") == before
