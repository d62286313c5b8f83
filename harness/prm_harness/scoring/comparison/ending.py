"""How a comparison ends: a number for the pipeline and a sentence for the person."""

from __future__ import annotations

from collections.abc import Iterable

from prm_harness.scoring.exit_code import ExitCode

from .model import Change, Comparison, Move


def comparison_outcome(comparison: Comparison) -> tuple[ExitCode, str]:
    """The exit code, and the last line that a command prints.

    4 when a check got worse (with ``fail_on="any"``: when anything differs); else 1 when a check that the baseline does
    not have fails; else 3 when something is no longer judged or a run is incomplete; else 0. What an entry of the
    expected-failures file answers for counts as none of these. Failures that the baseline has too are its own affair.
    """
    code, why = _judge(comparison)
    return code, f"exit {code.value}: {why}"


def _judge(comparison: Comparison) -> tuple[ExitCode, str]:
    quarantined = sum(1 for change in comparison.expected if change.expected and not change.expected.verdict)
    expected = len(comparison.expected) - quarantined
    answered = f"; {expected} expected" if expected else ""
    answered += f"; {quarantined} quarantined" if quarantined else ""
    if comparison.regressions:
        return ExitCode.REGRESSION, f"worse than the baseline: {_told(comparison.regressions)}{answered}"
    if comparison.fail_on == "any" and (differences := differing(comparison)):
        return ExitCode.REGRESSION, f"differs from the baseline: {'; '.join(differences)}{answered}"
    failing = [c for c in comparison.moved(Move.NEW, expected=False) if c.fails_new]
    if failing:
        return ExitCode.FAILURES, f"nothing is worse, but new checks fail: {_told(failing)}{answered}"
    unsettled = comparison.moved(Move.UNJUDGED, expected=False)
    incomplete = [
        name
        for name, end in (("the baseline", comparison.before), ("the run", comparison.after))
        if not end.complete
    ]
    if unsettled or incomplete:
        parts = [f"{' and '.join(incomplete)} incomplete"] if incomplete else []
        parts += [f"no longer judged: {_told(unsettled)}"] if unsettled else []
        return ExitCode.OPEN, f"nothing is worse, but {'; '.join(parts)}{answered}"
    same, better = (len(comparison.moved(which)) for which in (Move.SAME, Move.BETTER))
    return ExitCode.MET, f"nothing is worse than in the baseline: {same} unchanged, {better} better{answered}"


def differing(comparison: Comparison) -> list[str]:
    """Every kind of difference that ``fail_on="any"`` counts, in words."""
    told = [
        f"{which.words}: {_told(found)}"
        for which in Move
        if which is not Move.SAME and (found := comparison.moved(which, expected=False))
    ]
    others = (
        ("check revised", [c.check for c in comparison.checks if c.revised]),
        ("evidence of another kind", [c.check for c in comparison.checks if c.shape]),
        ("capability declared otherwise", [c.name for c in comparison.capabilities]),
        ("measured beyond the repeats", [m.check for m in comparison.beyond]),
    )
    return told + [f"{words}: {_listed(names)}" for words, names in others if names]


def _told(changes: Iterable[Change]) -> str:
    return _listed([f"{change.check} {ended(change)}" for change in changes])


def ended(change: Change) -> str:
    """``passed → failed``, or the one verdict there is."""
    words = [
        side.verdict.words + (f" ({side.share:.0%})" if side.share is not None else "")
        for side in (change.before, change.after)
        if side
    ]
    return " → ".join(dict.fromkeys(words))


def _listed(words: list[str], limit: int = 6) -> str:
    more = f" and {len(words) - limit} more" if len(words) > limit else ""
    return ", ".join(words[:limit]) + more
