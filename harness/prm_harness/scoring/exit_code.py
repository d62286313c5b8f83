"""How a command ends: a number for the pipeline and a sentence for the person, always both."""

from __future__ import annotations

from enum import IntEnum

from prm_harness.record.run import Run
from prm_harness.record.verdicts import Verdict

from .model import CheckScore, KnockOut, Scorecard


class ExitCode(IntEnum):
    """Exit codes of every command (scoring.md)."""

    MET = 0
    FAILURES = 1
    USAGE = 2
    OPEN = 3
    REGRESSION = 4
    BAD_BUNDLE = 5
    INTERRUPTED = 130


def outcome(run: Run, card: Scorecard) -> tuple[ExitCode, str]:
    """How a run ended, and the last line that a command prints about it.

    Failures are checks that failed, that the adapter broke, and knock-outs that were judged and not passed; a user's own
    checks among them, though they are scored apart. What is only partly passed or cleanly declared unsupported costs points; it fails the run as a knock-out only.
    """
    code, why = _judge(run, card)
    return code, f"exit {code.value}: {why}"


def _judge(run: Run, card: Scorecard) -> tuple[ExitCode, str]:
    wanted = [check for check in card.checks() if check.result.verdict.wanted]
    failed = [check for check in wanted if check.result.verdict is Verdict.FAILED]
    broken = [check for check in wanted if check.result.verdict is Verdict.ERROR]
    unsettled = [check for check in wanted if check.result.verdict.open]
    knocked_out = [group for group in card.knock_outs if group.judged and not group.passed]
    not_judged = [group for group in card.knock_outs if not group.judged]
    if run.footer is not None and run.footer.interrupted:
        done = sum(check.result.verdict is not Verdict.NOT_RUN for check in wanted)
        return ExitCode.INTERRUPTED, f"interrupted after {done} of {len(wanted)} checks"
    own = [check for pack in card.packs for check in pack.checks if check.plan.id in run.header.plan]
    own_failed = [check for check in own if check.result.verdict in {Verdict.FAILED, Verdict.ERROR}]
    if failed or broken or knocked_out or own_failed:
        said = [_failures(failed, broken, knocked_out, len(wanted))]
        said += (
            [f"{len(own_failed)} of {len(own)} own checks failed ({_ids(own_failed)})"] if own_failed else []
        )
        return ExitCode.FAILURES, "; ".join(words for words in said if words)
    if unsettled or not_judged or not run.complete or not wanted:
        return ExitCode.OPEN, _open(unsettled, not_judged, len(wanted), complete=run.complete)
    return ExitCode.MET, _met(wanted, card)


def _failures(
    failed: list[CheckScore], broken: list[CheckScore], knocked_out: list[KnockOut], wanted: int
) -> str:
    parts = []
    if failed:
        parts.append(f"{len(failed)} of {wanted} checks failed ({_ids(failed)})")
    if broken:
        parts.append(f"the adapter broke in {len(broken)} of {wanted} ({_ids(broken)})")
    if knocked_out:
        parts.append(f"knock-outs not passed: {_groups(knocked_out)}")
    return "; ".join(parts)


def _open(unsettled: list[CheckScore], not_judged: list[KnockOut], wanted: int, *, complete: bool) -> str:
    if not wanted:
        return "nothing was judged: no check applies"
    parts = [] if complete else ["the run is incomplete"]
    if unsettled:
        parts.append(f"nothing failed, but {len(unsettled)} of {wanted} checks are open ({_ids(unsettled)})")
    if not_judged:
        parts.append(f"knock-outs not judged: {_groups(not_judged)}")
    return "; ".join(parts)


def _met(wanted: list[CheckScore], card: Scorecard) -> str:
    found = [
        f"{number} {verdict.words}"
        for verdict in Verdict
        if verdict.wanted and (number := sum(check.result.verdict is verdict for check in wanted))
    ]
    knock_outs = f"; all {len(card.knock_outs)} knock-outs passed" if card.knock_outs else ""
    return f"met: of {len(wanted)} checks {', '.join(found)}{knock_outs}"


def _ids(checks: list[CheckScore]) -> str:
    shown = [check.plan.id for check in checks[:8]]
    rest = len(checks) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def _groups(groups: list[KnockOut]) -> str:
    return ", ".join(" + ".join(group.checks) for group in groups)
