"""summary.md: the answer in a screenful, for a pull-request comment or a job summary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from prm_harness.record.enclosures import Enclosures
from prm_harness.record.run import Run
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring.model import CheckScore, Scorecard
from prm_reports import charts, numbers, sentences
from prm_reports.text import clip, readable

_MOST: Final = 20
_MEANT: Final = re.compile(r"([\\`*_{}\[\]<>#|!~@&$])")


def summary(run: Run, card: Scorecard, enclosed: Enclosures) -> bytes:
    """Verdict, figures, knock-outs, parts, and the checks that did not pass, the worst first."""
    return ("\n".join(_lines(run, card, enclosed)) + "\n").encode("utf-8", "backslashreplace")


def plain(text: str, limit: int = 200) -> str:
    """Foreign words on one line that mean nothing to Markdown, mention nobody and load nothing."""
    return _MEANT.sub(r"\\\1", readable(clip(text, limit)))


def _lines(run: Run, card: Scorecard, enclosed: Enclosures) -> Iterator[str]:
    yield f"## {plain(card.contestant.product, 70)}: grade {card.grade}, {charts.reach(card)} of 100"
    yield ""
    if not run.complete:
        yield "**Partial run:** it ended before it was complete."
        yield ""
    yield plain(sentences.verdict(card), 400)
    yield ""
    yield (
        f"{numbers.percent(card.coverage)} of the weight judged · {numbers.count(len(card.checks()), 'check')} · "
        f"profile {plain(card.profile, 40)}{' (changed)' if card.customised_profile else ''} · "
        f"run {plain(card.run_id, 40)} · seed {run.header.seed}"
    )
    if card.knock_outs:
        yield from ("", "| Knock-out | Verdict |", "|---|---|")
        for group in card.knock_outs:
            words = f"**{group.verdict.words}**" if not group.passed else group.verdict.words
            yield f"| {' + '.join(group.checks)} {plain(group.title, 90)} | {words} |"
    yield from ("", "| Part | Weight | Score |", "|---|---:|---:|")
    for part in card.parts:
        yield f"| {plain(part.title, 60)} | {numbers.weight(part.weight)} | {charts.reach(part)} |"
    yield from _trouble(card, enclosed)


def _trouble(card: Scorecard, enclosed: Enclosures) -> Iterator[str]:
    trouble = sentences.worst_first(card.checks())
    if not trouble:
        return
    yield from ("", f"### {numbers.count(len(trouble), 'check')} did not plainly pass", "")
    for check in trouble[:_MOST]:
        yield f"- **{check.plan.id}** {plain(check.plan.title, 90)}: {_ended(check, enclosed)}"
    if len(trouble) > _MOST:
        yield f"- … and {len(trouble) - _MOST} more in results.json"


def _ended(check: CheckScore, enclosed: Enclosures) -> str:
    result = check.result
    share = (
        f" ({numbers.percent(result.share)})"
        if result.verdict is Verdict.PARTIAL and result.share is not None
        else ""
    )
    said = result.finding or result.reason
    waiver = enclosed.waived(check.plan.id)
    return (
        f"{result.verdict.words}{share}"
        + (f". {plain(said, 260)}" if said else "")
        + (f" Waived until {waiver.until} by {plain(waiver.owner, 60)}." if waiver else "")
    )
