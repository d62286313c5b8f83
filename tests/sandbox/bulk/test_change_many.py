"""Updating and upserting many at once ends in the same rows, refusals and account of changes as one by one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prm_harness.crm.org.errors import OrgError
from prm_harness.crm.org.saves import saving
from prm_harness.crm.sandbox import Sandbox

VALUES = {
    "LastName": ["Lee", " Lee ", "Old 1", "", "x" * 81, None, 7],
    "FirstName": ["Ada", "", None, "  "],
    "Email": ["a@b.co", "old@b.co", "not one", "", None],
    "AccountId": ["parent", "gone", "", "001000000000000AAA", "no id", None],
    "OwnerId": ["sales", "", None, "005000000000000AAA"],
    "Other_Key__c": ["o1", "O1", "o2", "o5", "", None],
    "Size__c": ["1", 1, 1.5, "12.345", 99999, "x", "", None],
    "Rating__c": ["Hot", "Cold", "Wrong", "", None],
    "DoNotCall": [True, "true", "maybe", "", None],
    "Birthdate": ["2001-02-03", "2001-02-30", "", None],
    "lastname": ["Any case"],
    "Nonsense": ["x"],
    "Account": [None, {"Name": "P"}],
    "IsDeleted": [True],
}
KEYS = ["k1", "K1", "k2", " k3 ", "k4", "k5", "k6", "deleted", "twice", "É", "é", "", "y" * 81, None, 5, True]
PLACES = ["k1", "k2", "k3", "deleted", "15", "wrong", "none", "", None]
SHAPES = [
    ("LastName",),
    ("LastName", "FirstName", "Email", "Size__c"),
    ("LastName", "Other_Key__c", "DoNotCall"),
    ("LastName", "Rating__c", "AccountId", "Birthdate"),
    ("LastName", "OwnerId", "Other_Key__c"),
    ("FirstName", "Other_Key__c"),
    ("LastName", "Load_Key__c"),
    ("lastname",),
    ("LastName", "Nonsense"),
    ("LastName", "Account"),
    ("LastName", "IsDeleted"),
    (),
]


def an_org(key_is_unique, with_rule):
    sandbox = Sandbox(seed=3)
    sandbox.schema.add_field(
        "Contact", "Load_Key__c", "string", length=80, unique=key_is_unique, external_id=True
    )
    sandbox.schema.add_field("Contact", "Other_Key__c", "string", length=80, unique=True, external_id=True)
    sandbox.schema.add_field("Contact", "Size__c", "double", precision=6, scale=2)
    sandbox.schema.add_field("Contact", "Rating__c", "picklist", picklist=("Hot", "Cold"), restricted=True)
    if with_rule:
        sandbox.schema.add_validation_rule("Contact", "No_Ada", 'FirstName = "Ada"', "not Ada")
    parent, gone = sandbox.create("Account", [{"Name": "P"}, {"Name": "G"}])
    sandbox.delete("Account", gone)
    keys = ["k1", "k2", "k3", "deleted", "é", *(["k6", "k6"] if not key_is_unique else [])]
    made = sandbox.create(
        "Contact",
        [
            {
                "LastName": f"Old {i}",
                "Email": "old@b.co",
                "Load_Key__c": key,
                "Other_Key__c": f"o{i}",
                "AccountId": parent,
            }
            for i, key in enumerate(keys)
        ],
    )
    ids = dict(zip(keys, made, strict=True))
    sandbox.delete("Contact", ids["deleted"])
    ids |= {"15": ids["k2"][:15], "wrong": "003000000000000AAA", "none": "no id"}
    return sandbox, {"parent": parent, "gone": gone, "sales": sandbox._org.sales_id}, ids


def outcome(one):
    return (type(one), one.faults) if isinstance(one, OrgError) else one


def one_by_one(call, records):
    outcomes = []
    for key, values in records:
        try:
            outcomes.append(call(key, values))
        except OrgError as error:
            outcomes.append(error)
    return outcomes


@st.composite
def loads(draw, keys):
    rows = []
    for shape in draw(st.lists(st.sampled_from(SHAPES), min_size=1, max_size=3)):
        row = st.fixed_dictionaries({n: st.sampled_from(VALUES.get(n, ["k1", "k9"])) for n in shape})
        rows += draw(st.lists(st.tuples(st.sampled_from(keys), row), max_size=6))
    return rows


def ends(rows, *, at_once, operation, key_is_unique=True, with_rule=False):
    sandbox, known, ids = an_org(key_is_unique, with_rule)
    with sandbox:
        org, user = sandbox._org, sandbox.facts.integration_user
        sandbox.clock.advance(60)
        records = [
            (
                ids.get(key, key) if operation == "update" else key,
                {n: known.get(v, v) if isinstance(v, str) else v for n, v in values.items()},
            )
            for key, values in rows
        ]
        before = len(org.changes)
        if operation == "update" and at_once:
            done = org.update_many("Contact", records, user=user)
        elif operation == "update":
            done = one_by_one(
                lambda key, values: (org.update("Contact", key, values, user=user), (key, False))[1], records
            )
        elif at_once:
            done = org.upsert_many("Contact", "Load_Key__c", records, user=user)
        else:
            done = one_by_one(
                lambda key, values: org.upsert("Contact", "Load_Key__c", key, values, user=user), records
            )
        stored = org.connection.execute('SELECT * FROM "Contact" ORDER BY "Id"').fetchall()
        changes = [
            (c.number, c.at, c.user, c.record_id, c.operation, dict(c.fields)) for c in org.changes[before:]
        ]
        told = [
            (c.number, c.record_id, c.operation, dict(c.fields))
            for c in sandbox.log.changes(sobject="Contact")
        ]
        return [outcome(one) for one in done], stored, changes, told


@settings(max_examples=80, deadline=None)
@given(loads(KEYS), st.booleans(), st.booleans())
def test_upserting_many_is_the_same_as_one_by_one(rows, key_is_unique, with_rule):
    how = {"operation": "upsert", "key_is_unique": key_is_unique, "with_rule": with_rule}
    assert ends(rows, at_once=True, **how) == ends(rows, at_once=False, **how)


@settings(max_examples=80, deadline=None)
@given(loads([key for key in PLACES if key]), st.booleans())
def test_updating_many_is_the_same_as_one_by_one(rows, with_rule):
    how = {"operation": "update", "with_rule": with_rule}
    assert ends(rows, at_once=True, **how) == ends(rows, at_once=False, **how)


@pytest.mark.parametrize("operation", ["update", "upsert"])
def test_clean_rows_go_in_together(operation, monkeypatch):
    def refuse(*_given, **_named):
        raise AssertionError("row by row")

    monkeypatch.setattr(saving, "update", refuse)
    monkeypatch.setattr(saving, "upsert", refuse)
    rows = [(key, {"LastName": "New", "Email": "n@b.co"}) for key in ("k1", "k2", "k3")]
    outcomes, _, changes, _ = ends(rows, at_once=True, operation=operation)
    assert [created for _, created in outcomes] == [False] * 3
    assert [operation for _, _, _, _, operation, _ in changes] == ["update"] * 3
