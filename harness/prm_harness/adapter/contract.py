"""The adapter: what a PRM must be able to be asked. A small core; everything else is a declared capability.

A vendor subclasses :class:`PrmAdapter`, implements the core, and overrides the operations of the capabilities that
it declares. An operation that the product lacks raises :class:`NotSupported`. A refusal by the product (a validation
message, a permission) is not an exception: it is an :class:`~prm_harness.adapter.records.Outcome`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from .records import (
    AdapterInfo,
    Capability,
    CrmConnection,
    ErrorEntry,
    FieldInfo,
    Filter,
    Notification,
    Outcome,
    Prerequisites,
    Record,
    Ref,
    Rule,
    Schedule,
    Step,
    StepLog,
    SyncEntry,
    SyncStatus,
    TypeInfo,
)

CONTRACT_VERSION: Final = "1.0"


class NotSupported(Exception):  # noqa: N818 - a statement about the product, not an error
    """The product does not do this. Clean refusal of an operation outside what was declared."""

    def __init__(self, operation: str, note: str = "") -> None:
        self.operation = operation
        self.note = note
        super().__init__(f"{operation} is not supported" + (f": {note}" if note else ""))


class PrmAdapter(ABC):
    """One PRM. Everything is synchronous; whoever needs an event loop keeps it inside."""

    # -- core ---------------------------------------------------------------------------------------------------

    @abstractmethod
    def info(self) -> AdapterInfo:
        """Identity, declared capabilities, declared cycle. Must answer before ``connect``."""

    @abstractmethod
    def prerequisites(self) -> Prerequisites:
        """What the CRM must have before ``connect``; the harness installs it, and scores its size."""

    @abstractmethod
    def connect(self, crm: CrmConnection) -> None:
        """Log in to the CRM. With capability ``setup`` the harness then runs ``setup_steps`` one by one."""

    @abstractmethod
    def disconnect(self) -> None:
        """Stop syncing. Called at the end, also after failures; must not raise when never connected."""

    @abstractmethod
    def submit(self, kind: str, values: Mapping[str, Any], *, as_partner: str | None = None) -> Outcome:
        """A partner submits a new record in the portal; ``as_partner`` is the CRM id of the partner's Account."""

    @abstractmethod
    def read(self, kind: str, ref: Ref) -> Record | None:
        """The record as the portal shows it now to its admin, or None. Never syncs first."""

    @abstractmethod
    def list(self, kind: str) -> Iterable[Record]:
        """Every record of the kind that the portal holds; paging and the product's rate limits are hidden here."""

    @abstractmethod
    def cleanup(self, run_id: str) -> None:
        """Remove what the run left in the portal. Idempotent."""

    # -- virtual_time -------------------------------------------------------------------------------------------

    def elapse(self, seconds: float, now: datetime) -> None:
        """Let ``seconds`` pass on the product's side, ending at ``now``: run what its scheduler would have run.

        Only products that can be driven (reference PRMs, a vendor's own test build) have this. Without it the
        harness waits in real time.
        """
        raise NotSupported("elapse")

    # -- write --------------------------------------------------------------------------------------------------

    def update(
        self, kind: str, ref: Ref, values: Mapping[str, Any], *, as_partner: str | None = None
    ) -> Outcome:
        """Change a record in the portal; keys that are absent stay as they are, ``None`` clears."""
        raise NotSupported("update")

    def delete(self, kind: str, ref: Ref) -> Outcome:
        """Delete a record in the portal."""
        raise NotSupported("delete")

    # -- partner_view -------------------------------------------------------------------------------------------

    def read_as(self, partner: str, kind: str, ref: Ref) -> Record | None:
        """The record as users of the partner Account see it, or None when they do not."""
        raise NotSupported("read_as")

    def list_as(self, partner: str, kind: str) -> Iterable[Record]:
        """Every record of the kind that users of the partner Account see."""
        raise NotSupported("list_as")

    # -- sync_control, schedule ---------------------------------------------------------------------------------

    def sync_now(self) -> None:
        """The admin's "sync now" button."""
        raise NotSupported("sync_now")

    def sync_status(self) -> SyncStatus:
        """Health of the connection as an admin sees it."""
        raise NotSupported("sync_status")

    def get_schedule(self) -> Schedule:
        """The interval in force."""
        raise NotSupported("get_schedule")

    def set_schedule(self, cycle_seconds: float) -> StepLog:
        """Change the interval the way the buyer's admin would."""
        raise NotSupported("set_schedule")

    # -- schema, mapping, history -------------------------------------------------------------------------------

    def list_types(self) -> Sequence[str]:
        """sObject API names that the portal could carry."""
        raise NotSupported("list_types")

    def describe_type(self, kind: str) -> TypeInfo:
        """Fields and record types that the portal has for the object."""
        raise NotSupported("describe_type")

    def refresh_schema(self) -> StepLog:
        """The admin's "refresh schema"."""
        raise NotSupported("refresh_schema")

    def add_field(self, kind: str, field: FieldInfo) -> StepLog:
        """Make a CRM field available in the portal by the admin's path; says what that took."""
        raise NotSupported("add_field")

    def add_type(self, kind: str) -> StepLog:
        """Make a CRM object available in the portal by the admin's path; says what that took."""
        raise NotSupported("add_type")

    def backfill(self, kind: str, fields: Sequence[str]) -> StepLog:
        """Load the history of fields that were added later."""
        raise NotSupported("backfill")

    # -- filters ------------------------------------------------------------------------------------------------

    def get_filter(self, kind: str) -> Filter | None:
        """The sync filter in force, or None."""
        raise NotSupported("get_filter")

    def set_filter(self, kind: str, rule: Filter | None) -> StepLog:
        """Set or remove the sync filter by the admin's path."""
        raise NotSupported("set_filter")

    # -- errors, notify, audit ----------------------------------------------------------------------------------

    def list_errors(self, since: datetime | None = None) -> Sequence[ErrorEntry]:
        """Failed syncs as an admin finds them."""
        raise NotSupported("list_errors")

    def retry(self, error_id: str) -> Outcome:
        """The admin's "retry" on one failed sync."""
        raise NotSupported("retry")

    def notifications(self, since: datetime | None = None) -> Sequence[Notification]:
        """What the product sent on its own accord."""
        raise NotSupported("notifications")

    def list_sync_history(self, since: datetime | None = None) -> Sequence[SyncEntry]:
        """The sync history."""
        raise NotSupported("list_sync_history")

    # -- rollback, health ---------------------------------------------------------------------------------------

    def checkpoint(self) -> str:
        """Name a point in time that ``rollback`` can return to."""
        raise NotSupported("checkpoint")

    def rollback(self, checkpoint: str) -> StepLog:
        """Undo what the *integration* wrote to the CRM since the checkpoint; later edits by people are kept."""
        raise NotSupported("rollback")

    def health_check(self) -> StepLog:
        """Compare both sides and repair."""
        raise NotSupported("health_check")

    # -- logic --------------------------------------------------------------------------------------------------

    def create_rule(self, rule: Rule) -> str:
        """Create a segment on a field; returns the rule's id."""
        raise NotSupported("create_rule")

    def rule_members(self, rule_id: str) -> Sequence[str]:
        """CRM ids of the records that are in the segment now."""
        raise NotSupported("rule_members")

    def delete_rule(self, rule_id: str) -> None:
        """Remove a segment."""
        raise NotSupported("delete_rule")

    # -- setup --------------------------------------------------------------------------------------------------

    def setup_steps(self) -> Sequence[Step]:
        """The steps from "connected" to "syncing", in order, with who does each and the time it takes them."""
        raise NotSupported("setup_steps")

    def run_step(self, step_id: str) -> StepLog:
        """Do one setup step (or confirm that a person did it)."""
        raise NotSupported("run_step")


