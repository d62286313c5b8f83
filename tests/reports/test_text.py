from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm_reports import text


def test_coverage_is_what_all_faces_draw():
    from fontTools.ttLib import TTFont

    faces = [set(TTFont(path).getBestCmap()) for path in sorted(text.FONTS.glob("*.ttf"))]
    assert len(faces) == 7
    drawn = {ord(char) for char in text.coverage()} - {ord("\n"), ord("\t")}
    assert drawn <= set.intersection(*faces)
    assert set.intersection(*faces) - drawn <= {0, 0xD, 0xAD, 0xFEFF} | set(range(0x2000, 0x2070)) | set(
        range(0xE000, 0xFFFF)
    )


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Söhne & Łódź → 5 ≤ 6", "Söhne & Łódź → 5 ≤ 6"),
        ("flag 🚩", r"flag \u{1F6A9}"),
        ("中文", r"\u{4E2D}\u{6587}"),
        ("evil\u202etxt", r"evil\u{202E}txt"),
        ("nul\x00 esc\x1b", r"nul\u{0} esc\u{1B}"),
        ("\ud800", r"\u{D800}"),
        ("e" + "\u0301" * 4, "e\u0301\u0301" + r"\u{301}\u{301}"),
    ],
)
def test_printable(given, shown):
    assert text.printable(given) == shown


def test_a_screen_keeps_scripts_and_shows_what_hides():
    assert text.readable("中文 🚩 a\u202eb") == r"中文 🚩 a\u{202E}b"


@given(st.text())
def test_printable_leaves_only_what_fonts_draw(words):
    assert set(text.printable(words)) <= text.coverage()


@given(st.text(), st.integers(4, 60))
def test_clip_keeps_its_limit(words, limit):
    assert len(text.clip(words, limit)) <= limit


def test_clip_cuts_between_words():
    assert text.clip("A field that becomes required", 20) == "A field that…"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("", "(empty)"),
        ("a\nb", r"a\nb"),
        (" a ", r"\u{20}a\u{20}"),
        ("  ", r"\u{20}\u{20}"),
        ("a  b", "a  b"),
    ],
)
def test_exact_shows_what_the_eye_misses(given, shown):
    assert text.exact(given, 40) == shown


def test_anchors_are_safe():
    assert text.anchor("c", 'T3" onclick="x') == "c-T3-onclick-x"
