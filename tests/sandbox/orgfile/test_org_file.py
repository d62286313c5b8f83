"""An org file: what can be said in it, the org that comes of it, and what its mistakes read like."""

from dataclasses import fields
from pathlib import Path

import pytest
from simple_salesforce import Salesforce

from prm_harness.crm.backend import CrmRefusal
from prm_harness.crm.org.declared import DuplicateRule, Flow, NewRecord
from prm_harness.crm.org.schema import Field, RecordType, ValidationRule
from prm_harness.crm.orgfile.building import OrgBuilder
from prm_harness.crm.orgfile.model import (
    FieldEntry,
    ObjectEntry,
    OrgFile,
    RecordTypeEntry,
)
from prm_harness.crm.orgfile.reading import OrgFileError, load_org_file, parse_org_file
from prm_harness.crm.orgfile.rules import DuplicateRuleEntry, FlowEntry, NewRecordEntry, ValidationRuleEntry
from prm_harness.crm.orgfile.writing import as_yaml
from prm_harness.crm.sandbox import Sandbox

HEAD = "format: prm-harness.org/1\n"
ACME = (
    HEAD
    + """\
name: Acme EMEA
time_zone: Europe/Berlin
setup:
  OpportunityStage:
    - {MasterLabel: Open, ApiName: Open, IsActive: true, DefaultProbability: 10, ForecastCategory: Pipeline,
       ForecastCategoryName: Pipeline, IsClosed: false, IsWon: false}
    - {MasterLabel: Gewonnen, ApiName: Won, IsActive: true, DefaultProbability: 100, ForecastCategory: Closed,
       ForecastCategoryName: Closed, IsClosed: true, IsWon: true}
objects:
  Account:
    fields:
      Tier__c:
        type: picklist
        restricted: true
        picklist: [Gold, {value: Silver, label: Silber}, {value: Old, active: false}]
      Score__c: {type: double, precision: 5, scale: 1}
      Doubled__c: {type: double, precision: 8, scale: 1, formula: Twice__c * 2}
      Twice__c: {type: double, precision: 8, scale: 1, formula: Score__c * 2}
      Phone: {length: 20}
    record_types:
      Partner: {default: true, picklists: {Tier__c: [Gold]}}
      Customer: {name: Kunde}
    duplicate_rules:
      Same_Name: {fields: [Name], on_create: block, fuzzy: true}
    flows:
      Silver_Follows:
        timing: before_save
        condition: Score__c > 90
        updates: {Rating: '"Hot"'}
      Greets:
        creates: [{sobject: Task, values: {Subject: '"Welcome " & Name', WhatId: Id}}]
    validation_rules:
      Score_Positive: {formula: Score__c < 0, message: Score has to be positive, display_field: Score__c}
  Deal__c:
    label: Deal
    fields:
      Name: {type: string, auto_number: "D-{0000}"}
      Account__c: {type: reference, reference_to: [Account], master_detail: true, child_relationship: Deals__r}
roles:
  Head: {}
  Sales: {parent: Head}
profiles:
  Integration User: {fields: {Account.Score__c: read}}
permission_sets:
  Portal: {fields: {Account.Tier__c: edit}, assigned_to: [integration@northwind.example]}
users:
  jo@acme.example: {first_name: Jo, last_name: Doe, role: Sales}
"""
)


def build(text):
    builder = OrgBuilder(parse_org_file(text.encode(), "acme.yaml"), "acme.yaml")
    return Sandbox(seed=3, template="acme", make=builder.make), builder


@pytest.fixture
def acme():
    sandbox, builder = build(ACME)
    with sandbox, sandbox.in_process():
        yield sandbox, builder


def test_the_org_is_as_the_file_says(acme):
    sandbox, builder = acme
    account = sandbox.schema.describe("Account")
    (deal,) = sandbox.create(
        "Deal__c", [{"Account__c": sandbox.create("Account", [{"Name": "A", "Score__c": 2}])[0]}]
    )

    assert builder.notes == []
    assert account["Tier__c"]["values"] == ["Gold", "Silver"]
    assert (account["Phone"]["length"], account["Phone"]["type"]) == (20, "phone")
    assert sandbox.get("Deal__c", deal)["Name"] == "D-0001"
    assert sandbox.query(
        "SELECT Doubled__c, RecordType.DeveloperName, (SELECT Id FROM Deals__r) FROM Account"
    ) == [
        {
            "Doubled__c": 8.0,
            "RecordType": {"DeveloperName": "Partner"},
            "Deals__r": {"totalSize": 1, "done": True, "records": [{"Id": deal}]},
        }
    ]
    assert sandbox.query("SELECT Name, TimeZoneSidKey FROM Organization") == [
        {"Name": "Acme EMEA", "TimeZoneSidKey": "Europe/Berlin"}
    ]
    assert [
        row["ApiName"] for row in sandbox.query("SELECT ApiName FROM OpportunityStage ORDER BY SortOrder")
    ] == [
        "Open",
        "Won",
    ]
    assert sandbox.query("SELECT UserRole.Name, UserRole.ParentRoleId FROM User WHERE FirstName = 'Jo'")[0][
        "UserRole"
    ]["ParentRoleId"]


