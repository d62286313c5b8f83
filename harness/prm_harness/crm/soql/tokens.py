"""SOQL text to tokens. Literals are told apart by kind, so that texts of one shape share a compiled plan."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

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

_ANY = re.compile(re.sub(r"\(\?P<\w+>", "(?:", _TOKEN.pattern), _TOKEN.flags)
"""The same without names: all that is wanted of most tokens is their text."""


class Tokens:
    """A statement's tokens, as columns: token *i* is ``kinds[i]``, ``texts[i]``, at offset ``starts[i]``.

    ``shape`` is the statement without the values of its literals: equal shapes have equal trees and plans. A known
    shape needs neither kinds nor starts, so they are worked out when asked for.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.texts: tuple[str, ...] = tuple(_ANY.findall(source))
        self.shape = tuple([text if text[0] not in _FIRST else _shaped(text) for text in self.texts])

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """What each token is: a group of _TOKEN."""
        return tuple(map(_kind, self.texts))

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each token begins."""
        return tuple(match.start() for match in _ANY.finditer(self.source))

    def offset(self, at: int) -> int:
        """Where token ``at`` begins; the end of the text for a token past the last."""
        return self.starts[at] if at < len(self.starts) else len(self.source)


_FIRST = frozenset("'+-.0123456789")
"""How a literal begins, and nothing else but a stray character."""
_LITERALS = STRINGS | {"datetime", "date", "time", "number"}


def _shaped(text: str) -> str:
    kind = _kind(text)
    return f"\0{kind}" if kind in _LITERALS else text


def _kind(text: str) -> str:
    match = _TOKEN.match(text)
    assert match is not None
    return str(match.lastgroup)


@lru_cache(maxsize=256)
def tokenize(source: str) -> Tokens:
    """Any text has tokens; what no rule knows is a ``stray`` character, which the parser refuses."""
    return Tokens(source)
