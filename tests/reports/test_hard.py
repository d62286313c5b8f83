"""Runs that are hard to print: long names, other scripts, very many and no findings, nothing judged. Each was looked at."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pikepdf
import pytest

import prm_reports
from prm_harness.scoring import bakeoff as compare
from prm_harness.scoring import score
from prm_reports import sentences, sentences_bakeoff

PIXEL = 0.75
"""Points of a CSS pixel, in which the PDF engine places text."""

SNAPSHOTS = Path(__file__).parent / "snapshots"
NAMES = (
    "The Partner Relationship Management Suite of a Company With a Long Name GmbH & Co. KG",
    "בירץ׳ פורטל שותפים",
    "بوابة الشركاء",
    "渠道合作伙伴门户网站",
    "파트너 포털 클라우드",
    "Портал партнёров «Берёза»",
    "Ünïcödé Põrtál " + "e\u0301" * 20,
    "W" * 90,
)
STATES = ("passed", "failed", "partial", "unsupported", "inconclusive", "attested", "error", "not_run")


@pytest.fixture(scope="module")
def hard(samples):
    """Name of the situation -> its run."""
    wide = samples.wide_checklist(400)
    return {
        "findings-400": samples.run(
            "Elm Channel",
            {plan.id: STATES[n % len(STATES)] for n, plan in enumerate(wide.checks)},
            check_list=wide,
            findings={
                plan.id: f"Of {n + 2} values {n + 1} were wrong." for n, plan in enumerate(wide.checks)
            },
        ),
        "findings-none": samples.run("Fir Alliances"),
        "inconclusive-all": samples.run("Dogwood Connect", otherwise="inconclusive"),
        "right-to-left": samples.run(
            NAMES[1], {"E1": "failed"}, findings={"E1": "שגיאה לא נראית 11 מתוך 40."}
        ),
        "cjk": samples.run(NAMES[3], {"E1": "failed"}, findings={"E1": "四十次拒绝中有十一次没有记录。"}),
    }


@pytest.fixture(scope="module")
def eight(samples):
    verdicts = [
        {},
        {"T1": "failed"},
        {"E1": "failed"},
        {"A6": "inconclusive"},
        {"B7": "failed", "E1": "failed"},
    ]
    return [samples.run(name, verdicts[n % len(verdicts)]) for n, name in enumerate(NAMES)]


def words(path: Path, page: int) -> str:
    return subprocess.run(
        ["pdftotext", "-f", str(page), "-l", str(page), "-layout", path, "-"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip


def snapshot(name: str, told: str) -> None:
    """Compare with the approved text; a first run, or one after the file was removed, writes it."""
    path = SNAPSHOTS / f"{name}.txt"
    if not path.exists():
        path.write_text(told, "utf-8")
    assert told == path.read_text("utf-8"), f"remove {path.name} to approve the new text"


SITUATIONS = ("findings-400", "findings-none", "inconclusive-all", "right-to-left", "cjk")


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_is_said_is_what_was_approved(hard, situation):
    card = score(hard[situation])
    lines = [
        f"grade {card.grade} score {card.printed_score} ceiling {card.printed_ceiling} coverage {card.coverage:.3f}",
        sentences.verdict(card),
        sentences.grade_reason(card),
        *(f"{q.id}: {sentences.finding(q)}" for q in card.questions()),
        *(f"strongest: {said}" for _, said in sentences.strongest(card)),
        *(f"weakest: {said} Ask: {ask}" for _, said, ask in sentences.weakest(card)),
    ]
    snapshot(situation, "\n".join(lines) + "\n")


def test_what_eight_vendors_are_told_is_what_was_approved(eight):
    compared = compare(eight, reweightings=500)
    lines = [
        sentences_bakeoff.headline(compared),
        sentences_bakeoff.verdict(compared),
        *(f"{answer} {words_}" for answer, words_ in sentences_bakeoff.how_sure(compared)),
        *sentences_bakeoff.would_change(compared),
        *(
            f"{s.place}. {s.card.contestant.product}: {s.card.grade} {s.card.printed_score} {s.place_shares}"
            for s in compared.standings
        ),
    ]
    snapshot("vendors-8", "\n".join(lines) + "\n")


@pytest.mark.parametrize(
    ("situation", "page"), [*((name, "a4") for name in SITUATIONS[1:]), ("findings-400", "letter")]
)
def test_nothing_is_cut_and_page_one_is_one_page(hard, situation, page, tmp_path):
    (path,) = prm_reports.render_scorecard(hard[situation], tmp_path, formats=("pdf",), page=page)
    with pikepdf.open(path) as document:
        pages = len(document.pages)
        assert inside(document)
    first, second = words(path, 1), words(path, 2)
    assert "Method and limits" in first
    assert re.search("Scores by question", second)
    assert pages <= (60 if situation == "findings-400" else 14)
    assert "\ufffd" not in first


@pytest.mark.parametrize("page", ["a4", "letter"])
def test_eight_vendors_fit(eight, page, tmp_path):
    (path,) = prm_reports.render_bakeoff(eight, tmp_path, formats=("pdf",), page=page)
    with pikepdf.open(path) as document:
        assert inside(document)
        assert len(document.pages) <= 9
    assert "What would change this answer" in words(path, 1)
    assert "All questions" in words(path, 2)


def inside(document: pikepdf.Pdf) -> bool:
    """Whether every text starts inside its page (text that is cut off starts beyond an edge)."""
    for page in document.pages:
        width, height = (float(side) for side in page.MediaBox[2:])
        for operands, operator in pikepdf.parse_content_stream(page, "Tm cm"):
            if str(operator) == "Tm" and not (
                -1 <= float(operands[4]) <= width / PIXEL and abs(float(operands[5])) <= height / PIXEL
            ):
                return False
    return True


def test_html_keeps_every_script_and_isolates_it(hard, tmp_path):
    (path,) = prm_reports.render_scorecard(hard["right-to-left"], tmp_path, formats=("html",))
    text = path.read_text("utf-8")
    assert NAMES[1] in text
    assert '<h1 dir="auto"' in text


def test_four_hundred_findings_are_all_in_the_attachment(hard, tmp_path):
    (path,) = prm_reports.render_scorecard(hard["findings-400"], tmp_path, formats=("json",))
    told = json.loads(path.read_text("utf-8"))
    checks = [c for part in told["scorecard"]["parts"] for q in part["questions"] for c in q["checks"]]
    assert len(checks) == 400
