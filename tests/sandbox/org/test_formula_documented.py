"""Formulas by the examples and sentences of Salesforce's own documentation, each row with the page that says so.

Pages, in short: ``VF`` Visualforce Developer Guide, "Functions" (developer.salesforce.com/docs/atlas.en-us.pages.meta/pages/
pages_variables_functions.htm); ``ROUND`` help.salesforce.com platform.customize_functions_round; ``ADDMONTHS`` help
sf.customize_functions_addmonths; ``386432`` help article 000386432, "CEILING and FLOOR formula functions behave differently for
negative numbers"; ``CONTEXT`` help customize_functions, "Formula Operators and Functions by Context"; ``ISNULL`` help on ISNULL
as salesforceapexcodecorner.blogspot.com/2011/06 quotes it; ``BLANKS`` wdcigroup.net/salesforce-formula-blank-field-handling
and blog.internetcreations.com/2015/02/blank-field-handling-salesforce-formulas; ``SUM`` sfdc-learn.blogspot.com/2022/01
(what a rule says of a sum with a blank in it); ``SYSTEM`` Apex Reference, "FormulaGlobal Enum".
"""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from prm_harness.crm.formula.check import check
from prm_harness.crm.formula.evaluate import evaluate
from prm_harness.crm.formula.functions import FUNCTIONS
from prm_harness.crm.formula.parser import parse
from prm_harness.crm.formula.tree import FormulaError

from .test_formula import ScopeOf

VALUES = {
    "Price": Decimal("0.5"), "Quantity": Decimal("0.5"), "Blank_Number": None, "Blank_Text": "", "Blank_Date": None,
    "Stage": "Closed Won", "Regions": "North;South", "At": datetime(2008, 7, 21, 16, 12, 10, tzinfo=UTC),
    "Name": "The Spot", "Flag": True,
}  # fmt: skip
TYPES = {"Stage": "picklist", "Regions": "multipicklist"}

