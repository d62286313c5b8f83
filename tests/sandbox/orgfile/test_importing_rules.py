"""What an sfdx project says about sharing, duplicates, filters and automation: at work in the org that comes of it."""

import pytest
from simple_salesforce import Salesforce

from prm_harness.crm.org.schema import FieldType
from prm_harness.crm.orgfile.building import OrgBuilder
from prm_harness.crm.orgfile.importing.criteria import CriteriaError, combined, term
from prm_harness.crm.orgfile.importing.folder import read_folder
from prm_harness.crm.orgfile.importing.report import Report
from prm_harness.crm.orgfile.reading import parse_org_file
from prm_harness.crm.orgfile.writing import as_yaml
from prm_harness.crm.sandbox import Sandbox

SOURCE = {
    "objects/Account/Account.object-meta.xml": """<CustomObject><sharingModel>Private</sharingModel>
        <externalSharingModel>Read</externalSharingModel><listViews><fullName>All</fullName></listViews></CustomObject>""",
    "objects/Account/fields/Tier__c.field-meta.xml": """<CustomField><fullName>Tier__c</fullName><label>Tier</label>
        <type>Picklist</type><valueSet><valueSetDefinition><value><fullName>Gold</fullName><label>Gold</label></value>
        <value><fullName>Silver</fullName><label>Silver</label></value></valueSetDefinition></valueSet></CustomField>""",
    "objects/Account/fields/Score__c.field-meta.xml": """<CustomField><fullName>Score__c</fullName><label>Score</label>
        <type>Number</type><precision>5</precision><scale>0</scale></CustomField>""",
    "objects/Opportunity/fields/Sold_By__c.field-meta.xml": """<CustomField><fullName>Sold_By__c</fullName>
        <label>Sold by</label><type>Lookup</type><referenceTo>Account</referenceTo><relationshipName>Sold</relationshipName>
        <lookupFilter><active>true</active><errorMessage>only gold partners</errorMessage><filterItems>
        <field>Account.Tier__c</field><operation>equals</operation><value>Gold</value></filterItems><filterItems>
        <field>Account.Id</field><operation>notEqual</operation><valueField>$Source.AccountId</valueField></filterItems>
        <isOptional>false</isOptional></lookupFilter></CustomField>""",
    "roles/Channel.role-meta.xml": """<Role><name>Channel</name><opportunityAccessLevel>Edit</opportunityAccessLevel>
        <caseAccessLevel>None</caseAccessLevel></Role>""",
    "groups/Desk.group-meta.xml": "<Group><name>Desk</name></Group>",
    "queues/Inbound.queue-meta.xml": """<Queue><name>Inbound</name><queueMembers><roles><role>Channel</role></roles>
        </queueMembers><queueSobject><sobjectType>Lead</sobjectType></queueSobject></Queue>""",
    "sharingSets/Partners.sharingSet-meta.xml": """<SharingSet><accessMappings><accessLevel>Read</accessLevel>
        <object>Case</object><objectField>Account</objectField><userField>Account</userField></accessMappings>
        <accessMappings><accessLevel>Read</accessLevel><object>Case</object><objectField>Asset.Account</objectField>
        <userField>Manager.Account</userField></accessMappings><profiles>Partner Community User</profiles></SharingSet>""",
    "sharingRules/Account.sharingRules-meta.xml": """<SharingRules><sharingCriteriaRules><fullName>Gold</fullName>
        <accessLevel>Edit</accessLevel><accountSettings><caseAccessLevel>None</caseAccessLevel>
        <contactAccessLevel>Read</contactAccessLevel><opportunityAccessLevel>Read</opportunityAccessLevel></accountSettings>
        <label>Gold</label><sharedTo><role>Channel</role></sharedTo><booleanFilter>1 AND (2 OR 3)</booleanFilter>
        <criteriaItems><field>Tier__c</field><operation>equals</operation><value>Gold,Silver</value></criteriaItems>
        <criteriaItems><field>Score__c</field><operation>greaterOrEqual</operation><value>50</value></criteriaItems>
        <criteriaItems><field>Name</field><operation>startsWith</operation><value>Key</value></criteriaItems>
        </sharingCriteriaRules>
        <sharingOwnerRules><fullName>Owned</fullName><accessLevel>Read</accessLevel><label>Owned</label>
        <sharedTo><allInternalUsers></allInternalUsers></sharedTo><sharedFrom><roleAndSubordinates>Channel</roleAndSubordinates>
        </sharedFrom></sharingOwnerRules>
        <sharingCriteriaRules><fullName>Late</fullName><accessLevel>Read</accessLevel><sharedTo><managers>x</managers></sharedTo>
        </sharingCriteriaRules>
        <sharingGuestRules><fullName>Anyone</fullName></sharingGuestRules></SharingRules>""",
    "matchingRules/Lead.matchingRule-meta.xml": """<MatchingRules><matchingRules><fullName>Same_Mail</fullName>
        <matchingRuleItems><fieldName>Email</fieldName><matchingMethod>Exact</matchingMethod>
        <blankValueBehavior>NullNotAllowed</blankValueBehavior></matchingRuleItems><ruleStatus>Active</ruleStatus>
        </matchingRules></MatchingRules>""",
    "duplicateRules/Lead.No_Twins.duplicateRule-meta.xml": """<DuplicateRule><actionOnInsert>Block</actionOnInsert>
        <actionOnUpdate>Allow</actionOnUpdate><alertText>again!</alertText><duplicateRuleFilter><duplicateRuleFilterItems>
        <field>Company</field><operation>notEqual</operation><value>Self</value><sortOrder>1</sortOrder>
        </duplicateRuleFilterItems></duplicateRuleFilter><duplicateRuleMatchRules><matchRuleSObjectType>Lead</matchRuleSObjectType>
        <matchingRule>Same_Mail</matchingRule></duplicateRuleMatchRules><isActive>true</isActive>
        <operationsOnUpdate>Alert</operationsOnUpdate><operationsOnUpdate>Report</operationsOnUpdate></DuplicateRule>""",
    "duplicateRules/Account.Standard.duplicateRule-meta.xml": """<DuplicateRule><actionOnInsert>Block</actionOnInsert>
        <duplicateRuleMatchRules><matchRuleSObjectType>Account</matchRuleSObjectType>
        <matchingRule>Standard_Account_Match_Rule_v1_0</matchingRule></duplicateRuleMatchRules></DuplicateRule>""",
    "flows/Rate.flow-meta.xml": """<Flow><label>Rate</label><status>Active</status><start><object>Account</object>
        <triggerType>RecordBeforeSave</triggerType><recordTriggerType>CreateAndUpdate</recordTriggerType>
        <connector><targetReference>Which</targetReference></connector></start>
        <decisions><name>Which</name><rules><name>Big</name><conditionLogic>and</conditionLogic><conditions>
        <leftValueReference>$Record.Score__c</leftValueReference><operator>GreaterThan</operator>
        <rightValue><numberValue>80</numberValue></rightValue></conditions><connector><targetReference>Hot</targetReference>
        </connector></rules><rules><name>Bad</name><conditionLogic>and</conditionLogic><conditions>
        <leftValueReference>$Record.Score__c</leftValueReference><operator>LessThan</operator>
        <rightValue><numberValue>0</numberValue></rightValue></conditions><connector><targetReference>No</targetReference>
        </connector></rules><defaultConnector><targetReference>Cold</targetReference></defaultConnector></decisions>
        <recordUpdates><name>Hot</name><inputReference>$Record</inputReference><inputAssignments><field>Rating</field>
        <value><stringValue>Hot</stringValue></value></inputAssignments></recordUpdates>
        <assignments><name>Cold</name><assignmentItems><assignToReference>$Record.Rating</assignToReference>
        <operator>Assign</operator><value><elementReference>Lukewarm</elementReference></value></assignmentItems></assignments>
        <customErrors><name>No</name><customErrorMessages><errorMessage>scores are positive</errorMessage>
        </customErrorMessages></customErrors>
        <formulas><name>Lukewarm</name><dataType>String</dataType><expression>IF({!$Record.Score__c} &gt; 40, "Warm", "Cold")</expression></formulas>
        </Flow>""",
    "flows/Won.flow-meta.xml": """<Flow><label>Deal won</label><status>Active</status><start><object>Opportunity</object>
        <triggerType>RecordAfterSave</triggerType><recordTriggerType>Update</recordTriggerType>
        <doesRequireRecordChangedToMeetCriteria>true</doesRequireRecordChangedToMeetCriteria><filterLogic>and</filterLogic>
        <filters><field>StageName</field><operator>EqualTo</operator><value><stringValue>Closed Won</stringValue></value></filters>
        <connector><targetReference>Account</targetReference></connector></start>
        <recordUpdates><name>Account</name><object>Account</object><filters><field>Id</field><operator>EqualTo</operator>
        <value><elementReference>$Record.AccountId</elementReference></value></filters><inputAssignments><field>Type</field>
        <value><stringValue>Customer - Direct</stringValue></value></inputAssignments>
        <connector><targetReference>Call</targetReference></connector></recordUpdates>
        <recordCreates><name>Call</name><object>Task</object><inputAssignments><field>Subject</field>
        <value><stringValue>Thank for {!$Record.Name}</stringValue></value></inputAssignments><inputAssignments><field>WhatId</field>
        <value><elementReference>$Record.Id</elementReference></value></inputAssignments></recordCreates></Flow>""",
    "flows/Loops.flow-meta.xml": """<Flow><status>Active</status><start><object>Account</object>
        <triggerType>RecordAfterSave</triggerType><connector><targetReference>Find</targetReference></connector></start>
        <recordLookups><name>Find</name></recordLookups></Flow>""",
    "flows/Screen.flow-meta.xml": "<Flow><screens><name>Hello</name></screens></Flow>",
    "workflows/Lead.workflow-meta.xml": """<Workflow><fieldUpdates><fullName>Mark</fullName><field>Title</field>
        <operation>Literal</operation><literalValue>Partner</literalValue></fieldUpdates><rules><fullName>Mark partners</fullName>
        <active>true</active><actions><name>Mark</name><type>FieldUpdate</type></actions><actions><name>Mail</name>
        <type>Alert</type></actions><criteriaItems><field>Lead.LeadSource</field><operation>equals</operation>
        <value>Partner Referral</value></criteriaItems><triggerType>onCreateOnly</triggerType></rules></Workflow>""",
    "settings/Account.settings-meta.xml": "<AccountSettings><enableAccountTeams>true</enableAccountTeams></AccountSettings>",
    "profiles/Rep.profile-meta.xml": """<Profile><custom>true</custom><classAccesses><apexClass>A</apexClass></classAccesses>
        <layoutAssignments><layout>L</layout></layoutAssignments></Profile>""",
    "assignmentRules/Lead.assignmentRules-meta.xml": "<AssignmentRules/>",
}  # fmt: skip


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """The sandbox, and what could not be represented, of a project: through the file that the command writes."""
    folder = tmp_path_factory.mktemp("project")
    for name, text in SOURCE.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    report = Report()
    text = as_yaml(read_folder(folder, report))
    builder = OrgBuilder(parse_org_file(text.encode(), "org.yaml"), "org.yaml")
    with Sandbox(seed=3, make=builder.make) as sandbox, sandbox.in_process():
        assert builder.notes == []
        yield sandbox, report.lines


