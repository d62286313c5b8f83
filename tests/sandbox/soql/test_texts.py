"""Records written as JSON inside the store say what records made in Python say, value by value."""

import json
import math

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm_harness.crm.sandbox import Sandbox

FIELDS = "Id, LastName, Company, Description, Email, AnnualRevenue, NumberOfEmployees, IsConverted, CreatedDate, OwnerId"
NASTY = ['"', "\\", "\x01\x1f\x7f", "a\x00b", "\u2028", "é𝄞", "{}[],:", "'", "\t\r\n", "null", "true", "0"]


@pytest.fixture(scope="module")
def org():
    with Sandbox(seed=3) as sandbox:
        yield sandbox._org


def both(org, soql):
    """The same query's records, by way of text and by way of Python."""
    plain = org.query(soql, user=org.integration_id)
    texts = org.query(soql, user=org.integration_id, as_text=True)
    assert texts.total == plain.total
    return json.loads(orjson.dumps(texts.records)), plain.records, texts.records


def lead(org, **values):
    return org.insert("Lead", {"LastName": "L", "Company": "C", **values}, user=org.integration_id)


@pytest.mark.parametrize("text", NASTY)
def test_any_text_arrives_whole(org, text):
    record_id = lead(org, Description=f"<{text}>", LastName=f"({text})")
    written, made, kept = both(org, f"SELECT {FIELDS} FROM Lead WHERE Id = '{record_id}'")
    assert isinstance(kept[0], orjson.Fragment), "this query is a plain one"
    assert written == made
    assert list(written[0]) == list(made[0]), "fields in SELECT order"


@given(
    st.one_of(
        st.none(),
        st.integers(-(10**15), 10**15),
        st.floats(-1e15, 1e15, allow_nan=False).map(lambda x: round(x, 2)),
    )
)
def test_numbers_are_the_same_doubles(org, amount):
    record_id = lead(org, AnnualRevenue=amount)
    written, made, _ = both(org, f"SELECT AnnualRevenue FROM Lead WHERE Id = '{record_id}'")
    assert written == made
    assert amount is None or math.isclose(written[0]["AnnualRevenue"], amount, rel_tol=1e-9, abs_tol=0.51)


@pytest.mark.parametrize(
    "order", ["LastName DESC NULLS LAST", "AnnualRevenue, LastName", "SystemModstamp, Id DESC"]
)
def test_sorted_pages_keep_their_order(org, order):
    for i in range(30):
        lead(org, LastName=f"L{i * 7 % 30}", AnnualRevenue=i % 3)
    written, made, kept = both(org, f"SELECT Id, AnnualRevenue FROM Lead ORDER BY {order} LIMIT 17 OFFSET 3")
    assert isinstance(kept[0], orjson.Fragment)
    assert written == made


def test_nulls_and_checkboxes(org):
    lead(org, HasOptedOutOfEmail=True)
    written, made, _ = both(org, "SELECT Id, HasOptedOutOfEmail, Title, NumberOfEmployees FROM Lead")
    assert written == made
    assert {True, False} >= {record["HasOptedOutOfEmail"] for record in written}


@pytest.mark.parametrize(
    "items",
    [
        "Id, Owner.Name",
        "Id, Address",
        "toLabel(Rating)",
        "FIELDS(ALL)",
        "Latitude",
        "Id, (SELECT Id FROM Tasks)",
    ],
)
def test_what_the_store_cannot_write_comes_as_records(org, items):
    lead(org, City="London", Latitude=51.5, Longitude=-0.12)
    written, made, kept = both(org, f"SELECT {items} FROM Lead LIMIT 200")
    assert isinstance(kept[0], dict)
    assert written == made


def test_more_fields_than_a_function_takes(org):
    names = [f.name for f in org.schema.objects["Opportunity"].fields.values() if f.stored]
    account = org.insert("Account", {"Name": "A"}, user=org.integration_id)
    org.insert(
        "Opportunity",
        {"Name": "O", "StageName": "Prospecting", "CloseDate": "2026-05-01", "AccountId": account},
        user=org.integration_id,
    )
    written, made, _ = both(org, f"SELECT {', '.join(names)} FROM Opportunity LIMIT 1")
    assert written == made
