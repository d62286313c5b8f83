"""Both sides record by record: every kind of difference is found, counted and explained; spelling is none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prm_harness.audit import reconcile
from prm_harness.audit.canonical import same
from prm_harness.audit.reconcile import CRM, PRM, Reconciliation

DESCRIBE = {
    "Name": {"type": "string"}, "Amount": {"type": "currency"}, "CloseDate": {"type": "date"},
    "Industries__c": {"type": "multipicklist"}, "At__c": {"type": "datetime"}, "AccountId": {"type": "reference"},
}  # fmt: skip
ROW = {
    "Name": "Deal", "Amount": 12.5, "CloseDate": "2027-01-31", "Industries__c": "A;B", "At__c": "2027-01-31T09:00:00Z",
    "AccountId": "001000000000001",
}  # fmt: skip


def compared(crm, prm):
    with Reconciliation(DESCRIBE) as both:
        both.add(PRM, prm)
        both.add(CRM, crm)
        return both.result()


def test_spelling_is_no_difference():
    other = ROW | {
        "Amount": "12.50", "Industries__c": ["B", "A"], "At__c": "2027-01-31T10:00:00.000+01:00",
        "AccountId": "001000000000001AAA", "CloseDate": "2027-01-31T00:00:00.000Z",
    }  # fmt: skip
    found = compared([("006000000000001AAA", ROW)], [("006000000000001", other)])
    assert found.clean
    assert found.accuracy == 100
    assert found.values == len(DESCRIBE)


@pytest.mark.parametrize(
    ("field", "value", "note"),
    [
        ("Name", "Dea", "truncated"), ("Amount", 12, "rounded"), ("CloseDate", "2027-01-30", "shifted"),
        ("Industries__c", "A", "values lost"), ("Name", None, "missing"), ("At__c", "2027-01-31T08:00:00Z", "shifted"),
    ],
)  # fmt: skip
def test_a_difference_is_explained(field, value, note):
    found = compared([("1", ROW), ("2", ROW)], [("1", ROW), ("2", ROW | {field: value})])
    assert (found.differing, found.accuracy) == (1, 50)
    assert found.by_kind == {(field, note): 1}
    assert [(one.key, one.field, one.note) for one in found.examples] == [("2", field, note)]


def test_what_is_missing_extra_and_doubled_is_counted_apart():
    found = compared([("1", ROW), ("2", ROW), ("3", ROW)], [("1", ROW), ("1", ROW), ("4", ROW)])
    assert (found.missing, found.extra, found.doubled, found.differing) == (2, 1, 1, 0)
    assert found.by_kind == {("record", "missing"): 2, ("record", "extra"): 1, ("record", "doubled"): 1}
    assert found.accuracy == 0


def test_examples_are_bounded_and_counts_are_not():
    rows = [(str(number), ROW) for number in range(100)]
    found = compared(rows, [])
    assert (found.missing, len(found.examples)) == (100, 20)


def test_nothing_against_nothing_is_clean():
    assert compared([], []).clean


@settings(max_examples=60, deadline=None)
@given(
    crm=st.dictionaries(
        st.integers(0, 30).map(str), st.one_of(st.none(), st.text(max_size=3), st.integers(-2, 2))
    ),
    prm=st.dictionaries(
        st.integers(0, 30).map(str), st.one_of(st.none(), st.text(max_size=3), st.integers(-2, 2))
    ),
)
def test_it_agrees_with_comparing_in_memory(crm, prm):
    field = {"type": "string"}
    reconcile_chunk, reconcile._CHUNK = reconcile._CHUNK, 7
    try:
        with Reconciliation({"F": field}) as both:
            both.add(CRM, ((key, {"F": value}) for key, value in crm.items()))
            both.add(PRM, ((key, {"F": value}) for key, value in prm.items()))
            found = both.result()
    finally:
        reconcile._CHUNK = reconcile_chunk
    assert found.missing == len(crm.keys() - prm.keys())
    assert found.extra == len(prm.keys() - crm.keys())
    assert found.differing == sum(not same(crm[k], prm[k], field)[0] for k in crm.keys() & prm.keys())
