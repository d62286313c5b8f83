"""From the CRM to the portal: rows changed since last time, and what follows from each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from prm_harness.reference.policy import KEEP
from prm_harness.reference.shape.fields import EXTERNAL_ID, FieldSpec, converted_into, same_value
from prm_harness.reference.shape.rows import as_shown, let_in
from prm_harness.reference.shape.segments import holds
from prm_harness.reference.store import PortalRecord, differences

from .engine import Carried, Core
from .problems import CrmProblem
from .reader import Reader

_CHANGES_BY_ITSELF: Final = frozenset({
    "SystemModstamp", "LastModifiedDate", "LastModifiedById", "LastViewedDate", "LastReferencedDate",
})  # fmt: skip
"""Fields that say that something changed; the sync history names what did."""


class Puller:
    """Reads objects into the portal.

    Args:
        core: what is shared.
        reader: asks the CRM for the rows.
        seeded: the portal's own record, from before any CRM was connected, of what a row shows.
    """

    def __init__(
        self, core: Core, reader: Reader, seeded: Callable[[str, dict[str, Any]], PortalRecord | None]
    ) -> None:
        self._core = core
        self._reader = reader
        self._seeded = seeded

    def pull(self, kind: str) -> None:
        """Read what changed; everything, the first time and when a reload was asked for.

        Raises:
            CrmProblem: what was read so far is kept, and the next read goes on from there.
        """
        carried = self._core.types[kind]
        reload, first = carried.reload, carried.watermark is None
        seen: set[str] = set()
        try:
            for page in self._reader.pages(carried):
                with self._core.store.transaction():
                    for row in page:
                        seen.add(row["Id"])
                        self._take(carried, row)
        except CrmProblem:
            if first and not self._core.policy.resumes_load:
                carried.watermark = self._core.clock.wall()
            raise
        if reload:
            # A row from before the time that was asked for is not missing.
            if self._core.policy.drops_unseen and carried.reload_from is None:
                self._drop_unseen(carried, seen)
            carried.was_read()
        elif carried.filter is not None and self._core.policy.filters and self._core.policy.notices_leaving:
            self._drop_leavers(carried)

    def compare(self, kind: str) -> tuple[int, int]:
        """Read everything and repair what differs; returns records compared and records that differed."""
        carried = self._core.types[kind]
        found = 0
        carried.read_again()
        seen: set[str] = set()
        for page in self._reader.pages(carried):
            with self._core.store.transaction():
                for row in page:
                    seen.add(row["Id"])
                    found += self._differs(carried, row)
                    if self._core.policy.repairs:
                        self._take(carried, row)
        carried.was_read()
        if self._core.policy.repairs:
            found += self._drop_unseen(carried, seen)
        if not self._core.policy.waits_for_unsent:
            found += self._drop_unsent(kind)
        return len(seen), found

    # -- what to do with a row ----------------------------------------------------------------------------------

    def _take(self, carried: Carried, row: dict[str, Any]) -> None:
        record = self._core.store.by_crm_id(carried.spec.kind, row["Id"]) or self._own(carried, row)
        if row.get("IsDeleted"):
            if self._coming_back(record):
                return
            if record is not None and not record.deleted and self._core.policy.follows_deletes:
                self._gone(record, row.get("MasterRecordId"))
            return
        if self._out_of_scope(carried, record, row) or self._being_deleted(record):
            return
        if record is not None and self._passed_over(record, row):
            return
        new = record is None
        if record is None:
            record = PortalRecord(carried.spec.kind, self._core.store.new_id(), run_id=self._core.run_id)
        if (
            record.crm_id is not None
            and not new
            and not record.deleted
            and not self._news(record, carried, row)
        ):
            return
        record.crm_id, record.deleted = row["Id"], False
        self._core.taken += 1
        self._merge(carried, record, row, new=new)
        if row.get("IsConverted") and record.successor is None and self._core.policy.follows_conversion:
            record.successor = converted_into(row)
            self._follow_later(record)
        self._core.store.save(record)

    def _own(self, carried: Carried, row: dict[str, Any]) -> PortalRecord | None:
        """The portal's own record whose creation was answered into the void: known by its external ID."""
        if (twin := self._seeded(carried.spec.kind, row)) is not None:
            return twin
        key = row.get(EXTERNAL_ID)
        if not key or not self._core.policy.repeatable_creates:
            return None
        for pending in self._core.store.all_pending(carried.spec.kind):
            if pending.operation == "create" and pending.changes.get(EXTERNAL_ID) == key:
                record = self._core.store.get(pending.prm_id)
                # It is there: what remains to be sent is only what was edited since.
                pending.operation, pending.attempts = "update", 0
                self._core.store.put_pending(pending)
                return record
        return None

    def _out_of_scope(self, carried: Carried, record: PortalRecord | None, row: dict[str, Any]) -> bool:
        if carried.filter is None or not self._core.policy.filters:
            return False
        if not self._core.policy.filters_in_query and not holds(carried.filter, row):
            return True
        edited = not carried.reload and row.get("CreatedDate") != row.get("SystemModstamp")
        return not self._core.policy.notices_entering and record is None and edited

    def _passed_over(self, record: PortalRecord, row: dict[str, Any]) -> bool:
        """Whether the row is taken for the portal's own, or for older than what the portal has."""
        policy, sent = self._core.policy, self._core.sent_at.get(record.prm_id)
        if policy.skips_own_rows and record.local and record.crm_id is not None:
            return bool(row.get("LastModifiedById")) and row["LastModifiedById"] == row.get("CreatedById")
        if not policy.zone_error_seconds or sent is None or not row.get("LastModifiedDate"):
            return False
        changed = datetime.fromisoformat(row["LastModifiedDate"])
        return changed < sent + timedelta(seconds=policy.zone_error_seconds)

    def _coming_back(self, record: PortalRecord | None) -> bool:
        pending = record and self._core.store.pending(record.prm_id)
        return bool(pending and pending.operation == "undelete")

    def _being_deleted(self, record: PortalRecord | None) -> bool:
        pending = record and self._core.store.pending(record.prm_id)
        return bool(pending and pending.operation == "delete")

    def _news(self, record: PortalRecord, carried: Carried, row: dict[str, Any]) -> bool:
        return bool(differences(record.base, row)) or self._differs(carried, row)

    def _merge(self, carried: Carried, record: PortalRecord, row: dict[str, Any], *, new: bool) -> None:
        values = _values(carried, row)
        changes = differences(record.base, row)
        pending = self._core.store.pending(record.prm_id)
        waiting = {} if pending is None else pending.changes
        told = []
        for name, value in values.items():
            shown = self._shown(carried, record, name, value)
            if shown is KEEP:
                continue
            if name in waiting:
                if name not in changes:
                    continue
                if carried.winner == "prm":
                    if not same_value(waiting[name], shown):
                        self._conflict(record, name, shown, winner="portal")
                    continue
                lost = waiting.pop(name)
                if not same_value(lost, shown):
                    self._conflict(record, name, lost, winner="CRM")
            if record.shown.get(name) != shown and name not in _CHANGES_BY_ITSELF:
                told.append((name, record.shown.get(name), shown))
            record.shown[name] = shown
        record.base |= row
        if pending is not None:
            self._core.store.put_pending(pending)
        actor = str(row.get("LastModifiedById") or "CRM")
        self._core.log.wrote(
            self._core.clock.wall(), record, "to_prm", [("", None, None)] if new else told, actor
        )
        if self._core.policy.echoes and not new and changes:
            self._core.queue(record, {"Name": record.shown.get("Name")}, "sync")

    def _shown(self, carried: Carried, record: PortalRecord, name: str, value: Any) -> Any:
        field, policy, row = carried.spec.fields[name], self._core.policy, carried.rows.get(name)
        value = as_shown(row, value)
        if value is KEEP or not let_in(policy, row, new=not record.base):
            return KEEP
        shown = policy.incoming(field, value)
        if policy.links_to_known_only and field.reference_to and shown and not self._knows(field, shown):
            return None
        return shown if record.shown.get(name) is None else policy.incoming_change(field, shown)

    def _knows(self, field: FieldSpec, crm_id: str) -> bool:
        return any(self._core.store.by_crm_id(kind, crm_id) for kind in field.reference_to)

    def _conflict(self, record: PortalRecord, name: str, lost: Any, *, winner: str) -> None:
        if self._core.policy.logs_conflicts:
            self._core.log.conflict(self._core.clock.wall(), record, name, lost, winner)

    def _differs(self, carried: Carried, row: dict[str, Any]) -> bool:
        """Whether the portal shows something else than the CRM has, apart from what waits to be sent."""
        record = self._core.store.by_crm_id(carried.spec.kind, row["Id"])
        if record is None or record.deleted:
            return True
        pending = self._core.store.pending(record.prm_id)
        for name, value in _values(carried, row).items():
            shown = self._shown(carried, record, name, value)
            if (
                shown is not KEEP
                and record.shown.get(name) != shown
                and not (pending and name in pending.changes)
            ):
                return True
        return False

    # -- records that went away ---------------------------------------------------------------------------------

    def _gone(self, record: PortalRecord, winner: str | None) -> None:
        now = self._core.clock.wall()
        record.deleted = True
        if winner and self._core.policy.follows_merges:
            record.successor = (record.kind, winner)
            self._follow_later(record)
        elif self._core.store.pending(record.prm_id) is not None:
            self._core.store.drop_pending(record.prm_id)
            problem = CrmProblem(
                "ENTITY_IS_DELETED", "deleted in the CRM while a change waited in the portal"
            )
            self._core.log.failed(now, record, problem, retriable=False)
        self._core.store.save(record)
        self._core.log.wrote(now, record, "to_prm", [("", record.name, None)], "CRM")

    def _follow_later(self, record: PortalRecord) -> None:
        self._core.to_follow.append(record.prm_id)

    def _drop_unseen(self, carried: Carried, seen: set[str]) -> int:
        keys = {self._core.policy.id_key(crm_id) for crm_id in seen}
        dropped = 0
        with self._core.store.transaction():
            for record in self._core.store.alive(carried.spec.kind):
                if record.crm_id is None or self._core.policy.id_key(record.crm_id) in keys:
                    continue
                dropped += 1
                if carried.filter is None:
                    self._gone(record, None)
                elif self._core.policy.notices_leaving:
                    self._left(record)
        return dropped

    def _drop_unsent(self, kind: str) -> int:
        """Forget records that the CRM has not seen yet, as if it had lost them."""
        unsent = [record for record in self._core.store.alive(kind) if record.crm_id is None]
        for record in unsent:
            self._core.store.forget(record.prm_id)
        return len(unsent)

    def _drop_leavers(self, carried: Carried) -> None:
        """Rows that stopped matching are no longer among those read."""
        for crm_id in self._reader.leavers(carried):
            record = self._core.store.by_crm_id(carried.spec.kind, crm_id)
            if record is not None:
                self._left(record)

    def _left(self, record: PortalRecord) -> None:
        """Out of the filter, out of the portal; unless a change made here still has to be sent."""
        if self._core.store.pending(record.prm_id) is None:
            self._core.store.forget(record.prm_id)


def _values(carried: Carried, row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in carried.spec.fields if name in row}
