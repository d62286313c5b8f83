"""SOQL against a plain evaluator on schemas that are drawn, too: own fields, parents' fields, children, groups."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from prm_harness.crm.org.schema import Field, FieldType, PicklistValue, Schema, SObjectType
from prm_harness.crm.soql import run

from .conftest import bare, open_store
from .test_against_python import CHOICES, ascii_order, fold, quoted

T = FieldType
NOW = datetime(2024, 2, 15, 10, 30, tzinfo=UTC)
VALUES = {
    T.STRING: ["a", "A", "b", "Straße", "é", "É", "x%", "o'k", "\\"],
    T.TEXTAREA: ["line", "LINE", "two"],
    T.PICKLIST: list(CHOICES),
    T.INT: [-3, 0, 7],
    T.DOUBLE: [-2.25, 0.5, 3.0],
    T.CURRENCY: [0.0, 19.99, 1e6],
    T.DATE: ["2023-12-31", "2024-02-15", "2024-03-01"],
    T.DATETIME: ["2024-02-14T23:00:00.000+0000", "2024-02-15T09:00:00.000+0000", "2024-02-16T00:00:00.000+0000"],
    T.TIME: ["08:00:00.000Z", "09:30:00.000Z", "23:59:59.000Z"],
    T.BOOLEAN: [True, False],
}  # fmt: skip
TEXTS = {T.STRING, T.TEXTAREA, T.PICKLIST}
GROUPED = {T.INT, T.DATE, T.BOOLEAN}
MADE = {T.STRING: {"length": 80}, T.TEXTAREA: {"length": 255}, T.DOUBLE: {"precision": 10, "scale": 2},
        T.CURRENCY: {"precision": 16, "scale": 2}}  # fmt: skip


def made(name, kind):
    more = dict(MADE.get(kind, {}))
    if kind is T.PICKLIST:
        more["picklist"] = tuple(map(PicklistValue, CHOICES))
    return Field(name, kind, nillable=kind is not T.BOOLEAN, **more)


def an_object(name, prefix, kinds, *more):
    fields = [Field("Id", T.ID), *(made(f"F{i}__c", kind) for i, kind in enumerate(kinds)), *more]
    return SObjectType(name, name, name, prefix, {field.name: field for field in fields})


@st.composite
def worlds(draw):
    """(kinds of the child's fields, kinds of the parent's, parents, children)."""
    kinds = st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=4)
    own, above = draw(kinds), draw(kinds)
    parents = draw(st.lists(rows_of(above), max_size=3))
    children = draw(st.lists(rows_of(own), max_size=8))
    for child in children:
        child["Up__c"] = draw(st.sampled_from([None, *range(len(parents))]))
    return own, above, parents, children


def rows_of(kinds):
    return st.fixed_dictionaries(
        {
            f"F{i}__c": st.sampled_from(VALUES[kind] if kind is T.BOOLEAN else [None, *VALUES[kind]])
            for i, kind in enumerate(kinds)
        }
    )


def literal(kind, value):
    if kind in TEXTS:
        return quoted(value)
    if kind is T.BOOLEAN:
        return str(value).lower()
    return value.replace("+0000", "Z") if isinstance(value, str) else repr(value)


def key(kind, value, *, ordered=False):
    if kind in TEXTS:
        return ascii_order(value) if ordered else fold(value)
    return value


@st.composite
def leaves(draw, columns):
    """(text, test): one comparison of an own or a parent's field with a value that may be there."""
    path, kind, read = draw(st.sampled_from(columns))
    value = draw(st.sampled_from(VALUES[kind]))
    operators = ["=", "!=", "IN", "NOT IN", *([] if kind is T.BOOLEAN else ["<", ">=", "null", "not null"])]
    operator = draw(st.sampled_from(operators))
    if operator == "null":
        return f"{path} = null", lambda row: read(row) is None
    if operator == "not null":
        return f"{path} != null", lambda row: read(row) is not None
    same = lambda row: read(row) is not None and key(kind, read(row)) == key(kind, value)  # noqa: E731
    if operator in {"=", "!="}:
        return f"{path} {operator} {literal(kind, value)}", lambda row: same(row) is (operator == "=")
    if operator in {"IN", "NOT IN"}:
        return f"{path} {operator} ({literal(kind, value)})", lambda row: same(row) is (operator == "IN")
    if kind in TEXTS and not value.isascii():
        return f"{path} = {literal(kind, value)}", same
    below = lambda row: key(kind, read(row), ordered=True) < key(kind, value, ordered=True)  # noqa: E731
    return (
        f"{path} {operator} {literal(kind, value)}",
        lambda row: read(row) is not None and below(row) is (operator == "<"),
    )


