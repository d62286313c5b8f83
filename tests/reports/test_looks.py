"""A handful of pages as small grey pictures against approved ones: what shifts, vanishes or turns black is noticed.

Grey on purpose: the pages have to be readable without colour. The tolerance leaves room for another rasteriser.
"""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

import prm_reports
from prm_harness.record.certificate import Certificate
from prm_harness.record.enclosures import Comment, Enclosures

APPROVED = Path(__file__).parent / "snapshots"
DPI = 34
FAR = 4.0
"""Mean difference of grey (0-255) between two pictures of one page; another page differs by 10 and more."""

PAGES = ("scorecard-1", "scorecard-2", "scorecard-3", "bakeoff-1", "bakeoff-3", "certificate-1")


@pytest.fixture(scope="module")
def pictures(vendors, samples, tmp_path_factory):
    if shutil.which("pdftoppm") is None:
        pytest.skip(
            "no pdftoppm on this machine (apt-get install poppler-utils), so no page becomes a picture"
        )
    out = tmp_path_factory.mktemp("looks")
    enclosed = Enclosures(comment=Comment(said_by="B. Birch", text="We ship alerts with the next release."))
    prm_reports.render_scorecard(vendors["good"], out, formats=("pdf",), page="letter", enclosed=enclosed)
    prm_reports.render_bakeoff(list(vendors.values()), out, formats=("pdf",))
    issued = Certificate(id="SC-1", issued_on=date(2026, 11, 20), valid_until=date(2027, 5, 20))
    prm_reports.render_certificate(issued, out, runs=[samples.run()], formats=("pdf",))
    found = {}
    for page in PAGES:
        name, number = page.split("-")
        target = out / page
        subprocess.run(
            ["pdftoppm", "-r", str(DPI), "-gray", "-f", number, "-l", number, "-singlefile", out / f"{name}.pdf", target],
            check=True,
        )  # fmt: skip
        with Image.open(f"{target}.pgm") as picture:
            found[page] = picture.convert("L")
    return found


def difference(one: Image.Image, other: Image.Image) -> float:
    if abs(one.width - other.width) > 1 or abs(one.height - other.height) > 1:
        return 255
    return ImageStat.Stat(ImageChops.difference(one, other.resize(one.size))).mean[0]


@pytest.mark.parametrize("page", PAGES)
def test_the_page_looks_as_approved(pictures, page):
    path = APPROVED / f"{page}.png"
    if not path.exists():
        pictures[page].quantize(16).save(path, optimize=True)
    with Image.open(path) as approved:
        assert difference(pictures[page], approved.convert("L")) < FAR, (
            f"remove {path.name} to approve the new look"
        )


def test_the_tolerance_tells_pages_apart(pictures):
    for page, picture in pictures.items():
        for other, another in pictures.items():
            if page != other:
                assert difference(picture, another) > FAR * 1.5, (page, other)
