"""Validation rules and formula fields on records."""

import pytest

from prm_harness.crm.org.computed import evaluate
from prm_harness.crm.org.errors import SandboxGapError, SaveError
from prm_harness.crm.org.org import Org
from prm_harness.crm.org.schema import Field, FieldType, ValidationRule


def rule(org: Org, sobject: str, formula: str, name: str = "R", display: str = "") -> None:
    org.add_validation_rule(sobject, ValidationRule(name, formula, f"{name} says no", display))


def test_every_broken_rule_is_reported(org: Org, deal, refused) -> None:
    rule(org, "Opportunity", "Amount > 100", "Too_Much", "amount")
    rule(org, "opportunity", 'ISPICKVAL(StageName, "Prospecting")', "Too_Early")
    rule(org, "Opportunity", "Amount < 0", "Negative")
    assert refused(lambda: deal(Amount=101)) == [
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Too_Much says no", ("Amount",)),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Too_Early says no", ()),
    ]
    assert org.changes == []


def test_system_validation_comes_first(org: Org, deal, refused) -> None:
    rule(org, "Opportunity", "TRUE")
    assert [f[0] for f in refused(lambda: deal(Name=""))] == ["REQUIRED_FIELD_MISSING"]


def test_dropped_and_inactive_rules_are_silent(org: Org, deal, refused) -> None:
    rule(org, "Opportunity", "TRUE")
    org.drop_validation_rule("Opportunity", "R")
    org.add_validation_rule("Opportunity", ValidationRule("Asleep", "TRUE", "no", active=False))
    assert deal()
    assert (
        refused(lambda: org.drop_validation_rule("Opportunity", "R"))[0][0] == "INVALID_CROSS_REFERENCE_KEY"
    )


@pytest.mark.parametrize(
    ("formula", "values", "broken"),
    [
        ("ISNEW()", {}, False),
        ("ISCHANGED(Amount)", {"Amount": 11}, True),
        ("ISCHANGED(Amount)", {"Amount": 10}, False),
        ("PRIORVALUE(Amount) > Amount", {"Amount": 9}, True),
        (
            'ISPICKVAL(PRIORVALUE(StageName), "Prospecting") && ISCHANGED(StageName)',
            {"StageName": "Closed Won"},
            True,
        ),
        ("IsWon", {"StageName": "Closed Won"}, True),
        ("Probability > 0.5", {"Probability": 51}, True),
        ("Probability > 0.5", {"Probability": 50}, False),
        ('Account.Type = "Prospect"', {}, "picklist"),
        ('ISPICKVAL(Account.Type, "Prospect")', {}, True),
        ('Partner_Account__r.Name = "Acme"', {}, False),
        ('Owner.Name = "Sam Sales"', {}, True),
        ('Owner:User.Profile.Name = "Standard User"', {}, True),
        ('$User.Username = "admin@northwind.example"', {}, True),
        ('$Profile.Name = "System Administrator"', {}, True),
        ('$RecordType.DeveloperName = "Direct_Sale"', {}, True),
        ('RecordType.DeveloperName = "Direct_Sale"', {}, True),
        ("CloseDate < TODAY()", {"CloseDate": "2026-03-04"}, True),
        ("CloseDate < TODAY()", {"CloseDate": "2026-03-05"}, False),
        ('INCLUDES(Industries__c, "Oil, Gas")', {"Industries__c": "Banking;Oil, Gas"}, True),
        ("Weighted__c > 5", {"Probability": 90}, True),
        ("ISBLANK(Summary__c)", {"Summary__c": " "}, True),
        ("ISNULL(Summary__c)", {"Summary__c": None}, False),
        ("ISNULL(Amount)", {"Amount": None}, True),
        ('NULLVALUE(Summary__c, "x") = "x"', {"Summary__c": None}, False),
        ('BLANKVALUE(Summary__c, "x") = "x"', {"Summary__c": None}, True),
        ("Kickoff_At__c > NOW()", {"Kickoff_At__c": "2026-03-05T10:00:01Z"}, True),
        ('TEXT(Demo_Time__c) = "09:30:00.000"', {"Demo_Time__c": "09:30:00"}, True),
    ],
)
def test_on_update(org: Org, deal, formula: str, values: dict, broken: object) -> None:
    account = org.insert("Account", {"Name": "Acme", "Type": "Prospect"}, user=org.sales_id)
    record = deal(Amount=10, AccountId=account)
    if broken == "picklist":
        with pytest.raises(SaveError, match="Picklist fields are only supported in certain functions"):
            rule(org, "Opportunity", formula)
        return
    rule(org, "Opportunity", formula)
    if broken:
        with pytest.raises(SaveError, match="R says no"):
            org.update("Opportunity", record, values, user=org.admin_id)
    else:
        org.update("Opportunity", record, values, user=org.admin_id)


