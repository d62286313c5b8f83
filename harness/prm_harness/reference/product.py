"""A whole PRM with a store of its own: what every such style shares. Styles add their schema, setup and limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from prm_harness.adapter import (
    BackfillStatus,
    ErrorEntry,
    Filter,
    Notification,
    NotificationSink,
    NotSupported,
    Outcome,
    Record,
    Ref,
    Rule,
    Schedule,
    Step,
    StepLog,
    SyncEntry,
)

from .offers.seeding import HasSeeds
from .offers.usage import HasUsage
from .offers.workflows import HasWorkflows
from .policy import Policy
from .portal import Portal
from .shape.segments import holds


class Product(HasSeeds, HasUsage, HasWorkflows):
    """What partners and the portal's admin do, whatever the style.

    Attributes:
        settable: whether the admin sets the sync interval.
    """

    settable: ClassVar[bool] = True

    def __init__(self, policy: Policy, clock: str, cycle: float) -> None:
        super().__init__(policy, clock, cycle)
        self._rules: dict[str, Rule] = {}
        self._backfilled: set[str] = set()

    # -- core ---------------------------------------------------------------------------------------------------

    def submit(self, kind: str, values: Mapping[str, Any], *, as_partner: str | None = None) -> Outcome:
        """See the contract."""
        with self._lock:
            if self._core is None:
                return Outcome(state="rejected", messages=("the portal is not connected to a CRM yet",))
            return Portal(self._core).submit(kind, values, as_partner)

    def read(self, kind: str, ref: Ref) -> Record | None:
        """See the contract."""
        with self._lock:
            return None if self._core is None else Portal(self._core).read(kind, ref)

    def list(self, kind: str) -> Iterable[Record]:
        """See the contract."""
        with self._lock:
            return [] if self._core is None else [*Portal(self._core).list(kind)]

    def cleanup(self, run_id: str) -> None:
        """See the contract."""
        with self._lock:
            if self._core is not None:
                for prm_id in self._core.store.of_run(run_id):
                    self._core.store.forget(prm_id)

    # -- write, partner_view ------------------------------------------------------------------------------------

    def update(
        self, kind: str, ref: Ref, values: Mapping[str, Any], *, as_partner: str | None = None
    ) -> Outcome:
        """See the contract."""
        with self._lock:
            return Portal(self._connected("update")).update(kind, ref, values, as_partner)

    def delete(self, kind: str, ref: Ref) -> Outcome:
        """See the contract."""
        with self._lock:
            return Portal(self._connected("delete")).delete(kind, ref)

    def undelete(self, kind: str, ref: Ref) -> Outcome:
        """See the contract."""
        with self._lock:
            return Portal(self._connected("undelete")).undelete(kind, ref)

    def read_as(self, partner: str, kind: str, ref: Ref) -> Record | None:
        """See the contract."""
        with self._lock:
            return Portal(self._connected("read_as")).read(kind, ref, partner)

    def list_as(self, partner: str, kind: str) -> Iterable[Record]:
        """See the contract."""
        with self._lock:
            return [*Portal(self._connected("list_as")).list(kind, partner)]

    # -- sync_control, schedule ---------------------------------------------------------------------------------

    def sync_now(self) -> None:
        """See the contract."""
        self._connected("sync_now")
        self._locked_sync(True)

    def get_schedule(self) -> Schedule:
        """See the contract."""
        return Schedule(cycle_seconds=self._declared_cycle, settable=self.settable)

    def set_schedule(self, cycle_seconds: float) -> StepLog:
        """See the contract."""
        if not self.settable:
            raise NotSupported("set_schedule", "the vendor sets the interval")
        with self._lock:
            self._declared_cycle = cycle_seconds
            if self._policy.sets_schedule:
                self._scheduler.set_cycle(self._policy.cycle(cycle_seconds))
        step = Step(id="schedule", title="Set the sync interval", actor="admin", hands_on_minutes=1)
        return StepLog(done=True, steps=(step,))

    def backfill_status(self, kind: str) -> BackfillStatus:
        """A backfill is done when its operation returns."""
        with self._lock:
            core = self._connected("backfill_status")
            if kind not in self._backfilled:
                return BackfillStatus(state="idle")
            loaded = len(core.store.alive(kind))
            return BackfillStatus(state="done", loaded=loaded, expected=loaded)

    # -- filters ------------------------------------------------------------------------------------------------

    def get_filter(self, kind: str) -> Filter | None:
        """See the contract."""
        with self._lock:
            carried = self._connected("get_filter").types.get(kind)
            return carried.filter if carried else None

    def set_filter(self, kind: str, rule: Filter | None) -> StepLog:
        """Takes effect at the next sync."""
        with self._lock:
            carried = self._connected("set_filter").types.get(kind)
            if carried is None or (rule is not None and rule.field not in carried.spec.fields):
                return StepLog(done=False, message=f"the portal has no such field on {kind}")
            carried.filter = rule
            if self._policy.reloads_for_filter:
                carried.read_again()
        step = Step(id="filter", title=f"Set the filter of {kind}", actor="admin", hands_on_minutes=2)
        return StepLog(done=True, steps=(step,))

    # -- errors, notify, audit ----------------------------------------------------------------------------------

    def list_errors(self, since: datetime | None = None) -> Sequence[ErrorEntry]:
        """See the contract."""
        with self._lock:
            return self._connected("list_errors").log.errors(since)

    def retry(self, error_id: str) -> Outcome:
        """Sent at once when it is due by the admin's wish."""
        with self._lock:
            core = self._connected("retry")
            incident = core.log.incident(error_id)
            pending = core.store.pending(incident.prm_id) if incident and incident.prm_id else None
            if pending is None:
                return Outcome(state="rejected", messages=("there is nothing to retry",))
            if core.policy.retries:
                pending.due, pending.attempts = 0.0, 0
                core.store.put_pending(pending)
                self._locked_sync(False)
            open_still = core.log.is_open(pending.prm_id) and core.policy.retries
            messages = ("the CRM refused it again",) if open_still else ()
            return Outcome(
                state="rejected" if open_still else "accepted", prm_id=pending.prm_id, messages=messages
            )

    def acknowledge(self, error_id: str) -> None:
        """See the contract."""
        with self._lock:
            self._connected("acknowledge").log.acknowledge(error_id)

    def notifications(self, since: datetime | None = None) -> Sequence[Notification]:
        """See the contract."""
        with self._lock:
            return self._connected("notifications").log.notifications(since)

    def notification_sink(self, sink: NotificationSink) -> None:
        """See the contract; a webhook beside the mails."""
        with self._lock:
            self._connected("notification_sink").log.webhook = sink.url

    def list_sync_history(self, since: datetime | None = None, ref: Ref | None = None) -> Sequence[SyncEntry]:
        """See the contract."""
        with self._lock:
            core = self._connected("list_sync_history")
            entries = core.log.history(since)
            if ref is None:
                return entries
            named = {
                record.prm_id
                for kind in core.types
                if ref.by == "name"
                for record in (*core.store.alive(kind, ref.value), core.store.binned(kind, ref.value))
                if record is not None
            }
            return [
                entry
                for entry in entries
                if (entry.prm_id in named if ref.by == "name" else getattr(entry, ref.by) == ref.value)
            ]

    # -- logic --------------------------------------------------------------------------------------------------

    def create_rule(self, rule: Rule) -> str:
        """See the contract."""
        with self._lock:
            carried = self._connected("create_rule").types.get(rule.kind)
            if carried is None or rule.field not in carried.spec.fields:
                raise NotSupported("create_rule", f"the portal has no field {rule.field} on {rule.kind}")
            rule_id = f"segment-{len(self._rules) + 1}"
            self._rules[rule_id] = rule
            return rule_id

    def rule_members(self, rule_id: str) -> Sequence[str]:
        """See the contract."""
        with self._lock:
            core, rule = self._connected("rule_members"), self._rules[rule_id]
            if not core.policy.segments_on(rule.field):
                return []
            records = core.store.alive(rule.kind)
            return [record.crm_id for record in records if record.crm_id and holds(rule, record.shown)]

    def delete_rule(self, rule_id: str) -> None:
        """See the contract."""
        with self._lock:
            self._rules.pop(rule_id, None)