@st.composite
def conditions(draw, columns):
    parts = draw(st.lists(leaves(columns), min_size=1, max_size=3))
    if draw(st.booleans()):
        text, test = parts[0]
        parts[0] = (f"(NOT {text})", lambda row: not test(row))
    word, judge = draw(st.sampled_from([("AND", all), ("OR", any)]))
    return f" {word} ".join(text for text, _ in parts), lambda row: judge(test(row) for _, test in parts)


@settings(derandomize=True, database=None, deadline=None, max_examples=150)
@given(worlds(), st.data())
def test_same_rows_same_order_same_nulls_on_any_schema(world, data):
    own, above, parents, children = world
    up = Field(
        "Up__c",
        T.REFERENCE,
        reference_to=("Parent__c",),
        relationship_name="Up__r",
        child_relationship="Down__r",
    )
    schema = Schema()
    schema.put(an_object("Parent__c", "a00", above))
    schema.put(an_object("Child__c", "a01", own, up))
    connection = open_store(schema)
    for prefix, name, rows in (("a00", "Parent__c", parents), ("a01", "Child__c", children)):
        for n, row in enumerate(rows):
            row["Id"] = f"{prefix}{n:012}AAA"
            stored = {**row, "Up__c": parents[row["Up__c"]]["Id"] if row["Up__c"] is not None else None} \
                if name == "Child__c" else row  # fmt: skip
            names = ", ".join(f'"{column}"' for column in stored)
            connection.execute(
                f'INSERT INTO "{name}" ({names}) VALUES ({", ".join("?" * len(stored))})',
                list(stored.values()),
            )

    def ask(text):
        return bare(
            run(text, schema=schema, connection=connection, now=NOW, user_id="005000000000000AAA",
                url_for=lambda sobject, found: f"/{sobject}/{found}").records
        )  # fmt: skip

    def above_of(name, kind):
        missing = False if kind is T.BOOLEAN else None
        return lambda row: missing if row["Up__c"] is None else parents[row["Up__c"]][name]

    mine = [(f"F{i}__c", kind, lambda row, n=f"F{i}__c": row[n]) for i, kind in enumerate(own)]
    theirs = [(f"Up__r.F{i}__c", kind, above_of(f"F{i}__c", kind)) for i, kind in enumerate(above)]
    text, meets = data.draw(conditions(mine + theirs))
    chosen = [row for row in children if meets(row)]

    sortable = mine + [column for column in theirs if column[1] is not T.BOOLEAN]
    path, kind, read = data.draw(st.sampled_from(sortable))
    descending = data.draw(st.booleans())
    filled = [row for row in chosen if read(row) is not None]
    filled.sort(key=lambda row: key(kind, read(row), ordered=True), reverse=descending)
    empty = [row for row in chosen if read(row) is None]
    expected = filled + empty if descending else empty + filled
    names = [name for name, _, _ in mine]
    shown = [f"Up__r.F{i}__c" for i in range(len(above))]
    found = ask(
        f"SELECT Id, {', '.join(names + shown)} FROM Child__c WHERE {text} ORDER BY {path}{' DESC' * descending}"
    )
    assert [row["Id"] for row in found] == [row["Id"] for row in expected], text
    for record, row in zip(found, expected, strict=True):
        assert {name: record[name] for name in names} == {name: row[name] for name in names}
        parent = None if row["Up__c"] is None else parents[row["Up__c"]]
        assert record["Up__r"] == (None if parent is None else {n: v for n, v in parent.items() if n != "Id"})

    families = defaultdict(list)
    for row in chosen:
        families[row["Up__c"]].append(row["Id"])
    below = ask(f"SELECT Id, (SELECT Id FROM Down__r WHERE {text} ORDER BY Id) FROM Parent__c ORDER BY Id")
    told = [[row["Id"] for row in (record["Down__r"] or {"records": []})["records"]] for record in below]
    assert told == [families[n] for n in range(len(parents))]

    for name, kind, _ in mine:
        if kind in GROUPED:
            groups = ask(f"SELECT {name}, COUNT(Id) n FROM Child__c WHERE {text} GROUP BY {name}")
            assert {g[name]: g["n"] for g in groups} == dict(Counter(row[name] for row in chosen))
