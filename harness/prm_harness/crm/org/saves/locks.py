"""Row locks: rows that another transaction holds, and what a save does that needs them.

A save locks its own record and the records that its lookups name. Where another transaction has one of them, it waits up
to ten seconds for it, and is then refused with UNABLE_TO_LOCK_ROW. Others hold rows in two ways: an arrangement says so for
a time (``hold``), or automation that was declared to take long runs in somebody's save, which holds what it locked until
it has run (``take``). Saves are made one after another here; so what a request began holds for the time of the org's clock
that it would have taken, and requests that come meanwhile meet it, as batches of a parallel bulk job do.

Sources: Salesforce Help 000229525 ("Unable to lock row"), Salesforce Engineering on lookup skew, Bulk API guide ("General
guidelines for data loads": serial mode against lock contention), contract §13, and §6 for the message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.ids import is_id, to18

if TYPE_CHECKING:
    from collections.abc import Callable

    from prm_harness.crm.org.core import Core
    from prm_harness.crm.org.saves.plan import Plan
    from prm_harness.crm.store.store import StoredRow

LONGEST: Final = 10.0
"""Seconds that a save waits for a row."""
PEOPLE: Final = ""
"""The turn of the CRM's own people, who never stand in one another's way."""
_ARRANGED: Final = "arranged"
_NEVER_LOCKED: Final = frozenset({"User", "Group", "Profile", "Organization", "RecordType", "UserRole"})


class Hold(NamedTuple):
    """Until when a row is held, and by which turn."""

    until: datetime
    turn: str


@dataclass(slots=True)
class Locks:
    """Who holds which rows, and what time saves have cost.

    Attributes:
        held: Rows that are held.
        turn: Whose saves are being made: those of one turn are one transaction.
        pass_time: Lets the org's clock pass while a save waits; None where nobody can, and ``waited`` grows instead.
        waited: Seconds that the saves of this turn have waited.
        busy: Seconds that the automation of this turn takes.
    """

    held: dict[str, Hold] = field(default_factory=dict)
    turn: str = PEOPLE
    pass_time: Callable[[float], None] | None = None
    waited: float = 0.0
    busy: float = 0.0
    taken: set[str] = field(default_factory=set)


class Acting:
    """A context: inside, saves are those of one turn, a request's or the CRM's own people's. Every request enters one."""

    __slots__ = ("_before", "_own", "_turn")

    def __init__(self, own: Locks, turn: str) -> None:
        self._own = own
        self._turn = turn

    def __enter__(self) -> None:
        own = self._own
        self._before = own.turn, own.busy, own.taken
        own.turn, own.busy, own.taken = self._turn, 0.0, set()

    def __exit__(self, *_: object) -> None:
        self._own.turn, self._own.busy, self._own.taken = self._before


def hold(core: Core, record_ids: Sequence[str], seconds: float) -> None:
    """See Org.hold_rows."""
    for record_id in record_ids:
        if not is_id(record_id):
            raise SaveError.of("MALFORMED_ID", f"malformed id {record_id}")
    until = core.now() + timedelta(seconds=seconds)
    for record_id in map(to18, record_ids):
        if seconds > 0:
            core.locks.held[record_id] = Hold(until, _ARRANGED)
        else:
            core.locks.held.pop(record_id, None)


def take(core: Core, plan: Plan, row: StoredRow, seconds: float) -> None:
    """Automation runs so long in this save: what the turn has locked stays so until it is through."""
    own = core.locks
    own.busy += seconds
    own.taken.update(one for one in (row.get("Id"), *_parents(plan, row)) if one)
    until = _now(core) + timedelta(seconds=own.busy)
    for one in own.taken:
        own.held[one] = Hold(until, own.turn)


def are_held(core: Core) -> bool:
    """Whether any row is held now; those whose time is over are forgotten."""
    own = core.locks
    if own.held:
        now = _now(core)
        own.held = {one: known for one, known in own.held.items() if known.until > now}
    return bool(own.held)


def refuse(core: Core, plan: Plan, row: StoredRow, more: Iterable[Any] = ()) -> None:
    """Wait for a row that is held, or that the row names, and refuse to write it when that takes too long.

    Raises:
        SaveError: UNABLE_TO_LOCK_ROW.
    """
    own = core.locks
    if not own.held or not are_held(core):
        return
    wanted = [row.get("Id"), *(row.get(reference.name) for reference in plan.references), *more]
    met = [one for one in dict.fromkeys(wanted) if one in own.held and own.held[one].turn != own.turn]
    if not met:
        return
    left = max((own.held[one].until - _now(core)).total_seconds() for one in met)
    if own.turn != PEOPLE or own.pass_time is not None:
        _wait(core, min(left, LONGEST))
        if left <= LONGEST:
            return
    raise SaveError.of(
        "UNABLE_TO_LOCK_ROW",
        f"unable to obtain exclusive access to this record or {len(met)} records: {','.join(met)}",
    )


def _wait(core: Core, seconds: float) -> None:
    if core.locks.pass_time is not None:
        core.locks.pass_time(seconds)
    else:
        core.locks.waited += seconds


def _now(core: Core) -> datetime:
    return core.now() + timedelta(seconds=core.locks.waited)


def _parents(plan: Plan, row: StoredRow) -> list[Any]:
    return [
        row.get(reference.name)
        for reference in plan.references
        if not _NEVER_LOCKED.issuperset(reference.reference_to)
    ]
