"""The change report: one page with the answer, what got worse side by side, the same bytes every time."""

from __future__ import annotations

import json
import re
import subprocess

import pikepdf
import pytest

import prm_reports
from prm_harness.record.model import Diff, Evidence, EvidenceStep
from prm_harness.scoring.comparison import compare
from prm_reports import change_exhibits, change_sentences

HOSTILE = "A" * 900 + " \u202e\u05d0\u4e2d🚩" + "\x00<b>"


@pytest.fixture(scope="module")
def pair(samples):
    """A baseline, and a run in which one knock-out failed, one check is open and one got better."""
    before = samples.run("Birch PRM", {"S1": "failed"}, repeats=3)
    after = samples.run(
        "Birch PRM",
        {"T1": "failed", "E7": "inconclusive", "T2": "partial"},
        repeats=3,
        findings={"T1": "Long text is cut."},
        delay=20,
    )
    return before, after


@pytest.fixture(scope="module")
def report(pair, tmp_path_factory):
    out = tmp_path_factory.mktemp("change")
    prm_reports.render_change(pair, out, comparison=compare(*pair))
    return out


def words(path, page):
    return subprocess.run(
        ["pdftotext", "-f", str(page), "-l", str(page), "-layout", path, "-"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip


def test_the_answer_is_one_page_and_the_exhibits_follow(report):
    first, second = (words(report / "change.pdf", page) for page in (1, 2))
    assert "2 checks got worse" in first
    assert "Exit 4 worse than the baseline" in first
    assert re.search(r"T1 +Each field type is exact", first)
    assert "No longer judged" in first
    assert "Delay CRM to portal" in first
    assert "not repeated, no verdict" in first
    assert "What got worse" in second
    assert "First bad step:" in second


def test_numbers_travel_inside_and_it_is_archivable(report):
    with pikepdf.open(report / "change.pdf") as document:
        assert set(document.attachments) == {"change.json"}
        attached = document.attachments["change.json"].get_file().read_bytes()
        metadata = document.Root.Metadata.read_bytes().decode()
    assert attached == (report / "change.json").read_bytes()
    assert json.loads(attached)["exit"]["code"] == 4
    assert re.search(r"pdfaid:part=.3.", metadata)
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata


def test_the_same_runs_give_the_same_bytes(pair, report, tmp_path):
    prm_reports.render_change(pair, tmp_path, comparison=compare(*pair))
    for path in report.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_fonts_are_ours(report):
    listed = subprocess.run(["pdffonts", report / "change.pdf"], check=True, capture_output=True, text=True)
    assert all("Plex" in row for row in listed.stdout.splitlines()[2:])


def test_every_link_of_the_page_leads_somewhere(report):
    page = (report / "change.html").read_text()
    ids = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= ids
    assert 'id="ev-T1"' in page


def test_nothing_changed_is_said_in_two_pages(pair, tmp_path):
    prm_reports.render_change((pair[0], pair[0]), tmp_path, comparison=compare(pair[0], pair[0]))
    assert "Nothing got worse." in words(tmp_path / "change.pdf", 1)
    assert "Every check ended as in the baseline." in words(tmp_path / "change.pdf", 1)
    assert "How this was compared" in words(tmp_path / "change.pdf", 2)


def test_everything_worse_and_hostile_still_fits(samples, tmp_path):
    before = samples.run(HOSTILE, complete=False)
    after = samples.run(
        HOSTILE,
        otherwise="failed",
        complete=False,
        findings={"E1": HOSTILE},
        evidence={"E1": samples.some_evidence("E1", ok=False, steps=60, rows=70)},
    )
    prm_reports.render_change((before, after), tmp_path, comparison=compare(before, after), page="letter")
    with pikepdf.open(tmp_path / "change.pdf") as document:
        assert len(document.pages) <= 16
    assert "What got worse" in words(tmp_path / "change.pdf", 2)
    assert "more in change.json" in words(tmp_path / "change.pdf", 1)
    assert "PARTIAL RUN" in words(tmp_path / "change.pdf", 1)


def test_a_format_that_does_not_exist(pair, tmp_path):
    with pytest.raises(ValueError, match="no report format xlsx"):
        prm_reports.render_change(pair, tmp_path, comparison=compare(*pair), formats=("xlsx",))


# -- words and exhibits ---------------------------------------------------------------------------------------------


def sentence(samples, before, after):
    pair = samples.run(verdicts=before), samples.run(verdicts=after)
    return change_sentences.verdict(compare(*pair))


def test_what_happened_to_checks_and_score(samples):
    assert sentence(samples, {}, {}) == "Nothing got worse. The score stays 100, grade A."
    better = sentence(samples, {"S1": "failed"}, {})
    assert re.fullmatch(
        r"Nothing got worse, and 1 check got better\. The score rises from \d\d to 100, grade A stays\.",
        better,
    )
    assert "1 check is no longer judged" in sentence(samples, {}, {"E7": "inconclusive"})


def test_the_grade_may_fall_while_the_score_rises(samples):
    many = dict.fromkeys(("S1", "S2", "H2", "C1", "C3", "G1"), "failed")
    said = sentence(samples, many, {"E1": "failed"})
    assert said.startswith("1 check got worse, a knock-out among them.")
    assert re.search(r"The score rises from \d\d to \d\d, but the grade falls from [ABC] to D\.", said)


def evidence(samples, *observed, steps=()):
    return Evidence(
        diffs=tuple(
            Diff(field=f"deal {n}", expected="x", observed=value, ok=value == "x")
            for n, value in enumerate(observed)
        ),
        steps=tuple(EvidenceStep(at=samples.START, side="prm", text=text) for text in steps),
    )


def exhibit(samples, before, after):
    pair = (
        samples.run(evidence={"T1": before}),
        samples.run(verdicts={"T1": "failed"}, evidence={"T1": after}),
    )
    (made,) = change_exhibits.exhibits(pair, compare(*pair).regressions, "paper")
    return made


def test_the_first_bad_step_is_what_is_wrong_now_and_was_not(samples):
    made = exhibit(samples, evidence(samples, "no", "x", "x"), evidence(samples, "no", "x", "y"))
    assert made.first_bad == "deal 2: expected x, now y"
    assert [(row.field, row.before_ok, row.after_ok) for row in made.rows] == [("deal 2", True, False)]


def test_rows_of_one_name_are_matched_in_their_order(samples):
    same = [Diff(field="deal", expected="x", observed=value, ok=value == "x") for value in ("x", "x", "y")]
    made = exhibit(samples, Evidence(diffs=(same[0], same[1])), Evidence(diffs=(same[0], same[2])))
    assert [(row.before, row.after) for row in made.rows] == [("x", "y")]


def test_where_nothing_was_compared_the_steps_tell(samples):
    made = exhibit(
        samples, evidence(samples, steps=("sent", "accepted")), evidence(samples, steps=("sent", "refused"))
    )
    assert made.first_bad.endswith("in the PRM: refused")
    assert [line.text for line in made.columns[1].steps] == ["PRM sent", "PRM refused"]


def test_steps_that_are_the_same_are_left_out(samples):
    made = exhibit(samples, evidence(samples, "x", steps=("a",)), evidence(samples, "y", steps=("a",)))
    assert made.columns[0].steps == made.columns[1].steps == ()