DOCUMENTED = [
    ("ROUND", "ROUND (1.5, 0)", 2),
    ("ROUND", "ROUND (1.2345, 0)", 1),
    ("ROUND", "ROUND (-1.5, 0)", -2),
    ("ROUND", "ROUND (225.49823, 2)", Decimal("225.50")),
    ("386432", "CEILING (2.5)", 3),
    ("386432", "FLOOR (2.5)", 2),
    ("386432", "CEILING (-2.5)", -3),
    ("386432", "FLOOR(-2.5)", -2),
    ("VF", "MCEILING(-2.5)", -2),
    ("VF", "MFLOOR(-2.5)", -3),
    ("VF", "MCEILING(2.5)", 3),
    ("VF", "MFLOOR(2.5)", 2),
    ("VF", "ABS(-7)", 7),
    ("VF", "EXP(0)", 1),
    ("VF", "LN(2.71828182845904) > 0.999999", True),
    ("VF", "LOG(100)", 2),
    ("VF", "MAX(3, 9, 4)", 9),
    ("VF", "MIN(3, 9, 4)", 3),
    ("VF", "MOD(123, 100)", 23),
    ("VF", "SQRT(16)", 4),
    ("ADDMONTHS", "ADDMONTHS (DATE(2017, 9, 20), 5)", date(2018, 2, 20)),
    ("ADDMONTHS", "ADDMONTHS (DATE(2017, 9, 30), 5)", date(2018, 2, 28)),
    ("VF", "DATE(2008, 7, 21)", date(2008, 7, 21)),
    ("VF", "DATEVALUE(At)", date(2008, 7, 21)),
    ("VF", 'DATEVALUE("2008-07-21")', date(2008, 7, 21)),
    ("VF", 'DATETIMEVALUE("2008-07-21 16:12:10")', datetime(2008, 7, 21, 16, 12, 10, tzinfo=UTC)),
    ("VF", "DAY(DATE(2008, 7, 31))", 31),
    ("VF", "MONTH(DATE(2008, 12, 1))", 12),
    ("VF", "YEAR(DATE(2008, 12, 1))", 2008),
    ("VF", "WEEKDAY(DATE(2008, 7, 20))", 1),
    ("VF", "WEEKDAY(DATE(2008, 7, 26))", 7),
    ("VF", "HOUR(TIMEVALUE(At))", 16),
    ("VF", "MINUTE(TIMEVALUE(At))", 12),
    ("VF", "SECOND(TIMEVALUE(At))", 10),
    ("VF", "MILLISECOND(TIMEVALUE(At))", 0),
    ("VF", "NOW() + 5", datetime(2026, 3, 10, 10, tzinfo=UTC)),
    ("VF", "TODAY() + 7", date(2026, 3, 12)),
    ("CONTEXT", "DAYOFYEAR(DATE(2008, 12, 31))", 366),
    ("CONTEXT", "ISOWEEK(DATE(2009, 1, 1))", 1),
    ("CONTEXT", "ISOYEAR(DATE(2008, 12, 29))", 2009),
    ("CONTEXT", 'INITCAP("the spot")', "The Spot"),
    ("VF", 'IF(AND(Price < 1, Quantity < 1), "Small", null)', "Small"),
    ("VF", 'IF((Price < 1) && (Quantity < 1), "Small", null)', "Small"),
    ("VF", 'IF(AND(Price > 1, Quantity < 1), "Small", null)', None),
    ("VF", "OR(Price > 1, Quantity < 1)", True),
    ("VF", "(Price > 1) || (Quantity > 1)", False),
    ("VF", "NOT(Flag)", False),
    ("VF", "!Flag", False),
    ("VF", 'CASE(Stage, "Open", 1, "Closed Won", 2, 3)', 2),
    ("VF", 'CASE(Stage, "Open", 1, 3)', 3),
    ("VF", 'BLANKVALUE(Blank_Text, "none")', "none"),
    ("VF", "BLANKVALUE(Blank_Number, 7)", 7),
    ("VF", 'BLANKVALUE(Name, "none")', "The Spot"),
    ("VF", "NULLVALUE(Blank_Date, DATE(2008, 7, 21))", date(2008, 7, 21)),
    ("ISNULL", "ISNULL(Blank_Text)", False),
    ("ISNULL", "ISNULL(Blank_Date)", True),
    ("ISNULL", "ISNULL(Blank_Number)", True),
    ("ISNULL", "Blank_Number <> 1", False),
    ("ISNULL", "OR(ISNULL(Blank_Number), Blank_Number <> 1)", True),
    ("ISNULL", "OR(ISNULL(Price), Price <> 1)", True),
    ("SUM", "Price + Blank_Number <> 1", False),
    ("SUM", "BLANKVALUE(Price, 0) + BLANKVALUE(Blank_Number, 0) <> 1", True),
    ("VF", "ISBLANK(Blank_Text)", True),
    ("VF", 'ISBLANK(" ")', False),
    ("VF", "ISBLANK(0)", False),
    ("VF", 'ISNUMBER("12.5")', True),
    ("VF", 'ISNUMBER("twelve")', False),
    ("VF", "ISCLONE()", False),
    ("VF", "BEGINS(TEXT(Stage), 'Closed')", True),
    ("VF", "BEGINS(TEXT(Stage), 'closed')", False),
    ("VF", 'IF(CONTAINS("spare part", "part"), "Parts", "Service")', "Parts"),
    ("VF", 'IF(CONTAINS("spare PART", "part"), "Parts", "Service")', "Service"),
    ("VF", 'LEN("The Spot")', 8),
    ("VF", 'FIND("o", "The Spot")', 7),
    ("VF", 'FIND("t", "that", 2)', 4),
    ("VF", 'LEFT("The Spot", 3)', "The"),
    ("VF", 'RIGHT("The Spot", 4)', "Spot"),
    ("VF", 'MID("The Spot", 5, 2)', "Sp"),
    ("VF", 'LOWER("The Spot 1!")', "the spot 1!"),
    ("VF", 'UPPER("The Spot 1!")', "THE SPOT 1!"),
    ("VF", 'LPAD("Spot", 6)', "  Spot"),
    ("VF", 'LPAD("Spot", 6, "*")', "**Spot"),
    ("VF", 'RPAD("Spot", 6, "*")', "Spot**"),
    ("VF", 'RPAD("Spot", 2)', "Sp"),
    ("VF", 'SUBSTITUTE("The Spot", "Spot", "Place")', "The Place"),
    ("VF", 'TRIM("\t The Spot \t")', "The Spot"),
    ("VF", 'VALUE("42.5")', Decimal("42.5")),
    ("VF", "TEXT(42.5)", "42.5"),
    ("VF", 'CASESAFEID("500000000000001")', "500000000000001AAA"),
    ("VF", 'ISPICKVAL(Stage, "Closed Won")', True),
    ("VF", r'REGEX("123-45-6789", "[0-9]{3}-[0-9]{2}-[0-9]{4}")', True),
    ("VF", r'REGEX("123-45-678", "[0-9]{3}-[0-9]{2}-[0-9]{4}")', False),
    ("VF", 'CURRENCYRATE("ZZZ")', 1),
    ("CONTEXT", 'INCLUDES(Regions, "North")', True),
]
OF_EVERY_RULE = (  # noqa: SIM905 - one word after the other reads better
    "AND OR NOT IF CASE ISBLANK ISNULL ISPICKVAL TEXT VALUE LEN CONTAINS BEGINS REGEX LEFT RIGHT MID TRIM UPPER LOWER "
    "SUBSTITUTE TODAY NOW DATE YEAR MONTH DAY DATEVALUE BLANKVALUE NULLVALUE INCLUDES ROUND MOD ABS MIN MAX"
).split()
"""Functions seen most in practice; ISCHANGED, ISNEW and PRIORVALUE stand in test_save_order_documented.py."""


