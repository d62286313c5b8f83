"""The expected-failures file: failures that somebody answers for, until a day, and checks in quarantine. Strict: it cannot rot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from prm_harness.record.verdicts import Verdict
from prm_harness.scoring.model import CheckScore
from prm_harness.scoring.profiles.source import ProfileError, Source, read_yaml

from .model import Expected

_KEYS: Final = ("check", "verdict", "reason", "owner", "expires")
_QUARANTINE: Final = ("check", "reason", "owner", "expires")
_STEADY: Final = 3
"""Repeats that all passed: then a check is flaky no more."""

_NO_FAILURE: Final = frozenset({Verdict.PASSED, Verdict.NOT_APPLICABLE})


class ExpectedError(ValueError):
    """An expected-failures file that cannot be relied on. One line: which entry, what is wrong, what to do."""


def load_expected(path: str | Path, *, today: date) -> tuple[Expected, ...]:
    """Read the file: lists of entries under ``expected:`` and ``quarantine:``.

    Each has check, reason, owner and expires, an expected one its verdict as well.

    Raises:
        ExpectedError: a mistake in the file, a check named twice, or an entry that has expired.
        OSError: it cannot be read.
    """
    source = Source(str(path))
    try:
        given = read_yaml(source, Path(path).read_bytes(), start="expected:")
        source.known("", given, ("expected", "quarantine"), "keys")
        entries = [
            _entry(source, part, number, entry)
            for part in ("expected", "quarantine")
            for number, entry in enumerate(source.list(part, given.get(part)), start=1)
        ]
        _no_check_twice(source, entries)
        _none_expired(source, entries, today)
    except ProfileError as error:
        raise ExpectedError(str(error)) from None
    return tuple(entries)


def match(expected: Iterable[Expected], checks: Mapping[str, CheckScore]) -> dict[str, Expected]:
    """Check id -> its entry, when every entry says how its check ended.

    Raises:
        ExpectedError: an entry names no check of the run, or its check ended otherwise.
    """
    entries = {entry.check: entry for entry in expected}
    wrong = [problem for entry in entries.values() if (problem := _mismatch(entry, checks.get(entry.check)))]
    if wrong:
        raise ExpectedError("expected failures: " + "; ".join(wrong))
    return entries


def _mismatch(entry: Expected, check: CheckScore | None) -> str:
    if check is None:
        return f"{entry.check} is no check of this run; remove the entry"
    ended = check.result.verdict
    if entry.verdict is None:
        steady = ended is Verdict.PASSED and check.attempts >= _STEADY and not check.flaky
        return (
            f"{entry.check} is in quarantine, and passed {check.attempts} times of {check.attempts}; take it out"
            if steady
            else ""
        )
    if ended is entry.verdict:
        return ""
    if ended in _NO_FAILURE:
        return f"{entry.check} is expected to end as {entry.verdict}, and is {ended.words}; remove the entry"
    return f"{entry.check} is expected to end as {entry.verdict}, and ended as {ended}; look at it again"


def _entry(source: Source, part: str, number: int, given: Any) -> Expected:
    key, keys = f"{part}, entry {number}", _KEYS if part == "expected" else _QUARANTINE
    entry = source.mapping(key, given)
    source.known(key, entry, keys, "keys")
    for name in keys:
        if entry.get(name) in {None, ""}:
            raise source.error(key, f"has no {name}; every entry needs {', '.join(keys)}")
    if "verdict" in keys:
        source.known(f"{key}, verdict", [entry["verdict"]], _failures(), "verdicts of a failure")
    if type(entry["expires"]) is not date:
        raise source.error(f"{key}, expires", "is no day; write it as 2027-03-31, without quotes")
    return Expected(
        check=source.text(f"{key}, check", entry["check"]),
        verdict=Verdict(entry["verdict"]) if "verdict" in keys else None,
        reason=source.text(f"{key}, reason", entry["reason"]),
        owner=source.text(f"{key}, owner", entry["owner"]),
        expires=entry["expires"],
    )


def _failures() -> list[str]:
    return [verdict.value for verdict in Verdict if verdict not in _NO_FAILURE]


def _no_check_twice(source: Source, entries: list[Expected]) -> None:
    checks = [entry.check for entry in entries]
    if twice := next((check for check in checks if checks.count(check) > 1), None):
        raise source.error("expected", f"names {twice} twice; keep one entry")


def _none_expired(source: Source, entries: list[Expected], today: date) -> None:
    late = [f"{entry.check} on {entry.expires} ({entry.owner})" for entry in entries if entry.expires < today]
    if late:
        raise source.error(
            "expected", f"has entries that have expired: {', '.join(late)}; renew or remove them"
        )
