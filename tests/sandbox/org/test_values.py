from typing import Any

import pytest

from prm_harness.crm.org.errors import OrgError, PayloadError
from prm_harness.crm.org.schema import Field, FieldType, PicklistValue
from prm_harness.crm.store.values import decode, encode

TEXT = Field("Name", FieldType.STRING, label="Account Name", length=10)
FLAG = Field("IsActive", FieldType.BOOLEAN, label="Active")
COUNT = Field("Employees", FieldType.INT, label="Employees", digits=8)
MONEY = Field("Amount", FieldType.CURRENCY, label="Amount", precision=6, scale=2)
RATIO = Field("Ratio__c", FieldType.DOUBLE, label="Ratio", precision=12, scale=4)
DAY = Field("CloseDate", FieldType.DATE, label="Close Date")
MOMENT = Field("At__c", FieldType.DATETIME, label="At")
CLOCK = Field("Time__c", FieldType.TIME, label="Time")
MAIL = Field("Email", FieldType.EMAIL, label="Email", length=80)
MANY = Field(
    "Many__c", FieldType.MULTIPICKLIST, picklist=tuple(map(PicklistValue, ("Health & Care", "Oil, Gas", "A")))
)
LINK = Field("AccountId", FieldType.REFERENCE, label="Account ID", reference_to=("Account",))


@pytest.mark.parametrize(
    ("field", "given", "stored"),
    [
        (TEXT, "  abc ", "abc"),
        (TEXT, "", None),
        (TEXT, "   ", None),
        (TEXT, None, None),
        (FLAG, True, 1),
        (FLAG, "false", 0),
        (FLAG, "TRUE", 1),
        (FLAG, None, 0),
        (COUNT, 12, 12),
        (COUNT, "12", 12),
        (COUNT, 12.0, 12),
        (COUNT, "", None),
        (MONEY, 1, 1.0),
        (MONEY, "3.14", 3.14),
        (MONEY, 0.005, 0.01),
        (MONEY, 1.005, 1.01),
        (MONEY, -1.005, -1.01),
        (MONEY, -0.001, 0.0),
        (MONEY, 9999.99, 9999.99),
        (RATIO, 0.00005, 0.0001),
        (DAY, "2028-02-29", "2028-02-29"),
        (DAY, "2026-09-26T16:30:00.000+0000", "2026-09-26"),
        (MOMENT, "2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.000+0000"),
        (MOMENT, "2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.000+0000"),
        (MOMENT, "2026-01-01T00:30:00.000+1400", "2025-12-31T10:30:00.000+0000"),
        (CLOCK, "11:59:59", "11:59:59.000Z"),
        (CLOCK, "11:59:59.5Z", "11:59:59.500Z"),
        (MAIL, "a.b+c@d-e.example", "a.b+c@d-e.example"),
        (MANY, "A;Oil, Gas;Health & Care;A", "Health & Care;Oil, Gas;A"),
        (MANY, "new;A", "A;new"),
        (MANY, ";", None),
        (LINK, "001000000000001", "001000000000001AAA"),
    ],
)
def test_json_to_column(field: Field, given: Any, stored: Any) -> None:
    assert encode(field, given) == stored
    assert type(encode(field, given)) is type(stored)


def refusal(field: Field, given: Any) -> tuple[str, str, tuple[str, ...]]:
    with pytest.raises(OrgError) as caught:
        encode(field, given)
    (fault,) = caught.value.faults
    return fault.code, fault.message, fault.fields


@pytest.mark.parametrize(
    ("field", "given", "code", "message"),
    [
        (
            TEXT,
            "12345678901",
            "STRING_TOO_LONG",
            "Account Name: data value too large: 12345678901 (max length=10)",
        ),
        (MAIL, "nobody", "INVALID_EMAIL_ADDRESS", "Email: invalid email address: nobody"),
        (MAIL, "a@b", "INVALID_EMAIL_ADDRESS", "Email: invalid email address: a@b"),
        (
            COUNT,
            10**8,
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Employees: value outside of valid range on numeric field: 100000000",
        ),
        (
            MONEY,
            9999.995,
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Amount: value outside of valid range on numeric field: 9999.995",
        ),
        (
            MONEY,
            "1e30",
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Amount: value outside of valid range on numeric field: 1e30",
        ),
        (LINK, "-1", "MALFORMED_ID", "Account ID: id value of incorrect type: -1"),
        (LINK, "001000000000001AAB", "MALFORMED_ID", "malformed id 001000000000001AAB"),
    ],
)
def test_refused_values(field: Field, given: Any, code: str, message: str) -> None:
    assert refusal(field, given) == (code, message, (field.name,))


@pytest.mark.parametrize(
    ("field", "given", "what"),
    [
        (DAY, "2026-02-30", "date from VALUE_STRING value 2026-02-30"),
        (DAY, "30.06.2026", "date from VALUE_STRING value 30.06.2026"),
        (MOMENT, "2026-01-02 03:04:05", "datetime from VALUE_STRING value 2026-01-02 03:04:05"),
        (MOMENT, 5, "datetime from VALUE_NUMBER_INT value 5"),
        (CLOCK, "25:00:00", "time from VALUE_STRING value 25:00:00"),
        (MONEY, "1,000", "currency from VALUE_STRING value 1,000"),
        (MONEY, True, "currency from VALUE_TRUE value true"),
        (MONEY, "NaN", "currency from VALUE_STRING value NaN"),
        (COUNT, 1.5, "int from VALUE_NUMBER_FLOAT value 1.5"),
        (FLAG, "yes", "boolean from VALUE_STRING value yes"),
        (FLAG, 1, "boolean from VALUE_NUMBER_INT value 1"),
        (TEXT, 5, "string from VALUE_NUMBER_INT value 5"),
        (TEXT, {"a": 1}, "string from START_OBJECT value {"),
        (MANY, ["A"], "multipicklist from START_ARRAY value"),
    ],
)
def test_unreadable_values(field: Field, given: Any, what: str) -> None:
    with pytest.raises(PayloadError) as caught:
        encode(field, given)
    (fault,) = caught.value.faults
    assert fault.code == "JSON_PARSER_ERROR"
    tail = "" if what.endswith("ARRAY value") else " or request may be missing a required field at"
    assert fault.message == f"Cannot deserialize instance of {what}{tail} [line:1, column:1]"


def test_only_booleans_look_different_on_the_wire() -> None:
    assert decode(FLAG, 1) is True
    assert decode(FLAG, None) is False
    assert decode(MONEY, 1.5) == 1.5
    assert decode(TEXT, None) is None