class Documented(ScopeOf):
    def value(self, path):
        return VALUES[path[0]]


@pytest.mark.parametrize(("page", "formula", "value"), DOCUMENTED)
def test_documented(page, formula, value):
    tree = parse(formula)
    check(tree, lambda path: TYPES.get(path[0], "string") if path[0] in VALUES else None)
    found = evaluate(tree, Documented())
    assert found == value, page
    assert isinstance(found, bool) is isinstance(value, bool)


def test_the_usual_functions_all_have_a_page():
    text = " ".join(formula for _, formula, _ in DOCUMENTED)
    assert [name for name in OF_EVERY_RULE if f"{name}(" not in text.replace(" (", "(")] == []
    assert set(OF_EVERY_RULE) - {"AND", "OR", "IF", "CASE", "NOW", "TODAY"} <= set(FUNCTIONS)


def test_a_date_that_is_none_is_an_error():
    """``VF``: an error is shown for February 29 in a non-leap year."""
    with pytest.raises(FormulaError):
        evaluate(parse("DATE(2007, 2, 29)"), Documented())


# -- by an org, as a client sees it

TWO = {"Number_Field_1__c": 100, "Number_Field_2__c": None}


@pytest.fixture
def numbers(sandbox):
    for name in TWO:
        sandbox.schema.add_field("Account", name, "double", precision=10, scale=2)
    return sandbox


@pytest.mark.parametrize(
    ("page", "formula", "as_zero", "as_blank"),
    [
        ("BLANKS", "Number_Field_1__c + Number_Field_2__c", 100.0, None),
        ("BLANKS", "Number_Field_1__c - Number_Field_2__c", 100.0, None),
        ("ISNULL", "IF(ISNULL(Number_Field_2__c), 1, 2)", 2.0, 1.0),
        ("ISNULL", "IF(ISBLANK(Number_Field_2__c), 1, 2)", 2.0, 1.0),
        ("BLANKS", "BLANKVALUE(Number_Field_2__c, 7)", 0.0, 7.0),
        ("BLANKS", "Number_Field_2__c", 0.0, None),
        ("BLANKS", "Parent.Number_Field_1__c + 1", 1.0, None),
        ("BLANKS", "IF(Number_Field_2__c < 5, 1, 2)", 1.0, 2.0),
    ],
)
def test_blank_numbers_are_what_the_field_says(numbers, sf, page, formula, as_zero, as_blank):
    for name, blank in (("Zero__c", False), ("Blank__c", True)):
        numbers.schema.add_field(
            "Account", name, "double", precision=10, scale=2, formula=formula, blank_as_blank=blank
        )
    account = sf.Account.create({"Name": "A", **TWO})["id"]
    row = sf.Account.get(account)
    assert (row["Zero__c"], row["Blank__c"]) == (as_zero, as_blank), page
    found = sf.query(f"SELECT Zero__c, Blank__c FROM Account WHERE Id = '{account}'")["records"][0]
    assert (found["Zero__c"], found["Blank__c"]) == (as_zero, as_blank), page
    told = {f["name"]: f["formulaTreatNullNumberAsZero"] for f in sf.Account.describe()["fields"]}
    assert (told["Zero__c"], told["Blank__c"]) == (True, False)


def test_rules_take_blanks_for_blanks(numbers, sf):
    """``SUM``: a rule on a sum says nothing while one of the summands is blank."""
    total = "Number_Field_1__c + Number_Field_2__c != 1"
    numbers.schema.add_validation_rule("Account", "Adds_Up", total, "adds up to 1")
    assert sf.Account.create({"Name": "A", **TWO})["success"]
    with pytest.raises(Exception, match="adds up to 1"):
        sf.Account.create({"Name": "B", **TWO, "Number_Field_2__c": 1})