CORE_OPERATIONS: Final = (
    "info", "prerequisites", "connect", "disconnect", "submit", "read", "list", "cleanup",
)  # fmt: skip

OPERATIONS: Final[Mapping[str, Capability]] = {
    "elapse": Capability.VIRTUAL_TIME,
    "update": Capability.WRITE,
    "delete": Capability.WRITE,
    "read_as": Capability.PARTNER_VIEW,
    "list_as": Capability.PARTNER_VIEW,
    "sync_now": Capability.SYNC_CONTROL,
    "sync_status": Capability.SYNC_CONTROL,
    "get_schedule": Capability.SCHEDULE,
    "set_schedule": Capability.SCHEDULE,
    "list_types": Capability.SCHEMA,
    "describe_type": Capability.SCHEMA,
    "refresh_schema": Capability.SCHEMA,
    "add_field": Capability.SCHEMA,
    "add_type": Capability.SCHEMA,
    "backfill": Capability.HISTORY,
    "get_filter": Capability.FILTERS,
    "set_filter": Capability.FILTERS,
    "list_errors": Capability.ERRORS,
    "retry": Capability.ERRORS,
    "notifications": Capability.NOTIFY,
    "list_sync_history": Capability.AUDIT,
    "checkpoint": Capability.ROLLBACK,
    "rollback": Capability.ROLLBACK,
    "health_check": Capability.HEALTH,
    "create_rule": Capability.LOGIC,
    "rule_members": Capability.LOGIC,
    "delete_rule": Capability.LOGIC,
    "setup_steps": Capability.SETUP,
    "run_step": Capability.SETUP,
}
"""Every optional operation and the capability that it belongs to."""
