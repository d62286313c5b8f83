"""SOQL text to tokens. Literals are told apart by kind, so that texts of one shape share a compiled plan."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from string import ascii_letters

_TOKEN = re.compile(
    r"""
    (?P<name>     [A-Za-z_][A-Za-z0-9_]* (?:\.[A-Za-z_][A-Za-z0-9_]*)* )
  | (?P<sign>     <=|>=|!=|<>|[=<>(),:] )
  | (?P<datetime> \d{4}-\d\d-\d\d [Tt] \d\d:\d\d:\d\d (?:\.\d+)? (?:[Zz]|[+-]\d\d:?\d\d) )
  | (?P<date>     \d{4}-\d\d-\d\d )
  | (?P<time>     \d\d:\d\d:\d\d (?:\.\d+)? [Zz] )
  | (?P<number>   [+-]? (?:\d+\.?\d*|\.\d+) (?:[eE][+-]?\d+)? )
  | (?P<empty>    '' )
  | (?P<ascii>    '(?: [^'\\\x80-\U0010ffff] | \\[^u\x80-\U0010ffff] )*' )
  | (?P<unicode>  '(?: [^'\\] | \\. )*' )
  | (?P<stray>    \S )
    """,
    re.VERBOSE | re.DOTALL,
)

STRINGS = frozenset({"ascii", "unicode"})
"""Kinds of quoted text; ``unicode`` may hold letters that SQLite alone cannot compare without regard to case."""

_ANY = re.compile(r"\s*+(" + re.sub(r"\(\?P<\w+>", "(?:", _TOKEN.pattern) + ")", _TOKEN.flags)
"""The same without names: all that is wanted of most tokens is their text."""
_QUOTED = re.compile(r"('(?:[^'\\]|\\.)*')", re.DOTALL)
"""Quoted text of any kind. No other token has a quote in it, so it is found without the tokens around it."""
_SAMPLES = {"empty": "''", "ascii": "'a'", "unicode": "'\u00e9'"}


class Tokens:
    """A statement's tokens, as columns: token *i* is ``kinds[i]``, ``texts[i]``, at offset ``starts[i]``.

    ``shape`` is the statement without the values of its literals: equal shapes have equal trees and plans. What stands
    between quoted texts is cut into tokens once: clients send the same statement with other values.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        pieces = _QUOTED.split(source)
        quoted = pieces[1::2]
        outline = _outline(tuple(pieces[::2]), tuple([_quoted_kind(text) for text in quoted]))
        self.shape = outline.shape
        self.kinds = outline.kinds
        """What each token is: a group of _TOKEN."""
        texts = list(outline.texts)
        for place, text in zip(outline.quoted, quoted, strict=True):
            texts[place] = text
        self.texts = tuple(texts)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each token begins."""
        return tuple(match.start(1) for match in _ANY.finditer(self.source))

    def offset(self, at: int) -> int:
        """Where token ``at`` begins; the end of the text for a token past the last."""
        return self.starts[at] if at < len(self.starts) else len(self.source)


class _Outline:
    """The tokens of all statements that differ in their quoted texts alone; ``quoted`` is where those stand."""

    __slots__ = ("kinds", "quoted", "shape", "texts")

    def __init__(self, sample: str) -> None:
        self.texts: tuple[str, ...] = tuple(_ANY.findall(sample))
        self.kinds = tuple([_BY_FIRST.get(text[0]) or _kind(text) for text in self.texts])
        self.quoted = tuple([i for i, text in enumerate(self.texts) if text[0] == "'" and len(text) > 1])
        shape = list(self.texts)
        for place in [i for i, kind in enumerate(self.kinds) if kind in _LITERALS]:
            shape[place] = f"\0{self.kinds[place]}"
        self.shape = tuple(shape)


_LITERALS = STRINGS | {"datetime", "date", "time", "number"}
_BY_FIRST = dict.fromkeys(f"{ascii_letters}_", "name") | dict.fromkeys("=<>(),:", "sign")
"""Kinds that the first character tells."""


@lru_cache(maxsize=256)
def _outline(between: tuple[str, ...], kinds: tuple[str, ...]) -> _Outline:
    pieces = [piece + _SAMPLES[kind] for piece, kind in zip(between, kinds, strict=False)]
    return _Outline("".join([*pieces, between[-1]]))


def _quoted_kind(text: str) -> str:
    return "ascii" if text.isascii() and len(text) > 2 and "\\" not in text else _kind(text)


def _kind(text: str) -> str:
    match = _TOKEN.match(text)
    assert match is not None
    return str(match.lastgroup)


@lru_cache(maxsize=256)
def tokenize(source: str) -> Tokens:
    """Any text has tokens; what no rule knows is a ``stray`` character, which the parser refuses."""
    return Tokens(source)
