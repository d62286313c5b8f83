"""Orgs from elsewhere: a live one through its API, saved describes, a source tree."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from simple_salesforce import Salesforce

from prm_harness.cli.org import command
from prm_harness.crm.orgfile.building import OrgBuilder
from prm_harness.crm.orgfile.importing.folder import read_folder
from prm_harness.crm.orgfile.importing.pull import pull
from prm_harness.crm.orgfile.importing.report import Report
from prm_harness.crm.orgfile.reading import load_org_file
from prm_harness.crm.sandbox import Sandbox
from prm_harness.crm.sandbox.serve import RunningSandbox

MANY = (
    "Account",
    "Contact",
    "Lead",
    "Opportunity",
    "Deal_Registration__c",
    "OpportunityContactRole",
    "Campaign",
)


def client(sandbox):
    own = sandbox.credentials()
    return Salesforce(
        username=own.username, password=own.password, security_token=own.security_token, version="60.0"
    )


def built(file, name="pulled"):
    builder = OrgBuilder(file, name)
    return Sandbox(seed=9, template=name, make=builder.make), builder


def plain(describe):
    """What two orgs agree in: everything but ids and addresses."""
    kept = {k: v for k, v in describe.items() if k not in {"urls", "recordTypeInfos", "childRelationships"}}
    kept["recordTypeInfos"] = sorted(
        (i["developerName"], i["name"], i["active"], i["defaultRecordTypeMapping"])
        for i in describe["recordTypeInfos"]
    )
    kept["fields"] = {field["name"]: field for field in describe["fields"]}
    return kept


@pytest.fixture(scope="module")
def pulled():
    """An org, and the file that an unmodified client made of it."""
    with Sandbox(seed=7) as original, original.in_process():
        original.schema.add_field(
            "Account", "Size__c", "picklist", values=["S", "L"], restricted=True, help_text="How big"
        )
        original.schema.add_field("Account", "Fits__c", "picklist", values=["Tight", "Loose"])
        original.schema.set_dependency(
            "Account", "Fits__c", "Size__c", {"S": ["Tight"], "L": ["Tight", "Loose"]}
        )
        original.schema.add_validation_rule("Account", "No_X", 'Name = "X"', "not X", "Name")
        report = Report()
        file = pull(client(original), report)
        describes = {name: getattr(client(original), name).describe() for name in MANY}
        yield file, report.lines, describes


class TestPull:
    def test_the_pulled_org_describes_itself_as_the_live_one(self, pulled):
        file, _, describes = pulled
        sandbox, builder = built(file)
        with sandbox, sandbox.in_process():
            sf = client(sandbox)
            for name, describe in describes.items():
                ours = plain(getattr(sf, name).describe())
                assert ours == plain(describe), name
        assert builder.notes == []

    def test_its_rules_and_record_types_hold(self, pulled):
        file, _, _ = pulled
        sandbox, _ = built(file)
        with sandbox, sandbox.in_process():
            sf = client(sandbox)
            deal = {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-06-30"}
            with pytest.raises(Exception, match="not X"):
                sf.Account.create({"Name": "X"})
            with pytest.raises(Exception, match="INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"):
                sf.Opportunity.create({**deal, "Deal_Region__c": "EMEA"})
            assert sf.Opportunity.create({**deal, "Deal_Region__c": "AMER"})["success"]
            assert sf.query("SELECT Name FROM Organization")["records"][0]["Name"] == "Northwind Sandbox"
            assert sf.query("SELECT COUNT() FROM OpportunityStage")["totalSize"] == 10

    def test_what_is_lost_is_said(self, pulled):
        _, lines, _ = pulled
        told = "\n".join(lines)

        assert "Case.CaseNumber: a describe does not tell the auto-number's format" in told
        assert "sharing rules, sharing sets: are not read from a live org" in told

    def test_who_may_do_what_comes_along(self):
        with Sandbox(seed=7) as original, original.in_process():
            people, own = original.people, original.facts.integration_user
            head = people.create_role("Head")
            people.create_role("Channel", head)
            people.create_group("Desk", ["role:Channel", own])
            people.create_queue("Inbound", ["Lead"], [people.create_group("Team")])
            people.set_sharing("Account", "private", "read")
            people.close_field("Account", "Partner_Tier__c")
            people.close_object("Campaign")
            grants = people.create_permission_set("Portal", assignees=[own], permissions=["ViewAllData"])
            people.grant_object(grants, "Campaign", ["Edit"])
            people.grant_field(grants, "Account", "Partner_Tier__c")
            client(original).UserRole.update(head, {"OpportunityAccessForAccountOwner": "Read"})
            report = Report()
            file = pull(client(original), report)

        account, profile = file.objects["Account"], file.profiles["Integration User"]
        assert (account.sharing, account.external_sharing) == ("private", "read")
        assert (file.roles["Head"].opportunities, file.roles["Channel"].parent) == ("read", "Head")
        assert file.groups["Desk"].members == ("role:Channel",)
        assert (file.queues["Inbound"].objects, file.queues["Inbound"].members) == (
            ("Lead",),
            ("group:Team",),
        )
        assert profile.fields == {"Account.Partner_Tier__c": "read"}
        assert profile.objects == {"Campaign": ("read", "edit")}
        assert profile.permissions == ("ViewAllData",)
        assert "groups: 1 members that are users; add those that matter under `members`" in report.lines
        sandbox, builder = built(file)
        with sandbox, sandbox.in_process():
            sandbox.create("Account", [{"Name": "Theirs"}])
            assert client(sandbox).query("SELECT Name FROM Account")["totalSize"] == 1, "it views all data"
            with pytest.raises(Exception, match="entity type cannot be inserted: Campaign"):
                client(sandbox).Campaign.create({"Name": "C"})
        assert builder.notes == []

    def test_some_objects_only(self):
        with Sandbox(seed=7) as original, original.in_process():
            report = Report()
            file = pull(client(original), report, objects=["Account", "Nothing__c"])

        assert list(file.objects) == ["Account"]
        assert "Nothing__c: the org has no such object" in report.lines[0]


class TestDescribes:
    def test_saved_describes_make_the_same_org_as_a_pull(self, pulled, tmp_path):
        _, _, describes = pulled
        for name, describe in describes.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(describe))
        (tmp_path / "notes.json").write_text("{")
        report = Report()
        sandbox, builder = built(read_folder(tmp_path, report))
        with sandbox, sandbox.in_process():
            ours = plain(client(sandbox).Account.describe())

        assert ours == plain(describes["Account"])
        assert builder.notes == []
        assert "notes.json: is no JSON" in report.lines


SOURCE = {
    "objects/Account/fields/Tier__c.field-meta.xml": """<CustomField xmlns="http://soap.sforce.com/2006/04/metadata">
        <fullName>Tier__c</fullName><label>Tier</label><type>Picklist</type><valueSet><valueSetName>Tiers</valueSetName></valueSet>
        </CustomField>""",
    "globalValueSets/Tiers.globalValueSet-meta.xml": """<GlobalValueSet xmlns="http://soap.sforce.com/2006/04/metadata">
        <customValue><fullName>Gold</fullName><default>false</default><label>Gold</label></customValue>
        <customValue><fullName>Old</fullName><default>false</default><isActive>false</isActive><label>Old</label></customValue>
        <masterLabel>Tiers</masterLabel><sorted>false</sorted></GlobalValueSet>""",
    "objects/Account/recordTypes/Partner.recordType-meta.xml": """<RecordType xmlns="http://soap.sforce.com/2006/04/metadata">
        <fullName>Partner</fullName><active>true</active><label>Partner</label><picklistValues><picklist>Tier__c</picklist>
        <values><fullName>Gold</fullName><default>false</default></values></picklistValues></RecordType>""",
    "objects/Account/validationRules/No_X.validationRule-meta.xml": """<ValidationRule xmlns="http://soap.sforce.com/2006/04/metadata">
        <fullName>No_X</fullName><active>true</active><errorConditionFormula>Name = "X"</errorConditionFormula>
        <errorDisplayField>Name</errorDisplayField><errorMessage>not X</errorMessage></ValidationRule>""",
    "objects/Deal__c/Deal__c.object-meta.xml": """<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata">
        <label>Deal</label><pluralLabel>Deals</pluralLabel><nameField><displayFormat>D-{000}</displayFormat><label>Number</label>
        <type>AutoNumber</type></nameField><sharingModel>ReadWrite</sharingModel></CustomObject>""",
    "objects/Deal__c/fields/Account__c.field-meta.xml": """<CustomField xmlns="http://soap.sforce.com/2006/04/metadata">
        <fullName>Account__c</fullName><label>Account</label><type>Lookup</type><referenceTo>Account</referenceTo>
        <relationshipName>Deals</relationshipName></CustomField>""",
    "objects/Deal__c/fields/Total__c.field-meta.xml": """<CustomField xmlns="http://soap.sforce.com/2006/04/metadata">
        <fullName>Total__c</fullName><label>Total</label><type>Metadata</type></CustomField>""",
    "standardValueSets/LeadStatus.standardValueSet-meta.xml": """<StandardValueSet xmlns="http://soap.sforce.com/2006/04/metadata">
        <standardValue><fullName>Fresh</fullName><default>true</default><label>Fresh</label><converted>false</converted></standardValue>
        <standardValue><fullName>Done</fullName><default>false</default><label>Done</label><converted>true</converted></standardValue>
        </StandardValueSet>""",
    "permissionsets/Portal.permissionset-meta.xml": """<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">
        <label>Portal</label><fieldPermissions><editable>false</editable><field>Account.Tier__c</field><readable>true</readable>
        </fieldPermissions></PermissionSet>""",
    "roles/Head.role-meta.xml": """<Role xmlns="http://soap.sforce.com/2006/04/metadata"><name>Head</name></Role>""",
    "roles/Sales.role-meta.xml": """<Role xmlns="http://soap.sforce.com/2006/04/metadata"><name>Sales</name>
        <parentRole>Head</parentRole></Role>""",
    "flows/Follow_Up.flow-meta.xml": "<Flow/>",
    "layouts/Account.layout-meta.xml": "<Layout/>",
    "roles/Bomb.role-meta.xml": '<!DOCTYPE x [<!ENTITY a "b">]><Role>&a;</Role>',
}


@pytest.fixture
def project(tmp_path):
    for name, text in SOURCE.items():
        path = tmp_path / "force-app" / "main" / "default" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


class TestSource:
    def test_an_sfdx_project_becomes_an_org(self, project):
        report = Report()
        sandbox, builder = built(read_folder(project, report))
        with sandbox, sandbox.in_process():
            account = sandbox.schema.describe("Account")
            (made,) = sandbox.create("Account", [{"Name": "A", "Tier__c": "Gold"}])
            (deal,) = sandbox.create("Deal__c", [{"Account__c": made}])
            tier = {f["name"]: f for f in client(sandbox).Account.describe()["fields"]}.get("Tier__c")
            assert (account["Tier__c"]["values"], account["Tier__c"]["restricted"]) == (["Gold"], True)
            assert sandbox.get("Deal__c", deal)["Name"] == "D-001"
            assert tier is None, "the permission set closes it to whoever is not assigned"
            assert sandbox.query("SELECT MasterLabel FROM LeadStatus WHERE IsConverted = true") == [
                {"MasterLabel": "Done"}
            ]
            assert sandbox.schema.describe("Lead")["Status"]["values"] == ["Fresh", "Done"]
            with pytest.raises(Exception, match="not X"):
                sandbox.create("Account", [{"Name": "X"}])
        assert builder.notes == []

    def test_what_is_lost_is_said(self, project):
        report = Report()
        read_folder(project, report)
        told = "\n".join(report.lines)

        assert (
            "flows.Follow_Up: it is set off by no save of a record; describe what it does under `flows`"
            in told
        )
        assert "Bomb.role-meta.xml: is no XML that can be read: DOCTYPE is disallowed" in told
        assert "Deal__c.Total__c: " in told
        assert report.lines[-1] == "layout components: 1 not imported: Account"

    def test_the_package_format_has_everything_in_one_file(self, tmp_path):
        (tmp_path / "objects").mkdir()
        (tmp_path / "objects" / "Account.object").write_text(
            """<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata"><fields><fullName>Code__c</fullName>
            <label>Code</label><type>Text</type><length>20</length><unique>true</unique><externalId>true</externalId></fields>
            <validationRules><fullName>R</fullName><active>false</active><errorConditionFormula>true</errorConditionFormula>
            <errorMessage>m</errorMessage></validationRules></CustomObject>"""
        )
        sandbox, builder = built(read_folder(tmp_path, Report()))
        with sandbox:
            code = sandbox.schema.describe("Account")["Code__c"]
            assert sandbox.create("Account", [{"Name": "an inactive rule refuses nobody"}])
        assert (code["length"], code["unique"], code["external_id"]) == (20, True, True)
        assert builder.notes == []


class TestCommands:
    def run(self, *args, env=None):
        return CliRunner().invoke(command, list(args), env=env, standalone_mode=False)

    def test_pull_import_and_check(self, tmp_path, project):
        ready = tmp_path / "ready.json"
        with RunningSandbox(seed=5) as served:
            ready.write_text(json.dumps(served.welcome))
            done = self.run("pull", "--ready-file", str(ready), "--out", str(tmp_path / "pulled.yaml"))
        assert done.exception is None, done.exception
        assert "next: prm-harness crm serve --org" in done.output
        assert len(load_org_file(tmp_path / "pulled.yaml").objects) > 10

        done = self.run("import", str(project), "--out", str(tmp_path / "imported.yaml"))
        assert "not represented: layout components: 1 not imported" in done.output
        assert (
            yaml.safe_load((tmp_path / "imported.yaml").read_text())["objects"]["Deal__c"]["label"] == "Deal"
        )
        assert self.run("check", str(tmp_path / "imported.yaml")).return_value.code == 0

    @pytest.mark.parametrize(
        ("args", "words"),
        [
            (["import", "EMPTY"], "there are neither describes"),
            (["pull"], "name the org with --instance-url"),
            (["pull", "--instance-url", "http://example.com"], "no https address"),
            (["pull", "--instance-url", "http://127.0.0.1:1"], "cannot be reached"),
            (["import", "EMPTY", "--out", "EMPTY/no/org.yaml"], "there are neither describes"),
        ],
    )
    def test_mistakes_are_one_line(self, tmp_path, args, words):
        args = [arg.replace("EMPTY", str(tmp_path)) for arg in args]
        env = {"SF_ACCESS_TOKEN": "" if args == ["pull"] else "00D!x"}
        done = self.run(*args, env=env)

        assert words in str(done.exception)
        assert "\n" not in str(done.exception)

    def test_a_file_that_is_there_is_not_written_over(self, tmp_path, project):
        out = tmp_path / "org.yaml"
        out.write_text("mine")
        done = self.run("import", str(project), "--out", str(out))

        assert "is there already" in str(done.exception)
        assert out.read_text() == "mine"


def test_the_folder_of_the_test_is_no_project():
    assert read_folder(Path(__file__).parent, Report()).objects == {}
