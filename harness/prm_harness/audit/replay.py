"""A stored failure run again, against the same adapter or another: is it fixed?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from prm_harness.record.case import Case, parted
from prm_harness.record.model import Result
from prm_harness.record.run import Run, credit
from prm_harness.record.verdicts import Verdict

from .campaign import Campaign
from .events import Broadcast, Listener
from .judge import UNSEEN
from .registry import Catalogue, CatalogueError, Check, load_catalogue
from .stage import open_stage
from .tape import Watcher

Outcome = Literal["FIXED", "FAILED", "ERROR"]
_UNSAID: Final = frozenset(
    {Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.NOT_RUN, Verdict.NOT_APPLICABLE, Verdict.ATTESTED}
)


class NoCaseError(Exception):
    """There is nothing to run again: which check, what the run file says about it, what to do."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """How it went; ``why`` is a sentence."""

    outcome: Outcome
    why: str
    result: Result | None = None
    case: Case | None = None


def stored_case(run: Run, check: str) -> Case:
    """The case of a check's failure.

    Raises:
        NoCaseError: the run has none; says what it has.
    """
    if (case := run.case(check)) is not None:
        return case
    kept = f"it holds cases of {', '.join(run.cases)}" if run.cases else "nothing failed in it"
    if check in run.results:
        result = run.results[check]
        raise NoCaseError(
            f"{check} {result.verdict.words} in this run, so there is no case to replay; {kept}"
        )
    raise NoCaseError(f"this run has no check {check!r}; {kept}")


def replay(
    run: Run,
    check: str,
    *,
    connect: str,
    company: bool = False,
    watch: Watcher | None = None,
    listeners: Iterable[Listener] = (),
    catalogue: Catalogue | None = None,
) -> Replayed:
    """Run a check again on what its case holds: the same org, the same records, the same operations, faults and order.

    The check's own code judges. It is handed what chance decided then, and generated inputs as they were kept (for P1 the
    smallest history); if it does something else with them, although the product answered the same, the check has
    changed, and nothing is said about the product.

    Args:
        run: where the case is kept.
        check: whose case.
        connect: the adapter to try it on.
        company: run every other check of the run's plan beside it, as then; otherwise it runs alone.
        watch: told every operation just before it is done.
        listeners: told the campaign's events.
        catalogue: where the check is found; the installed one when left out.

    Raises:
        NoCaseError: the run has no case of that check.
        ConnectError: the adapter could not be opened.
    """
    case = stored_case(run, check)
    try:
        checks = (catalogue or load_catalogue()).select(run.header.plan if company else [check])
    except CatalogueError as error:
        return Replayed("ERROR", f"the check cannot be run any more: {error}", case=case)
    heard = _Heard(check)
    _run(run, case, checks, connect, Broadcast([heard, *listeners]), watch)
    return _told(case, run, heard, next(c for c in checks if c.id == check))


def _run(
    run: Run, case: Case, checks: Iterable[Check], connect: str, listener: Listener, watch: Watcher | None
) -> None:
    run_id = f"replay-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{case.check.lower()}"
    with open_stage(connect, seed=case.seed, run_id=run_id, start=case.started_at) as stage:
        Campaign(
            tuple(checks), stage.line, stage.crm, stage.connection, stage.time, run.header.profile,
            seed=case.seed, listener=listener, attempt=case.attempt, cases={case.check: case}, watch=watch,
        ).run()  # fmt: skip


def _told(case: Case, run: Run, heard: _Heard, check: Check) -> Replayed:
    now = heard.result
    if now is None:
        return Replayed("ERROR", "the check left no result")
    then = next((r for r in run.attempts[case.check] if r.attempt == case.attempt), run.results[case.check])
    said = now.finding or now.reason or now.verdict.words
    if heard.case is not None and (where := parted(case, heard.case)):
        revised = f" (revision {case.revision} → {check.revision})" if case.revision != check.revision else ""
        return Replayed(
            "ERROR",
            f"the check has changed since{revised}: {where}; audit again for a new case",
            now,
            heard.case,
        )
    if case.reduced and _right_as_far_as_it_goes(now):
        return Replayed("FIXED", "what failed then is right now.", now, heard.case)
    if now.verdict in _UNSAID:
        return Replayed("ERROR", f"{now.verdict.words}: {now.reason or said}", now, heard.case)
    if now.verdict is Verdict.PASSED:
        return Replayed("FIXED", said, now, heard.case)
    better = " Better than then, and not fixed." if credit(now) > credit(then) else ""
    return Replayed("FAILED", f"{said}{better}", now, heard.case)


def _right_as_far_as_it_goes(now: Result) -> bool:
    """A reduced case leaves out, on purpose, most of what a whole check has to have seen; not all of it."""
    compared, seen = now.evidence.diffs, now.evidence.effects
    only_unseen = now.verdict is Verdict.INCONCLUSIVE and now.reason.startswith(UNSEEN)
    return only_unseen and any(seen.values()) and bool(compared) and all(diff.ok for diff in compared)


class _Heard:
    """The one result and the case that are waited for."""

    def __init__(self, check: str) -> None:
        self._check = check
        self.result: Result | None = None
        self.case: Case | None = None

    def event(self, kind: str, payload: Any) -> None:
        """Keep what is about the check."""
        if kind == "result" and payload.check == self._check:
            self.result = payload
        elif kind == "case" and payload.check == self._check:
            self.case = payload
