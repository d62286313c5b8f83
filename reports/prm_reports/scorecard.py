"""What the scorecard's templates show, gathered from a run and its score. No template computes a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from prm_harness.record.enclosures import Enclosures
from prm_harness.record.run import Run
from prm_harness.record.verdicts import WORST_FIRST, Verdict
from prm_harness.scoring.grade import half_up
from prm_harness.scoring.model import PackScore, PartScore, QuestionScore, Scorecard

from . import (
    charts,
    charts_speed,
    effort,
    exhibits,
    field_matrix,
    how_tested,
    marks,
    method,
    numbers,
    outlook,
    sentences,
    statements,
)
from .doc import Doc, short_hash, stamps, style_words
from .html import Medium
from .text import anchor

_NOTHING = Enclosures()


def context(
    run: Run, card: Scorecard, results_hash: str, medium: Medium, enclosed: Enclosures = _NOTHING
) -> dict[str, Any]:
    """Everything scorecard.html needs."""
    if medium == "paper":
        shown, left_out = exhibits.printed(run, card)
    else:
        shown, left_out = exhibits.exhibits(run, card, exhibits.SCREEN), 0
    full = [e for e in shown if not e.bare]
    bare = [e for e in shown if e.bare]
    linked = frozenset(e.check.plan.id for e in (*full, *bare) if not e.plain)
    missed = missed_knock_outs(card)
    stated = statements.context(run, card, enclosed, medium)
    rows = field_matrix.matrix(run)
    timed = charts_speed.delays(run)
    return {
        "doc": _doc(run, card, results_hash),
        "card": card,
        "known": charts.how_known(card),
        "agreement": agreement(run),
        "scored_parts": [p for p in card.parts if any(q.checks for q in p.questions)],
        "knock_outs": _knock_outs(card, linked),
        "missed": missed,
        "missed_words": {question: sentences.missed_words(worst) for question, worst in missed.items()},
        "knock_out_ids": frozenset(q.id for q in card.questions() if any(c.knock_out for c in q.checks)),
        "glance": _glance(card.parts),
        "weighed_groups": _weighed(card.parts),
        "untested": [q for q in card.questions() if not q.checks],
        "effort_lede": _effort(card),
        "style": effort.style(run.header.contestant.style, run.style),
        "style_signs": effort.signs(run.style),
        "declared_minutes": run.header.contestant.declared_setup_minutes,
        "setup_log": effort.log(card.setup),
        "barriers": effort.settlings(run.barriers, 6),
        "barriers_more": max(0, len(run.barriers) - 6),
        "exhibits": full,
        "bare": bare,
        "left_out": left_out,
        "shown": linked,
        "method": method.scorecard(run, card, results_hash),
        "outlook": outlook.would_change(card),
        "weights_words": outlook.weights_sentence(card),
        "red_flags": outlook.red_flags(run, card),
        "flag_limit": 10 if medium == "paper" else 100,
        "matrix": rows,
        "matrix_lede": field_matrix.lede(rows),
        "matrix_marks": field_matrix.MARKS,
        "matrix_claimed": any(cell.claimed for row in rows for cell in row.cells),
        "delays": timed,
        "delay_span": charts_speed.axis(timed),
        "sifted": True,
        "states": [(verdict, many) for verdict in marks.LEGEND if (many := card.counts.get(verdict, 0))],
        **stated,
        "how_tested": (pages := _pages(full if medium == "paper" else shown, card)),
        "explained": frozenset(page.id for page in pages),
        "own_scores": {pack.name: _own(pack) for pack in card.packs},
        "contents": _contents(stated=stated["stated"], own=bool(card.packs), how=bool(pages)),
        "not_tested": sorted(run.header.checklist.not_tested_yet.items()),
    }


def _pages(shown: Sequence[exhibits.Exhibit], card: Scorecard) -> list[how_tested.HowTested]:
    """The page of every check whose evidence is shown, in checklist order; own checks last."""
    plans = [exhibit.check.plan for exhibit in shown]
    own = [check.plan for pack in card.packs for check in pack.checks]
    return [how_tested.how_tested(plan) for plan in (*plans, *own)]


def _own(pack: PackScore) -> str:
    passed = sum(check.result.verdict is Verdict.PASSED for check in pack.checks)
    points = "n/a" if pack.score is None else f"{half_up(pack.score)} of 100"
    return f"{passed} of {numbers.count(len(pack.checks), 'check')} passed, {points} among themselves"


def _contents(*, stated: bool, own: bool, how: bool) -> list[tuple[str, str]]:
    """Anchor and words of every section, in order."""
    return [
        ("questions", "Scores by question"),
        ("adds-up", "How the score adds up"),
        ("findings", "Findings by question"),
        ("red-flags", "Red flags, and what to ask"),
        ("effort", "Speed, setup and facts"),
        ("matrix", "Field types"),
        ("evidence", "Evidence"),
        *([("own-checks", "The buyer’s own checks")] if own else []),
        *([("how-tested", "How these checks work")] if how else []),
        *([("statements", "Statements")] if stated else []),
        ("method", "Method and limits"),
    ]


def agreement(run: Run) -> dict[str, str]:
    """Whether repeats of a check ended the same way."""
    repeated = [made for made in run.attempts.values() if len(made) > 1]
    if not repeated:
        return {"words": "Repeats", "value": "none made"}
    same = sum(len({one.verdict for one in made}) == 1 for made in repeated)
    most = max(map(len, repeated))
    return {"words": f"Same result in all {most} repeats", "value": f"{same} of {len(repeated)}"}


def missed_knock_outs(card: Scorecard) -> dict[str, Verdict]:
    """Question id -> the worst verdict of its knock-out checks, where one did not pass."""
    missed: dict[str, Verdict] = {}
    for question in card.questions():
        verdicts = [c.result.verdict for c in question.checks if c.knock_out]
        worst = min(verdicts, key=WORST_FIRST.index, default=Verdict.PASSED)
        if worst not in {Verdict.PASSED, Verdict.NOT_APPLICABLE}:
            missed[question.id] = worst
    return missed


def _doc(run: Run, card: Scorecard, results_hash: str) -> Doc:
    header = run.header
    who = header.contestant
    vendor = f"by {who.vendor} · " if who.vendor and who.vendor.lower() not in who.product.lower() else ""
    release = f"Release {who.version} · " if who.version else ""
    style = f"{style_words(who.style)} · " if who.style else ""
    day = numbers.day(header.started_at)
    questions = sum(bool(q.checks) for q in card.questions())
    profile = f"Profile {card.profile}{', changed by the buyer' if card.customised_profile else ''}"
    return Doc(
        title=f"{who.product}: PRM–CRM integration scorecard",
        about=f"Grade {card.grade}, {charts.reach(card)} of 100; tested {day}",
        kicker="PRM–CRM integration scorecard",
        heading=who.product,
        sub=f"{vendor}{release}{style}tested {day}",
        running=f"{who.product} · integration scorecard",
        stamps=stamps([run]),
        aside=(
            *([f"Prepared for: {header.profile.buyer}"] if header.profile.buyer else []),
            f"Run {header.run_id}",
            f"{numbers.count(len(card.checks()), 'check')} · {numbers.count(questions, 'question')} · {profile}",
        ),
        foot=" · ".join(
            [
                f"run {header.run_id}",
                f"seed {header.seed}",
                f"harness {header.versions.get('harness', '?')}",
                f"sandbox {header.versions.get('sandbox', '?')}",
                f"results sha256 {short_hash(results_hash)}",
            ]
        ),
        harness=header.versions.get("harness", "?"),
    )


def _knock_outs(card: Scorecard, linked: frozenset[str]) -> list[dict[str, Any]]:
    """Those that did not pass first; each leads to the evidence of its worst check, or to its question."""
    by_id = {c.plan.id: c for c in card.checks()}
    rows = []
    for knock_out in sorted(card.knock_outs, key=lambda k: (k.passed, not k.judged)):
        known = [by_id[c] for c in knock_out.checks if c in by_id]
        worst = min(known, key=lambda c: WORST_FIRST.index(c.result.verdict), default=None)
        if worst is None:
            target = "method"
        elif worst.plan.id in linked and not knock_out.passed:
            target = anchor("ev", worst.plan.id)
        else:
            target = anchor("q", worst.plan.question)
        title = knock_out.title if known else f"{' + '.join(knock_out.checks)}: no check yet"
        rows.append(
            {"passed": knock_out.passed, "verdict": knock_out.verdict, "title": title, "target": target}
        )
    return rows


def _glance(parts: tuple[PartScore, ...]) -> list[dict[str, Any]]:
    """Parts with any check, and how wide each is so that all questions stand in one line."""
    shown = [p for p in parts if any(q.checks for q in p.questions)] or list(parts)
    cells = sum(len(p.questions) for p in shown)
    gap = 2.2
    cell = (100 - gap * (len(shown) - 1)) / max(cells, 1)
    return [
        {
            "title": p.title,
            "questions": p.questions,
            "width": f"{cell * len(p.questions):.3f}",
            "cell": f"{99.9 / max(len(p.questions), 1):.2f}",
        }
        for p in shown
    ]


def _weighed(parts: tuple[PartScore, ...]) -> list[list[QuestionScore]]:
    groups = [[q for q in part.questions if q.checks] for part in parts]
    return [group for group in groups if group]


def _effort(card: Scorecard) -> str:
    if not card.setup:
        return "What the run measured beside the verdicts. The adapter reported no setup steps."
    hands_on = sum(s.hands_on_minutes for s in card.setup)
    vendor = sum(s.actor == "vendor" for s in card.setup)
    alone = "none of them needs the vendor" if not vendor else f"{vendor} only the vendor can do"
    return (
        f"Setup took {numbers.minutes(hands_on)} of hands-on work in "
        f"{numbers.count(len(card.setup), 'step')}; {alone}."
    )