def test_its_rules_and_its_security_hold_for_a_client(acme):
    sandbox, _ = acme
    own = sandbox.credentials()
    sf = Salesforce(
        username=own.username, password=own.password, security_token=own.security_token, version="60.0"
    )
    described = {field["name"]: field for field in sf.Account.describe()["fields"]}
    made = sf.Account.create({"Name": "A", "Tier__c": "Gold"})

    assert made["success"]
    assert (described["Score__c"]["updateable"], described["Tier__c"]["updateable"]) == (False, True)
    with pytest.raises(Exception, match="INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"):
        sf.Account.create({"Name": "A", "Tier__c": "Old"})
    with pytest.raises(Exception, match="Score has to be positive"):
        sandbox.create("Account", [{"Name": "B", "Score__c": -1}])


def test_its_automation_and_duplicate_rules_run(acme):
    sandbox, _ = acme
    (account,) = sandbox.create("Account", [{"Name": "Acme Inc.", "Score__c": 95}])

    assert sandbox.get("Account", account)["Rating"] == "Hot"
    assert sandbox.query("SELECT Subject FROM Task") == [{"Subject": "Welcome Acme Inc."}]
    with pytest.raises(Exception, match="DUPLICATES_DETECTED"):
        sandbox.create("Account", [{"Name": "ACME"}])


def test_it_can_be_kept_and_opened_again(tmp_path):
    builder = OrgBuilder(parse_org_file(ACME.encode(), "acme.yaml"), "acme.yaml")
    path = str(tmp_path / "acme.db")
    with Sandbox(seed=3, template="acme", make=builder.make, path=path) as first:
        described = {name: first.schema.describe(name) for name in first.objects()}

    with Sandbox.reopen(path) as again:
        assert {name: again.schema.describe(name) for name in again.objects()} == described
        assert again.facts.template == "acme"


def test_written_and_read_again_it_is_the_same(tmp_path):
    file = parse_org_file(ACME.encode(), "acme.yaml")
    text = as_yaml(file)
    as_json = tmp_path / "acme.json"
    as_json.write_text(file.model_dump_json(exclude_unset=True))

    assert parse_org_file(text.encode(), "again") == file
    assert load_org_file(as_json) == file
    assert "[Gold," not in text
    assert "- Gold" in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "an org file begins with `format: prm-harness.org/1`"),
        ("format: prm-harness.org/9\n", "'format': input should be 'prm-harness.org/1', not 'prm-harness.org/9'"),
        (HEAD + "objcts: {}\n", "unknown key 'objcts'; did you mean 'objects'?"),
        (HEAD + "objects: {A__c: {feilds: {}}}\n", "unknown key 'objects.A__c.feilds'; did you mean 'fields'?"),
        (HEAD + "objects: {Account: {fields: {X__c: {typ: int}}}}\n", "did you mean 'type'?"),
        (HEAD + "objects: {Account: {fields: {X__c: {type: integer}}}}\n", "objects.Account.fields.X__c.type"),
        (HEAD + "objects:\n  Account: {}\n  Account: {}\n", "line 4: 'Account' is written twice"),
        (HEAD + "objects: [\n", "line 3"),
        (HEAD + "base: nothing\n", "there is no template 'nothing'; known: bare, standard"),
        (HEAD + "objects: {A__c: {}}\n", "objects.A__c: a new object needs a label"),
        (HEAD + "objects: {Account: {fields: {X__c: {}}}}\n", "objects.Account.fields.X__c: a new field needs a type"),
        (HEAD + "setup: {LeadStatus: [{Nme: x}]}\n", "LeadStatus has no field Nme"),
        (HEAD + "\tname: x\n", "line 2"),
        ("\xff", "an org file begins"),
    ],
)  # fmt: skip
def test_mistakes_are_one_line_that_says_where(text, words):
    with pytest.raises(OrgFileError) as caught:
        build(text)

    message = str(caught.value)
    assert message.startswith("acme.yaml: ")
    assert words in message
    assert "\n" not in message


