"""Records drawn from a schema: the same for everybody, within what the field takes, nothing left out by any seed."""

from __future__ import annotations

import importlib.util
import sys
import unicodedata
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from prm_harness.audit.generated import draw_records, smaller, weight, worded
from prm_harness.audit.generated.fields import kinds
from prm_harness.audit.generated.moments import nth_sunday

SCHEMA: dict[str, dict[str, Any]] = {
    "Name": {"type": "string", "length": 80},
    "Summary__c": {"type": "string", "length": 255, "nillable": True},
    "Notes__c": {"type": "textarea", "length": 32000, "nillable": True},
    "Budget__c": {"type": "currency", "precision": 16, "scale": 2, "nillable": True},
    "Seats__c": {"type": "double", "precision": 8, "scale": 0, "nillable": True},
    "Discount__c": {"type": "percent", "precision": 5, "scale": 2},
    "Number__c": {"type": "int", "digits": 8},
    "Go_Live__c": {"type": "date", "nillable": True},
    "Kickoff_At__c": {"type": "datetime"},
    "Demo_Time__c": {"type": "time"},
    "Email__c": {"type": "email", "length": 80},
    "Phone__c": {"type": "phone", "length": 40},
    "Url__c": {"type": "url", "length": 255},
    "Industries__c": {"type": "multipicklist", "values": ["Retail", "Oil, Gas", "Health & Care"]},
    "Strategic__c": {"type": "boolean"},
    "Region__c": {
        "type": "picklist", "values": ["EMEA", "AMER", "APAC"],
        "offered": {"Partner_Deal": ["EMEA", "AMER"], "Direct_Sale": ["AMER", "APAC"]},
    },
}  # fmt: skip
SEEDS = [f"seed {number}" for number in range(6)]


def drawn(seed: str, count: int = 8, **more: dict[str, Any]) -> list[dict[str, Any]]:
    return draw_records(SCHEMA | more, [*SCHEMA, *more], seed, count)


def test_a_seed_gives_the_same_records_and_another_one_others() -> None:
    assert drawn("one") == drawn("one")
    assert drawn("one") != drawn("another")


def test_what_a_vendors_setup_adds_to_the_object_changes_nothing_else() -> None:
    more = drawn("one", Vendor_Key__c={"type": "string", "length": 18})
    assert all("Vendor_Key__c" in record for record in more)
    assert [{k: v for k, v in record.items() if k != "Vendor_Key__c"} for record in more] == drawn("one")


def test_modules_that_a_vendor_brings_along_change_nothing(tmp_path: Path) -> None:
    before = drawn("one")
    # Hypothesis takes constants out of modules like this one for its own draws.
    module = tmp_path / "vendor_adapter.py"
    module.write_text("LIMITS = [" + ", ".join(map(str, range(100, 255))) + "]\nWORDS = ['wombat', '€uro']\n")
    spec = importlib.util.spec_from_file_location("vendor_adapter", module)
    assert spec is not None
    sys.modules["vendor_adapter"] = importlib.util.module_from_spec(spec)
    try:
        assert drawn("one") == before
    finally:
        del sys.modules["vendor_adapter"]


@pytest.mark.parametrize("seed", SEEDS)
def test_values_are_such_as_the_field_takes(seed: str) -> None:
    for record in drawn(seed):
        for name in ("Name", "Summary__c", "Notes__c", "Email__c", "Phone__c", "Url__c"):
            text = record.get(name) or ""
            assert len(text) <= SCHEMA[name]["length"]
            assert text == text.strip()
            assert text == unicodedata.normalize("NFC", text)
            assert not [c for c in text if unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t"]
            assert "\n" not in text or name == "Notes__c"
        assert "@" in record["Email__c"]
        budget = record.get("Budget__c", 0)
        assert round(budget, 2) == budget
        assert abs(budget) < 10**13
        assert isinstance(record.get("Seats__c", 0), int)
        assert abs(record.get("Seats__c", 0)) < 10**8
        assert 0 <= record["Discount__c"] <= 100
        assert abs(record["Number__c"]) < 10**8
        date.fromisoformat(record.get("Go_Live__c", "2027-01-01"))
        assert datetime.fromisoformat(record["Kickoff_At__c"]).tzinfo is not None
        chosen = record["Industries__c"].split(";")
        assert len(chosen) == len(set(chosen))
        assert record["Region__c"] == "AMER", "the only one that every record type offers"


@pytest.mark.parametrize("seed", SEEDS)
def test_no_seed_leaves_a_kind_of_value_out(seed: str) -> None:
    texts = [record.get("Summary__c") for record in drawn(seed, 7)]
    assert "" in texts
    assert [text for text in texts if text and len(text) == 255]
    assert [text for text in texts if text and ("  " in text or set(text) & set("\t\u00a0\u2003\u202f-·"))]
    assert [text for text in texts if text and any(ord(sign) > 0x2AF for sign in text)]
    days = [record.get("Go_Live__c") for record in drawn(seed, 5)]
    assert None in days
    assert [day for day in days if day and day.endswith("02-29")]


def test_who_cannot_be_filled_is_left_out() -> None:
    fields = {
        "AccountId": {"type": "reference"}, "Weighted__c": {"type": "currency", "createable": False},
        "Hosted__c": {"type": "picklist", "values": ["Private"], "controller": "Solution__c"},
    }  # fmt: skip
    assert draw_records(fields, [*fields, "Absent__c"], "one", 3) == [{}, {}, {}]
    assert draw_records(SCHEMA, SCHEMA, "one", 0) == []


def test_clocks_change_on_the_days_that_the_law_says() -> None:
    assert nth_sunday(2027, 3, -1) == date(2027, 3, 28)
    assert nth_sunday(2026, 10, -1) == date(2026, 10, 25)
    assert nth_sunday(2026, 3, 2) == date(2026, 3, 8)
    assert nth_sunday(2026, 11, 1) == date(2026, 11, 1)


@pytest.mark.parametrize("name", SCHEMA)
def test_smaller_values_are_simpler_and_there_is_an_end(name: str) -> None:
    field = SCHEMA[name]
    for record in drawn("one"):
        value = record.get(name)
        while simpler := smaller(value, field):
            weights = [weight(one, field) for one in simpler]
            assert weights == sorted(weights)
            assert weights[-1] < weight(value, field)
            assert len(simpler) <= 40
            value = simpler[len(simpler) // 2]


def test_what_fails_alone_is_among_the_simpler_ones() -> None:
    text = {"type": "string", "length": 4000}
    assert "&" in smaller("Offer & tender <b>Söhne</b>", text)
    assert "a" * 256 in smaller("Long text 325. " * 100, text)
    assert "Oil, Gas" in smaller("Retail;Oil, Gas;Health & Care", {"type": "multipicklist"})
    assert 0.01 in smaller(-48_000.25, {"type": "currency"})
    assert "2027-06-15T12:00:00+05:45" in smaller("2024-02-29T23:59:59+05:45", {"type": "datetime"})


def test_a_record_is_told_in_a_line() -> None:
    told = worded({"A": "a" * 256, "B": "a\tb", "C": None, "D": 0.5, "E": "x" * 30 + "y" * 90})
    assert told == (
        'A = 256 times "a", B = "a\\u0009b", C = (empty), D = 0.5, '
        'E = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxyyyyyyyyyy…" (120 characters)'
    )


def test_every_type_that_the_matrix_knows_has_its_kinds() -> None:
    assert {name: bool(kinds(field)) for name, field in SCHEMA.items()} == dict.fromkeys(SCHEMA, True)
