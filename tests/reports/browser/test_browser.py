"""The pages in a real browser: Chromium, driven by puppeteer-core, with axe-core's accessibility rules from npm."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import prm_reports
from prm_harness.record.certificate import Certificate
from prm_harness.record.enclosures import Comment, Enclosures

from ...sandbox.clients.installing import npm_folder_with  # noqa: TID252 - the test tree has no absolute name

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VIEWS = ("light", "dark", "narrow")
PAGES = ("scorecard", "bakeoff", "hard")
DOZENS = 12


@pytest.fixture(scope="module")
def seen(vendors, samples, tmp_path_factory):
    """What the browser saw of a scorecard, a bake-off, and a scorecard of hard names and many exhibits."""
    chromium = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if chromium is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium), so no page can be opened")
    folder = npm_folder_with("puppeteer-core@~24.40.0", "axe-core@~4.11.0")
    out = tmp_path_factory.mktemp("browser")
    hard = samples.run(
        "שלום Портал 渠道门户 " + "W" * 80,
        dict.fromkeys(("E1", "T1", "V4", "X3", "F1", "N1"), "failed") | {"B7": "inconclusive"},
        evidence={
            "E1": samples.some_evidence("E1", ok=False, steps=40, rows=90),
            "T1": samples.matrix_evidence(),
        },
        findings={"E1": "Of 40 refused writes 11 left no trace."},
    )
    enclosed = Enclosures(comment=Comment(said_by="V", text="Ours. " * 60, checks={"E1": "Soon."}))
    prm_reports.render_scorecard(vendors["good"], out / "scorecard", formats=("html",))
    prm_reports.render_scorecard(hard, out / "hard", formats=("html",), enclosed=enclosed)
    prm_reports.render_bakeoff(list(vendors.values()), out / "bakeoff", formats=("html",))
    files = {
        "scorecard": out / "scorecard" / "scorecard.html",
        "hard": out / "hard" / "scorecard.html",
        "bakeoff": out / "bakeoff" / "bakeoff.html",
    }
    jobs = out / "pages.json"
    jobs.write_text(json.dumps({name: str(path) for name, path in files.items()}))
    script = Path(__file__).with_name("look.mjs")
    done = subprocess.run(
        ["node", script, folder, chromium, jobs], capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout) | {"files": files}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_the_console_is_silent_and_nothing_is_fetched(seen, page, view):
    assert seen[page][view]["said"] == []
    assert seen[page][view]["asked"] == []


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_no_accessibility_rule_is_broken(seen, page, view):
    """Contrast, names, landmarks, tables, keyboard access to what scrolls: axe-core's default rules."""
    found = seen[page][view]["axe"]
    assert found["violations"] == []
    assert found["passes"] > DOZENS


@pytest.mark.parametrize("page", PAGES)
def test_a_phone_scrolls_one_way_only(seen, page):
    assert seen[page]["narrow"]["overflow"] == 0


@pytest.mark.parametrize("page", PAGES)
def test_a_dark_room_gets_a_dark_page(seen, page):
    assert seen[page]["light"]["background"] == "rgb(255, 255, 255)"
    assert seen[page]["dark"]["background"] == "rgb(18, 24, 31)"


@pytest.mark.parametrize("page", PAGES)
def test_the_keyboard_goes_everywhere(seen, page):
    keys = seen[page]["keyboard"]
    assert keys["first"] == "skip #answer"
    assert keys["hash"] == "#answer"
    assert keys["ring"] == "solid"
    assert keys["stops"] == keys["reachable"] > 5
    assert keys["toggled"] is (None if page == "bakeoff" else True)


@pytest.mark.parametrize("page", ["scorecard", "hard"])
def test_search_and_filter_leave_what_was_asked_for(seen, page):
    sift = seen[page]["sift"]
    assert 0 < sift["searched"] < sift["all"]
    assert sift["told"] == f"{sift['searched']} of {sift['all']} shown"
    assert set(sift["byState"]) >= {"passed", "failed"}
    for state, left in sift["byState"].items():
        assert left
        assert set(left) == {state}
    assert sum(map(len, sift["byState"].values())) == sift["all"]


@pytest.mark.parametrize("page", PAGES)
def test_without_script_everything_is_there(seen, page):
    assert seen[page]["without"] == {"said": [], "form": 0, "shown": seen[page]["sift"]["all"]}


@pytest.mark.parametrize("page", ["scorecard", "hard"])
def test_a_deep_link_opens_its_evidence(seen, page):
    deep = seen[page]["deep"]
    assert deep["id"].startswith("ev-")
    assert deep["open"]
    assert deep["near"]


@pytest.mark.parametrize("page", ["scorecard", "hard"])
def test_printing_opens_the_evidence_and_shuts_it_again(seen, page):
    assert seen[page]["print"]["shut"] > 0
    assert seen[page]["print"]["form"] == 0
    printed = Path(f"{seen['files'][page]}.pdf")
    words = subprocess.run(["pdftotext", printed, "-"], capture_output=True, text=True, check=True).stdout
    assert words.count("Done on the CRM") >= seen[page]["print"]["shut"]


def test_certificates_and_their_words_need_no_script(samples, tmp_path):
    from datetime import date

    issued = Certificate(id="X", issued_on=date(2026, 1, 1), valid_until=date(2026, 7, 1))
    (path,) = prm_reports.render_certificate(issued, tmp_path, runs=[samples.run()], formats=("html",))
    assert "<script" not in path.read_text("utf-8")
