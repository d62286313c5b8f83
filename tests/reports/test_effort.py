from __future__ import annotations

from prm_harness.record.model import Barrier, Fact, SetupStep
from prm_harness.scoring import score
from prm_reports import effort


def step(title: str, minutes: float = 3, actor: str = "admin") -> SetupStep:
    return SetupStep(
        id=title, title=title, actor=actor, hands_on_minutes=minutes, waiting_minutes=0, done=True
    )


def test_steps_alike_become_one_line_that_keeps_their_minutes():
    rows = effort.log(
        [step("Log in", 5), *(step(f"Map Account.F{n}") for n in range(9)), step("Load", 0, "automatic")]
    )
    assert [(r.title, r.many, r.hands_on_minutes) for r in rows] == [
        ("Log in", 1, 5),
        ("Map Account.F0 … Account.F8", 9, 27),
        ("Load", 1, 0),
    ]


def test_two_alike_stay_two():
    assert [r.many for r in effort.log([step("Map A"), step("Map B")])] == [1, 1]


def test_settlings_that_ran_out_of_time_come_first():
    def barrier(wave: str, passed: bool) -> Barrier:
        return Barrier(
            wave=wave, passed=passed, waited_seconds=1, to_crm_seconds=None, to_prm_seconds=None, quiet=True
        )

    found = effort.settlings([barrier("a", True), barrier("b", False), barrier("c", True)], 2)
    assert [b.wave for b in found] == ["b", "a"]


def test_a_style_is_told_as_claimed_and_as_observed(samples):
    def said(*facts: Fact) -> tuple[str, bool]:
        card = score(samples.run(style="native_mapping"))
        return effort.style(card.model_copy(update={"facts": facts}))

    assert said() == ("It claims native field mapping. This run did not settle which style it has.", False)
    same = Fact(name=effort.OBSERVED, value="native mapping")
    assert said(same) == ("It claims native field mapping, and that is what this run saw.", False)
    other = Fact(name=effort.OBSERVED, value="batch_etl", note="one read an hour, in bulk")
    assert said(other) == (
        "It claims native field mapping, and this run saw batch ETL: one read an hour, in bulk.",
        True,
    )
