"""Whatever is done, it is the same by REST, SOAP, Bulk 2.0, Bulk 1.0 and collections: same fates, same rows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from .roads import ROADS, Outcome, Road, Row

KEY = "External_Id__c"
SEED = 5

# Anything but what XML cannot carry or normalises, and what CSV takes for "clear this field".
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]) | st.sampled_from('",\n<&\t'),
    min_size=1, max_size=12,
).filter(lambda text: text.strip() and text != "#N/A")  # fmt: skip
keys = st.sampled_from(["k1", "k2", "K1", "a/b", "a b", "ü,1"])
FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "Account": {
        "Name": texts,
        "Industry": st.sampled_from(["Banking", "Retail", "Unheard of"]),
        "AnnualRevenue": st.integers(-(10**12), 10**12) | st.just(10**18),
        "NumberOfEmployees": st.integers(0, 10**8),
        "Description": texts,
        "CleanStatus": st.sampled_from(["Matched", "Nonsense"]),
        KEY: keys,
    },
    "Contact": {
        "LastName": texts,
        "FirstName": texts,
        "Email": st.sampled_from(["a@example.com", "no address"]),
        "Birthdate": st.dates().map(str),
        "HasOptedOutOfEmail": st.booleans(),
        "AccountId": st.integers(0, 6),
        KEY: keys,
    },
    "Opportunity": {
        "Name": texts,
        "StageName": st.sampled_from(["Prospecting", "Closed Won"]),
        "CloseDate": st.dates().map(str),
        "Amount": st.integers(-(10**5), 10**5).map(lambda cents: cents / 100),
        "Probability": st.integers(0, 100),
        "AccountId": st.integers(0, 6),
        KEY: keys,
    },
}
REQUIRED = {
    "Account": ["Name"],
    "Contact": ["LastName"],
    "Opportunity": ["Name", "StageName", "CloseDate"],
}
objects = st.sampled_from(sorted(FIELDS))
seldom = st.sampled_from([False] * 7 + [True])


@st.composite
def rows(draw: st.DrawFn, *, keyed: bool = False) -> tuple[str, list[Row]]:
    """An object and up to three rows: mostly complete, sometimes with a field cleared or missing."""
    sobject = draw(objects)
    fields = FIELDS[sobject]
    found = []
    for _ in range(draw(st.integers(1, 3))):
        names = draw(st.lists(st.sampled_from(sorted(fields)), min_size=1, max_size=3, unique=True))
        if not draw(seldom):
            names = list(dict.fromkeys([*REQUIRED[sobject], *names]))
        row = {name: draw(st.none() if draw(seldom) else fields[name]) for name in names}
        if keyed:
            row[KEY] = draw(keys)
        found.append(row)
    if keyed:  # one call does not name one record twice
        found = list({row[KEY].lower(): row for row in found}.values())
    return sobject, found


class FiveRoads(RuleBasedStateMachine):
    """Records are known by the number in which they came to be, as each org may number them its own way."""

    def __init__(self) -> None:
        super().__init__()
        self.roads: list[Road] = [road(SEED) for road in ROADS]
        self.made: list[list[tuple[str, str]]] = [[] for _ in self.roads]
        self.deleted: list[int] = []

    def chosen(self, picks: list[int], sobject: str) -> list[int]:
        """Numbers of records of that object, each once."""
        numbers = [n for n, (kind, _) in enumerate(self.made[0]) if kind == sobject]
        return list(dict.fromkeys(numbers[pick % len(numbers)] for pick in picks)) if numbers else []

    def ids(self, lane: int, numbers: list[int]) -> list[str]:
        return [self.made[lane][number][1] for number in numbers]

    def local(self, lane: int, row: Row) -> Row:
        if not isinstance(row.get("AccountId"), int):
            return row
        accounts = [record_id for kind, record_id in self.made[lane] if kind == "Account"]
        number = row["AccountId"]
        # Past the end: a well-formed id of nothing.
        return row | {"AccountId": accounts[number] if number < len(accounts) else "001000000000001AAA"}

    def compare(self, outcomes: list[list[Outcome]]) -> None:
        fates = [[error for _, error in lane] for lane in outcomes]
        for lane, road in zip(fates, self.roads, strict=True):
            assert lane == fates[0], (type(road).__name__, fates)

    def learn(self, sobject: str, outcomes: list[list[Outcome]]) -> None:
        self.compare(outcomes)
        for lane, results in enumerate(outcomes):
            known = {record_id for _, record_id in self.made[lane]}
            self.made[lane] += [(sobject, i) for i, error in results if not error and i not in known]

    def teardown(self) -> None:
        for sobject in FIELDS:
            self.same_rows(sobject)
        for road in self.roads:
            road.sandbox.close()

    def same_rows(self, sobject: str) -> None:
        schema = self.roads[0].sandbox._org.schema
        names = [f.name for f in schema.objects[sobject].fields.values()]
        tables = []
        for lane, road in enumerate(self.roads):
            number = {record_id: n for n, (_, record_id) in enumerate(self.made[lane])}
            tables.append(
                [
                    {
                        name: f"#{number[v]}" if isinstance(v, str) and v in number else v
                        for name, v in row.items()
                    }
                    for row in road.everything(sobject, names)
                ]
            )
        for table, road in zip(tables, self.roads, strict=True):
            assert table == tables[0], type(road).__name__

    @initialize()
    def some_accounts(self) -> None:
        given: list[Row] = [{"Name": "A"}, {"Name": "B", KEY: "k1"}]
        self.learn("Account", [road.create("Account", given) for road in self.roads])

    @rule(what=rows())
    def create(self, what: tuple[str, list[Row]]) -> None:
        sobject, given = what
        self.learn(
            sobject,
            [
                road.create(sobject, [self.local(lane, row) for row in given])
                for lane, road in enumerate(self.roads)
            ],
        )

    @rule(what=rows(keyed=True))
    def upsert(self, what: tuple[str, list[Row]]) -> None:
        sobject, given = what
        self.learn(
            sobject,
            [
                road.upsert(sobject, KEY, [self.local(lane, row) for row in given])
                for lane, road in enumerate(self.roads)
            ],
        )

    @rule(what=rows(), picks=st.lists(st.integers(0, 9), min_size=3, max_size=3))
    def update(self, what: tuple[str, list[Row]], picks: list[int]) -> None:
        sobject, given = what
        numbers = self.chosen(picks, sobject)
        outcomes = []
        for lane, road in enumerate(self.roads):
            pairs = zip(self.ids(lane, numbers), given, strict=False)
            changes = [{"Id": i, **self.local(lane, row)} for i, row in pairs]
            outcomes.append(road.update(sobject, changes) if changes else [])
        self.compare(outcomes)

    @rule(sobject=objects, picks=st.lists(st.integers(0, 9), min_size=1, max_size=3))
    def delete(self, sobject: str, picks: list[int]) -> None:
        numbers = self.chosen(picks, sobject)
        if numbers:
            self.compare(
                [road.delete(sobject, self.ids(lane, numbers)) for lane, road in enumerate(self.roads)]
            )
            self.deleted += numbers

    @precondition(lambda self: self.deleted)
    @rule(picks=st.lists(st.integers(0, 9), min_size=1, max_size=3))
    def undelete(self, picks: list[int]) -> None:
        numbers = list(dict.fromkeys(self.deleted[-1 - pick % len(self.deleted)] for pick in picks))
        self.compare([road.undelete(self.ids(lane, numbers)) for lane, road in enumerate(self.roads)])


FiveRoads.TestCase.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, derandomize=True
)
TestFiveRoads = pytest.mark.slow(FiveRoads.TestCase)
