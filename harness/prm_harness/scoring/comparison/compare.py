"""Two runs in, one comparison out: a pure function, so the same files always compare the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from prm_harness.record.model import Result
from prm_harness.record.run import Run, credit
from prm_harness.record.verdicts import Verdict
from prm_harness.scoring.model import CheckScore, Scorecard
from prm_harness.scoring.score import score

from .comparable import demand_comparable
from .evidence import metric_changes, shape_change
from .expected import match
from .model import CapabilityChange, Change, Comparison, End, Expected, FailOn, Move, Side

_BAD = frozenset({Verdict.FAILED, Verdict.ERROR})


def compare(
    before: Run, after: Run, *, expected: Iterable[Expected] = (), fail_on: FailOn = "regression"
) -> Comparison:
    """Hold a run against its baseline.

    Args:
        before: the baseline.
        after: the run in question.
        expected: entries that answer for failures; each must match how its check ended.
        fail_on: what counts against the run: only what got worse, or any difference.

    Raises:
        NotComparableError: the runs were not asked the same; says which part differs.
        ExpectedError: an entry names no check, or its check ended otherwise.
    """
    basis = demand_comparable(before.header, after.header)
    cards = score(before), score(after)
    entries = match(expected, {check.plan.id: check for check, _ in _every(cards[1])})
    return Comparison(
        fail_on=fail_on,
        before=_end(before, cards[0]),
        after=_end(after, cards[1]),
        basis=basis,
        checks=tuple(_changes(*cards, entries)),
        capabilities=_capabilities(before, after),
        metrics=metric_changes(before, after),
        knock_outs_lost=_knock_outs_lost(*cards),
    )


def move(before: Result, after: Result) -> Move:
    """Which way a check went.

    Worse is whatever costs points, and a failure or a broken adapter where there was none: what nobody could judge
    before and fails now is known to be bad now. Judged before and not judged now is a way of its own: it proves
    nothing, and hides what was proved.
    """
    if before.verdict is after.verdict and credit(before) == credit(after):
        return Move.SAME
    if after.verdict in _BAD:
        return Move.CHANGED if before.verdict in _BAD else Move.WORSE
    if not after.verdict.judged:
        return Move.CHANGED if before.verdict.open else Move.UNJUDGED
    gained = credit(after) - _worth(before)
    return Move.BETTER if gained > 0 else Move.WORSE if gained < 0 else Move.CHANGED


def _worth(result: Result) -> float:
    """What does not apply costs nothing, as if it had passed."""
    return 1.0 if result.verdict is Verdict.NOT_APPLICABLE else credit(result)


def _changes(before: Scorecard, after: Scorecard, entries: Mapping[str, Expected]) -> Iterable[Change]:
    old = {check.plan.id: (check, own) for check, own in _every(before)}
    for check, own in _every(after):
        was, _ = old.pop(check.plan.id, (None, own))
        yield _change(was, check, entries.get(check.plan.id), own=own)
    for gone, own in old.values():
        yield _change(gone, None, None, own=own)


def _every(card: Scorecard) -> Iterator[tuple[CheckScore, bool]]:
    """The catalogue's checks, then those of the users' own packs; whether it is one of these."""
    yield from ((check, False) for check in card.checks())
    yield from ((check, True) for pack in card.packs for check in pack.checks)


def _change(
    before: CheckScore | None, after: CheckScore | None, expected: Expected | None, *, own: bool
) -> Change:
    shown = after or before
    if shown is None:
        raise ValueError("a change needs the check of one run at least")
    which, shape = Move.NEW if after else Move.REMOVED, None
    if before and after:
        which, shape = move(before.result, after.result), shape_change(before.result, after.result)
    return Change(
        check=shown.plan.id,
        question=shown.plan.question,
        title=shown.plan.title,
        knock_out=shown.knock_out,
        move=which,
        own=own,
        before=_side(before, own=own) if before else None,
        after=_side(after, own=own) if after else None,
        shape=shape,
        expected=expected,
    )


def _side(check: CheckScore, *, own: bool) -> Side:
    """Own checks are scored apart: no point of the score hangs on them."""
    return Side(
        verdict=check.result.verdict,
        share=check.result.share,
        finding=check.result.finding,
        reason=check.result.reason,
        earned=0.0 if own else check.earned,
        weight=0.0 if own else check.weight,
        repeats=check.attempts,
        flaky=check.flaky,
        revision=check.plan.revision,
    )


def _end(run: Run, card: Scorecard) -> End:
    return End(
        run_id=run.header.run_id,
        product=run.header.contestant.product,
        release=run.header.contestant.version,
        started_at=run.header.started_at,
        digest=run.digest,
        complete=run.complete,
        grade=card.grade,
        raw_grade=card.raw_grade,
        score=card.score,
        printed_score=card.printed_score,
        printed_ceiling=card.printed_ceiling,
        coverage=card.coverage,
        sample=run.header.contestant.sample,
    )


def _capabilities(before: Run, after: Run) -> tuple[CapabilityChange, ...]:
    one, other = before.header.contestant.capabilities, after.header.contestant.capabilities
    return tuple(
        CapabilityChange(name=name, before=one.get(name, ""), after=other.get(name, ""))
        for name in sorted({**one, **other})
        if one.get(name, "") != other.get(name, "")
    )


def _knock_outs_lost(before: Scorecard, after: Scorecard) -> tuple[str, ...]:
    passed = {group.checks for group in before.knock_outs if group.passed}
    return tuple(
        " + ".join(group.checks) for group in after.knock_outs if group.checks in passed and not group.passed
    )
