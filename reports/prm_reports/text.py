"""Untrusted text, made fit to print: nothing outside the shipped fonts, nothing that breaks a line or a page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"

_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_MARKS_ALLOWED = 2


@cache
def coverage() -> frozenset[str]:
    """Characters that every shipped face can draw (fonts/coverage.txt: ranges of code points, hexadecimal)."""
    drawn: set[str] = set()
    for line in (FONTS / "coverage.txt").read_text("ascii").split():
        first, _, last = line.partition("-")
        drawn.update(map(chr, range(int(first, 16), int(last or first, 16) + 1)))
    return frozenset(char for char in drawn if unicodedata.category(char) not in _HIDDEN) | set("\n\t")


def printable(document: str) -> str:
    r"""The text with every character that the fonts lack written out as ``\u{…}``.

    Meant for a whole document after templates have escaped it: the replacement holds no character that markup
    gives a meaning to. Control, format (bidirectional overrides among them) and unassigned characters are
    written out too, and so are combining marks beyond two in a row.
    """
    shown = _spelt(document, set(document) - coverage())
    return _COMBINING.sub(
        lambda run: run[0][:_MARKS_ALLOWED] + "".join(map(written, run[0][_MARKS_ALLOWED:])), shown
    )


def readable(document: str) -> str:
    r"""The text with only what misleads a reader written out as ``\u{…}``; a screen has every other font."""
    if document.isprintable():
        return document
    return _spelt(document, {c for c in set(document) - {"\n", "\t"} if unicodedata.category(c) in _HIDDEN})


def _spelt(document: str, chars: set[str]) -> str:
    """The text with these characters written out; a search for them costs a fraction of ``str.translate``."""
    if not chars:
        return document
    return re.sub(f"[{re.escape(''.join(sorted(chars)))}]", lambda found: written(found[0]), document)


def written(char: str) -> str:
    r"""One character as ``\u{1F6A9}``."""
    return f"\\u{{{ord(char):X}}}"


_ON_PAPER: ContextVar[bool] = ContextVar("on_paper", default=False)


@contextmanager
def on_paper() -> Iterator[None]:
    """Inside, texts are cut by the room that they take once what the fonts lack is written out."""
    token = _ON_PAPER.set(True)
    try:
        yield
    finally:
        _ON_PAPER.reset(token)


def clip(text: str, limit: int) -> str:
    """At most ``limit`` characters on one line, as they will be shown; what was cut shows as an ellipsis."""
    line = " ".join(text.split())
    kept = _kept(line, limit)
    if kept is None:
        return line
    space = kept.rfind(" ")
    # A cut inside a word reads badly; a cut that loses a long word loses too much.
    return (kept[:space] if space > limit - 14 and space > limit // 2 else kept).rstrip(" ,;:") + "…"


def _kept(line: str, limit: int) -> str | None:
    """What of a line fits before an ellipsis; None when all of it fits."""
    if not _ON_PAPER.get() or line.isascii():
        return None if len(line) <= limit else line[: limit - 1]
    drawn, room, fits = coverage(), limit, 0
    for at, char in enumerate(line):
        room -= 1 if char in drawn else len(written(char))
        if room < 0:
            return line[:fits]
        if room > 0:
            fits = at + 1
    return None


def sentence(words: str) -> str:
    """The words with a capital at their start."""
    return words[:1].upper() + words[1:]


def closed(words: str) -> str:
    """The words with a full stop at their end, where nothing else ends them."""
    words = " ".join(words.split())
    return words if words.endswith((".", "!", "?", "…", "”", "。", "！", "？", "؟", "।")) else words + "."


def exact(text: str, limit: int) -> str:
    """A compared value on one line, with what the eye would miss: line breaks, blanks at the ends, nothing at all."""
    if not text:
        return "(empty)"
    shown = text.replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t")
    lead, trail = len(shown) - len(shown.lstrip(" ")), len(shown) - len(shown.rstrip(" "))
    if lead or trail:
        shown = written(" ") * lead + shown.strip(" ") + (written(" ") * trail if lead < len(shown) else "")
    kept = _kept(shown, limit)
    return shown if kept is None else kept + "…"


def anchor(kind: str, ident: str) -> str:
    """An id that is safe in HTML, in a fragment and in a PDF destination: ``c`` and ``T3`` give ``c-T3``."""
    return f"{kind}-{re.sub(r'[^A-Za-z0-9]+', '-', ident)}"


_COMBINING = re.compile(r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3,}")
