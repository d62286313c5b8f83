"""What a check did is written down without ids, given back in a replay, and kept for failures only."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from prm_harness import check, settled
from prm_harness.audit.handed.chance import Chance
from prm_harness.audit.tape import Tape
from prm_harness.record.case import Case, Draw

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DRAWS: list[Callable[[random.Random], Any]] = [
    lambda r: r.choice("abcdef"),
    lambda r: r.choice([{"not": "plain"}, {"at": "all"}]),
    lambda r: r.sample(range(50), 5),
    lambda r: r.randrange(10, 500, 7),
    lambda r: r.randint(1, 6),
    lambda r: r.getrandbits(40),
    lambda r: r.random(),
    lambda r: r.uniform(2, 3),
    lambda r: r.shuffle(kept := list("abcdefg")) or kept,
]


@pytest.mark.parametrize("draw", DRAWS)
def test_chance_that_is_kept_is_the_same_chance(draw: Callable[[random.Random], Any]) -> None:
    plain, kept = random.Random("7:T1"), []
    assert [draw(Chance("7:T1", kept)) for _ in range(1)] == [draw(plain)]
    assert len(kept) == 1
    assert draw(Chance("another seed", [], kept)) == draw(random.Random("7:T1"))


def test_a_list_that_grew_gives_the_same_record() -> None:
    kept: list[Draw] = []
    was = Chance("1", kept).choice(["Aldgate", "Dunmore"])
    assert Chance("1", [], kept).choice(["New", "Newer", "Newest", "Aldgate", "Dunmore"]) == was


def test_other_draws_than_those_kept_are_drawn_anew() -> None:
    kept: list[Draw] = []
    Chance("1", kept).getrandbits(8)
    again = Chance("2", [], kept)
    assert again.randrange(1000) == random.Random("2").randrange(1000)


def failing(label: str = "Deal") -> Any:
    @check("X1", question="Q1.1", title="t", effects={"seen"}, passed="p", failed="f")
    def body(crm: Any, prm: Any, evidence: Any, data: Any) -> Any:
        """D."""
        deal = crm.create("Opportunity", data.deal(label))
        sent = prm.submit(data.deal("Sent", AccountId=data.partner))
        crm.update(deal, {"Amount": data.given("amount", lambda: data.random.randrange(1000))})
        yield settled
        prm.read(deal)
        evidence.exercised("seen")
        evidence.expect("rows", 2, len(crm.named("Opportunity", sent.name)))

    return body


def case_of(rig: Any) -> Case:
    (case,) = rig.heard.of("case")
    assert isinstance(case, Case)
    return case


def test_a_failure_keeps_what_was_done_in_order_without_ids(rig: Any) -> None:
    rig.run(failing())
    case = case_of(rig)
    assert [(op.side, op.do, op.what) for op in case.operations] == [
        ("crm", "create", ""), ("prm", "submit", ""), ("crm", "update", "@1"), ("time", "wait", "settled"), ("prm", "read", "@1"),
    ]  # fmt: skip
    created, sent, *_ = case.operations
    assert (created.made, created.answer, created.rows[0]["AccountId"]) == (("@1",), "1 made", "@customer")
    assert (sent.values["AccountId"], sent.answer) == ("@partner", "accepted")
    assert not any(record_id in case.model_dump_json() for record_id in rig.crm.rows)


def test_what_passes_keeps_nothing(rig: Any) -> None:
    @check("X2", question="Q1.1", title="t", effects={"seen"}, passed="p", failed="f")
    def passes(evidence: Any) -> Any:
        """D."""
        evidence.exercised("seen")
        yield settled

    rig.run(passes)
    assert rig.heard.of("case") == []


def test_a_replay_does_what_the_case_did(rig: Any) -> None:
    rig.run(failing())
    was = case_of(rig)
    assert was.given["amount"] == was.operations[2].values["Amount"]
    shown: list[str] = []
    campaign = rig.campaign(failing())
    campaign._seed, campaign._cases = 99, {"X1": was}
    campaign._watch = lambda number, op: shown.append(f"{number} {op.do}")
    campaign.run()
    again = rig.heard.of("case")[-1]
    done = [[op.model_dump(exclude={"at", "answer"}) for op in case.operations] for case in (was, again)]
    assert done[0] == done[1]
    assert shown == ["1 create", "2 submit", "3 update", "4 wait", "5 read"]


def test_a_reduced_case_keeps_what_touches_its_record() -> None:
    tape = Tape(lambda: NOON)
    tape.act("crm", "create", "Account", rows=[{"Name": "Moved to"}])("1 made", ["001" + "A" * 15])
    tape.act("crm", "create", "Account", rows=[{"Name": "Nobody's"}])("1 made", ["001" + "B" * 15])
    tape.waited("settled", passed=True)
    tape.act("crm", "faults.inject", values={"name": "locked"})("done")
    for name, row in (("One", "C"), ("Two", "D")):
        tape.act("crm", "create", "Opportunity", rows=[{"Name": name}])("1 made", ["006" + row * 15])
    tape.act("crm", "update", "Opportunity", "006" + "D" * 15, {"AccountId": "001" + "A" * 15})("done")
    tape.act("crm", "update", "Opportunity", "006" + "C" * 15, {"Amount": 1})("done")
    tape.reduce("histories", ["smallest"], "2 to 1", about=["Two"])
    case = tape.case("P1", 1, seed=1, started_at=NOON, today=NOON.date())
    assert [op.words for op in case.operations] == [
        "create Account @1 'Moved to'",
        "faults.inject (name = 'locked')",
        "create Opportunity @4 'Two'",
        "update Opportunity @4 (AccountId = '@1')",
    ]
    assert (case.given, case.reduced) == ({"histories": ["smallest"]}, "2 to 1")