def test_metadata_says_how_blanks_are_treated(sandbox, sf):
    """Metadata API, CustomField: ``formulaTreatBlanksAs`` is BlankAsZero or BlankAsBlank."""
    mdapi = sf.mdapi
    made = mdapi.CustomField(
        fullName="Account.Sum__c", label="Sum", type=mdapi.FieldType("Number"), precision=10, scale=2,
        formula="AnnualRevenue + 1", formulaTreatBlanksAs=mdapi.TreatBlanksAs("BlankAsBlank"),
    )  # fmt: skip
    mdapi.CustomField.create(made)
    assert mdapi.CustomField.read("Account.Sum__c").formulaTreatBlanksAs == "BlankAsBlank"
    assert sandbox.schema.describe("Account")["Sum__c"]["blank_as_blank"] is True


def test_vlookup_looks_into_another_object(sandbox, sf, told):
    """``VF``: returns a value of the record that matches; in validation rules only."""
    field = "$ObjectType.Deal_Registration__c.Fields"
    rule = f'VLOOKUP({field}.Status__c, {field}.Name, AccountNumber) <> "Approved"'
    sandbox.schema.add_validation_rule(
        "Account", "Registered", f"NOT(ISBLANK(AccountNumber)) && {rule}", "register first"
    )
    sandbox.create(
        "Deal_Registration__c",
        [{"Name": "D-1", "Status__c": "Approved"}, {"Name": "D-2", "Status__c": "Draft"}],
    )
    assert sf.Account.create({"Name": "A", "AccountNumber": "D-1"})["success"]
    assert (
        told(lambda: sf.Account.create({"Name": "A", "AccountNumber": "D-2"}))[0]["message"]
        == "register first"
    )
    with pytest.raises(Exception, match="VLOOKUP may not be used in this type of formula"):
        sandbox.schema.add_field(
            "Account", "X__c", "string", formula=f"VLOOKUP({field}.Name, {field}.Name, Name)"
        )


def test_places_and_how_far_apart_they_are(sandbox, sf):
    sandbox.schema.add_field("Account", "Site_At__c", "location")
    sandbox.schema.add_field(
        "Account", "Far__c", "double", precision=10, scale=0,
        formula="DISTANCE(Site_At__c, GEOLOCATION(48.85, 2.35), 'km')",
    )  # fmt: skip
    near = sf.Account.create({"Name": "A", "Site_At__Latitude__s": 52.52, "Site_At__Longitude__s": 13.4})[
        "id"
    ]
    nowhere = sf.Account.create({"Name": "B"})["id"]
    assert sf.Account.get(near)["Far__c"] == 878.0
    assert sf.Account.get(nowhere)["Far__c"] is None
    with pytest.raises(Exception, match="Geolocation fields are only supported in certain functions"):
        sandbox.schema.add_field("Account", "Y__c", "string", formula="TEXT(Site_At__c)")


def test_what_the_organization_is_called(sandbox, sf):
    """``CONTEXT``: ``$Organization`` has the company's profile. ``SYSTEM``: OriginDateTime is 1900-01-01 00:00:00."""
    sandbox.schema.add_field(
        "Account", "Org__c", "string", formula="$Organization.Name & '/' & TEXT($System.OriginDateTime)"
    )
    name = sandbox.query("SELECT Name FROM Organization")[0]["Name"]
    account = sf.Account.create({"Name": "A"})["id"]
    assert sf.Account.get(account)["Org__c"] == f"{name}/1900-01-01 00:00:00Z"
    assert sf.query("SELECT Org__c FROM Account")["records"][0]["Org__c"].startswith(name)


def test_rates_of_the_org(sandbox, sf):
    sandbox.schema.enable_currencies({"EUR": 1, "USD": 1.25})
    sandbox.schema.add_field(
        "Account", "In_Corporate__c", "double", precision=12, scale=2,
        formula="AnnualRevenue / CURRENCYRATE(TEXT(CurrencyIsoCode))",
    )  # fmt: skip
    account = sf.Account.create({"Name": "A", "AnnualRevenue": 100, "CurrencyIsoCode": "USD"})["id"]
    assert sf.Account.get(account)["In_Corporate__c"] == 80.0
    assert sf.query("SELECT In_Corporate__c FROM Account")["records"][0]["In_Corporate__c"] == 80.0
