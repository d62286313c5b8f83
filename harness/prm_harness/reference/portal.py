"""What partners and the portal's admin do with records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from prm_harness.adapter import Outcome, Record, Ref

from .entry import SAME, checked, public, refused
from .policy import Values
from .shape.fields import EXTERNAL_ID, TypeSpec
from .shape.rows import not_ours
from .store import Pending, PortalRecord
from .syncing.engine import Core

ADMIN: Final = "portal admin"


class Portal:
    """Records as people see and change them. Everything is stored at once and sent at the next sync."""

    def __init__(self, core: Core) -> None:
        self._core = core

    # -- changing -----------------------------------------------------------------------------------------------

    def submit(self, kind: str, values: Mapping[str, Any], partner: str | None) -> Outcome:
        """A new record; values are stored as they come."""
        carried = self._core.types.get(kind)
        if carried is None:
            return refused(f"the portal does not carry {kind}")
        wanted, complaint = checked(self._core.policy, carried.spec, values, "createable")
        if complaint:
            return refused(complaint)
        if complaint := not_ours(self._core.policy, carried.rows, wanted, new=True):
            return refused(complaint)
        if partner:
            self._core.policy.attribute(carried.spec, wanted, partner)
        if (twin := self._registered_by_other(carried.spec, wanted, partner)) is not None:
            return refused(f"{kind} {twin.name!r} is already registered by another partner")
        record = PortalRecord(kind, self._core.store.new_id(), run_id=self._core.run_id, local=True)
        if carried.spec.external_id and self._core.policy.repeatable_creates:
            wanted.setdefault(EXTERNAL_ID, record.prm_id)
        record.shown = dict(wanted)
        with self._core.store.transaction():
            self._core.store.save(record)
            pending = Pending(record.prm_id, kind, "create", wanted, actor=_actor(partner))
            self._core.store.put_pending(pending)
        return Outcome(state="accepted", prm_id=record.prm_id, raw={"id": record.prm_id, "status": "stored"})

    def update(self, kind: str, ref: Ref, values: Mapping[str, Any], partner: str | None) -> Outcome:
        """Change some fields; the others stay as they are."""
        record = self._living(kind, ref)
        if record is None or (partner and not self._sees(record, partner)):
            return refused(f"there is no such {kind}")
        spec = self._core.types[record.kind].spec
        wanted, complaint = checked(
            self._core.policy, spec, values, "createable" if record.crm_id is None else "updateable"
        )
        rows = self._core.types[record.kind].rows
        complaint = complaint or not_ours(self._core.policy, rows, wanted, new=record.crm_id is None)
        if complaint:
            return refused(complaint, record.prm_id)
        changes = {n: v for n, v in wanted.items() if n not in record.shown or record.shown[n] != v}
        if changes:
            record.shown |= changes
            with self._core.store.transaction():
                self._core.store.save(record)
                self._core.queue(record, changes, _actor(partner))
        return Outcome(state="accepted", prm_id=record.prm_id)

    def delete(self, kind: str, ref: Ref) -> Outcome:
        """Gone from the portal at once, from the CRM at the next sync."""
        record = self._living(kind, ref)
        if record is None:
            return refused(f"there is no such {kind}")
        with self._core.store.transaction():
            if record.crm_id is None:
                self._core.store.forget(record.prm_id)
            else:
                record.deleted = True
                self._core.store.save(record)
                self._core.store.put_pending(Pending(record.prm_id, record.kind, "delete", actor=ADMIN))
        return Outcome(state="accepted", prm_id=record.prm_id)

    def undelete(self, kind: str, ref: Ref) -> Outcome:
        """Out of the portal's bin at once, out of the CRM's at the next sync."""
        store = self._core.store
        if ref.by == "name":
            record = store.binned(kind, ref.value)
        else:
            record = store.by_crm_id(kind, ref.value) if ref.by == "crm_id" else store.get(ref.value)
        if record is None or not record.deleted or record.successor is not None:
            return refused(f"there is no such {kind} in the bin")
        pending = store.pending(record.prm_id)
        with store.transaction():
            record.deleted = False
            store.save(record)
            if pending is not None and pending.operation == "delete":
                store.drop_pending(record.prm_id)
            else:
                store.put_pending(Pending(record.prm_id, record.kind, "undelete", actor=ADMIN))
        return Outcome(state="accepted", prm_id=record.prm_id)

    # -- reading ------------------------------------------------------------------------------------------------

    def read(self, kind: str, ref: Ref, partner: str | None = None) -> Record | None:
        """One record, for the admin or as a partner sees it."""
        record = self._find(kind, ref)
        if record is None or record.deleted or (partner is not None and not self._sees(record, partner)):
            return None
        return public(record, self._core.types[record.kind].spec)

    def list(self, kind: str, partner: str | None = None) -> Iterator[Record]:
        """All records, for the admin or as a partner sees them."""
        if kind not in self._core.types:
            return
        for record in self._core.store.alive(kind):
            if partner is None or self._sees(record, partner):
                yield public(record, self._core.types[record.kind].spec)

    # -- inside -------------------------------------------------------------------------------------------------

    def _find(self, kind: str, ref: Ref) -> PortalRecord | None:
        if ref.by == "crm_id":
            return self._core.store.by_crm_id(kind, ref.value)
        if ref.by == "name":
            return self._core.store.by_name(kind, ref.value)
        record = self._core.store.get(ref.value)
        if record is None or record.successor is None:
            return record
        # The portal's own link moves on with a converted lead or a merged account.
        return self._heir(record) or record

    def _living(self, kind: str, ref: Ref) -> PortalRecord | None:
        """The record that an edit goes to: a converted lead's is what it became."""
        record = self._find(kind, ref)
        if record is not None and record.successor is not None:
            record = self._heir(record) or record
        return None if record is None or record.deleted else record

    def _heir(self, record: PortalRecord) -> PortalRecord | None:
        return None if record.successor is None else self._core.store.by_crm_id(*record.successor)

    def _sees(self, record: PortalRecord, partner: str) -> bool:
        return self._core.policy.partner_sees(self._core.types[record.kind].spec, record, partner)

    def _registered_by_other(
        self, spec: TypeSpec, values: Values, partner: str | None
    ) -> PortalRecord | None:
        """A live record of the same name or address that belongs to another partner."""
        keys = SAME.get(spec.kind, ())
        if (
            not self._core.policy.flags_duplicates
            or partner is None
            or not all(values.get(key) for key in keys)
            or not keys
        ):
            return None
        name = values["Name"] if "Name" in keys else None
        for other in self._core.store.alive(spec.kind, name):
            if all(other.shown.get(key) == values[key] for key in keys) and not self._sees(other, partner):
                return other
        return None


def _actor(partner: str | None) -> str:
    return f"partner {partner}" if partner else ADMIN
