"""Reading a run file back, and refusing one that was cut, edited or put together from pieces."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from .attestations import Attestation
from .case import Case
from .digests import canonical_json, sha256
from .model import Barrier, Fact, Footer, Header, Model, Result, SetupStep
from .run import Run, count_verdicts, worst_attempt
from .style import StyleSeen
from .writer import FIRST_PREV, KINDS, footer_digest

FORMAT_VERSION: Final = 1
_FORMAT = re.compile(r"prm-harness-run/(\d+)")
_KEYS = frozenset({"seq", "prev", "kind", "data"})
AnyModel = TypeVar("AnyModel", bound=Model)


class RunFileError(ValueError):
    """A run file that cannot be relied on. The message is one line: which file, what is wrong, where."""


def read_run(path: str | Path, *, partial: bool = False) -> Run:
    """Read a run file.

    Args:
        path: the file.
        partial: also accept a file without its footer (a killed run); a last line that was cut off is dropped and
            the run is not ``complete``. A file that was edited is refused all the same.

    Raises:
        RunFileError: the file is not a run file, is incomplete, or was changed after it was written.
        OSError: it cannot be read.
    """
    content = Path(path).read_bytes()
    try:
        return _read(content, partial=partial)
    except _Trouble as trouble:
        raise RunFileError(f"{path}: {trouble}") from None


class _Trouble(Exception):  # noqa: N818 - turned into a RunFileError that names the file
    pass


def _read(content: bytes, *, partial: bool) -> Run:
    lines = _lines(content, partial=partial)
    events = list(_events(lines))
    header = _header(events[0])
    footer = _footer(events[-1])
    for event in events[1:-1]:
        if event["kind"] in {"header", "footer"}:
            raise _Trouble(f"line {event['seq']} is a {event['kind']} in the middle of the file")
    if footer is None and not partial:
        raise _Trouble(
            "incomplete: the run ended before its footer was written; use --partial to read what there is"
        )
    attempts = _attempts(header, events)
    if footer is not None:
        _tally(footer, attempts, len(events))
    return Run(
        header=header,
        results={check: worst_attempt(made) for check, made in attempts.items()},
        attempts=attempts,
        attestations=tuple(_all(events, "attestation", Attestation)),
        cases=_cases(attempts, events),
        facts=tuple(_all(_first_attempt(events), "fact", Fact)),
        setup=tuple(_all(_first_attempt(events), "setup_step", SetupStep)),
        style=next(_all(_first_attempt(events), "style", StyleSeen), None),
        barriers=tuple(_all(_first_attempt(events), "barrier", Barrier)),
        probes=tuple(event["data"] for event in _first_attempt(events) if event["kind"] == "probe"),
        notes=tuple(event["data"] for event in events if event["kind"] == "note"),
        footer=footer,
        complete=footer is not None and not footer.interrupted,
        digest=sha256(content),
    )


def _lines(content: bytes, *, partial: bool) -> list[bytes]:
    if not content.strip():
        raise _Trouble("the file is empty")
    *lines, tail = content.split(b"\n")
    if not (lines and _is_header(lines[0])) and not (not lines and _is_header(tail)):
        raise _Trouble("this is not a run file: its first line is not the header of a run")
    if b"\r\n" in content:
        raise _Trouble(
            "its line ends were changed (CRLF), by an editor or in transfer: take the original file"
        )
    if tail and not partial:
        raise _Trouble(
            f"line {len(lines) + 1}, the last one, is cut off; use --partial to read what comes before it"
        )
    if not lines:
        raise _Trouble("line 1, the header, is cut off: there is nothing to read")
    return lines


def _is_header(line: bytes) -> bool:
    return line.startswith(b'{"data":{') and b'"prm-harness-run/' in line


def _events(lines: list[bytes]) -> Iterator[dict[str, Any]]:
    """The events, each checked against the line before it."""
    prev = FIRST_PREV
    for number, line in enumerate(lines, start=1):
        event = _event(number, line)
        if event["seq"] != number:
            raise _Trouble(
                f"line {number} carries number {event['seq']}: a line was removed, repeated or moved; "
                "the file was edited after it was written"
            )
        if event["prev"] != prev:
            raise _Trouble(
                f"the chain is broken at line {number}: line {number - 1} is not what it was when line {number} was "
                "written; the file was edited after it was written"
            )
        yield event
        prev = sha256(line)


def _event(number: int, line: bytes) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):  # ValueError also of bytes that are no UTF-8
        raise _Trouble(
            f"line {number} is damaged: it is not JSON; the file was edited after it was written"
        ) from None
    if not isinstance(event, dict) or event.keys() != _KEYS or not isinstance(event["data"], dict):
        raise _Trouble(f"line {number} is not an event (an object of seq, prev, kind and data)")
    # One value has many spellings in JSON; only the writer's is accepted, or a byte could change unseen.
    if canonical_json(event) != line:
        raise _Trouble(
            f"line {number} is not written the way this tool writes; the file was edited after it was written"
        )
    if event["kind"] not in KINDS:
        raise _Trouble(f"line {number} is of the unknown kind {event['kind']!r}")
    return event


def _header(event: dict[str, Any]) -> Header:
    if event["kind"] != "header":
        raise _Trouble("this is not a run file: its first line is not the header of a run")
    version = _FORMAT.fullmatch(str(event["data"].get("format")))
    if version and int(version[1]) > FORMAT_VERSION:
        raise _Trouble(
            f"it was written by a newer prm-harness (format {version[1]}, this one reads {FORMAT_VERSION}): upgrade"
        )
    header = _shaped(event, Header)
    checks = [check.id for check in header.every_check]
    questions = {question.id for part in header.checklist.parts for question in part.questions}
    if len(set(checks)) < len(checks):
        raise _Trouble("it names a check twice")
    if stray := [check.id for check in header.checklist.checks if check.question not in questions]:
        raise _Trouble(f"its checklist has checks without a question: {', '.join(stray)}")
    if stray := [check for check in header.plan if check not in checks]:
        raise _Trouble(f"its plan names checks that are not in the checklist: {', '.join(stray)}")
    return header


def _footer(event: dict[str, Any]) -> Footer | None:
    if event["kind"] != "footer":
        return None
    if event["data"].get("digest") != footer_digest(event):
        raise _Trouble("its footer does not match its own digest: the file was edited after it was written")
    return _shaped(event, Footer)


def _attempts(header: Header, events: list[dict[str, Any]]) -> dict[str, tuple[Result, ...]]:
    """Every attempt at every check, in the checklist's order, then those of packs."""
    made: dict[str, list[Result]] = {check.id: [] for check in header.every_check}
    for event in events:
        if event["kind"] != "result":
            continue
        result = _shaped(event, Result)
        if result.check not in made:
            raise _Trouble(f"line {event['seq']} is the result of an unknown check, {result.check!r}")
        if any(result.attempt == other.attempt for other in made[result.check]):
            raise _Trouble(
                f"line {event['seq']} is a second result of {result.check}, attempt {result.attempt}"
            )
        made[result.check].append(result)
    return {check: tuple(results) for check, results in made.items() if results}


