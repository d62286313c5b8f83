"""A comparison as lines for a terminal, and as Markdown for a merge request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final

from .ending import comparison_outcome, ended
from .model import Change, Comparison, End, MetricChange, Move

_LONGEST: Final = 200
_UNFIT = re.compile("[^ -~\u00a0-\u200a\u2010-\u2027\u2030-\ud7ff\uf900-\ufffd\U00010000-\U000effff]")
"""Control, format and private characters and lone surrogates: they steer terminals, or cannot be written at all."""


def text(comparison: Comparison) -> str:
    """Lines for a terminal: the answer, then every difference, the worst first; unchanged checks are only counted."""
    return "\n".join(_text(comparison)) + "\n"


def markdown(comparison: Comparison) -> str:
    """The same as Markdown, with a table of the checks that changed."""
    return "\n".join(_markdown(comparison)) + "\n"


def as_json(comparison: Comparison) -> str:
    """change.json: the comparison, the counters and how it ends. ASCII, for recorded words may hold lone surrogates."""
    code, line = comparison_outcome(comparison)
    content = {
        **comparison.model_dump(mode="json"),
        "counters": dict(counters(comparison)),
        "exit": {"code": code.value, "why": line.partition(": ")[2]},
    }
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def plain(words: str) -> str:
    r"""Recorded words on one line, fit to be printed: what steers a terminal is written out as ``\u{…}``."""
    line = " ".join(words.split())
    line = line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
    return _UNFIT.sub(lambda found: f"\\u{{{ord(found[0]):X}}}", line)


def counters(comparison: Comparison) -> list[tuple[str, int]]:
    """The six numbers at the head of every rendering."""
    many = {which: len(comparison.moved(which)) for which in Move}
    return [
        ("worse", many[Move.WORSE]),
        ("better", many[Move.BETTER]),
        ("no longer judged", many[Move.UNJUDGED]),
        ("flaky", len(comparison.flaky)),
        ("unchanged", many[Move.SAME]),
        ("new or removed", many[Move.NEW] + many[Move.REMOVED]),
    ]


def standing(end: End) -> str:
    """``84, at most 90, 93% judged, grade B``."""
    if end.printed_score is None or end.coverage is None:
        return "n/a"
    held = f" (held down from {end.raw_grade})" if end.grade != end.raw_grade else ""
    return f"{end.printed_score}, at most {end.printed_ceiling}, {end.coverage:.0%} judged, grade {end.grade}{held}"


def measured(values: Iterable[float], unit: str) -> str:
    """A value, or the span of its repeats, with its unit."""
    found = sorted(values)
    span = f"{found[0]:g}" if found[0] == found[-1] else f"{found[0]:g}–{found[-1]:g}"
    return f"{span} {plain(unit)}".strip()


def significance(metric: MetricChange) -> str:
    """Whether a measurement moved farther than its repeats scatter."""
    if metric.spread is None:
        return "not repeated, so not judged"
    if metric.spread == "within":
        return "within the repeats"
    return f"beyond the repeats{f', {metric.towards}' if metric.towards else ''}"


def said(change: Change) -> str:
    """What the run says about a check now."""
    side = change.after or change.before
    return plain(side.finding or side.reason) if side else ""


def _text(comparison: Comparison) -> Iterator[str]:
    before, after = comparison.before, comparison.after
    yield f"{plain(after.product)}: {plain(before.release)} → {plain(after.release)}"
    yield f"score   {standing(before)} → {standing(after)}"
    yield "checks  " + ", ".join(f"{many} {words}" for words, many in counters(comparison))
    yield "same    " + ", ".join(
        row.name if row.same else f"NOT {row.name} ({plain(row.before)} → {plain(row.after)})"
        for row in comparison.basis
    )
    for which in Move:
        found = [] if which is Move.SAME else comparison.moved(which)
        if found:
            yield from ("", f"{which.words}:")
        for change in found:
            marks = f" [{'; '.join(map(plain, change.marks))}]" if change.marks else ""
            yield f"  {change.check:<4} {plain(change.title)}: {ended(change)}{marks}"
            if said(change):
                yield f"       {said(change)}"
            if change.expected:
                yield f"       {change.expected.word}: {plain(change.expected.reason)}"
    for title, lines in _others(comparison):
        yield from ("", f"{title}:", *(f"  {line}" for line in lines))


def _others(comparison: Comparison) -> Iterator[tuple[str, list[str]]]:
    """What else differs, by kind."""
    same = comparison.moved(Move.SAME)
    groups = [
        (
            "also flaky, revised or expected",
            [f"{c.check} {ended(c)} [{'; '.join(map(plain, _restless(c)))}]" for c in same if _restless(c)],
        ),
        (
            "evidence of another kind",
            [f"{c.check} {plain('; '.join(c.shape.words))}" for c in comparison.checks if c.shape],
        ),
        (
            "capabilities declared otherwise",
            [
                f"{plain(c.name)}: {plain(c.before) or 'not declared'} → {plain(c.after) or 'not declared'}"
                for c in comparison.capabilities
            ],
        ),
        (
            "measured",
            [
                f"{f'{m.check} ' if m.check else ''}{plain(m.name)}: {measured(m.before, m.unit)} → "
                f"{measured(m.after, m.unit)} ({significance(m)})"
                for m in comparison.metrics
            ],
        ),
    ]
    for title, lines in groups:
        if lines:
            yield title, lines


def _restless(change: Change) -> list[str]:
    return [mark for mark in change.marks if mark != "knock-out"]


def _markdown(comparison: Comparison) -> Iterator[str]:
    before, after = comparison.before, comparison.after
    _, line = comparison_outcome(comparison)
    yield f"## {_cell(after.product)}: {_cell(before.release)} → {_cell(after.release)}"
    yield from ("", f"**{_cell(line.partition(': ')[2])}**", "")
    yield f"Score {standing(before)} → {standing(after)}"
    yield ""
    yield "| " + " | ".join(words for words, _ in counters(comparison)) + " |"
    yield "|" + "---:|" * len(counters(comparison))
    yield "| " + " | ".join(str(many) for _, many in counters(comparison)) + " |"
    found = comparison.moved(*(which for which in Move if which is not Move.SAME))
    if found:
        yield from ("", "| | check | before | now | points | |", "|---|---|---|---|---:|---|")
    for change in sorted(found, key=lambda c: list(Move).index(c.move)):
        one, other = (side.verdict.words if side else "–" for side in (change.before, change.after))
        notes = "; ".join([*change.marks, *([said(change)] if said(change) else [])])
        yield (
            f"| {change.move.words} | **{_cell(change.check)}** {_cell(change.title)} | {one} | {other} "
            f"| {change.points:+.1f} | {_cell(notes)} |"
        )
    for title, lines in _others(comparison):
        yield from ("", f"**{title.capitalize()}**", "", *(f"- {_cell(line)}" for line in lines))
    alike = ", ".join(row.name for row in comparison.basis if row.same)
    yield from ("", f"Same {alike}.")
    for row in comparison.basis:
        if not row.same:
            yield f"Not the same {row.name}: {_cell(row.before)} → {_cell(row.after)}."


def _cell(words: str) -> str:
    """Recorded words that neither end a cell nor become markup."""
    return re.sub(r"([\\`*_\[\]|~#])", r"\\\1", plain(words)).replace("<", "&lt;").replace("@", "@\u2060")
