"""Q4.4: after edits on both sides, deletes and faults, do both sides come to agree?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from prm_harness import Course, Crm, CrmRecord, Data, Evidence, FaultSpec, Portal, check, settled

from .shared.histories import RATING, ROUNDS, History, draw_histories, parts
from .shared.lives import Life, begun

_WEATHER: Final = {
    "the server is unavailable": (
        FaultSpec(name="P1 write refused", kind="status", route="write", times=2),
        FaultSpec(name="P1 read refused", kind="status", route="read", times=2),
    ),
    "answers to writes are lost": (FaultSpec(name="P1 lost", kind="lost", route="write", times=2),),
    "rows are locked": (
        FaultSpec(
            name="P1 locked", kind="status", route="write", times=2, status=400, code="UNABLE_TO_LOCK_ROW",
            message="unable to obtain exclusive access to this record",
        ),
    ),
}  # fmt: skip
"""One a round, in an order drawn from the seed; healed before the next. A lock's status is assumed (contract §6)."""

_QUIET: Final = 2
"""Barriers without anything happening that the sides have to come to agree: a retry may wait for the next sync."""

_REPLAYED: Final = 60
"""Shorter histories that are tried at once, to find the smallest that breaks."""


@check(
    "P1",
    question="Q4.4",
    title="Both sides come to agree, whatever happened",
    needs=("write",),
    powers=("faults", "request_log"),
    stage="alone",
    effects={"edited in the CRM", "edited in the portal", "deleted", "requests disturbed"},
    catches=(
        "ignores-deletes",
        "gives-up-after-one-failure",
        "retry-inserts-twice",
        "pushes-whole-record",
        "drops-edits-while-pending",
    ),
    passed="After {steps} edits, moves and deletes on both sides and a fault in each round, both sides agree on all "
    "{deals} deals, and nothing else was touched.",
    failed="After {steps} edits, moves and deletes on both sides and a fault in each round, [[{wrong} of {deals} deals are"
    " not the same on both sides ;; {touched:~other record} touched]]. The shortest story that ends so: {smallest}.",
)
def both_sides_come_to_agree(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals are made, edited, cleared, moved and deleted on both sides in three rounds, each in another kind of trouble.

    Every rule of a sync can be right and their combination wrong: a delete while an answer is lost, an edit of what is
    being moved. The histories are drawn by Hypothesis from the run's seed, the same for every vendor. Judged once the CRM
    is well again and both sides had time: every field that the portal shows is the same on both sides; there is no
    second copy and no zombie; an edit that nobody contested is there; the CRM team's own field and records that
    nobody edited are as they were. Of histories that break this, shorter ones are replayed side by side, and the
    shortest that still does is the evidence. Source: catalogue P1 (D4, D9, D11, D19), guide Q3.5 and Q3.7.
    """
    most, count = data.sizes["convergence_steps"], data.sizes["convergence_histories"]
    others = {prm.info.partner_field: data.other_partner, RATING: "A"}
    bystanders = crm.create_all("Account", [data.account("Moved to") for _ in range(2)])
    accounts = [account.id for account in bystanders]
    bystanders.append(crm.create(prm.deal, data.deal("Left alone") | others))
    weather = data.random.sample(sorted(_WEATHER), ROUNDS)
    drawing = data.random.getrandbits(32)
    histories = data.given(
        "histories",
        lambda: draw_histories(drawing, count, most),
        write=lambda drawn: [history.written() for history in drawn],
        read=lambda written: [History.read(one) for one in written],
    )
    lives = begun(histories, data, accounts, "Story")

    yield from _played(lives, weather, crm, prm, evidence, data)
    broken = _broken(lives, crm, prm, evidence)
    touched = sum(not _as_made(record, crm, evidence) for record in bystanders)

    steps = sum(len(edits) for life in lives for edits in life.written.values())
    steps += sum(bool(life.deleted) for life in lives)
    evidence.fact(steps=steps, deals=len(lives), wrong=len(broken), touched=touched, smallest="none")
    if broken:
        suspect = min((life.history for life in broken), key=lambda history: len(history.steps))
        shorter = begun(parts(suspect, _REPLAYED), data, accounts, "Replay")
        aside = Evidence(evidence.effects, crm.clock.now)
        yield from _played(shorter, weather, crm, prm, aside, data)
        still = _broken(shorter, crm, prm, aside) or [life for life in broken if life.history is suspect]
        smallest = min(still, key=lambda life: len(life.history.steps))
        evidence.fact(smallest=_told(smallest.history, weather))
        how = (
            f"{len(lives)} histories of up to {most} steps, cut down to one of {len(smallest.history.steps)}"
        )
        data.reduced("histories", [smallest.history.written()], how, about=[smallest.name])


def _played(
    lives: Sequence[Life], weather: Sequence[str], crm: Crm, prm: Portal, evidence: Evidence, data: Data
) -> Course:
    """All lives side by side, a fault in each round, then quiet."""
    for number, trouble in enumerate(weather):
        for fault in _WEATHER[trouble]:
            crm.faults.inject(fault)
        for life in lives:
            life.play(number, crm, prm, data.partner)
        yield settled
        crm.faults.heal()
        if any(crm.faults.fired(fault.name) for fault in _WEATHER[trouble]):
            evidence.exercised("requests disturbed")
    for life in lives:
        for side in {side for edits in life.written.values() for side, _ in edits}:
            evidence.exercised(f"edited in the {side}")
        if life.deleted:
            evidence.exercised("deleted")
    for _ in range(_QUIET):
        yield settled
        if not _broken(lives, crm, prm, Evidence((), crm.clock.now)):
            return


def _broken(lives: Sequence[Life], crm: Crm, prm: Portal, evidence: Evidence) -> list[Life]:
    shown = prm.list(prm.deal)
    return [life for life in lives if life.lived and not life.agrees(crm, prm.deal, shown, evidence)]


def _as_made(record: CrmRecord, crm: Crm, evidence: Evidence) -> bool:
    label = f"{record.name}, which nobody edited:"
    return evidence.compare(crm.get(record), record.values, crm.describe(record.sobject), label=label)


def _told(history: History, weather: Sequence[str]) -> str:
    """The history, and what was wrong with the CRM in its rounds."""
    rounds = range(history.first, 1 + max((step.round for step in history.steps), default=history.first))
    meanwhile = ", ".join(f"in round {number + 1} {weather[number]}" for number in rounds)
    return f"{history} (meanwhile {meanwhile})"
