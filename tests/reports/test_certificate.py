from __future__ import annotations

import json
import re
from datetime import date
from xml.etree import ElementTree as ET

import pikepdf
import pytest

import prm_reports
from prm_harness.record.certificate import Certificate
from prm_harness.scoring import score
from prm_reports import certificate
from prm_reports.machine import badge

ISSUED = Certificate(
    id="SC-2026-1120-7F3A",
    issued_on=date(2026, 11, 20),
    valid_until=date(2027, 5, 20),
    signed_by=("SHA256:b1f2c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9",),
    verify="prm-harness verify birch-26.3.audit.zip --key birch.pub",
)


@pytest.fixture(scope="module")
def three(samples):
    """Three runs of one product; each fails another check besides one that fails in all."""
    return [samples.run(verdicts={"E7": "failed", other: "failed"}) for other in ("T2", "G1", "L3")]


def words(path) -> str:
    return re.sub(r"<[^>]+>", " ", path.read_text("utf-8").partition("</style>")[2])


def test_a_check_counts_where_it_passed_in_every_run(three):
    found = certificate.summary([score(run) for run in three])
    assert (found.passed, found.of) == (36, 40)
    assert sum(row.passed for row in found.parts) == 36
    assert found.knock_outs_passed


def test_the_page_says_what_the_runs_show(three, tmp_path):
    paths = prm_reports.render_certificate(ISSUED, tmp_path, runs=three, formats=("html", "json", "badge"))
    assert [path.name for path in paths] == [
        "certificate.json",
        "badge.svg",
        "badge.json",
        "certificate.html",
    ]
    text = " ".join(words(tmp_path / "certificate.html").split())
    assert "passed 36 of 40 checks of the PRM harness 0.1.0 in each of 3 runs" in text
    assert "No third party watched." in text
    assert "It does not prove that the tenant was the one that customers get." in text
    assert "until the next release or 20 May 2027" in text
    assert Certificate.model_validate_json((tmp_path / "certificate.json").read_bytes()) == ISSUED


@pytest.mark.parametrize("page", ["a4", "letter"])
def test_it_is_one_landscape_page_whatever_the_names(samples, tmp_path, page):
    runs = [
        samples.run("A Partner Portal Whose Name Nobody Could Print in Full " * 2, vendor="V" * 90)
        for _ in range(4)
    ]
    issued = ISSUED.model_copy(update={"witness": "W" * 200, "signed_by": ("S" * 90, "T" * 90)})
    (path,) = prm_reports.render_certificate(issued, tmp_path, runs=runs, formats=("pdf",), page=page)
    with pikepdf.open(path) as document:
        assert len(document.pages) == 1
        width, height = (float(side) for side in document.pages[0].MediaBox[2:])
        assert width > height
        assert {"certificate.json", "results-1.json", "results-4.json"} <= set(document.attachments)
        assert b"pdfuaid:part>1" in document.Root.Metadata.read_bytes()


def test_the_same_runs_give_the_same_bytes(three, tmp_path):
    one, two = (
        prm_reports.render_certificate(ISSUED, tmp_path / name, runs=three, formats=("pdf",))[0]
        for name in ("one", "two")
    )
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize(
    ("standing", "stamp"), [("expired", "EXPIRED"), ("revoked", "REVOKED"), ("valid", None)]
)
def test_an_ended_certificate_is_stamped(three, tmp_path, standing, stamp):
    ended = ISSUED.model_copy(update={"standing": standing, "standing_reason": "the key was lost"})
    prm_reports.render_certificate(ended, tmp_path, runs=three, formats=("html", "badge"))
    text = words(tmp_path / "certificate.html")
    assert (stamp in text) if stamp else not re.search("EXPIRED|REVOKED", text)
    assert ("the key was lost" in text) == (standing == "revoked")
    assert ((tmp_path / "badge.svg").read_text().find(f">{standing} ·") > 0) == (standing != "valid")


def test_a_reference_product_is_never_certified_in_print(samples, tmp_path):
    prm_reports.render_certificate(ISSUED, tmp_path, runs=[samples.run(sample=True)], formats=("html",))
    assert "REFERENCE PRODUCT — NOT A CERTIFICATE" in words(tmp_path / "certificate.html")


def test_a_missed_knock_out_and_waivers_are_said(samples):
    run = samples.run(verdicts={"E1": "failed"})
    waived = ISSUED.model_copy(update={"waivers": 2})
    cards = [score(run)]
    said = "".join(certificate.sentence(waived, [run], cards, certificate.summary(cards)))
    assert "with a knock-out not passed" in said
    assert "with 2 waivers" in said


def test_a_certificate_needs_a_run(tmp_path):
    with pytest.raises(ValueError, match="at least one run"):
        prm_reports.render_certificate(ISSUED, tmp_path, runs=[], formats=("html",))


BADGES = {
    "measured": ({}, {}, "40/40 · mid-market · Nov 2026"),
    "missed": ({"E1": "failed"}, {}, "39/40 with a knock-out failed · mid-market · Nov 2026"),
    "open": ({"E1": "inconclusive"}, {}, "39/40 not settled · mid-market · Nov 2026"),
    "partial": ({}, {"complete": False}, "40/40 in a partial run · mid-market · Nov 2026"),
}


@pytest.mark.parametrize("kind", BADGES)
def test_a_run_gets_a_badge_that_does_not_pretend(samples, kind):
    verdicts, made, message = BADGES[kind]
    run = samples.run(verdicts=verdicts, **made)
    shown = badge.of_run(run, score(run))
    assert shown.message == message
    assert "not certified" in shown.words
    assert json.loads(badge.shield(shown))["message"] == message
    assert json.loads(badge.shield(shown))["schemaVersion"] == 1


def test_a_badge_is_well_formed_whatever_the_name(samples):
    run = samples.run('<script>"&\u202e\u05d0' + "W" * 300)
    drawn = ET.fromstring(badge.svg(badge.of_run(run, score(run))))
    assert '<script>"&' in drawn.findtext("{http://www.w3.org/2000/svg}title")
    assert int(drawn.attrib["width"]) < 460
