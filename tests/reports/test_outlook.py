from __future__ import annotations

from datetime import date

import pytest

import prm_reports
from prm_harness.record.attestations import AttachedDocument, Attestation
from prm_harness.record.enclosures import Comment, Enclosures, Waiver
from prm_harness.scoring import score
from prm_harness.scoring.stability import score_span
from prm_reports import charts_speed, field_matrix, outlook

SITUATIONS = {
    "a failed knock-out": (
        {"E1": "failed"},
        "If “Every failed write is visible” (E1) passes on a re-run, the grade rises from D to A; the score becomes 100.",
    ),
    "two failed knock-outs": (
        {"E1": "failed", "A6": "failed"},
        "the grade stays, because 1 other knock-out would still be missing",
    ),
    "open checks": ({"T1": "inconclusive", "F1": "not_run"}, "2 open checks (T1 and F1), all settled in"),
    "a letter away": (
        {"S1": "failed", "T1": "failed", "G1": "failed", "F1": "failed", "B1": "failed"},
        "Grade A starts at 90: it would take every check of",
    ),
    "nothing to gain": ({}, "The letter cannot rise any further"),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_would_change_the_answer(samples, situation):
    verdicts, expected = SITUATIONS[situation]
    assert expected in " ".join(outlook.would_change(score(samples.run(verdicts=verdicts))))


def test_nothing_judged_asks_for_a_run(samples):
    card = score(samples.run(otherwise="inconclusive"))
    assert outlook.would_change(card) == [
        "Nothing was judged: any run in which the checks can be settled gives an answer."
    ]
    assert outlook.weights_sentence(card) == ""


def test_other_weights_move_the_score_inside_a_span(vendors, samples):
    card = score(vendors["good"])
    span = score_span(card)
    assert span.low < card.score < span.high
    assert span == score_span(card)
    assert score_span(score(samples.run())).same_letter == 1
    assert "10,000 times" in outlook.weights_sentence(card)


def test_red_flags_come_dearest_first_with_what_to_ask_and_to_run_again(vendors):
    run = vendors["knocked_out"]
    flags = outlook.red_flags(run, score(run))
    assert [f.question.id for f in flags][:1] == ["Q3.2"]
    assert flags[0].flag == "Somebody reads log files."
    assert flags[0].again == ("E1", "E3")
    assert all(f.ask and f.seen for f in flags)
    assert [f.points for f in flags] == sorted((f.points for f in flags), reverse=True)


def test_the_matrix_shows_the_worst_of_each_type_and_what_the_vendor_says(samples):
    said = Attestation(
        id="field-type-matrix",
        question="Q2.3",
        title="Field types offered",
        asked="How is each carried?",
        state="answered",
        rows=(
            {"type": "Currency", "portal to CRM": "exact", "CRM to portal": "exact"},
            {"type": "geolocation", "portal to CRM": "refused", "CRM to portal": "refused"},
        ),
    )
    run = samples.run(evidence={"T1": samples.matrix_evidence()}, attestations=(said,))
    rows = {row.kind: row for row in field_matrix.matrix(run)}
    assert list(rows) == ["currency", "geolocation", "url"]
    assert [cell.words for cell in rows["currency"].cells] == ["exact, 1 value", "lossy, 1 of 2"]
    assert [cell.contradicted for cell in rows["currency"].cells] == [False, True]
    assert [cell.words for cell in rows["geolocation"].cells] == ["not tried", "not tried"]
    assert field_matrix.lede(rows.values()) == (
        "Of 3 pairs of type and direction 1 are exact, 1 lossy and 1 refused or not carried. In 1 of them the vendor "
        "says exact, and something else was seen."
    )


@pytest.mark.parametrize("strange", [None, 7, "exact", [7], [{"type": "x"}], [{"outcome": "splendid"}]])
def test_cells_of_another_shape_are_passed_over(samples, strange):
    evidence = samples.matrix_evidence().model_copy(update={"facts": {"field_matrix": strange}})
    assert field_matrix.matrix(samples.run(evidence={"T1": evidence})) == []


def test_delays_become_a_curve_whose_words_hold_the_numbers(samples):
    seconds = [float(n) for n in range(1, 101)]
    run = samples.run(evidence={"F1": samples.timed_evidence("delays_to_crm", seconds)})
    (found,) = charts_speed.delays(run)
    assert (found.within(0.5), found.within(0.95)) == (50, 95)
    drawn = charts_speed.curve(found, span=charts_speed.axis([found]))
    assert (
        "Portal to CRM, 100 changes: half within 50 s, 95% within 95 s, slowest 100 s; the buyer&#39;s limit is 60 s."
        in drawn
    )


@pytest.mark.parametrize("strange", [None, "12", [], ["x"], [True], [float("nan")], [-1]])
def test_no_curve_is_drawn_from_what_is_no_delay(samples, strange):
    evidence = samples.timed_evidence("delays_to_crm", []).model_copy(
        update={"facts": {"delays_to_crm": strange}}
    )
    assert charts_speed.delays(samples.run(evidence={"F1": evidence})) == []


def test_statements_are_printed_apart_and_change_nothing(samples, tmp_path):
    run = samples.run(
        verdicts={"E3": "failed", "U2": "unsupported"},
        attestations=(
            Attestation(
                id="raci", question="Q1.2", title="Who does what", asked="Who is responsible?", state="answered",
                rows=({"step": "Map fields", "responsible": "buyer", "taking part": "vendor"},),
                documents=(AttachedDocument(name="raci.pdf", bytes=1200, sha256="ab" * 32),), said_by="B. Birch",
            ),
            Attestation(id="roadmap", question="Q3.1", title="Roadmap", asked="By when?", state="unanswered"),
        ),
    )  # fmt: skip
    enclosed = Enclosures(
        comment=Comment(
            said_by="B. Birch",
            said_on=date(2026, 11, 25),
            text="We <b>disagree</b>.\n\nSecond.",
            checks={"E3": "Soon."},
        ),
        waivers=(
            Waiver(check="E3", reason="we look daily", owner="R. Ops", until=date(2027, 1, 31)),
            Waiver(check="U2", reason="rarely needed", owner="R. Ops", until=date(2026, 11, 1)),
        ),
    )
    (plain,) = prm_reports.render_scorecard(run, tmp_path / "a", formats=("html",))
    (beside,) = prm_reports.render_scorecard(run, tmp_path / "b", formats=("html",), enclosed=enclosed)
    text = beside.read_text("utf-8")
    assert "We &lt;b&gt;disagree&lt;/b&gt;." in text
    assert "Nobody has checked them." in text
    assert "31 January 2027" in text
    assert text.count(">expired<") == 1
    assert "No answer." in text
    assert "1 of 2 questions answered" in text
    figure = '<p class="number">'
    assert plain.read_text("utf-8").partition(figure)[2][:12] == text.partition(figure)[2][:12]
    assert "The vendor’s comment" not in plain.read_text("utf-8")
    assert (
        "Statements"
        not in prm_reports.render_scorecard(samples.run(), tmp_path, formats=("html",))[0].read_text()
    )
