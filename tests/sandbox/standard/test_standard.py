"""The standard objects against what is known of them, and against real describes where those are at hand."""

import json
import os
from pathlib import Path

import pytest

from prm_harness.crm.org.schema import FieldType
from prm_harness.crm.org.standard import LEAD_STATUSES, OPPORTUNITY_STAGES, standard_schema
from prm_harness.crm.org.standard.table import read_object

SCHEMA = standard_schema()
RECORDED = {
    "Account": "Account.integration-templates.9cbb4460d1.json",
    "Contact": "Contact.CumulusCI.081482ce00.json",
    "Lead": "Lead.CumulusCI.107020d36f.json",
    "Opportunity": "Opportunity.CumulusCI.2528e8209b.json",
    "Case": "Case.CumulusCI.6a329bc92a.json",
    "Task": "Task.integration-templates.da7fef1e35.json",
    "Event": "Event.CumulusCI.ca6324289d.json",
}


def recordings() -> Path:
    folder = os.environ.get("PRM_HARNESS_RECORDINGS", "")
    if not folder:
        pytest.skip("PRM_HARNESS_RECORDINGS does not name a folder of recorded Salesforce answers")
    return Path(folder)


def test_each_call_gives_a_schema_of_its_own():
    mine = standard_schema()
    mine.drop_field("Account", "Name")
    assert "Name" in standard_schema().objects["Account"].fields


def test_key_prefixes_are_salesforces():
    prefixes = {name: obj.key_prefix for name, obj in SCHEMA.objects.items()}
    assert prefixes == {
        "Account": "001",
        "Contact": "003",
        "User": "005",
        "Opportunity": "006",
        "OpportunityHistory": "008",
        "Organization": "00D",
        "PushTopic": "0IF",
        "StreamingChannel": "0M6",
        "SetupAuditTrail": "0Ym",
        "Group": "00G",
        "GroupMember": "011",
        "QueueSobject": "03g",
        "Partner": "00I",
        "AccountPartner": "00I",
        "OpportunityPartner": "00I",
        "PartnerRole": None,
        "CampaignMemberStatus": "01Y",
        "CaseStatus": None,
        "TaskStatus": None,
        "PartnerMarketingBudget": "0Cw",
        "PartnerFundAllocation": "0R8",
        "PartnerFundRequest": "0RJ",
        "PartnerFundClaim": "0RB",
        "ChannelProgram": "0Pk",
        "ChannelProgramLevel": "0Pl",
        "ChannelProgramMember": "0Pm",
        "ObjectPermissions": "110",
        "AccountHistory": None,
        "ContactHistory": None,
        "LeadHistory": None,
        "OpportunityFieldHistory": None,
        "CaseHistory": None,
        "Attachment": "00P",
        "ContentVersion": "068",
        "ContentDocument": "069",
        "ContentDocumentLink": "06A",
        "UserRole": "00E",
        "OpportunityContactRole": "00K",
        "Lead": "00Q",
        "Task": "00T",
        "Event": "00U",
        "Profile": "00e",
        "OpportunityLineItem": "00k",
        "CampaignMember": "00v",
        "RecordType": "012",
        "FieldPermissions": "01k",
        "CaseComment": "00a",
        "Note": "002",
        "PermissionSet": "0PS",
        "PermissionSetAssignment": "0Pa",
        "LeadStatus": "01J",
        "OpportunityStage": "01J",
        "Pricebook2": "01s",
        "Product2": "01t",
        "PricebookEntry": "01u",
        "Case": "500",
        "Campaign": "701",
    }


def test_is_partner_can_be_switched_on_but_not_born_with():
    field = SCHEMA.objects["Account"].fields["IsPartner"]
    assert (field.createable, field.updateable, field.nillable) == (False, True, False)


def test_compounds_have_parts_and_parts_have_compounds():
    for obj in SCHEMA.objects.values():
        named = {f.compound for f in obj.fields.values() if f.compound}
        addresses = {f.name for f in obj.fields.values() if f.type is FieldType.ADDRESS}
        assert named - {"Name"} == addresses, obj.name
        assert ("Name" in named) == (obj.name in {"Contact", "Lead", "User"})


def test_references_say_where_they_lead_and_what_the_parent_calls_them():
    for obj in SCHEMA.objects.values():
        for field in obj.fields.values():
            assert bool(field.reference_to) == (field.type is FieldType.REFERENCE), (obj.name, field.name)
            if field.cascade_delete or field.restricted_delete:
                assert field.child_relationship


@pytest.mark.parametrize("parent", ["Account", "Contact", "Opportunity"])
def test_child_relationships_are_unambiguous(parent):
    names = [f.child_relationship for _, f in SCHEMA.children_of(parent) if f.child_relationship]
    assert len(names) == len(set(names))


def test_process_rows_name_every_picklist_value():
    stages = SCHEMA.objects["Opportunity"].fields["StageName"].picklist
    statuses = SCHEMA.objects["Lead"].fields["Status"].picklist
    assert [row["MasterLabel"] for row in OPPORTUNITY_STAGES] == [v.value for v in stages]
    assert [row["MasterLabel"] for row in LEAD_STATUSES] == [v.value for v in statuses]
    assert set(OPPORTUNITY_STAGES[0]) <= set(SCHEMA.objects["OpportunityStage"].fields)
    assert set(LEAD_STATUSES[0]) <= set(SCHEMA.objects["LeadStatus"].fields)


def test_a_table_with_an_unknown_word_is_refused():
    with pytest.raises(KeyError, match="colour"):
        read_object("X | 00X | X | Xs | create\nA | string 5 | A | cu | colour")


@pytest.mark.parametrize("name", RECORDED)
def test_facts_agree_with_the_recorded_describe(name):
    described = json.loads((recordings() / "describes" / RECORDED[name]).read_text(encoding="utf-8"))
    theirs = {f["name"]: f for f in described["fields"]}
    shared = [f for f in SCHEMA.objects[name].fields.values() if f.name in theirs]
    assert len(shared) >= 25
    for ours in shared:
        real = theirs[ours.name]
        facts = {
            "type": ours.type.value,
            "length": ours.length,
            "precision": ours.precision,
            "scale": ours.scale,
            "digits": ours.digits,
            "nillable": ours.nillable,
            "createable": ours.createable,
            "updateable": ours.updateable,
            "defaultedOnCreate": ours.defaulted_on_create,
            "nameField": ours.name_field,
            "idLookup": ours.id_lookup,
            "label": ours.label,
            "relationshipName": ours.relationship_name or None,
            "extraTypeInfo": ours.extra_type_info or None,
            "restrictedPicklist": ours.restricted,
            "autoNumber": bool(ours.auto_number),
        }
        assert facts == {key: real[key] for key in facts}, ours.name
        if "GeocodeAccuracy" not in ours.name:
            assert [v.value for v in ours.picklist] == [v["value"] for v in real["picklistValues"]]


@pytest.mark.parametrize("name", RECORDED)
def test_child_relationships_agree_with_the_recorded_describe(name):
    described = json.loads((recordings() / "describes" / RECORDED[name]).read_text(encoding="utf-8"))
    theirs = {(c["childSObject"], c["field"]): c for c in described["childRelationships"]}
    for child, field in SCHEMA.children_of(name):
        real = theirs.get((child.name, field.name))
        if real is None:
            continue
        assert (field.child_relationship or None) == real["relationshipName"], (child.name, field.name)
        assert field.cascade_delete == real["cascadeDelete"], (child.name, field.name)
        assert field.restricted_delete == real["restrictedDelete"], (child.name, field.name)
