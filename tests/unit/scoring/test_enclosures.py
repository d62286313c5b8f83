"""What people hand in beside a run: every mistake is one line that says which file, where, and what to do."""

from __future__ import annotations

from datetime import date

import pytest

from prm_harness.record.enclosures import Comment, Enclosures, Waiver
from prm_harness.scoring.enclosures import EnclosureError, load_comment, load_waivers

CHECKS = ("E1", "E3", "U2")


def written(folder, text: str):
    path = folder / "given.yaml"
    path.write_text(text, "utf-8")
    return path


def test_a_comment_is_kept_word_for_word(tmp_path):
    path = written(
        tmp_path,
        "by: B. Birch, CTO\ndate: 2026-11-25\ntext: |\n  We <b>disagree</b>.\n\n  Twice.\nchecks: {E3: Soon.}\n",
    )
    assert load_comment(path, checks=CHECKS) == Comment(
        said_by="B. Birch, CTO",
        said_on=date(2026, 11, 25),
        text="We <b>disagree</b>.\n\nTwice.",
        checks={"E3": "Soon."},
    )


COMMENTS = {
    "nothing": ("", "start with 'by:'"),
    "no name": ("text: x", "by is missing"),
    "no words": ("by: B", "says nothing"),
    "a typing mistake": ("by: B\ntexst: x", "did you mean 'text'"),
    "an unknown check": ("by: B\nchecks: {E9: x}", "'E9', which is none of the checks of this run"),
    "no day": ("by: B\ndate: yesterday\ntext: x", "date is no day; write it as 2027-03-31"),
    "no text": ("by: B\ntext: [x]", "text is no text; put it in quotes"),
    "too much": (f"by: B\ntext: {'x' * 20_001}", "20,001 characters"),
    "no YAML": ("by: [", "line"),
    "twice": ("by: B\nby: C", "written twice"),
}


@pytest.mark.parametrize("mistake", COMMENTS)
def test_a_comment_that_cannot_be_used_says_why(tmp_path, mistake):
    text, expected = COMMENTS[mistake]
    with pytest.raises(EnclosureError) as refused:
        load_comment(written(tmp_path, text), checks=CHECKS)
    assert str(tmp_path) in str(refused.value)
    assert expected in str(refused.value)
    assert "\n" not in str(refused.value)


def test_waivers_name_check_reason_owner_and_day(tmp_path):
    path = written(
        tmp_path, "waivers:\n- {check: E3, reason: we look daily, owner: R. Ops, until: 2027-01-31}\n"
    )
    waivers = load_waivers(path, checks=CHECKS)
    assert waivers == (Waiver(check="E3", reason="we look daily", owner="R. Ops", until=date(2027, 1, 31)),)
    assert Enclosures(waivers=waivers).waived("E3") == waivers[0]
    assert Enclosures(waivers=waivers).waived("E1") is None


FULL = "check: E3, reason: r, owner: o, until: 2027-01-31"
WAIVERS = {
    "no list": ("waivers: yes", "write it as a list"),
    "half an entry": ("waivers:\n- {check: E3, reason: r}", "entry 1 has no owner"),
    "an unknown check": (f"waivers:\n- {{{FULL.replace('E3', 'E33')}}}", "did you mean 'E3'"),
    "a check twice": (f"waivers:\n- {{{FULL}}}\n- {{{FULL}}}", "names E3 twice"),
    "no day": (f"waivers:\n- {{{FULL.replace('2027-01-31', 'soon')}}}", "until is no day"),
    "another key": (f"waivers:\n- {{{FULL}, verdict: passed}}", "'verdict'"),
}


@pytest.mark.parametrize("mistake", WAIVERS)
def test_waivers_that_cannot_be_used_say_why(tmp_path, mistake):
    text, expected = WAIVERS[mistake]
    with pytest.raises(EnclosureError, match=r"given\.yaml") as refused:
        load_waivers(written(tmp_path, text), checks=CHECKS)
    assert expected in str(refused.value)