def _cases(
    attempts: dict[str, tuple[Result, ...]], events: list[dict[str, Any]]
) -> dict[str, tuple[Case, ...]]:
    """The cases by check; each belongs to a result that the file holds."""
    made: dict[str, list[Case]] = {}
    for event in events:
        if event["kind"] != "case":
            continue
        case = _shaped(event, Case)
        if not any(result.attempt == case.attempt for result in attempts.get(case.check, ())):
            raise _Trouble(
                f"line {event['seq']} is the case of {case.check!r}, attempt {case.attempt}, without a result"
            )
        made.setdefault(case.check, []).append(case)
    return {check: tuple(cases) for check, cases in made.items()}


def _first_attempt(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the run as a whole is described by: the events before its first repeat."""
    later = (
        at
        for at, event in enumerate(events)
        if event["kind"] == "attempt" and event["data"].get("attempt", 1) > 1
    )
    return events[: next(later, len(events))]


def _tally(footer: Footer, attempts: dict[str, tuple[Result, ...]], events: int) -> None:
    counted = count_verdicts(result for made in attempts.values() for result in made)
    if footer.counts != counted or footer.events != events:
        raise _Trouble(
            f"its footer counts {footer.events} events and {_words(footer.counts)}, "
            f"the file holds {events} and {_words(counted)}"
        )


def _words(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items())) or "no result"


def _all(events: list[dict[str, Any]], kind: str, shape: type[AnyModel]) -> Iterator[AnyModel]:
    return (_shaped(event, shape) for event in events if event["kind"] == kind)


def _shaped(event: dict[str, Any], shape: type[AnyModel]) -> AnyModel:
    try:
        return shape.model_validate(event["data"])
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _Trouble(f"line {event['seq']}, {event['kind']} {where}: {first['msg']}") from None
