"""SOQL text to tokens. Literals are told apart by kind, so that texts of one shape share a compiled plan."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
_PATH = r"[A-Za-z_][A-Za-z0-9_]*+(?:\.[A-Za-z_][A-Za-z0-9_]*+)*+"
_FIELDS = re.compile(rf"\s*+((?i:SELECT))\s++({_PATH}(?:\s*+,\s*+{_PATH})*+)\s++(?=(?i:FROM)\s)")
"""How most statements begin: they select fields and nothing else. Only two words are without regard to case: it is slow."""
_SAMPLES = {"empty": "''", "ascii": "'a'", "unicode": "'\u00e9'"}

RESERVED = frozenset(
    {
        "SELECT", "FROM", "USING", "WHERE", "WITH", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "UPDATE",
        "ALL", "AND", "OR", "NOT", "AS", "LIKE", "IN", "INCLUDES", "EXCLUDES", "NULLS",
    }
)  # fmt: skip
"""Words that name no field and no object."""


class Tokens:
    """A statement's tokens, as columns: token *i* is ``kinds[i]``, ``texts[i]``, at offset ``starts[i]``.

    ``shape`` is the statement without the values of its literals: equal shapes have equal trees and plans. What stands
    between quoted texts is cut into tokens once: clients send the same statement with other values.

    A statement that begins with a list of plain fields has that list as one token of the kind ``fields``, its names in
    ``fields``. Whoever has to tell one name's place from another's, or a name from a reserved word, asks for the tokens
    ``spelled_out``.
    """

    def __init__(self, source: str, *, lists: bool = True) -> None:
        self.source = source
        between, quoted = _lifted(source)
        outline = _outline(between, tuple([_quoted_kind(text) for text in quoted]), lists)
        self.shape = outline.shape
        self.kinds = outline.kinds
        """What each token is: a group of _TOKEN, or ``fields``."""
        self.fields = outline.fields
        texts = list(outline.texts)
        for place, text in zip(outline.quoted, quoted, strict=True):
            texts[place] = text
        self.texts = tuple(texts)

    def spelled_out(self) -> Tokens:
        """The same statement with a token for each name and comma."""
        return Tokens(self.source, lists=False) if self.fields else self

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each token begins."""
        head = _FIELDS.match(self.source) if self.fields else None
        first = (head.start(1), head.start(2)) if head else ()
        return (
            *first,
            *[match.start(1) for match in _ANY.finditer(self.source.rstrip(), head.end() if head else 0)],
        )

    def offset(self, at: int) -> int:
        """Where token ``at`` begins; the end of the text for a token past the last."""
        return self.starts[at] if at < len(self.starts) else len(self.source)


class _Outline:
    """The tokens of all statements that differ in their quoted texts alone; ``quoted`` is where those stand."""

    __slots__ = ("fields", "kinds", "quoted", "shape", "texts")

    def __init__(self, sample: str, *, lists: bool) -> None:
        sample = sample.rstrip()  # blanks that no token follows would be looked at once for each of them
        head = _FIELDS.match(sample) if lists else None
        self.fields: tuple[str, ...] = ()
        if head:
            self.fields = _names(head[2])
            rest = _ANY.findall(sample, head.end())
            self.texts: tuple[str, ...] = (head[1], head[2], *rest)
            self.kinds = ("name", "fields", *_kinds(rest))
        else:
            self.texts = tuple(_ANY.findall(sample))
            self.kinds = tuple(_kinds(self.texts))
        self.quoted = tuple([i for i, text in enumerate(self.texts) if text[0] == "'" and len(text) > 1])
        shape = list(self.texts)
        for place in [i for i, kind in enumerate(self.kinds) if kind in _LITERALS]:
            shape[place] = f"\0{self.kinds[place]}"
        self.shape = tuple(shape)


@lru_cache(maxsize=256)
def _names(fields: str) -> tuple[str, ...]:
    """The names in a list of fields: clients select the same ones again, whatever else a statement says."""
    return tuple("".join(fields.split()).split(","))


_LITERALS = STRINGS | {"datetime", "date", "time", "number"}
_SAMPLED = {text: kind for kind, text in _SAMPLES.items()}
_BY_FIRST = dict.fromkeys(f"{ascii_letters}_", "name") | dict.fromkeys("=<>(),:", "sign")
"""Kinds that the first character tells."""


def _lifted(source: str) -> tuple[tuple[str, ...], list[str]]:
    """What stands between quoted texts, and those texts. Quotes alone tell, unless one is escaped or left open."""
    pieces = source.split("'")
    if "\\" in source or len(pieces) % 2 == 0:
        pieces = _QUOTED.split(source)
        return tuple(pieces[::2]), pieces[1::2]
    return tuple(pieces[::2]), [f"'{text}'" for text in pieces[1::2]]


@lru_cache(maxsize=256)
def _outline(between: tuple[str, ...], kinds: tuple[str, ...], lists: bool) -> _Outline:
    pieces = [piece + _SAMPLES[kind] for piece, kind in zip(between, kinds, strict=False)]
    return _Outline("".join([*pieces, between[-1]]), lists=lists)


def _quoted_kind(text: str) -> str:
    return "ascii" if text.isascii() and len(text) > 2 and "\\" not in text else _kind(text)


def _kinds(texts: Sequence[str]) -> list[str]:
    return [_BY_FIRST.get(text[0]) or _SAMPLED.get(text) or _kind(text) for text in texts]


def _kind(text: str) -> str:
    match = _TOKEN.match(text)
    assert match is not None
    return str(match.lastgroup)


@lru_cache(maxsize=256)
def tokenize(source: str) -> Tokens:
    """Any text has tokens; what no rule knows is a ``stray`` character, which the parser refuses."""
    return Tokens(source)
