"""Must-haves: groups of checks that must all pass, whatever the score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prm_harness.record.verdicts import WORST_FIRST, Verdict

from .model import CheckScore, KnockOut

_NOTHING_IN_THE_WAY = frozenset({Verdict.PASSED, Verdict.NOT_APPLICABLE})


def judge_knock_outs(
    groups: Iterable[tuple[str, ...]], checks: Mapping[str, CheckScore]
) -> tuple[KnockOut, ...]:
    """Each group with the worst verdict in it.

    A check that the catalogue lacks was not run, hence unjudged. A group in which nothing applies stands in nobody's
    way; a buyer cannot bring that about, because a profile refuses a knock-out that is not needed.
    """
    return tuple(_judge(group, checks) for group in groups)


def _judge(group: tuple[str, ...], checks: Mapping[str, CheckScore]) -> KnockOut:
    verdicts = {checks[check].result.verdict if check in checks else Verdict.NOT_RUN for check in group}
    worst = next(verdict for verdict in WORST_FIRST if verdict in verdicts)
    return KnockOut(
        checks=group,
        title="; ".join(
            checks[check].plan.title if check in checks else f"{check} (not tested yet)" for check in group
        ),
        verdict=worst,
        passed=worst in _NOTHING_IN_THE_WAY,
        judged=not worst.open,
    )