@pytest.fixture
def sandbox(imported):
    return imported[0]


def deal(**more):
    return {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-06-30", **more}


def test_sharing(sandbox):
    people = sandbox.people
    role = sandbox.query("SELECT Id, OpportunityAccessForAccountOwner FROM UserRole WHERE Name = 'Channel'")[
        0
    ]
    assert role["OpportunityAccessForAccountOwner"] == "Edit"
    user = people.create_user("rep@acme.example")
    people.assign_role(user, role["Id"])
    sandbox.create(
        "Account",
        [
            {"Name": "Key", "Tier__c": "Silver"},
            {"Name": "High", "Tier__c": "Gold", "Score__c": 50},
            {"Name": "Low", "Tier__c": "Gold", "Score__c": 49},
        ],
    )
    host = sandbox.instance_url.removeprefix("https://")
    seen = Salesforce(instance=host, session_id=sandbox.open_session(user))
    assert [row["Name"] for row in seen.query("SELECT Name FROM Account ORDER BY Name")["records"]] == [
        "High",
        "Key",
    ]
    levels = sandbox.query(
        "SELECT ContactAccessLevel, CaseAccessLevel FROM AccountShare WHERE RowCause = 'Rule'"
    )
    assert {(row["ContactAccessLevel"], row["CaseAccessLevel"]) for row in levels} == {("Read", "None")}
    assert "AccountTeamMember" in sandbox.objects()
    queue = sandbox.query("SELECT Id FROM Group WHERE Type = 'Queue' AND Name = 'Inbound'")
    assert len(queue) == 1


def test_a_lookup_filter(sandbox):
    gold, none = sandbox.create("Account", [{"Name": "G", "Tier__c": "Gold"}, {"Name": "N"}])
    assert sandbox.create("Opportunity", [deal(Sold_By__c=gold)])
    for wrong in (deal(Sold_By__c=none), deal(Sold_By__c=gold, AccountId=gold)):
        with pytest.raises(Exception, match="only gold partners"):
            sandbox.create("Opportunity", [wrong])


def test_a_duplicate_rule(sandbox):
    lead = {"LastName": "Ito", "Company": "A", "Email": "ito@a.example"}
    sandbox.create("Lead", [lead])
    with pytest.raises(Exception, match="again!"):
        sandbox.create("Lead", [lead])
    assert sandbox.create("Lead", [lead | {"Company": "Self"}])


@pytest.mark.parametrize(("score", "rating"), [(90, "Hot"), (50, "Warm"), (10, "Cold")])
def test_every_way_through_a_flow(sandbox, score, rating):
    (made,) = sandbox.create("Account", [{"Name": "R", "Score__c": score}])
    assert sandbox.get("Account", made)["Rating"] == rating


def test_a_flow_that_refuses(sandbox):
    with pytest.raises(Exception, match="scores are positive"):
        sandbox.create("Account", [{"Name": "R", "Score__c": -1}])


def test_a_flow_that_reaches_a_parent_and_creates(sandbox):
    (account,) = sandbox.create("Account", [{"Name": "A"}])
    (made,) = sandbox.create("Opportunity", [deal(AccountId=account)])
    assert sandbox.get("Account", account)["Type"] != "Customer - Direct"
    sandbox.update("Opportunity", made, {"StageName": "Closed Won"})
    assert sandbox.get("Account", account)["Type"] == "Customer - Direct"
    assert [row["Subject"] for row in sandbox.query("SELECT Subject FROM Task")] == ["Thank for D"]


def test_a_workflow_rule(sandbox):
    made = sandbox.create(
        "Lead",
        [{"LastName": "P", "Company": "P", "LeadSource": source} for source in ("Partner Referral", "Web")],
    )
    assert [sandbox.get("Lead", one)["Title"] for one in made] == ["Partner", None]


@pytest.mark.parametrize(
    "line",
    [
        "objects.Account: parts that have no place in an org file: listViews (1)",
        "profiles.Rep: parts that have no place in an org file: classAccesses (1), layoutAssignments (1)",
        "groups.Desk: its members are not part of the source; name them under `members`",
        "sharing_sets.Partners.Case.Asset.Account: matching by Manager.Account is not known",
        "Account.sharing_rules.Late: managers x is nobody that an org file can name",
        "Account.sharingGuestRules.Anyone: is no rule that an org file can say",
        "Lead.duplicate_rules.No_Twins: it keeps no report of duplicates (DuplicateRecordSet)",
        (
            "Account.duplicate_rules.Standard: the matching rule Standard_Account_Match_Rule_v1_0 is not in the source; a "
            "standard one compares by likeness"
        ),
        "flows.Loops: its element Find (recordLookups) cannot be said; describe what it does under `flows` of its object",
        "flows.Screen: it is set off by no save of a record; describe what it does under `flows` of its object",
        "Lead.workflow.Mark partners: its action Mail (Alert) cannot be said",
        (
            "assignmentRules/Lead.assignmentRules-meta.xml: assignment rules are not imported; describe them under `flows` of "
            "their object (timing: assignment)"
        ),
    ],
)
def test_what_is_lost_is_named(imported, line):
    assert line in imported[1]


def test_nothing_is_lost_beyond_that(imported):
    assert len(imported[1]) == 12


KINDS = {
    "Text": FieldType.STRING, "Choice": FieldType.PICKLIST, "Many": FieldType.MULTIPICKLIST, "Number": FieldType.DOUBLE,
    "Share": FieldType.PERCENT, "Flag": FieldType.BOOLEAN, "Day": FieldType.DATE, "Moment": FieldType.DATETIME,
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "operation", "value", "formula"),
    [
        ("Text", "equals", 'A "b"', 'Text = "A \\"b\\""'),
        ("Text", "equals", "", "ISBLANK(Text)"),
        ("Text", "notEqual", "A,B", 'NOT((Text = "A") || (Text = "B"))'),
        ("Text", "contains", "x", 'CONTAINS(Text, "x")'),
        ("Text", "notContain", "x", 'NOT(CONTAINS(Text, "x"))'),
        ("Text", "EndsWith", "x", 'RIGHT(Text, LEN("x")) = "x"'),
        ("Choice", "equals", "A", 'ISPICKVAL(Choice, "A")'),
        ("Choice", "startsWith", "A", 'BEGINS(TEXT(Choice), "A")'),
        ("Many", "includes", "A;B", '(INCLUDES(Many, "A")) || (INCLUDES(Many, "B"))'),
        ("Many", "excludes", "A", 'NOT(INCLUDES(Many, "A"))'),
        ("Number", "LessThanOrEqualTo", "5.5", "Number <= 5.5"),
        ("Share", "greaterThan", "50", "Share > 50 / 100"),
        ("Flag", "equals", "True", "Flag = TRUE"),
        ("Day", "lessThan", "1/31/2026", "Day < DATE(2026, 1, 31)"),
        ("Day", "equals", "2026-01-31", "Day = DATE(2026, 1, 31)"),
    ],
)
def test_an_item_as_a_formula(path, operation, value, formula):
    assert term(path, operation, value, KINDS.get) == formula


@pytest.mark.parametrize(
    ("path", "operation", "value", "words"),
    [
        ("Nope", "equals", "A", "the field Nope is not known"),
        ("Day", "equals", "THIS_YEAR", "relative days are not read"),
        ("Moment", "lessThan", "2026-01-31", "moments in criteria are not read"),
        ("Text", "within", "A", "has no formula"),
        ("Number", "equals", "many", "is no number"),
    ],
)
def test_items_that_have_none(path, operation, value, words):
    with pytest.raises(CriteriaError, match=words):
        term(path, operation, value, KINDS.get)


@pytest.mark.parametrize(
    ("logic", "formula"),
    [
        ("", "(a) && (b)"),
        ("or", "(a) || (b)"),
        ("2 OR NOT(1)", "(b) || NOT ( (a) )"),
        ("(1 AND 2) OR NOT 1", "( (a) && (b) ) || NOT (a)"),
    ],
)
def test_filter_logic(logic, formula):
    assert combined(["a", "b"], logic) == formula


@pytest.mark.parametrize("logic", ["1 AND 3", "1 XOR 2"])
def test_filter_logic_that_is_none(logic):
    with pytest.raises(CriteriaError, match="filter logic"):
        combined(["a", "b"], logic)
