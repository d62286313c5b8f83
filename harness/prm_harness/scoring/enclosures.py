"""Reading the vendor's comment and the buyer's waivers: strictly, every mistake one line that says where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from prm_harness.record.enclosures import Comment, Waiver
from prm_harness.scoring.profiles.source import ProfileError, Source, read_yaml

LONGEST: Final = 20_000
"""Characters of a comment; it is printed in full on screens, and its beginning on paper."""

_COMMENT: Final = ("by", "date", "text", "checks")
_WAIVER: Final = ("check", "reason", "owner", "until")


class EnclosureError(ValueError):
    """A comment or waiver file that cannot be used. One line: file, key, what is wrong, what to do."""


def load_comment(path: str | Path, *, checks: Sequence[str]) -> Comment:
    """The vendor's comment: ``by:``, ``date:``, ``text:`` and ``checks:`` (check id and what is said about it).

    Raises:
        EnclosureError: a mistake in the file, or a check that the run does not have.
        OSError: it cannot be read.
    """
    source = Source(str(path))
    try:
        given = read_yaml(source, Path(path).read_bytes(), start="by:")
        source.known("", given, _COMMENT, "keys")
        if not given.get("by"):
            raise source.error("by", "is missing; say who speaks for the vendor")
        about = source.mapping("checks", given.get("checks"))
        source.known("checks", about, checks, "checks of this run")
        text = _text(source, "text", given.get("text"))
        if not text and not about:
            raise source.error("", "says nothing; write it under 'text:' or, check by check, under 'checks:'")
        return Comment(
            said_by=_text(source, "by", given["by"]),
            said_on=_day(source, "date", given["date"]) if given.get("date") is not None else None,
            text=text,
            checks={check: _text(source, f"checks, {check}", words) for check, words in about.items()},
        )
    except ProfileError as error:
        raise EnclosureError(str(error)) from None


def load_waivers(path: str | Path, *, checks: Sequence[str]) -> tuple[Waiver, ...]:
    """The buyer's waivers: ``waivers:`` and under it entries of check, reason, owner and until.

    Raises:
        EnclosureError: a mistake in the file, a check that the run does not have, or one that is waived twice.
        OSError: it cannot be read.
    """
    source = Source(str(path))
    try:
        given = read_yaml(source, Path(path).read_bytes(), start="waivers:")
        source.known("", given, ("waivers",), "keys")
        entries = [
            _waiver(source, number, entry, checks)
            for number, entry in enumerate(source.list("waivers", given.get("waivers")), start=1)
        ]
        if again := twice(waiver.check for waiver in entries):
            raise source.error("waivers", f"names {again} twice; keep one entry")
    except ProfileError as error:
        raise EnclosureError(str(error)) from None
    return tuple(entries)


def _waiver(source: Source, number: int, given: Any, checks: Sequence[str]) -> Waiver:
    key = f"waivers, entry {number}"
    entry = source.mapping(key, given)
    source.known(key, entry, _WAIVER, "keys")
    for name in _WAIVER:
        if entry.get(name) in {None, ""}:
            raise source.error(key, f"has no {name}; every entry needs {', '.join(_WAIVER)}")
    source.known(f"{key}, check", [entry["check"]], checks, "checks of this run")
    return Waiver(
        check=entry["check"],
        reason=_text(source, f"{key}, reason", entry["reason"]),
        owner=_text(source, f"{key}, owner", entry["owner"]),
        until=_day(source, f"{key}, until", entry["until"]),
    )


def _text(source: Source, key: str, given: Any) -> str:
    if given is None:
        return ""
    if not isinstance(given, str):
        raise source.error(key, "is no text; put it in quotes")
    if len(given) > LONGEST:
        raise source.error(key, f"has {len(given):,} characters; at most {LONGEST:,} are printed")
    return given.strip()


def _day(source: Source, key: str, given: Any) -> date:
    if type(given) is not date:
        raise source.error(key, "is no day; write it as 2027-03-31, without quotes")
    return given


def twice(words: Iterable[str]) -> str | None:
    """The first of the words that was there before; None where each is there once."""
    seen: set[str] = set()
    for word in words:
        if word in seen:
            return word
        seen.add(word)
    return None
