from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from prm_harness.record.verdicts import Verdict
from prm_harness.scoring import bakeoff, score
from prm_reports import charts, charts_bakeoff, marks
from prm_reports.svg import PALETTE, Drawing


def title(svg) -> str:
    return ET.fromstring(svg).findtext("{http://www.w3.org/2000/svg}title")


@pytest.fixture
def card(vendors):
    return score(vendors["good"])


@pytest.fixture
def compared(vendors):
    return bakeoff(list(vendors.values()), reweightings=100)


def test_the_score_line_tells_score_ceiling_and_grade(card):
    said = title(charts.score_line(card))
    assert said == f"Score {card.printed_score}, at most {card.printed_ceiling} of 100, grade {card.grade}."


def test_part_bars_tell_every_part(card):
    said = title(charts.part_bars(card.parts))
    assert all(part.title in said for part in card.parts)


def test_the_strip_counts_every_check(card):
    assert sum(charts.how_known(card).values()) == len(card.checks())
    assert title(charts.coverage_strip(card)).startswith(
        "Of 40 checks: observed 37, vendor's word only 1, unsettled 2"
    )


def test_points_earned_add_up_to_the_score(card):
    assert sum(map(charts.earned, card.questions())) == pytest.approx(card.score)
    assert sum(map(charts.weighed, card.questions())) == pytest.approx(100)


def test_differences_add_up_to_the_difference(compared):
    first, other = compared.standings[0].card, compared.standings[1].card
    gaps = charts_bakeoff.differences(first, other)
    assert [gap for _, gap in gaps] == sorted((gap for _, gap in gaps), reverse=True)
    assert sum(gap for _, gap in gaps) == pytest.approx(first.score - other.score, abs=0.5)


def test_ranked_dots_tell_both_groups(compared):
    said = title(charts_bakeoff.ranked_dots(compared, dense=False))
    assert said.index("Passed every knock-out: Birch PRM") < said.index("Did not pass a knock-out: Alder")
    assert "Dogwood Connect n/a, at most 100" in said


def test_an_unscored_vendor_is_drawn_as_such(samples):
    empty = samples.checklist().model_copy(update={"checks": ()})
    result = bakeoff([samples.run(name, check_list=empty) for name in ("Ash", "Birch")], reweightings=10)
    assert "nothing could be judged" in charts_bakeoff.ranked_dots(result, dense=False)
    assert "n/a" in charts.score_line(result.standings[0].card)


def test_shape_alone_tells_verdicts_apart():
    shapes = {
        re.sub(r' (class|fill|stroke|stroke-width)="[^"]*"|<title>.*?</title>', "", marks.mark(v))
        for v in Verdict
    }
    assert len(shapes) == len(Verdict)


@pytest.mark.parametrize(
    ("value", "size"), [(0, 0), (0.5, 25), (37, 25), (38, 50), (62, 50), (63, 75), (99.9, 75), (100, 100)]
)
def test_a_ball_is_full_or_empty_only_at_the_ends(value, size):
    assert marks.step(value) == size


def test_words_in_a_drawing_are_escaped():
    d = Drawing(10, 10, "</title><script>")
    d.text(0, 0, "<b>&")
    assert "<script>" not in d.markup()
    assert "&lt;b&gt;&amp;" in d.markup()


@pytest.mark.parametrize("name", ["ink", "muted", "blue", "red", "amber", "second"])
def test_text_colours_are_readable_on_paper(name):
    def light(channel: int) -> float:
        part = channel / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (light(int(PALETTE[name][at : at + 2], 16)) for at in (1, 3, 5))
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5
