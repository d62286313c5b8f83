"""SOQL text to tokens. Literals are told apart by kind, so that texts of one shape share a compiled plan."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

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

_LITERALS = STRINGS | {"datetime", "date", "time", "number"}


@dataclass(frozen=True, slots=True)
class Tokens:
    """A statement's tokens, as columns: token *i* is ``kinds[i]``, ``texts[i]``, at offset ``starts[i]``.

    ``shape`` is the statement without the values of its literals: equal shapes have equal trees and plans.
    """

    source: str
    kinds: tuple[str, ...]
    texts: tuple[str, ...]
    starts: tuple[int, ...]
    shape: tuple[str, ...]

    def offset(self, at: int) -> int:
        """Where token ``at`` begins; the end of the text for a token past the last."""
        return self.starts[at] if at < len(self.starts) else len(self.source)


@lru_cache(maxsize=256)
def tokenize(source: str) -> Tokens:
    """Any text has tokens; what no rule knows is a ``stray`` character, which the parser refuses."""
    found = [(str(m.lastgroup), m[0], m.start()) for m in _TOKEN.finditer(source)]
    if not found:
        return Tokens(source, (), (), (), ())
    kinds, texts, starts = zip(*found, strict=True)
    shape = tuple([f"\0{kind}" if kind in _LITERALS else text for kind, text, _ in found])
    return Tokens(source, kinds, texts, starts, shape)
