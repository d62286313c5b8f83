"""Style sheets: one file per concern in styles/, joined here for paper or for screens."""

from __future__ import annotations

import base64
import re
from functools import cache
from pathlib import Path
from typing import Final

from .marks import ball_css
from .svg import PALETTE
from .text import FONTS

_STYLES = Path(__file__).parent / "styles"
_SHARED = (
    "type",
    "layout",
    "answer",
    "tables",
    "findings",
    "exhibits",
    "facts",
    "statements",
    "change",
    "certificate",
)
_DARK: Final = {
    "ink": "#E8ECF0",
    "lede": "#C6CED6",
    "muted": "#A3AFBA",
    "blue": "#8DB8F0",
    "red": "#FF9B7D",
    "amber": "#E5B45A",
    "second": "#8794A1",
    "paper": "#12181F",
    "panel": "#1B232C",
    "rule": "#4A5866",
    "hair": "#2E3944",
    "band-f": "#12181F",
    "band-d": "#1C242D",
    "band-c": "#26303A",
    "band-b": "#313C47",
    "band-a": "#3E4A57",
}
_LIGHT: Final = {**PALETTE, "lede": "#34414E", "panel": "#F3F5F7"}
_FACES = (
    ("IBM Plex Sans", 400, "normal", "IBMPlexSans-Regular"),
    ("IBM Plex Sans", 400, "italic", "IBMPlexSans-Italic"),
    ("IBM Plex Sans", 500, "normal", "IBMPlexSans-Medium"),
    ("IBM Plex Sans", 600, "normal", "IBMPlexSans-SemiBold"),
    ("IBM Plex Sans", 700, "normal", "IBMPlexSans-Bold"),
    ("IBM Plex Sans Condensed", 600, "normal", "IBMPlexSansCondensed-SemiBold"),
    ("IBM Plex Mono", 400, "normal", "IBMPlexMono-Regular"),
)
_PAGES: Final = {"a4": "A4", "letter": "letter"}
_LANDSCAPE: Final = " landscape"
"""Ends the name of a page that is turned: ``a4 landscape``."""


@cache
def paper(page: str) -> str:
    """Everything the PDF engine needs; colours are written out, fonts come from the bundled files.

    Args:
        page: ``a4`` or ``letter``, with `` landscape`` behind it where the sheet is turned.

    Raises:
        ValueError: for a page size that does not exist.
    """
    turned = page.endswith(_LANDSCAPE)
    size = page.removesuffix(_LANDSCAPE)
    known_page(size)
    faces = "\n".join(
        f"@font-face{{font-family:'{family}';font-weight:{weight};font-style:{style};src:url('fonts/{file}.ttf')}}"
        for family, weight, style, file in _FACES
    )
    rules = "\n".join(map(_sheet, (*_SHARED, "paper"))).replace("$page", _PAGES[size])
    rules += _sheet("turned").replace("$page", _PAGES[size]) if turned else ""
    return "\n".join(
        [faces, re.sub(r"var\(--([a-z-]+)\)", lambda found: _LIGHT[found[1]], rules), ball_css()]
    )


@cache
def screen() -> str:
    """Everything a browser needs, fonts included: light and dark, wide and narrow, and for printing."""
    faces = "\n".join(
        f"@font-face{{font-family:'{family}';font-weight:{weight};font-style:{style};font-display:swap;"
        f"src:url('data:font/woff2;base64,{_encoded(file)}') format('woff2')}}"
        for family, weight, style, file in _FACES
    )
    classes = "\n".join(
        f".f-{name}{{fill:var(--{name})}}.s-{name}{{stroke:var(--{name})}}" for name in PALETTE
    )
    light, dark = _variables(_LIGHT), _variables(_DARK)
    balls = ball_css(ink=_DARK["ink"], paper=_DARK["paper"])
    night = f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}{balls}}}"
    rules = "\n".join(map(_sheet, (*_SHARED, "screen")))
    return "\n".join([faces, f":root{{color-scheme:light dark;{light}}}", rules, classes, ball_css(), night])


def known_page(page: str) -> None:
    """Raise ValueError for a page size that does not exist."""
    if page not in _PAGES:
        raise ValueError(f"no page size {page!r}: choose one of {', '.join(_PAGES)}")


def _variables(colours: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in colours.items())


def _sheet(name: str) -> str:
    return (_STYLES / f"{name}.css").read_text("utf-8")


def _encoded(file: str) -> str:
    return base64.b64encode((FONTS / f"{file}-Latin1.woff2").read_bytes()).decode("ascii")
