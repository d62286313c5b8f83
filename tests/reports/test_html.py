from __future__ import annotations

import base64
import hashlib
import itertools
import re
from html.parser import HTMLParser

import pytest

import prm_reports

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """A page taken apart: ids, links, addresses, tags, headings, and whether tags nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids, self.fragments, self.addresses, self.tags, self.headings = [], [], [], [], []
        self.words, self.stack, self.untitled = "", [], 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append(tag)
        if self.stack and self.stack[-1] == "svg" and tag != "title":
            self.untitled += 1
        if tag not in VOID:
            self.stack.append(tag)
        if tag == "title" and len(self.stack) > 1 and self.stack[-2] == "svg":
            self.stack[-2] = "svg titled"
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        for name in ("href", "src", "action", "data", "xlink:href"):
            if name in attributes:
                (self.fragments if attributes[name].startswith("#") else self.addresses).append(
                    attributes[name]
                )

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        opened = self.stack.pop()
        assert opened.split()[0] == tag, f"</{tag}> closes <{opened}>"

    def handle_data(self, data):
        self.words += data


@pytest.fixture(scope="module")
def scorecard(vendors, tmp_path_factory):
    (path,) = prm_reports.render_scorecard(
        vendors["good"], tmp_path_factory.mktemp("html"), formats=("html",)
    )
    return path.read_text("utf-8")


@pytest.fixture(scope="module")
def bakeoff(vendors, tmp_path_factory):
    (path,) = prm_reports.render_bakeoff(
        list(vendors.values()), tmp_path_factory.mktemp("html"), formats=("html",)
    )
    return path.read_text("utf-8")


@pytest.fixture(params=["scorecard", "bakeoff"])
def page(request):
    return request.getfixturevalue(request.param)


def test_it_loads_nothing_and_runs_one_script_of_its_own(page):
    parsed = Page(page)
    assert parsed.addresses == []
    assert not {"link", "iframe", "img"} & set(parsed.tags)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page
    assert not re.findall(r"url\((?!['\"]?data:)", page)
    assert "@import" not in page
    assert "default-src 'none'" in page


def test_links_lead_somewhere_and_ids_are_one_of_a_kind(page):
    parsed = Page(page)
    assert len(set(parsed.ids)) == len(parsed.ids)
    assert {fragment[1:] for fragment in parsed.fragments} <= set(parsed.ids)


def test_headings_do_not_skip_a_level(page):
    levels = Page(page).headings
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_language_title_and_alternatives(page):
    parsed = Page(page)
    assert '<html lang="en">' in page
    assert "<title>" in page
    assert page.count("<svg") == page.count('role="img"')
    assert page.count("<svg") == len(re.findall(r"<svg[^>]*><title>[^<]+</title>", page))
    assert page.count("<table") == page.count("<caption>")
    assert parsed.stack == []


def test_every_check_can_be_linked_to_with_its_evidence(scorecard, vendors):
    ids = set(Page(scorecard).ids)
    for check in vendors["good"].results:
        assert {f"c-{check}", f"ev-{check}"} <= ids
    assert scorecard.count('<details class="exhibit') == sum(
        bool(r.evidence.steps or r.evidence.diffs) for r in vendors["good"].results.values()
    )


def test_every_check_says_how_it_works_and_is_linked_there(scorecard, vendors):
    run = vendors["good"]
    page = Page(scorecard)
    for check in run.results:
        assert f"how-{check}" in page.ids
        assert f'href="#how-{check}"' in scorecard
    assert scorecard.count('<details class="how"') == len(run.header.checklist.checks)
    assert "docs/reference/checks" in scorecard


def test_narrow_dark_and_printed(page):
    for media in ("(max-width: 46rem)", "prefers-color-scheme:dark", "@media print"):
        assert media in page


@pytest.mark.parametrize("vendor", ["knocked_out", "sparse", "unknown"])
def test_every_vendor_gets_a_page(vendors, vendor, tmp_path):
    (path,) = prm_reports.render_scorecard(vendors[vendor], tmp_path, formats=("html",))
    parsed = Page(path.read_text("utf-8"))
    assert vendors[vendor].header.contestant.product in parsed.words
    assert {fragment[1:] for fragment in parsed.fragments} <= set(parsed.ids)


def test_nothing_wrong_needs_no_exhibit_on_paper(samples):
    from prm_harness.scoring import score
    from prm_reports import html
    from prm_reports import scorecard as pages

    run = samples.run()
    shown = html.document("scorecard.html", "paper", **pages.context(run, score(run), "0" * 64, "paper"))
    assert "Every check plainly passed" in shown
    assert "No points were lost." in shown


def test_the_authors_trade_is_said(scorecard, bakeoff):
    for page in (scorecard, bakeoff):
        assert re.search(r"Magentrix, which sells a PRM itself", Page(page).words)


def test_stamps(samples, tmp_path):
    run = samples.run(sample=True, complete=False)
    (path,) = prm_reports.render_scorecard(run, tmp_path, formats=("html",))
    text = path.read_text("utf-8")
    assert "REFERENCE PRODUCT" in text
    assert "PARTIAL RUN" in text
    assert "SAMPLE DATA" not in text


HOSTILE = (
    "</style></title></svg></script><script>alert(1)</script><img src=//x onerror=y>{{7*7}}\"' --> "
    + "W" * 400
)


def test_hostile_words_stay_words(samples, tmp_path):
    plain = samples.checklist()
    check_list = plain.model_copy(
        update={
            "source": HOSTILE,
            "checks": tuple(check.model_copy(update={"title": HOSTILE}) for check in plain.checks),
            "parts": tuple(
                part.model_copy(
                    update={
                        "title": HOSTILE,
                        "questions": tuple(
                            q.model_copy(update={"title": HOSTILE, "text": HOSTILE, "ask_vendor": HOSTILE})
                            for q in part.questions
                        ),
                    }
                )
                for part in plain.parts
            ),
        }
    )
    run = samples.run(
        HOSTILE,
        {"E1": "failed"},
        findings={"E1": HOSTILE},
        check_list=check_list,
        vendor=HOSTILE,
        style=HOSTILE,
    )
    other = samples.run("Other", check_list=check_list)
    paths = [
        *prm_reports.render_scorecard(run, tmp_path, formats=("html", "junit")),
        *prm_reports.render_bakeoff([run, other], tmp_path, formats=("html",), title=HOSTILE, buyer=HOSTILE),
    ]
    for path in paths:
        if path.suffix == ".html":
            parsed = Page(path.read_text("utf-8"))
            assert parsed.tags.count("script") == 1
            assert "img" not in parsed.tags
            assert "{{7*7}}" in parsed.words
