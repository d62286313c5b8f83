"""What the bake-off's templates show, gathered from runs and their comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from prm_harness.record.model import Fact
from prm_harness.record.run import Run
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring.model import Bakeoff, Scorecard, Standing

from . import charts_bakeoff, charts_speed, method, numbers, sentences, sentences_bakeoff
from .doc import Doc, short_hash, stamps
from .scorecard import missed_knock_outs

ROOMY = 5
"""Up to this many vendors page 1 also holds the table of parts and facts."""

_HANDS_ON, _VENDOR_STEPS, _DELAY = (
    "Hands-on setup",
    "Steps only the vendor can do",
    "Delay CRM to portal, 95 % of changes",
)


def context(runs: Sequence[Run], bakeoff: Bakeoff, digest: str, *, title: str, buyer: str) -> dict[str, Any]:
    """Everything bakeoff.html needs."""
    by_id = {run.header.run_id: run for run in runs}
    ordered = [by_id[s.card.run_id] for s in bakeoff.standings]
    first, other = bakeoff.standings[0], sentences_bakeoff.rival(bakeoff)
    return {
        "doc": _doc(ordered, bakeoff, digest, title=title, buyer=buyer),
        "bakeoff": bakeoff,
        "standings": bakeoff.standings,
        "roomy": len(bakeoff.standings) <= ROOMY,
        "verdict": sentences_bakeoff.verdict(bakeoff),
        "sure": sentences_bakeoff.how_sure(bakeoff),
        "changes": sentences_bakeoff.would_change(bakeoff),
        "key_facts": {s.card.run_id: _key_facts(s.card) for s in bakeoff.standings},
        "parts": [p for p in first.card.parts if any(q.checks for q in p.questions)],
        "questions": _questions(bakeoff.standings),
        "first": first.card,
        "other": other.card,
        "gaps": charts_bakeoff.differences(first.card, other.card),
        "facts": _facts(bakeoff.standings),
        **_speed(ordered),
        "open": [(s.card, _open(s.card)) for s in bakeoff.standings],
        "runs": ordered,
        "source": method.source(ordered[0]),
        "limits": method.limits(ordered),
        "not_tested": sorted(ordered[0].header.checklist.not_tested_yet.items()),
        "digest": digest,
        "sifted": True,
    }


def _doc(runs: Sequence[Run], bakeoff: Bakeoff, digest: str, *, title: str, buyer: str) -> Doc:
    header = runs[0].header
    days = sorted({run.header.started_at.date(): run.header.started_at for run in runs}.items())
    when = numbers.day(days[0][1]) + (f" to {numbers.day(days[-1][1])}" if len(days) > 1 else "")
    checks = numbers.count(len(bakeoff.standings[0].card.checks()), "check")
    many = numbers.count(len(runs), "vendor")
    return Doc(
        title=f"{title or 'PRM bake-off'}: {sentences_bakeoff.headline(bakeoff)}",
        about=f"{many} compared on the same {checks}; {when}",
        kicker="PRM–CRM integration bake-off" + (f" · {title}" if title else ""),
        heading=sentences_bakeoff.headline(bakeoff),
        sub=f"{many} · the same {checks}, sandbox CRM and seed · {when}",
        running=f"PRM bake-off{f' · {title}' if title else ''} · {many}",
        stamps=stamps(runs),
        aside=(
            *([f"Prepared for: {buyer}"] if buyer else []),
            f"Profile {header.profile.name}{', changed by the buyer' if header.profile.customised else ''}",
            f"Catalogue {header.checklist.version}",
        ),
        foot=" · ".join(
            [
                f"{len(runs)} runs",
                f"seed {header.seed}",
                f"harness {header.versions.get('harness', '?')}",
                f"sandbox {header.versions.get('sandbox', '?')}",
                f"bakeoff.json sha256 {short_hash(digest)}",
            ]
        ),
        harness=header.versions.get("harness", "?"),
    )


def _key_facts(card: Scorecard) -> dict[str, str]:
    named = {row.name: row for row in card.facts}
    return {
        "hands_on": numbers.fact(named.get(_HANDS_ON) or _hands_on(card)),
        "vendor_steps": numbers.fact(named.get(_VENDOR_STEPS)).removesuffix(" steps").removesuffix(" step"),
        "delay": numbers.fact(named.get(_DELAY)),
        "open": str(len(sentences_bakeoff.open_checks(card)) + card.counts.get(Verdict.ATTESTED, 0)),
    }


def _hands_on(card: Scorecard) -> Fact | None:
    if not card.setup:
        return None
    return Fact(name=_HANDS_ON, value=round(sum(s.hands_on_minutes for s in card.setup), 1), unit="min")


def _questions(standings: Sequence[Standing]) -> list[dict[str, Any]]:
    """Part by part, each question with what every vendor scored."""
    cards = [s.card for s in standings]
    missed = [missed_knock_outs(card) for card in cards]
    found = [{q.id: q for q in card.questions()} for card in cards]
    parts = [{p.id: p for p in card.parts} for card in cards]
    return [
        {
            "part": part,
            "scores": [by.get(part.id) for by in parts],
            "rows": [
                {
                    "question": question,
                    "cells": [
                        {"q": by.get(question.id), "missed": question.id in lost}
                        for by, lost in zip(found, missed, strict=True)
                    ],
                }
                for question in part.questions
            ],
        }
        for part in cards[0].parts
    ]


def _facts(standings: Sequence[Standing]) -> list[tuple[str, list[str]]]:
    """Every fact that any run reports, in the order first met, with each vendor's value."""
    named = [{row.name: row for row in s.card.facts} for s in standings]
    names = list(dict.fromkeys(row.name for s in standings for row in s.card.facts))
    return [(name, [numbers.fact(by.get(name)) for by in named]) for name in names[:24]]


def _speed(runs: Sequence[Run]) -> dict[str, Any]:
    """Panels, direction by direction, and the axis that all of them share; none where no run timed anything."""
    timed = [(run.header.contestant.product, {d.way: d for d in charts_speed.delays(run)}) for run in runs]
    panels = []
    for _, way in charts_speed.WAYS:
        if any(way in found for _, found in timed):
            rows = [
                (product, found.get(way), [o[way] for _, o in timed if way in o and o is not found])
                for product, found in timed
            ]
            panels.append((way, rows))
    return {
        "panels": panels,
        "delay_span": charts_speed.axis([d for _, found in timed for d in found.values()]),
    }


def _open(card: Scorecard) -> list[tuple[str, Verdict, str]]:
    checks = [c for c in card.checks() if c.result.verdict.open]
    return [
        (f"{c.plan.id} {c.plan.title}", c.result.verdict, c.result.reason)
        for c in sentences.worst_first(checks)
    ]
