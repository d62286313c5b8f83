"""Findings read as people write: numbers agree with their nouns, times have fitting units, empty clauses are left out."""

from __future__ import annotations

import pytest

from prm_harness.audit.wording import counted, duration, filled


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "a second"), (0.4, "a second"), (1, "1 second"), (15, "15 seconds"), (60, "1 minute"), (90, "90 seconds"),
        (300, "5 minutes"), (3600, "1 hour"), (5400, "90 minutes"), (10_800, "3 hours"), (82 * 3600, "82 hours"),
        (3 * 86_400, "3 days"), (86_400, "24 hours"), (9_720, "2.7 hours"), (1_234.5, "21 minutes"),
    ],
)  # fmt: skip
def test_times_are_said_as_people_say_them(seconds, said):
    assert duration(seconds) == said


def test_numbers_agree_with_their_nouns():
    assert [counted(n, "deal") for n in (0, 1, 2, 20_000)] == ["0 deals", "1 deal", "2 deals", "20,000 deals"]
    assert counted(3, "copy|copies") == "3 copies"
    said = [filled("{n:~all deal}", {"n": n}) for n in (0, 1, 5)]
    assert said == ["no deal", "the one deal", "all 5 deals"]


def test_a_clause_about_nothing_is_left_out():
    sentence = "It took {t:~time}[[, and {late} of {sent} were late]]: so it is."
    assert filled(sentence, {"t": 60, "late": 0, "sent": 8}) == "It took 1 minute: so it is."
    assert (
        filled(sentence, {"t": 60, "late": 2, "sent": 8})
        == "It took 1 minute, and 2 of 8 were late: so it is."
    )


def test_of_several_clauses_those_about_something_stay():
    sentence = "Of {all} deals [[{lost} are lost ;; {copies} are there twice ;; {late} came late]]."
    said = [
        filled(sentence, {"all": 9, "lost": lost, "copies": copies, "late": late})
        for lost, copies, late in ((1, 0, 0), (1, 0, 2), (1, 2, 3), (0, 0, 0))
    ]
    assert said == [
        "Of 9 deals 1 are lost.",
        "Of 9 deals 1 are lost and 2 came late.",
        "Of 9 deals 1 are lost, 2 are there twice and 3 came late.",
        "Of 9 deals something else was not as it had to be.",
    ]


def test_what_was_not_set_is_a_question_mark_and_pythons_own_formats_stay():
    assert filled("{a:~deal} {b:~time} {c:g} {d:.1f} {e}", {"d": 2, "e": "x {y}"}) == "? ? ? 2.0 x {y}"
