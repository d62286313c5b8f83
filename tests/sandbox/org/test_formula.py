"""The formula language by example (contract §6.1)."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from prm_harness.crm.formula.check import check
from prm_harness.crm.formula.evaluate import evaluate
from prm_harness.crm.formula.functions import FUNCTIONS
from prm_harness.crm.formula.parser import parse
from prm_harness.crm.formula.tree import FormulaError, Path, Value
from prm_harness.crm.org.errors import SandboxGapError

VALUES: dict[Path, Value] = {
    ("Name",): "Acme",
    ("Empty",): None,
    ("Amount",): Decimal("100.5"),
    ("Rate",): Decimal("0.6"),
    ("Stage",): "Closed Won",
    ("Tags",): "A;B",
    ("Close",): date(2026, 3, 31),
    ("At",): datetime(2026, 3, 5, 23, 30, tzinfo=UTC),
    ("Active",): True,
    ("Account", "Type"): "Partner",
    ("$User", "Id"): "005000000000001AAA",
}
PRIOR: dict[Path, Value] = {**VALUES, ("Amount",): Decimal(90)}
TYPES = {("Stage",): "picklist", ("Tags",): "multipicklist"}


class ScopeOf:
    is_new = False

    def value(self, path: Path) -> Value:
        return VALUES[path]

    def prior(self, path: Path) -> Value:
        return PRIOR[path]

    def now(self) -> datetime:
        return datetime(2026, 3, 5, 10, tzinfo=UTC)

    def rate(self, currency: str) -> Decimal | None:
        return {"EUR": Decimal(1), "USD": Decimal("1.1")}.get(currency)

    def looked_up(self, wanted: Path, key: Path, value: Value) -> Value:
        raise AssertionError("no example looks into another object")


def result(formula: str) -> Any:
    tree = parse(formula)
    check(tree, lambda path: TYPES.get(path, "string") if path in VALUES else None)
    return evaluate(tree, ScopeOf())


EXAMPLES: list[tuple[str, Any]] = [
    ("1 + 2 * 3", 7),
    ("(1 + 2) * 3", 9),
    ("2 ^ 3 * 2", 16),
    ("10 - 4 - 3", 3),
    ("-2 + 5", 3),
    ("1 / 4", Decimal("0.25")),
    ("0.1 + 0.2 = 0.3", True),
    ('"a" & "b" & "c"', "abc"),
    ('"a" + "b"', "ab"),
    ('Name & Empty & "!"', "Acme!"),
    ("1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3", True),
    ("1 = 2 || 1 <> 2", True),
    ("1 == 1 && 1 != 2", True),
    ("!Active", False),
    ("NOT(Active) || Active", True),
    ("/* why */ TRUE", True),
    ("'single'", "single"),
    (r'"say \"hi\"\n"', 'say "hi"\n'),
    ("Amount * Rate", Decimal("60.30")),
    ("Empty = 0", False),
    ("Empty <> 0", False),
    ("Empty = NULL", True),
    ("Amount <> NULL", True),
    ('Empty = ""', True),
    ("Empty + 1", None),
    ("-Empty", None),
    ("Empty * 2 > 1", False),
    ("Empty < 1", False),
    ("Empty <= 1", False),
    ("ROUND(Empty, 2)", None),
    ("MAX(Empty, 2)", None),
    ("Close < Empty", False),
    ("Close >= Empty", False),
    ('Name = "acme"', False),
    ("AND(TRUE, Active, 1 = 1)", True),
    ("OR(FALSE, 1 = 2)", False),
    ("AND(FALSE, 1 / 0 = 1)", False),
    ('IF(Amount > 100, "big", "small")', "big"),
    ("IF(TRUE, 1, 1 / 0)", 1),
    ('CASE(Stage, "Closed Won", 1, "Closed Lost", 2, 3)', 1),
    ('CASE(Stage, "x", 1, 3)', 3),
    ('ISPICKVAL(Stage, "Closed Won")', True),
    ('ISPICKVAL(PRIORVALUE(Stage), "x")', False),
    ("TEXT(Stage)", "Closed Won"),
    ('INCLUDES(Tags, "B")', True),
    ('INCLUDES(Tags, "C")', False),
    ("ISBLANK(Empty)", True),
    ('ISBLANK("")', True),
    ("ISBLANK(0)", False),
    ("ISNULL(Name)", False),
    ('BLANKVALUE(Empty, "x")', "x"),
    ('NULLVALUE(Name, "x")', "Acme"),
    ("ISCHANGED(Amount)", True),
    ("ISCHANGED(Name)", False),
    ("PRIORVALUE(Amount)", 90),
    ("ISNEW()", False),
    ("TEXT(5.50)", "5.5"),
    ("TEXT(100)", "100"),
    ("TEXT(0)", "0"),
    ("TEXT(Close)", "2026-03-31"),
    ("TEXT(At)", "2026-03-05 23:30:00Z"),
    ('VALUE(" 12.5 ")', Decimal("12.5")),
    ('ISNUMBER("12")', True),
    ('ISNUMBER("x")', False),
    ("LEN(Name)", 4),
    ("LEN(Empty)", 0),
    ('CONTAINS(Name, "cm")', True),
    ('CONTAINS(Name, "CM")', False),
    ('BEGINS(Name, "Ac")', True),
    (r'REGEX("12-3", "\\d{2}-\\d")', True),
    (r'REGEX("x12-3", "\\d{2}-\\d")', False),
    ("LEFT(Name, 2)", "Ac"),
    ("RIGHT(Name, 2)", "me"),
    ("RIGHT(Name, 0)", ""),
    ("MID(Name, 2, 2)", "cm"),
    ('TRIM("  a ")', "a"),
    ("UPPER(Name)", "ACME"),
    ("LOWER(Name)", "acme"),
    ('SUBSTITUTE(Name, "c", "k")', "Akme"),
    ('FIND("m", Name)', 3),
    ('FIND("z", Name)', 0),
    ('LPAD("7", 3, "0")', "007"),
    ('RPAD("7", 3, "ab")', "7ab"),
    ("ROUND(2.5, 0)", 3),
    ("ROUND(-2.5, 0)", -3),
    ("ROUND(1.234, 2)", Decimal("1.23")),
    ("ROUND(1234, -2)", 1200),
    ("MOD(7, 3)", 1),
    ("ABS(-3)", 3),
    ("MIN(3, 1, 2)", 1),
    ("MAX(3, 1, 2)", 3),
    ("FLOOR(2.7)", 2),
    ("CEILING(2.1)", 3),
    ("SQRT(9)", 3),
    ("DATE(2026, 2, 28)", date(2026, 2, 28)),
    ("TODAY()", date(2026, 3, 5)),
    ("NOW()", datetime(2026, 3, 5, 10, tzinfo=UTC)),
    ("YEAR(Close) * 10000 + MONTH(Close) * 100 + DAY(Close)", 20260331),
    ("WEEKDAY(DATE(2026, 3, 1))", 1),
    ("DATEVALUE(At)", date(2026, 3, 5)),
    ('DATEVALUE("2026-01-02")', date(2026, 1, 2)),
    ('DATETIMEVALUE("2026-01-02 03:04:05")', datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
    ("Close + 1", date(2026, 4, 1)),
    ("Close - TODAY()", 26),
    ("At - NOW()", Decimal("0.5625")),
    ("ADDMONTHS(DATE(2026, 1, 31), 1)", date(2026, 2, 28)),
    ("ADDMONTHS(DATE(2026, 2, 28), 1)", date(2026, 3, 31)),
    ("ADDMONTHS(DATE(2026, 1, 15), -2)", date(2025, 11, 15)),
    ('CASESAFEID("000000000000000")', "000000000000000AAA"),
    ('Account.Type = "Partner"', True),
    ('$User.Id = "005000000000001AAA"', True),
    ("CEILING(-2.5)", -3),
    ("FLOOR(-2.5)", -2),
    ("MCEILING(-2.5)", -2),
    ("MFLOOR(-2.5)", -3),
    ("TRUNC(3.78)", 3),
    ("TRUNC(-3.789, 2)", Decimal("-3.78")),
    ("EXP(0)", 1),
    ("LN(1)", 0),
    ("LOG(1000)", 3),
    ("ROUND(PI(), 2)", Decimal("3.14")),
    ('INITCAP("jane o doe")', "Jane O Doe"),
    ('ASCII("A")', 65),
    ("CHR(65)", "A"),
    ('REVERSE("abc")', "cba"),
    ('HYPERLINK("/001", "Acme")', '<a href="/001" target="_blank">Acme</a>'),
    ('IMAGE("/i.gif", "hot")', '<img src="/i.gif" alt="hot" border="0"/>'),
    ("PICKLISTCOUNT(Tags)", 2),
    ("ISCLONE()", False),
    ("DAYOFYEAR(DATE(2026, 12, 31))", 365),
    ("ISOWEEK(DATE(2027, 1, 1))", 53),
    ("ISOYEAR(DATE(2027, 1, 1))", 2026),
    ("UNIXTIMESTAMP(DATE(1970, 1, 2))", 86400),
    ("FROMUNIXTIME(0)", datetime(1970, 1, 1, tzinfo=UTC)),
    ("HOUR(TIMEVALUE(At))", 23),
    ('MINUTE(TIMEVALUE("10:45:12"))', 45),
    ('SECOND(TIMEVALUE("10:45:12"))', 12),
    ('MILLISECOND(TIMEVALUE("10:45:12.345"))', 345),
    ("HOUR(TIMENOW())", 10),
    ("FORMATDURATION(3661)", "01:01:01"),
    ("FORMATDURATION(90061, TRUE)", "1:01:01:01"),
    ('FORMATDURATION(TIMEVALUE("10:00:00"), TIMEVALUE("11:30:00"))', "01:30:00"),
    ('ISNULL("")', False),
    ("NULL", None),
    ("BR()", "\n"),
    ("ROUND(DISTANCE(GEOLOCATION(52.52, 13.40), GEOLOCATION(48.85, 2.35), 'km'), 0)", 878),
    ("ROUND(DISTANCE(GEOLOCATION(0, 0), GEOLOCATION(0, 180), 'km'), 0)", 20015),
    ("ROUND(DISTANCE(GEOLOCATION(52.52, 13.40), GEOLOCATION(48.85, 2.35), 'mi'), 0)", 545),
    ("DISTANCE(GEOLOCATION(52.52, Empty), GEOLOCATION(48.85, 2.35), 'mi')", None),
    ('CURRENCYRATE("USD")', Decimal("1.1")),
    ('CURRENCYRATE("ZZZ")', 1),
]


@pytest.mark.parametrize(("formula", "value"), EXAMPLES)
def test_examples(formula: str, value: Any) -> None:
    found = result(formula)
    assert found == value
    assert isinstance(found, bool) is isinstance(value, bool)


def test_every_function_has_an_example() -> None:
    text = " ".join(formula for formula, _ in EXAMPLES)
    assert [name for name in FUNCTIONS if f"{name}(" not in text] == []


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("1 +", "Syntax error. The formula ends too early"),
        ("(1", "Syntax error. Missing ')' at position 3"),
        ("1 2", "Syntax error. Extra '2' at position 3"),
        ("1 # 2", "Syntax error. Unexpected character '#' at position 3"),
        ("Nope", "Field Nope does not exist. Check spelling."),
        (
            'Stage = "x"',
            "Field Stage is a picklist field. Picklist fields are only supported in certain functions.",
        ),
        (
            'ISPICKVAL(Tags, "A")',
            (
                "Field Tags is a multi-select picklist field. "
                "Multi-select picklist fields are only supported in certain functions."
            ),
        ),
        ("LEN()", "Incorrect number of parameters for function 'LEN()'. Expected 1, received 0"),
        ("ISCHANGED(1)", "Incorrect parameter for function 'ISCHANGED()'. Expected a field"),
        (
            'CASE(Stage, "a", 1, "b", 2)',
            "Incorrect number of parameters for function 'CASE()'. The last one is the default",
        ),
    ],
)
def test_what_the_editor_refuses(formula: str, message: str) -> None:
    with pytest.raises(FormulaError) as caught:
        result(formula)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "formula",
    [
        "1 / 0",
        "MOD(1, 0)",
        'VALUE("x")',
        "DATE(2026, 13, 1)",
        "Name < 1",
        'Close = "x"',
        "SQRT(-1)",
        "GEOLOCATION(91, 0)",
        "DISTANCE(GEOLOCATION(0, 0), GEOLOCATION(0, 1), 'yd')",
        'REGEX("a", "(")',
    ],
)
def test_formulas_without_a_value(formula: str) -> None:
    with pytest.raises(FormulaError):
        result(formula)


def test_unknown_functions_are_gaps() -> None:
    with pytest.raises(SandboxGapError, match=r"PREDICT\(\) is not implemented"):
        result("PREDICT(Name)")


def test_times_are_values_too() -> None:
    assert FUNCTIONS["TEXT"].apply(time(11, 59)) == "11:59:00.000"


def test_describe_says_that_formulas_take_blank_numbers_for_zero(sf):
    found = {f["name"]: f["formulaTreatNullNumberAsZero"] for f in sf.Opportunity.describe()["fields"]}
    assert (found["Weighted__c"], found["Amount"]) == (True, False)