def test_a_new_record(org: Org, deal, refused) -> None:
    rule(org, "Opportunity", "ISNEW() && NOT(ISCHANGED(Amount)) && ISBLANK(PRIORVALUE(Amount))")
    assert refused(lambda: deal(Amount=5))[0][0] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"


def test_a_rule_without_a_value_refuses_the_save(org: Org, deal, refused) -> None:
    rule(org, "Opportunity", "1 / Amount > 1", "Ratio")
    assert refused(lambda: deal(Amount=0)) == [
        ("FIELD_INTEGRITY_EXCEPTION", "Validation rule Ratio: Division by zero", ())
    ]


@pytest.mark.parametrize(
    ("formula", "problem"),
    [
        ("Nope__c = 1", "FIELD_INTEGRITY_EXCEPTION: Field Nope__c does not exist. Check spelling."),
        ("Account.Nope = 1", "FIELD_INTEGRITY_EXCEPTION: Field Account.Nope does not exist. Check spelling."),
        ("(", "FIELD_INTEGRITY_EXCEPTION: Syntax error. The formula ends too early"),
    ],
)
def test_rules_the_editor_refuses(org: Org, formula: str, problem: str) -> None:
    with pytest.raises(SaveError) as caught:
        rule(org, "Opportunity", formula)
    assert str(caught.value) == problem


@pytest.mark.parametrize("formula", ["PREDICT(Name)", "$Setup.X__c.Y__c"])
def test_what_the_sandbox_lacks_is_said_when_the_rule_is_made(org: Org, formula: str) -> None:
    with pytest.raises(SandboxGapError):
        rule(org, "Opportunity", formula)


def formula_field(org: Org, name: str, kind: FieldType, formula: str, **more: int) -> None:
    org.add_field("Opportunity", Field(name, kind, formula=formula, **more))


@pytest.mark.parametrize(
    ("kind", "formula", "value"),
    [
        (FieldType.STRING, 'Name & "/" & Account.Name', "Deal/Acme"),
        (FieldType.STRING, 'LEFT(Name, 0) & ""', None),
        (FieldType.PERCENT, "Probability / 2", 5.0),
        (FieldType.DATE, "CloseDate + 1", "2026-07-01"),
        (FieldType.DATETIME, "CreatedDate + 0.5", "2026-03-05T22:00:00.000+0000"),
        (FieldType.BOOLEAN, "Amount > 5", True),
        (FieldType.DOUBLE, "Weighted__c * 2", 2.0),
        (FieldType.DOUBLE, "1 / 0", None),
        (FieldType.STRING, "TEXT(StageName)", "Prospecting"),
    ],
)
def test_formula_fields(org: Org, deal, account: str, kind: FieldType, formula: str, value: object) -> None:
    formula_field(org, "F__c", kind, formula, scale=2)
    record = deal(Amount=10, AccountId=account)
    assert org.get("Opportunity", record)["F__c"] == value


def test_a_formula_with_no_clock_says_so(org: Org) -> None:
    formula_field(org, "F__c", FieldType.DATE, "TODAY()")
    opportunity = org.schema.objects["Opportunity"]
    with pytest.raises(SandboxGapError):
        evaluate(org.schema, opportunity, opportunity.fields["F__c"], {}, lambda *_: None)
