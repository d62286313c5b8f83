from __future__ import annotations

import pytest

from prm_harness.record.model import Checklist
from prm_harness.scoring import score
from prm_reports import sentences

SITUATIONS = {
    "clean": ({}, {}, "Ready to sign on what was tested. Birch PRM passed every knock-out and is strong on"),
    "knock-out failed with a high score": (
        {"E1": "failed"},
        {},
        "but it failed one knock-out: “Every failed write is visible”.",
    ),
    "several knock-outs failed": (
        {"E1": "failed", "V5": "failed"},
        {},
        "but it failed 2 knock-outs, among them",
    ),
    "the worst check of a knock-out is named": (
        {"V5": "failed"},
        {},
        "one knock-out: “A field that becomes required is never filled with an invention”.",
    ),
    "a knock-out that is not supported": (
        {"X7": "unsupported"},
        {},
        "but it did not pass one knock-out: “Unmapped",
    ),
    "knock-out not judged": (
        {"A6": "inconclusive"},
        {},
        (
            "Not ready to decide. Birch PRM is strong on configuration and time to integrate, but one knock-out: "
            "“One record after a lost answer” could not be judged."
        ),
    ),
    "named gaps": (
        {"S1": "failed", "T1": "failed", "G1": "failed", "F1": "failed", "B1": "failed"},
        {},
        "Sign with the named gaps in the contract. Birch PRM passed every knock-out",
    ),
    "hardly anything passed": (
        {},
        {"otherwise": "unsupported"},
        "Do not sign yet. Birch PRM earns only 0 of 100, and it did not pass 8 knock-outs",
    ),
    "nothing could be judged": (
        {},
        {"otherwise": "inconclusive"},
        "No answer yet. Nothing could be judged, so this speaks neither for nor against Birch PRM.",
    ),
    "stopped early": ({}, {"complete": False}, "Do not decide on this. The run of Birch PRM stopped early;"),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_verdict_says_what_matters_first(samples, situation):
    verdicts, made, expected = SITUATIONS[situation]
    assert expected in sentences.verdict(score(samples.run(verdicts=verdicts, **made)))


def test_too_little_seen_is_said_before_the_grade(samples):
    not_knocked_out = [
        "H1",
        "H2",
        "S1",
        "S2",
        "C1",
        "C2",
        "C3",
        "T1",
        "T2",
        "T3",
        "T4",
        "G1",
        "N1",
        "N2",
        "F1",
    ]
    card = score(samples.run(verdicts=dict.fromkeys(not_knocked_out, "inconclusive")))
    assert card.knock_outs_passed
    assert sentences.verdict(card).startswith("Too little was seen to decide. Only ")
    assert "at most 100" in sentences.verdict(card)


def test_every_verdict_fits_two_lines_of_page_one(samples):
    longest = {"E1": "failed", "V5": "failed", "X7": "unsupported", "A6": "inconclusive"}
    card = score(samples.run("A Partner Portal With Quite A Long Product Name", longest))
    assert len(sentences.verdict(card)) < 260


@pytest.mark.parametrize(
    ("verdicts", "otherwise", "expected"),
    [
        ({}, "passed", "Ready for the buyer's use as tested"),
        ({"E1": "failed"}, "passed", "Grade A held down to D by a failed knock-out"),
        ({"E1": "error"}, "passed", "Grade A held down to D by a knock-out that was not judged"),
        ({}, "unsupported", "8 knock-outs not passed"),
        ({}, "not_run", "Nothing could be judged"),
    ],
)
def test_the_letter_never_stands_without_its_reason(samples, verdicts, otherwise, expected):
    assert sentences.grade_reason(score(samples.run(verdicts=verdicts, otherwise=otherwise))) == expected


def test_a_finding_counts_and_names_the_worst(samples):
    run = samples.run(verdicts={"E3": "failed", "E7": "inconclusive"}, findings={"E3": "Nobody was told"})
    question = next(q for q in score(run).questions() if q.id == "Q3.2")
    assert sentences.finding(question) == (
        "1 of 3 checks passed. Nobody was told. A broken connection is reported: could not be judged."
    )


def test_a_question_without_checks_says_so(samples):
    question = next(q for q in score(samples.run()).questions() if q.id == "Q4.4")
    assert sentences.finding(question).startswith("Not tested yet.")


def test_the_weakest_come_with_what_to_ask(samples):
    card = score(samples.run(verdicts={"E1": "failed", "E3": "failed", "U2": "failed"}))
    found = sentences.weakest(card)
    assert [question.id for question, _, _ in found] == ["Q3.2", "Q3.7"]
    assert all(ask for _, _, ask in found)


def test_open_checks_are_not_called_lost(samples):
    assert sentences.weakest(score(samples.run(otherwise="inconclusive"))) == []


def test_an_empty_plan_has_an_answer(samples):
    empty = samples.checklist().model_copy(update={"checks": ()})
    assert isinstance(empty, Checklist)
    assert sentences.verdict(score(samples.run(check_list=empty))).startswith("No answer yet.")
