"""The mirror: copies the CRM's own schema and keeps both sides alike. ``python:prm_harness.reference.mirror:create``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from prm_harness.adapter import (
    CONTRACT_VERSION,
    AdapterInfo,
    Capability,
    CrmField,
    Declaration,
    FieldInfo,
    Level,
    Prerequisites,
    Schedule,
    Step,
    StepLog,
    TypeInfo,
)

from .defects import policy_with
from .fields import EXTERNAL_ID
from .options import clock_option, seconds_option
from .policy import Policy
from .problems import CrmProblem
from .product import Product, version_of
from .pull import Puller
from .schema import SchemaCopy
from .undo import roll_back

KINDS: Final = ("Account", "Contact", "Lead", "Opportunity", "OpportunityContactRole")
CYCLE_SECONDS: Final = 300.0

_WITH_EXTERNAL_ID: Final = ("Account", "Contact", "Lead", "Opportunity")
_FULL: Final = (
    Capability.WRITE, Capability.PARTNER_VIEW, Capability.SYNC_CONTROL, Capability.SCHEDULE, Capability.SCHEMA,
    Capability.HISTORY, Capability.FILTERS, Capability.ERRORS, Capability.NOTIFY, Capability.AUDIT, Capability.ROLLBACK,
    Capability.HEALTH, Capability.LOGIC, Capability.SETUP,
)  # fmt: skip

_STEPS: Final = (
    Step(
        id="authorise",
        title="Authorise the portal in the CRM",
        actor="admin",
        hands_on_minutes=2,
        instructions="Log in as the integration user and allow access.",
    ),
    Step(
        id="objects",
        title="Choose the objects to carry",
        actor="admin",
        hands_on_minutes=3,
        instructions="Tick accounts, contacts, leads and opportunities; fields and record types come with them.",
    ),
)


def create(defect: str | None = None, cycle: str | None = None, clock: str = "virtual") -> Mirror:
    """The mirror.

    Args:
        defect: name of a planted defect (defects/).
        cycle: seconds between syncs.
        clock: "virtual" (driven by elapse) or "real" (works by itself).

    Raises:
        ValueError: an option makes no sense; the message says which and what would.
    """
    policy = policy_with(defect, "mirror")
    return Mirror(policy, clock_option(clock), seconds_option(cycle, CYCLE_SECONDS), defect)


class Mirror(Product):
    """See the module."""

    def __init__(self, policy: Policy, clock: str, cycle: float, defect: str | None) -> None:
        super().__init__(policy, clock, cycle)
        self._defect = defect
        self._virtual = clock == "virtual"
        self._marks: dict[str, int] = {}

    def info(self) -> AdapterInfo:
        """See the contract."""
        levels = dict.fromkeys(_FULL, Declaration(level=Level.FULL))
        levels[Capability.MAPPING] = Declaration(
            level=Level.UNSUPPORTED, note="there is nothing to map: same schema"
        )
        levels[Capability.VIRTUAL_TIME] = Declaration(
            level=Level.FULL if self._virtual else Level.UNSUPPORTED
        )
        for missing in (Capability.FILES, Capability.USAGE, Capability.CONFIG, Capability.FLOWS):
            levels[missing] = Declaration(level=Level.UNSUPPORTED)
        return AdapterInfo(
            contract=CONTRACT_VERSION,
            vendor="Reference",
            product="Mirror reference PRM",
            version=version_of("1.0", self._defect),
            style="mirror",
            capabilities=levels,
            kinds=KINDS,
            cycle_seconds=self._declared_cycle,
            declared_setup_minutes=10,
            sample=True,
        )

    def prerequisites(self) -> Prerequisites:
        """See the contract."""
        return Prerequisites(
            fields=tuple(
                CrmField(
                    sobject=kind,
                    name=EXTERNAL_ID,
                    type="string",
                    length=80,
                    external_id=True,
                    label="External Id",
                )
                for kind in _WITH_EXTERNAL_ID
            ),
            permissions=("ApiEnabled", *self._policy.permissions),
            objects=KINDS,
        )

    # -- schedule -----------------------------------------------------------------------------------------------

    def get_schedule(self) -> Schedule:
        """See the contract."""
        return Schedule(cycle_seconds=self._declared_cycle, settable=True)

    def set_schedule(self, cycle_seconds: float) -> StepLog:
        """See the contract."""
        with self._lock:
            self._declared_cycle = cycle_seconds
            if self._policy.sets_schedule:
                self._scheduler.set_cycle(self._policy.cycle(cycle_seconds))
        step = Step(id="schedule", title="Set the sync interval", actor="admin", hands_on_minutes=1)
        return StepLog(done=True, steps=(step,))

    # -- schema, history ----------------------------------------------------------------------------------------

    def list_types(self) -> Sequence[str]:
        """See the contract."""
        with self._lock:
            return self._connected("list_types").crm.objects()

    def describe_type(self, kind: str) -> TypeInfo:
        """See the contract."""
        with self._lock:
            carried = self._connected("describe_type").types.get(kind)
            if carried is None:
                return TypeInfo(kind=kind)
            fields = tuple(
                FieldInfo(name=f.name, type=f.type, writable=f.updateable, values=f.values)
                for f in carried.spec.fields.values()
            )
            return TypeInfo(kind=kind, fields=fields, record_types=tuple(carried.spec.record_types))

    def refresh_schema(self) -> StepLog:
        """See the contract."""
        with self._lock:
            core = self._connected("refresh_schema")
            try:
                SchemaCopy(core).refresh(*core.types)
            except CrmProblem as problem:
                return StepLog(done=False, message=str(problem))
        step = Step(id="refresh", title="Refresh the schema", actor="admin", hands_on_minutes=0.5)
        return StepLog(done=True, steps=(step,))

    def add_field(self, kind: str, field: FieldInfo) -> StepLog:
        """Nothing has to be done: new fields come by themselves; the click only saves waiting for the next sync."""
        log = self.refresh_schema()
        there = field.name in {one.name for one in self.describe_type(kind).fields}
        return (
            log if there else StepLog(done=False, message=f"the CRM shows us no field {field.name} on {kind}")
        )

    def add_type(self, kind: str) -> StepLog:
        """See the contract."""
        with self._lock:
            core = self._connected("add_type")
            if not self._policy.adds_types:
                return StepLog(done=False, message="only standard objects can be added")
            if kind not in core.types:
                try:
                    SchemaCopy(core).add(kind)
                except CrmProblem as problem:
                    return StepLog(done=False, message=str(problem))
                if not self._policy.loads_new_types:
                    core.types[kind].watermark = core.clock.wall() + timedelta(
                        seconds=self._policy.overlap_seconds + 1
                    )
        step = Step(id=f"add-{kind}", title=f"Tick {kind}", actor="admin", hands_on_minutes=1)
        return StepLog(done=True, steps=(step,))

    def backfill(self, kind: str, fields: Sequence[str]) -> StepLog:
        """See the contract."""
        with self._lock:
            core = self._connected("backfill")
            missing = [name for name in fields if name not in core.types[kind].spec.fields]
            if missing:
                return StepLog(done=False, message=f"the portal has no field {missing[0]} on {kind}")
            if self._policy.backfills:
                core.types[kind].reload = True
                self._locked_sync(True)
        step = Step(id="backfill", title=f"Load the history of {kind}", actor="admin", hands_on_minutes=0.5)
        return StepLog(done=True, steps=(step,))

    # -- rollback, health ---------------------------------------------------------------------------------------

    def checkpoint(self) -> str:
        """See the contract."""
        with self._lock:
            name = f"checkpoint-{len(self._marks) + 1}"
            self._marks[name] = self._connected("checkpoint").log.length()
            return name

    def rollback(self, checkpoint: str) -> StepLog:
        """See the contract."""
        with self._lock:
            core = self._connected("rollback")
            if checkpoint not in self._marks:
                return StepLog(done=False, message=f"there is no checkpoint {checkpoint!r}")
            try:
                restored, kept = roll_back(core, self._marks[checkpoint])
            except CrmProblem as problem:
                return StepLog(done=False, message=str(problem))
        step = Step(id="rollback", title="Roll back", actor="admin", hands_on_minutes=2)
        message = f"{restored} records put back, {kept} left alone because they were edited since"
        return StepLog(done=True, steps=(step,), message=message)

    def health_check(self) -> StepLog:
        """See the contract."""
        with self._lock:
            core = self._connected("health_check")
            try:
                counts = [Puller(core).compare(kind) for kind in core.types]
            except CrmProblem as problem:
                return StepLog(done=False, message=str(problem))
        compared, differed = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
        step = Step(id="health", title="Compare both sides", actor="admin", hands_on_minutes=1)
        return StepLog(done=True, steps=(step,), message=f"{compared} records compared, {differed} differed")

    # -- what a style says and does -----------------------------------------------------------------------------

    def _steps(self) -> tuple[Step, ...]:
        return _STEPS

    def _look(self) -> None:
        SchemaCopy(self._connected("sync")).look()

    def _refresh(self, kind: str) -> None:
        SchemaCopy(self._connected("sync")).refresh(kind)

    def _prepare_types(self) -> None:
        core = self._connected("setup")
        SchemaCopy(core).add(*(kind for kind in KINDS if kind not in core.types))
