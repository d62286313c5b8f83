"""The iPaaS PRM: a portal and the CRM, joined by an automation platform's polling tasks.

``python:prm_harness.reference.ipaas:create``. One task an object and direction. Habits of the style, as automation
platforms document them: polling every five minutes (Workato), a dedupe store and replays with growing gaps (Zapier),
no history before the first poll unless a date is set (Zapier, Workato), soft deletes only (Workato), fields fixed when
the task is built (Boomi).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Final

from prm_harness.adapter import (
    CONTRACT_VERSION,
    AdapterInfo,
    Capability,
    NotSupported,
    PrmAdapter,
    Ref,
    Step,
    StepLog,
    SyncEntry,
)

from .declaring import declared
from .defects import policy_with
from .installation import version_of
from .options import clock_option, days_option, seconds_option
from .platforms import PLATFORMS, Platform
from .policy import Policy
from .shape.mapping import STANDARD, MappingProduct
from .syncing.dedupe import DedupedReader
from .syncing.engine import Core
from .syncing.gaps import TASK_GAPS
from .syncing.reader import Reader

CYCLE_SECONDS: Final = 300.0
PICK_UP_DAYS: Final = 730

_STANDARD: Final = {
    **STANDARD,
    "Account": (*STANDARD["Account"], "ParentId"),
}

TYPES: Final = {
    "string": "text", "textarea": "text", "email": "text", "phone": "text", "url": "text", "picklist": "text",
    "multipicklist": "list", "int": "number", "double": "number", "currency": "number", "percent": "number",
    "boolean": "true/false", "date": "date", "datetime": "time stamp", "time": "text",
}  # fmt: skip
"""Types of CRM fields that a task can hand to a custom field of the portal, and what the platform calls them."""

_FULL: Final = (
    Capability.CONFIG, Capability.SEED, Capability.PARTNER_VIEW, Capability.SYNC_CONTROL, Capability.SCHEDULE, Capability.ERRORS,
    Capability.LOGIC, Capability.SETUP,
)  # fmt: skip
_PARTIAL: Final = {
    Capability.WRITE: "the platform has no step that brings back what was deleted",
    Capability.MAPPING: "rows are edited in both tasks; the CRM's value stands, which cannot be chosen",
    Capability.USAGE: "counts the calls of its tasks; keeps to no ceiling",
    Capability.SCHEMA: "the admin adds fields to a task; no new objects",
    Capability.FILTERS: "a trigger's filter decides what comes next; what is in the portal stays",
    Capability.HISTORY: "a task can be started again from a date, at most two years back",
    Capability.NOTIFY: "a mail when a task is held, none while it is replayed",
    Capability.AUDIT: "the run log keeps the values that were handed over, not those before",
}
_TOLD: Final = frozenset({"held", "object", "quota", "login", "connection"})


def create(
    cycle: str | None = None,
    clock: str = "virtual",
    since: str | None = None,
    platform: str = "",
    defect: str | None = None,
) -> Ipaas:
    """The iPaaS PRM.

    Args:
        cycle: seconds between two polls.
        clock: "virtual" (driven by elapse) or "real" (works by itself).
        since: how many days back the tasks pick up, 730 at most; 0 sets no date, and nothing comes that is not touched
            after the first poll.
        platform: an automation platform whose documented habits (platforms.py) stand in for the style's.
        defect: name of a planted defect (defects/).

    Raises:
        ValueError: an option makes no sense; the message says which and what would.
    """
    if platform and platform not in PLATFORMS:
        raise ValueError(f"platform={platform!r}: it is one of {', '.join(PLATFORMS)}")
    habits = PLATFORMS.get(platform)
    days = days_option(since, habits.pick_up_days if habits else PICK_UP_DAYS)
    policy = policy_with(
        defect,
        "ipaas",
        history=f"SystemModstamp = LAST_N_DAYS:{days}" if days else "",
        follows_schema=False,
        drops_unseen=False,
        reloads_for_filter=False,
        notices_leaving=False,
        survives_lost_field=habits.survives_lost_field if habits else True,
        batch=habits.batch if habits else 100,
        gaps=habits.gaps if habits else TASK_GAPS,
        tells=_TOLD.__contains__,
    )
    seconds = seconds_option(cycle, habits.cycle_seconds if habits else CYCLE_SECONDS)
    return Ipaas(policy, clock_option(clock), seconds, defect, dated=days > 0, habits=habits)


class Ipaas(MappingProduct):
    """See the module."""

    standard: ClassVar = _STANDARD
    custom_types: ClassVar = TYPES
    new_field: ClassVar = Step(
        id="field", title="Add the field to both tasks of the object", actor="admin", hands_on_minutes=6
    )

    map_step: ClassVar = Step(
        id="map", title="Edit the field in both tasks of the object", actor="admin", hands_on_minutes=6
    )
    move_step: ClassVar = Step(
        id="import", title="Import the tasks, reconnect them", actor="admin", hands_on_minutes=15
    )
    chooses_winner: ClassVar = False

    # What no platform offers is refused in the contract's own words.
    undelete = PrmAdapter.undelete
    set_ceiling = PrmAdapter.set_ceiling

    def __init__(
        self,
        policy: Policy,
        clock: str,
        cycle: float,
        defect: str | None,
        *,
        dated: bool,
        habits: Platform | None,
    ) -> None:
        super().__init__(policy, clock, cycle)
        self._defect = defect
        self._dated = dated
        self._habits = habits

    def info(self) -> AdapterInfo:
        """See the contract."""
        habits = self._habits
        return AdapterInfo(
            contract=CONTRACT_VERSION,
            vendor="Reference",
            product="iPaaS reference PRM" + (f", habits documented for {habits.name}" if habits else ""),
            version=version_of("1.0", self._defect),
            style="ipaas",
            capabilities=declared(
                full=_FULL,
                partial=_PARTIAL,
                virtual=self._virtual,
            ),
            kinds=tuple(self.standard),
            cycle_seconds=self._declared_cycle,
            declared_setup_minutes=180,
            unsupported_notes=(
                "record types: deals are created with the default one",
                "records that were not touched since the tasks' pick-up date",
                "values that change without a new SystemModstamp",
                "records deleted for good: only the recycle bin is looked into",
                "removing from the portal what stops matching a filter",
                *([f"not documented by {habits.name}: {what}" for what in habits.unknown] if habits else ()),
            ),
            sample=True,
            unverified=habits is not None,
        )

    def list_sync_history(self, since: datetime | None = None, ref: Ref | None = None) -> Sequence[SyncEntry]:
        """The run log, which knows what was handed over, and nothing of the value before."""
        return [entry.model_copy(update={"old": None}) for entry in super().list_sync_history(since, ref)]

    def backfill(self, kind: str, fields: Sequence[str], since: datetime | None = None) -> StepLog:
        """The object's reading task is started again from its pick-up date, with an empty dedupe store."""
        with self._lock:
            core = self._connected("backfill")
            if not self._dated:
                raise NotSupported("backfill", "the tasks have no pick-up date")
            carried = core.types.get(kind)
            missing = [name for name in fields if carried is None or name not in carried.spec.fields]
            if carried is None or missing:
                return StepLog(done=False, message=f"no task hands over {kind}.{', '.join(missing)}")
            carried.read_again(since)
            self._locked_sync(True)
            self._backfilled.add(kind)
        step = Step(
            id="restart", title=f"Start the {kind} task again from a date", actor="admin", hands_on_minutes=5
        )
        return StepLog(done=True, steps=(step,))

    # -- what a style says and does -----------------------------------------------------------------------------

    def _reader(self, core: Core) -> Reader:
        return DedupedReader(core, from_date=self._dated)

    def _steps(self) -> tuple[Step, ...]:
        tasks = tuple(
            Step(
                id=f"task-{kind}-{direction}",
                title=f"Build the task for {kind}, {direction.replace('-', ' ')}",
                actor="admin",
                hands_on_minutes=20,
            )
            for kind in self.standard
            for direction in ("to-portal", "to-CRM")
        )
        return (
            Step(
                id="authorise",
                title="Connect both accounts to the platform",
                actor="admin",
                hands_on_minutes=5,
            ),
            *tasks,
            Step(
                id="since",
                title="Set the date that the tasks pick up from",
                actor="admin",
                hands_on_minutes=2,
                instructions="Without a date nothing comes that is not touched after the first poll.",
            ),
        )
