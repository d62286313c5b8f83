"""What the org's parts share: schema, store, journal, ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from prm_harness.crm.org.errors import NotFoundError, SaveError
from prm_harness.crm.org.ids import IdMint, is_id, to18
from prm_harness.crm.org.journal import Journal
from prm_harness.crm.org.saves.locks import Locks
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.org.schema import Schema, SObjectType
from prm_harness.crm.store.store import Store, StoredRow, fetch_named


@dataclass(frozen=True, slots=True)
class SaveOptions:
    """What a client says about its saves beside the rows, in headers.

    ``allow_duplicates`` saves what a duplicate rule only alerts to, ``duplicate_details`` wants the fields of the
    records found, ``assign`` lets the active assignment rule choose owners.
    """

    allow_duplicates: bool = False
    duplicate_details: bool = False
    assign: bool = False


@dataclass(slots=True)
class Core:
    """The org's inner state."""

    schema: Schema
    store: Store
    journal: Journal
    mint: IdMint
    now: Callable[[], datetime]
    options: SaveOptions = SaveOptions()
    running: set[tuple[str, str]] = field(default_factory=set)
    """Flows that are under way, and the records that set them off."""
    locks: Locks = field(default_factory=Locks)
    _plans: dict[str, Plan] = field(default_factory=dict)
    _plans_version: int = -1

    def plan(self, sobject: str) -> Plan:
        """What saving needs to know about an object.

        Raises:
            NotFoundError: there is no such object.
        """
        if self._plans_version != self.schema.version:
            self._plans.clear()
            self._plans_version = self.schema.version
        plan = self._plans.get(sobject)
        if plan is None:
            plan = self._plans[sobject] = Plan(self.schema, self.object(sobject))
        return plan

    def object(self, sobject: str) -> SObjectType:
        """An object by name, in any case.

        Raises:
            NotFoundError: there is no such object.
        """
        obj = self.schema.get(sobject)
        if obj is None:
            raise NotFoundError.of("NOT_FOUND", "The requested resource does not exist")
        return obj

    def fetch(self, sobject: str, record_id: str) -> StoredRow | None:
        """A stored row by 18-character id, deleted or not; None also for an object the schema does not have.

        Currencies are found by their ISO code, and the organization by nothing.
        """
        if sobject not in self.schema.objects:
            return None
        return fetch_named(self.store.connection, sobject, record_id) or self.store.fetch(sobject, record_id)

    def fetch_live(self, obj: SObjectType, record_id: str) -> StoredRow:
        """The row that a change names.

        Raises:
            SaveError: the id is malformed.
            NotFoundError: no such record (INVALID_CROSS_REFERENCE_KEY), or a deleted one (ENTITY_IS_DELETED).
        """
        if not is_id(record_id):
            raise SaveError.of("MALFORMED_ID", f"malformed id {record_id}")
        row = self.store.fetch(obj.name, to18(record_id))
        if row is None:
            raise NotFoundError.of("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if row.get("IsDeleted"):
            raise NotFoundError.of("ENTITY_IS_DELETED", "entity is deleted")
        return row

    def rewrite(self, plan: Plan, old: StoredRow, changes: StoredRow, *, at: datetime, user: str) -> None:
        """Write columns of a row over, and give account of it; no change is told, too, but writes nothing."""
        record_id = old["Id"]
        if changes:
            self.store.update(plan.obj.name, record_id, changes)
        self.journal.note(at, user, plan.obj.name, record_id, "update", plan.differences(old, changes))

    def target_of(self, reference_to: tuple[str, ...], record_id: str) -> SObjectType | None:
        """Which of a reference's objects an id belongs to, by its key prefix."""
        for name in reference_to:
            obj = self.schema.objects.get(name)
            if obj is not None and obj.key_prefix == record_id[:3]:
                return obj
        return None

    def record_name(self, obj: SObjectType, row: Mapping[str, Any]) -> str:
        """What messages call a record."""
        named = obj.name_field
        return str((named and row.get(named.name)) or row["Id"])

    def first(self, sobject: str, column: str, value: Any) -> StoredRow | None:
        """The oldest live record with that stored value."""
        found = self.live_ids(self.object(sobject), column, value)
        return self.store.fetch(self.object(sobject).name, found[0]) if found else None

    def live_ids(self, obj: SObjectType, column: str, stored: Any, *, exactly: bool = False) -> list[str]:
        """Ids of the records with that stored value that are not deleted, oldest first."""
        return self.store.ids_where(
            obj.name, column, stored, exactly=exactly, live_only="IsDeleted" in obj.fields
        )
