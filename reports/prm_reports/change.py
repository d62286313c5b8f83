"""What the change report's templates show, gathered from two runs and their comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from prm_harness.record.run import Run
from prm_harness.scoring.comparison import Change, Comparison, Move, comparison_outcome, counters
from prm_harness.scoring.comparison.model import MetricChange

from . import change_exhibits, change_sentences, numbers
from .doc import Doc, short_hash, stamps
from .html import Medium


@dataclass(frozen=True)
class Room:
    """How much one medium shows of what has no natural end."""

    checks: int
    measured: int
    others: int
    exhibits: int


PAPER: Final = Room(checks=12, measured=6, others=4, exhibits=12)
SCREEN: Final = Room(checks=400, measured=400, others=400, exhibits=400)


def context(runs: tuple[Run, Run], comparison: Comparison, digest: str, medium: Medium) -> dict[str, Any]:
    """Everything change.html needs."""
    room = PAPER if medium == "paper" else SCREEN
    changed = [c for which in Move if which is not Move.SAME for c in comparison.moved(which)]
    changed += [c for c in comparison.moved(Move.SAME) if c.flaky or c.expected]
    worse = comparison.moved(Move.WORSE)
    others = change_sentences.others(comparison)
    exhibits = change_exhibits.exhibits(runs, worse[: room.exhibits], medium)
    return {
        "doc": _doc(runs, comparison, digest),
        "change": comparison,
        "verdict": change_sentences.verdict(comparison),
        "counters": counters(comparison),
        "groups": _groups(changed[: room.checks]),
        "changed_more": max(0, len(changed) - room.checks),
        "measured": [_measured(m) for m in comparison.metrics[: room.measured]],
        "measured_more": max(0, len(comparison.metrics) - room.measured),
        "others": others[: room.others],
        "others_more": max(0, len(others) - room.others),
        "exhibits": exhibits,
        "exhibits_more": len(worse) - len(exhibits),
        "shown": frozenset(exhibit.change.check for exhibit in exhibits),
        "repeats": change_sentences.repeats,
        "ending": comparison_outcome(comparison)[1],
        "basis": comparison.basis,
        "again": change_sentences.again(comparison),
        "digest": digest,
    }


def _doc(runs: tuple[Run, Run], comparison: Comparison, digest: str) -> Doc:
    before, after = comparison.before, comparison.after
    header = runs[1].header
    both = runs[1].model_copy(update={"complete": before.complete and after.complete})
    release = before.release if before.release == after.release else f"{before.release} → {after.release}"
    days = f"baseline of {numbers.day(before.started_at)}, run of {numbers.day(after.started_at)}"
    return Doc(
        title=f"{after.product}: what changed since the baseline",
        about=f"{change_sentences.verdict(comparison)} {days}",
        kicker="PRM–CRM integration change report",
        heading=after.product,
        sub=f"Release {release or 'not stated'} · {days}",
        running=f"{after.product} · change report",
        stamps=stamps([both]),
        aside=(
            f"Baseline {before.run_id}",
            f"Run {after.run_id}",
            f"{numbers.count(len(comparison.checks), 'check')} · profile {header.profile.name}",
        ),
        foot=" · ".join(
            [
                f"run {after.run_id}",
                f"seed {header.seed}",
                f"harness {header.versions.get('harness', '?')}",
                f"change.json sha256 {short_hash(digest)}",
            ]
        ),
        harness=header.versions.get("harness", "?"),
    )


def _groups(changes: list[Change]) -> list[tuple[str, list[Change]]]:
    """Changes by their way, in the order in which a reader must hear of them."""
    words = {which: which.words for which in Move} | {Move.SAME: "unchanged, but flaky or expected"}
    found = [(words[which], [c for c in changes if c.move is which]) for which in Move]
    return [(title, rows) for title, rows in found if rows]


def _measured(metric: MetricChange) -> dict[str, str]:
    return {
        "name": f"{metric.check} {metric.name}".strip(),
        "limit": change_sentences.amount((metric.limit,), metric.unit)
        if metric.limit is not None
        else numbers.NOT_KNOWN,
        "before": change_sentences.amount(metric.before, metric.unit),
        "after": change_sentences.amount(metric.after, metric.unit),
        "noise": change_sentences.noise(metric),
    }
