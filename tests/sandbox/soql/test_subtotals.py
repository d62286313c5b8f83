"""GROUP BY ROLLUP and CUBE, with GROUPING: by hand, and against a plain evaluator on random rows."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prm_harness.crm.org.errors import QueryError

from .conftest import Org


@pytest.fixture
def pipeline(org):
    for stage, region, amount in [
        ("Won", "EMEA", 10.0),
        ("Won", "EMEA", 5.0),
        ("Won", "AMER", 1.0),
        ("lost", None, 2.0),
    ]:
        org.add("Opportunity", StageName=stage, Deal_Region__c=region, Amount=amount)
    return org


def listed(org, text):
    return [tuple(row.values()) for row in org.rows(text)]


def test_rollup_sums_up_from_right_to_left_and_ends_with_the_total(pipeline):
    found = listed(
        pipeline,
        "SELECT StageName, Deal_Region__c, SUM(Amount), GROUPING(StageName) s, GROUPING(Deal_Region__c) r "
        "FROM Opportunity GROUP BY ROLLUP(StageName, Deal_Region__c)",
    )
    assert found == [
        ("lost", None, 2.0, 0, 0),
        ("lost", None, 2.0, 0, 1),
        ("Won", "AMER", 1.0, 0, 0),
        ("Won", "EMEA", 15.0, 0, 0),
        ("Won", None, 16.0, 0, 1),
        (None, None, 18.0, 1, 1),
    ]


def test_cube_sums_up_every_way(pipeline):
    found = listed(
        pipeline,
        "SELECT StageName, Deal_Region__c, COUNT(Id) FROM Opportunity GROUP BY CUBE(StageName, Deal_Region__c)",
    )
    assert len(found) == 3 + 2 + 3 + 1
    assert found[-1] == (None, None, 4)
    assert (None, "EMEA", 2) in found


def test_having_order_and_limit_count_over_all_of_it(pipeline):
    text = (
        "SELECT StageName, SUM(Amount) total FROM Opportunity WHERE Amount > 1 GROUP BY ROLLUP(StageName) "
        "HAVING SUM(Amount) > 2 ORDER BY GROUPING(StageName) DESC, SUM(Amount) LIMIT 2"
    )
    assert listed(pipeline, text) == [(None, 17.0), ("Won", 15.0)]


def test_names_are_sorted_without_regard_to_case(pipeline):
    found = listed(
        pipeline, "SELECT StageName FROM Opportunity GROUP BY ROLLUP(StageName) ORDER BY StageName DESC"
    )
    assert found == [("Won",), ("lost",), (None,)]


def test_a_boolean_of_a_subtotal_is_null(org):
    org.add("Opportunity", Strategic__c=0)
    found = listed(org, "SELECT Strategic__c, COUNT(Id) FROM Opportunity GROUP BY ROLLUP(Strategic__c)")
    assert found == [(False, 1), (None, 1)]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT GROUPING(StageName) FROM Opportunity GROUP BY StageName",
        "SELECT StageName, GROUPING(Name) FROM Opportunity GROUP BY ROLLUP(StageName)",
        "SELECT StageName FROM Opportunity GROUP BY CUBE(StageName, Name, Type, LeadSource)",
        "SELECT Name FROM Opportunity GROUP BY ROLLUP(StageName)",
        "SELECT Id FROM Opportunity WHERE GROUPING(StageName) = 1",
    ],
)
def test_what_cannot_be_summed_up_is_refused(org, text):
    with pytest.raises(QueryError) as error:
        org.ask(text)
    assert error.value.faults[0].code == "MALFORMED_QUERY"


KEYS = ("StageName", "Deal_Region__c", "Strategic__c")
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "StageName": st.sampled_from(["a", "B", None]),
            "Deal_Region__c": st.sampled_from(["EMEA", "AMER", None]),
            "Strategic__c": st.sampled_from([0, 1]),
            "Amount": st.sampled_from([None, 1.0, 2.5, -4.0]),
        }
    ),
    max_size=10,
)


@settings(derandomize=True, database=None, deadline=None, max_examples=150)
@given(
    rows=ROWS, keys=st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique=True), cube=st.booleans()
)
def test_subtotals_are_those_of_a_plain_evaluator(rows, keys, cube):
    ORG.connection.execute('DELETE FROM "Opportunity"')
    for row in rows:
        ORG.add("Opportunity", **row)
    count = len(keys)
    kept = [tuple(range(n)) for n in range(count + 1)]
    if cube:
        kept = [chosen for n in range(count + 1) for chosen in combinations(range(count), n)]
    expected = []
    for chosen in kept:
        groups = {}
        for row in rows:
            key = tuple(row[keys[i]] if i in chosen else None for i in range(count))
            groups.setdefault(key, []).append(row["Amount"])
        for key, amounts in groups.items():
            filled = [a for a in amounts if a is not None]
            flags = tuple(int(i not in chosen) for i in range(count))
            shown = tuple(
                bool(v) if k == "Strategic__c" and v is not None else v
                for k, v in zip(keys, key, strict=True)
            )
            expected.append((*shown, *flags, len(amounts), sum(filled) if filled else None))
    flags = ", ".join(f"GROUPING({key}) g{i}" for i, key in enumerate(keys))
    word = "CUBE" if cube else "ROLLUP"
    text = f"SELECT {', '.join(keys)}, {flags}, COUNT(Id), SUM(Amount) FROM Opportunity GROUP BY {word}({', '.join(keys)})"
    found = [tuple(row.values()) for row in ORG.rows(text)]
    assert sorted(found, key=repr) == sorted(expected, key=repr), text


ORG = Org()
