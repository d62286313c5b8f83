"""A product whose schema is a copy of the CRM's: objects and fields come with a click, and with their history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from prm_harness.adapter import FieldInfo, NotSupported, Prerequisites, Step, StepLog, TypeInfo

from .declaring import footprint
from .entry import offered
from .product import Product
from .shape.fields import RECORD_TYPE_NAME, TypeSpec
from .shape.schema import SchemaCopy
from .syncing.problems import CrmProblem

KINDS: Final = ("Account", "Contact", "Lead", "Opportunity", "OpportunityContactRole")
FUNDS: Final = "Partner_Fund_Request__c"
"""Where requests for market development funds go, once the admin has added it."""

KEYED: Final = ("Account", "Contact", "Lead", "Opportunity")

CHOOSE_OBJECTS: Final = Step(
    id="objects",
    title="Choose the objects to carry",
    actor="admin",
    hands_on_minutes=3,
    instructions="Tick accounts, contacts, leads and opportunities; fields and record types come with them.",
)


class CopyingProduct(Product):
    """See the module."""

    def prerequisites(self) -> Prerequisites:
        """See the contract."""
        return footprint(KEYED, KINDS, self._policy.permissions)

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

    def offered_values(self, kind: str, field: str, given: Mapping[str, Any]) -> Sequence[str]:
        """See the contract; what a record type offers is asked of the CRM when somebody opens the form."""
        with self._lock:
            core = self._connected("offered_values")
            spec = core.types[kind].spec if kind in core.types else TypeSpec(kind)
            if field not in spec.fields:
                raise NotSupported("offered_values", f"the portal has no field {field} on {kind}")
            if not self._policy.narrows_offers:
                return offered(spec, field, {}, None)
            chosen = spec.record_types.get(str(given.get(RECORD_TYPE_NAME)))
            return offered(
                spec, field, given, core.crm.values_of_type(kind, chosen, field) if chosen else None
            )

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
        log = log.model_copy(update={"steps": (*log.steps, *self._policy.field_steps)})
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

    def backfill(self, kind: str, fields: Sequence[str], since: datetime | None = None) -> StepLog:
        """See the contract."""
        with self._lock:
            core = self._connected("backfill")
            missing = [name for name in fields if name not in core.types[kind].spec.fields]
            if missing:
                return StepLog(done=False, message=f"the portal has no field {missing[0]} on {kind}")
            if self._policy.backfills:
                core.types[kind].read_again(since)
                self._locked_sync(True)
            self._backfilled.add(kind)
        step = Step(id="backfill", title=f"Load the history of {kind}", actor="admin", hands_on_minutes=0.5)
        return StepLog(done=True, steps=(step,))

    def health_check(self) -> StepLog:
        """See the contract."""
        with self._lock:
            core = self._connected("health_check")
            assert self._puller is not None
            try:
                counts = [self._puller.compare(kind) for kind in core.types]
            except CrmProblem as problem:
                return StepLog(done=False, message=str(problem))
        compared, differed = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
        step = Step(id="health", title="Compare both sides", actor="admin", hands_on_minutes=1)
        return StepLog(done=True, steps=(step,), message=f"{compared} records compared, {differed} differed")

    def _carry(self, kind: str) -> None:
        """See HasConfig."""
        SchemaCopy(self._connected("import_config")).add(kind)

    def _look(self) -> None:
        SchemaCopy(self._connected("sync")).look()

    def _refresh(self, kind: str) -> None:
        SchemaCopy(self._connected("sync")).refresh(kind)

    def _prepare_types(self) -> None:
        core = self._connected("setup")
        SchemaCopy(core).add(*(kind for kind in KINDS if kind not in core.types))