def test_what_an_org_cannot_have_is_a_note_and_the_rest_is_built():
    sandbox, builder = build(
        HEAD
        + """\
switches: {prm: false, multi_currency: {EUR: 2, USD: 1.1}}
objects:
  Account:
    fields:
      Bad__c: {type: double, formula: Nothing__c + 1}
      Good__c: {type: string}
    validation_rules:
      Broken: {formula: "IF(", message: x}
permission_sets:
  P: {fields: {Account.None__c: read}, permissions: [ModifyEverything]}
"""
    )
    with sandbox:
        assert "Good__c" in sandbox.schema.describe("Account")
    places = [note.partition(":")[0] for note in builder.notes]

    assert places == [
        "switches.prm",
        "objects.Account.fields.Bad__c",
        "objects.Account.validation_rules.Broken",
        "switches.multi_currency",
        "permission_sets.P.fields.Account.None__c",
        "permission_sets.P.permissions.ModifyEverything",
    ]


def test_a_file_can_say_all_that_a_schema_holds():
    """A property that the org's own classes get has to get a word in the file."""
    assert {f.name for f in fields(Field)} - {"name"} == set(FieldEntry.model_fields)
    assert {f.name for f in fields(RecordType)} - {"id", "developer_name"} == set(
        RecordTypeEntry.model_fields
    )
    assert {f.name for f in fields(ValidationRule)} - {"name"} == set(ValidationRuleEntry.model_fields)
    assert {f.name for f in fields(DuplicateRule)} - {"name"} == set(DuplicateRuleEntry.model_fields)
    assert {f.name for f in fields(Flow)} - {"name"} == set(FlowEntry.model_fields)
    assert {f.name for f in fields(NewRecord)} == set(NewRecordEntry.model_fields)


def test_every_key_is_explained():
    models = [
        OrgFile,
        ObjectEntry,
        FieldEntry,
        RecordTypeEntry,
        ValidationRuleEntry,
        DuplicateRuleEntry,
        FlowEntry,
    ]

    assert [name for model in models for name, f in model.model_fields.items() if not f.description] == []


def test_the_example_in_the_documentation_works():
    page = (Path(__file__).parents[3] / "docs" / "reference" / "org-file.md").read_text()
    sandbox, builder = build(page.partition("```yaml\n")[2].partition("```")[0])
    with sandbox:
        assert sandbox.schema.describe("Deal_Split__c")["Share__c"]["type"] == "percent"
    assert builder.notes == []


def test_sums_filters_history_sharing_and_rights_of_objects():
    sandbox, builder = build(
        HEAD
        + """\
objects:
  Program__c:
    label: Program
    sharing: private
    fields:
      Spent__c: {type: currency, scale: 2, roll_up: {child: Payment__c, via: Program__c, operation: sum, field: Sum__c}}
      Due__c: {type: date, default_formula: TODAY() + 1}
  Payment__c:
    label: Payment
    fields:
      Program__c: {type: reference, reference_to: [Program__c], master_detail: true, child_relationship: Payments__r}
      Sum__c: {type: currency, precision: 16, scale: 2, tracked: true}
      Account__c:
        type: reference
        reference_to: [Account]
        lookup_filter: {formula: Name <> "Never", message: Not that one}
permission_sets:
  Portal:
    assigned_to: [integration@northwind.example]
    objects: {Program__c: [read]}
"""
    )
    with sandbox:
        assert builder.notes == []
        (program,) = sandbox.create("Program__c", [{"Name": "P"}])
        (payment,) = sandbox.create("Payment__c", [{"Name": "1", "Program__c": program, "Sum__c": 5}])
        row = sandbox.get("Program__c", program)
        assert (row["Spent__c"], row["Due__c"] is None) == (5.0, False)
        sandbox.update("Payment__c", payment, {"Sum__c": 6})
        assert len(sandbox.query("SELECT Id FROM Payment__History WHERE Field = 'Sum__c'")) == 1
        (never,) = sandbox.create("Account", [{"Name": "Never"}])
        with pytest.raises(CrmRefusal, match="Not that one"):
            sandbox.update("Payment__c", payment, {"Account__c": never})
        org = sandbox._org
        seen = org.seen_by(org.integration_id)
        assert not seen.schema.objects["Program__c"].createable
        assert org.query("SELECT Id FROM Program__c", user=org.integration_id).records == []
