from __future__ import annotations

import prm_reports
from prm_harness.record.model import Barrier, SetupStep
from prm_harness.record.style import StyleSeen, StyleSign
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


def test_a_style_is_told_as_claimed_and_as_observed():
    def said(claimed: str, *seen: str) -> tuple[str, bool]:
        return effort.style(claimed, StyleSeen(claimed=claimed, seen=seen))

    unsettled = ("It claims native field mapping. This run did not settle which style it has.", False)
    assert effort.style("native_mapping", None) == said("native_mapping") == unsettled
    assert said("mirror", "mirror") == ("It claims schema mirroring, and that is what this run saw.", False)
    assert said("ipaas", "native_mapping", "ipaas") == (
        (
            "It claims iPaaS field mapping, and that is what this run saw; so little as this run saw of it could also be "
            "native field mapping."
        ),
        False,
    )
    assert said("native_mapping", "batch_etl") == (
        "It claims native field mapping, and this run saw batch ETL.",
        True,
    )
    assert said("unknown", "mirror") == ("It claims no style; what this run saw is schema mirroring.", False)


def test_the_signs_of_a_style_are_printed_with_what_they_speak_for(samples, tmp_path):
    seen = StyleSeen(
        claimed="mirror",
        seen=("batch_etl",),
        signs=(
            StyleSign(sign="cadence", seen="It read the CRM once an hour.", speaks_for=("batch_etl",)),
            StyleSign(sign="footprint", seen="It added no field.", speaks_for=()),
        ),
    )
    assert effort.signs(seen)[1] == ("footprint", "It added no field.", "any style")
    run = samples.run(style="mirror").model_copy(update={"style": seen})
    (path,) = prm_reports.render_scorecard(run, tmp_path, formats=("html",))
    text = path.read_text("utf-8")
    assert "It claims schema mirroring, and this run saw batch ETL." in text
    assert "It read the CRM once an hour." in text
