r"""The words of a search: ``joe AND (smith OR "van dyke") AND NOT ann*``; ``\`` takes a reserved sign literally."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

_WORDS: Final = re.compile(r"\w+")
_SIGNS: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|([()])|((?:\\.|[^\s()"])+)', re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_MAX_DEPTH: Final = 50


class TermError(ValueError):
    """A term that cannot be searched for; the text is the org's message."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words that follow one another, each a pattern of ``*`` and ``?``."""

    patterns: tuple[re.Pattern[str], ...]
    plain: str
    """Letters that a text must hold to match: its longest run without a wildcard."""

    def matches(self, words: list[str]) -> bool:
        """Whether the words occur in this order, side by side."""
        count = len(self.patterns)
        return any(
            all(p.fullmatch(w) for p, w in zip(self.patterns, words[i : i + count], strict=True))
            for i in range(len(words) - count + 1)
        )


@dataclass(frozen=True, slots=True)
class Both:
    """AND; ``but`` is what must not occur."""

    parts: tuple[Term, ...]
    but: tuple[Term, ...] = ()

    def matches(self, words: list[str]) -> bool:
        """Whether all parts occur and none of the others."""
        return all(p.matches(words) for p in self.parts) and not any(p.matches(words) for p in self.but)


@dataclass(frozen=True, slots=True)
class Either:
    """OR."""

    parts: tuple[Term, ...]

    def matches(self, words: list[str]) -> bool:
        """Whether one of the parts occurs."""
        return any(p.matches(words) for p in self.parts)


Term: TypeAlias = Words | Both | Either


def words_of(text: str) -> list[str]:
    """The words of a text, in lower case."""
    return _WORDS.findall(text.casefold())


def needles(term: Term) -> Iterator[str]:
    """Letters of which a matching text must hold at least one run."""
    if isinstance(term, Words):
        yield term.plain
    elif isinstance(term, Both):
        yield from needles(term.parts[0])
    else:
        for part in term.parts:
            yield from needles(part)


def plain_words(term: Term) -> Iterator[str]:
    """The words that a text is to hold, without those that have wildcards."""
    if isinstance(term, Words):
        yield from (p.pattern for p in term.patterns if "." not in p.pattern)
    else:
        for part in term.parts:
            yield from plain_words(part)


def read_term(text: str) -> Term:
    """The tree of a search term.

    Raises:
        TermError: nothing to search for, one letter alone, brackets or operators out of place.
    """
    found = [(m[1], m[2] or m[3] or "") for m in _SIGNS.finditer(text)]
    reader = _Reader(found)
    if not found:
        raise TermError("No search term found. The search term must be enclosed in braces.")
    term = reader.either()
    if reader.i < len(found):
        raise TermError(f"unexpected token: {found[reader.i][1]}")
    return term


class _Reader:
    def __init__(self, found: list[tuple[str | None, str]]) -> None:
        self.found = found
        self.i = 0
        self.depth = 0

    def word(self) -> str:
        """The operator or bracket here, in capitals; empty for words and at the end."""
        if self.i >= len(self.found) or self.found[self.i][0] is not None:
            return ""
        sign = self.found[self.i][1].upper()
        return sign if sign in {"(", ")", "AND", "OR", "NOT"} else ""

    def either(self) -> Term:
        parts = [self.both()]
        while self.word() == "OR":
            self.i += 1
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def both(self) -> Term:
        parts, but = [self.one()], []
        while self.i < len(self.found) and self.word() not in {"OR", ")"}:
            if self.word() == "AND":
                self.i += 1
            if self.word() == "NOT":
                self.i += 1
                but.append(self.one())
            else:
                parts.append(self.one())
        return parts[0] if len(parts) == 1 and not but else Both(tuple(parts), tuple(but))

    def one(self) -> Term:
        word = self.word()
        if word == "(":
            self.i += 1
            self.depth += 1
            if self.depth > _MAX_DEPTH:
                raise TermError("The search term is nested too deeply.")
            term = self.either()
            if self.word() != ")":
                raise TermError("unexpected token: <EOF>")
            self.i += 1
            self.depth -= 1
            return term
        if word or self.i >= len(self.found):
            raise TermError(f"unexpected token: {word or '<EOF>'}")
        quoted, plain = self.found[self.i]
        self.i += 1
        return _words(plain if quoted is None else quoted, wild=quoted is None)


def _words(text: str, *, wild: bool) -> Words:
    """``*`` and ``?`` are wildcards unless escaped or in quotes; other signs only part words."""
    kept = _ESCAPED.sub(lambda m: " " if m[1] in "*?" else m[1], text).casefold()
    pieces = re.findall(r"[\w*?]+" if wild else r"\w+", kept)
    pieces = [piece for piece in pieces if piece.strip("*?")]
    if not pieces:
        raise TermError("No search term found. The search term must be enclosed in braces.")
    if sum(len(piece.strip("*?")) for piece in pieces) < 2:
        raise TermError(f"search term must be longer than one character: {text}")
    patterns = tuple(re.compile(re.sub(r"\*+", ".*", piece).replace("?", "."), re.DOTALL) for piece in pieces)
    runs = [run for piece in pieces for run in re.split(r"[*?]+", piece)]
    return Words(patterns, max(runs, key=len))
