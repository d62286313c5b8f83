from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest

import prm_reports
from prm_harness.record.verdicts import Verdict
from prm_reports import pdf

A4, LETTER = (595.28, 841.89), (612, 792)


@pytest.fixture(scope="module")
def scorecard(vendors, tmp_path_factory):
    out = tmp_path_factory.mktemp("pdf")
    prm_reports.render_scorecard(vendors["good"], out, formats=("json", "pdf"))
    return out


@pytest.fixture(scope="module")
def bakeoff(samples, tmp_path_factory):
    """Eight vendors, the worst that page 1 has to hold."""
    out = tmp_path_factory.mktemp("pdf8")
    runs = [
        samples.run(
            f"Vendor {n} with a product name that nobody could ever print in full",
            {"E1": "failed"} if n > 4 else {"T1": "inconclusive", "F1": "failed"},
        )
        for n in range(8)
    ]
    prm_reports.render_bakeoff(runs, out, formats=("pdf",), page="letter", title="Portal 2027")
    return out


def words(path: Path, page: int) -> str:
    return subprocess.run(
        ["pdftotext", "-f", str(page), "-l", str(page), "-layout", path, "-"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip


def figures(node):
    """Every Figure below a node of the structure tree."""
    if isinstance(node, pikepdf.Dictionary):
        if node.get("/S") == "/Figure":
            yield node
        kids = node.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            yield from figures(kid)


def test_it_says_that_it_is_archivable_and_accessible(scorecard, bakeoff):
    for path in (scorecard / "scorecard.pdf", bakeoff / "bakeoff.pdf"):
        with pikepdf.open(path) as document:
            metadata = document.Root.Metadata.read_bytes().decode()
            assert re.search(r"pdfaid:part=.3.", metadata)
            assert re.search(r"pdfaid:conformance=.A.", metadata)
            assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
            assert document.Root.OutputIntents[0].S == "/GTS_PDFA1"
            assert str(document.Root.Lang) == "en"
            assert document.Root.MarkInfo.Marked
            assert document.Root.ViewerPreferences.DisplayDocTitle
            assert document.docinfo["/Title"]


def test_the_tag_tree_tells_every_figure(scorecard, bakeoff):
    for path, least in ((scorecard / "scorecard.pdf", 60), (bakeoff / "bakeoff.pdf", 60)):
        with pikepdf.open(path) as document:
            alts = [str(figure.get("/Alt", "")) for figure in figures(document.Root.StructTreeRoot)]
            assert len(alts) >= least
            assert all(alts)
    assert any(re.match(r"Score .*, vendors|Score of 100", alt) for alt in alts)


def test_bookmarks_lead_through_the_document(scorecard):
    with pikepdf.open(scorecard / "scorecard.pdf") as document, document.open_outline() as outline:
        top = outline.root[0]
        assert top.title == "Birch PRM"
        assert [item.title for item in top.children] == [
            "Scores by question",
            "How the score adds up",
            "Findings by question",
            "Red flags, and what to ask",
            "Speed, setup and integration facts",
            "Field types",
            "Evidence",
            "How these checks work",
            "Method and limits",
        ]


def test_what_failed_says_how_it_is_tested_to_somebody_who_has_nothing_but_the_pdf(scorecard, vendors):
    failed = [id_ for id_, r in vendors["good"].results.items() if r.verdict is Verdict.FAILED]
    assert failed
    with pikepdf.open(scorecard / "scorecard.pdf") as document:
        names = {str(name) for name in document.Root.Names.Dests.Names[::2]}
        links = {
            str(note.get("/A", {}).get("/D", note.get("/Dest", "")))
            for page in document.pages
            for note in page.get("/Annots", [])
        }
    for check in failed:
        assert f"how-{check}" in names
        assert f"how-{check}" in links


def test_the_numbers_travel_inside(scorecard):
    with pikepdf.open(scorecard / "scorecard.pdf") as document:
        assert set(document.attachments) == {"results.json", "checklist.json"}
        attached = document.attachments["results.json"].get_file().read_bytes()
        assert len(document.Root.AF) >= 2
    assert attached == (scorecard / "results.json").read_bytes()
    assert json.loads(attached)["format"] == "prm-harness-results/1"
    digest = hashlib.sha256(attached).hexdigest()
    assert f"results sha256 {digest[:6]}…{digest[-4:]}" in words(scorecard / "scorecard.pdf", 1)


def test_fonts_are_ours_embedded_and_subset(scorecard, bakeoff):
    for path in (scorecard / "scorecard.pdf", bakeoff / "bakeoff.pdf"):
        listed = subprocess.run(["pdffonts", path], check=True, capture_output=True, text=True).stdout
        rows = listed.splitlines()[2:]
        assert rows
        for row in rows:
            assert re.match(r"[A-Z]{6}\+IBM-?Plex", row), row
            assert re.search(r"\s+yes\s+yes\s+yes\s+\d+\s+\d+$", row), row


def test_the_answer_fits_its_page(scorecard, bakeoff):
    assert "Method and limits" in words(scorecard / "scorecard.pdf", 1)
    assert "Scores by question" in words(scorecard / "scorecard.pdf", 2)
    assert "What would change this answer" in words(bakeoff / "bakeoff.pdf", 1)
    assert "have no check yet" in words(bakeoff / "bakeoff.pdf", 1)
    assert "All questions" in words(bakeoff / "bakeoff.pdf", 2)


def test_paper_sizes(scorecard, bakeoff):
    for path, size in ((scorecard / "scorecard.pdf", A4), (bakeoff / "bakeoff.pdf", LETTER)):
        with pikepdf.open(path) as document:
            for page in document.pages:
                assert [float(side) for side in page.MediaBox[2:]] == pytest.approx(size, abs=0.1)


def test_no_glyph_is_missing(scorecard):
    with pikepdf.open(scorecard / "scorecard.pdf") as document:
        text = "".join(words(scorecard / "scorecard.pdf", n + 1) for n in range(len(document.pages)))
    assert "\ufffd" not in text


def test_the_same_run_gives_the_same_bytes_in_another_process(scorecard, tmp_path):
    program = (
        "import importlib.util, sys; from pathlib import Path; import prm_reports\n"
        "spec = importlib.util.spec_from_file_location('samples', sys.argv[1]); m = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(m)\n"
        "prm_reports.render_scorecard(m.vendors()['good'], Path(sys.argv[2]), formats=('json', 'pdf'))"
    )
    subprocess.run(
        [sys.executable, "-c", program, Path(__file__).with_name("samples.py"), tmp_path],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
    )
    for name in ("results.json", "scorecard.pdf"):
        assert (tmp_path / name).read_bytes() == (scorecard / name).read_bytes()


def test_hostile_words_cannot_break_the_layout(samples, tmp_path):
    words_ = "A" * 900 + " \u202e\u05d0\u4e2d🚩" + "e\u0301" * 90 + "\x00<b>"
    run = samples.run(
        words_,
        {"E1": "failed"},
        findings={"E1": words_},
        evidence={"E1": samples.some_evidence("E1", ok=False, steps=60, rows=70)},
        complete=False,
    )
    (path,) = prm_reports.render_scorecard(run, tmp_path, formats=("pdf",), page="letter")
    with pikepdf.open(path) as document:
        assert len(document.pages) <= 14
        pages = [words(path, n + 1) for n in range(len(document.pages))]
    assert "Scores by question" in pages[1]
    assert all("PARTIAL RUN" in page for page in pages)
    assert "more in results.json" in "".join(pages)
    listed = subprocess.run(["pdffonts", path], check=True, capture_output=True, text=True).stdout
    assert all("Plex" in row for row in listed.splitlines()[2:])


def test_only_bundled_files_are_ever_read(tmp_path):
    fetcher = pdf._fetcher()
    secret = tmp_path / "secret.txt"
    secret.write_text("x")
    for address in (
        "http://127.0.0.1:9/x",
        secret.as_uri(),
        f"{pdf.ASSETS.as_uri()}/../../../pyproject.toml",
        "file://elsewhere/x",
        "ftp://x/y",
    ):
        with pytest.raises(ValueError, match="bundled"):
            fetcher.fetch(address)
    assert fetcher.fetch(f"{pdf.ASSETS.as_uri()}/fonts/OFL.txt").read()


def test_nothing_leads_out_of_the_file(scorecard, bakeoff):
    for path in (scorecard / "scorecard.pdf", bakeoff / "bakeoff.pdf"):
        with pikepdf.open(path) as document:
            kinds = {
                str(annotation.get("/A", {}).get("/S", "/GoTo"))
                for page in document.pages
                for annotation in page.get("/Annots", [])
            }
            assert kinds <= {"/GoTo"}
            assert "/OpenAction" not in document.Root
            assert "/JavaScript" not in document.Root.get("/Names", {})


def test_no_heading_is_left_alone_at_the_foot_of_a_page(scorecard, bakeoff):
    lowest = 54 + 40  # the bottom margin, and room for two lines behind the heading
    for path in (scorecard / "scorecard.pdf", bakeoff / "bakeoff.pdf"):
        with pikepdf.open(path) as document, document.open_outline() as outline:
            waiting, seen = list(outline.root), 0
            while waiting:
                item = waiting.pop()
                waiting += item.children
                place = item.destination or item.action.D
                assert float(place[3]) > lowest, item.title
                seen += 1
            assert seen > 10
