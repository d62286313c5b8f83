"""From the portal to the CRM: what is pending, in batches; each record ends as sent, to be tried again, or in the error log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf

from prm_harness.reference.policy import OMIT, Values
from prm_harness.reference.shape.fields import same_value
from prm_harness.reference.shape.rows import as_sent, constants, held_back
from prm_harness.reference.shape.segments import quoted
from prm_harness.reference.store import Pending, PortalRecord

from .crm_client import Written
from .engine import Core
from .problems import CrmProblem


@dataclass(slots=True)
class _Item:
    """One record on its way."""

    pending: Pending
    record: PortalRecord
    values: Values


class Pusher:
    """Sends what is pending."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._news: list[str] = []

    def push(self) -> None:
        """Send everything that is due.

        Raises:
            CrmProblem: the daily allowance is used up or the login is refused; nothing is lost.
        """
        try:
            for kind in list(self._core.types):
                for operation in ("create", "undelete", "update", "delete"):
                    for items in self._batches(self._due(kind, operation)):
                        self._send(kind, operation, items)
        finally:
            self._tell()

    # -- what is due --------------------------------------------------------------------------------------------

    def _due(self, kind: str, operation: str) -> Iterator[_Item]:
        for pending in self._core.store.all_pending(kind, self._core.clock.mono()):
            record = self._core.store.get(pending.prm_id)
            if pending.operation != operation or record is None:
                continue
            values = self._values(pending, record)
            if values is None:
                continue
            if operation == "update" and not values:
                self._core.store.drop_pending(record.prm_id)
                self._core.log.solved(record.prm_id)
                continue
            yield _Item(pending, record, values)

    def _values(self, pending: Pending, record: PortalRecord) -> Values | None:
        """The fields to send; None while a record that it refers to has not arrived in the CRM yet."""
        carried, new = self._core.types[record.kind], pending.operation == "create"
        spec = carried.spec
        changes = pending.changes
        if pending.operation == "update":
            if self._core.policy.compares_first:
                changes = _unknown_to_crm(record, changes)
            if changes:
                changes = self._core.policy.patch(record, spec, changes)
        values: Values = {}
        for name, value in list(changes.items()):
            field, row = spec.fields.get(name), carried.rows.get(name)
            if field is None:
                self._vanished(record, pending, name)
                continue
            if held_back(self._core.policy, row, new=new):
                continue
            value = as_sent(row, value, new=new)  # noqa: PLW2901 - the CRM's own word for it
            if value is OMIT:
                continue
            if field.reference_to and isinstance(value, str) and (other := self._core.store.get(value)):
                if other.crm_id is None:
                    return None
                value = other.crm_id  # noqa: PLW2901 - the CRM knows its own ids only
            sent = self._core.policy.outgoing(field, value)
            if sent is not OMIT:
                values[name] = sent
        if values or new:
            values |= constants(carried.rows, new=new)
        return self._core.policy.finish(spec, pending.operation, values) if values else values

    def _vanished(self, record: PortalRecord, pending: Pending, name: str) -> None:
        problem = CrmProblem(
            "INVALID_FIELD", f"{name} no longer exists in the CRM; its value was not sent", [name]
        )
        if self._core.policy.logs_lost_fields and self._core.log.broken(
            self._core.clock.wall(), f"lost:{record.prm_id}:{name}", problem, record.kind, name
        ):
            self._news.append(f"{record.name}: {problem.message}")
        del pending.changes[name]
        self._core.store.put_pending(pending)

    def _batches(self, items: Iterator[_Item]) -> Iterator[list[_Item]]:
        waiting = list(items)
        size = self._core.policy.batch
        return (waiting[start : start + size] for start in range(0, len(waiting), size))

    # -- sending ------------------------------------------------------------------------------------------------

    def _send(self, kind: str, operation: str, items: list[_Item]) -> None:
        if operation == "create":
            items = [item for item in items if not self._already_there(kind, item)]
        if not items:
            return
        try:
            results = self._write(kind, operation, items)
        except CrmProblem as problem:
            self._batch_failed(kind, operation, items, problem)
            return
        with self._core.store.transaction():
            for item, result in zip(items, results, strict=True):
                if result.problem is None or self._core.policy.believes_success:
                    self._sent(item, operation, result.id)
                else:
                    self._failed(item, result.problem)

    def _write(self, kind: str, operation: str, items: Sequence[_Item]) -> list[Written]:
        policy, crm = self._core.policy, self._core.crm
        if operation == "undelete":
            return crm.undelete([str(item.record.crm_id) for item in items])
        if operation == "delete":
            return crm.delete([str(item.record.crm_id) for item in items])
        if operation == "update":
            rows = [{"id": item.record.crm_id, **item.values} for item in items]
            return crm.update(kind, rows, all_or_none=policy.all_or_none)
        rows = [item.values for item in items]
        key = self._core.types[kind].spec.external_id
        if key is None or not policy.repeatable_creates:
            return crm.insert(kind, rows, all_or_none=policy.all_or_none)
        return crm.upsert(kind, key, rows, all_or_none=policy.all_or_none)

    def _already_there(self, kind: str, item: _Item) -> bool:
        """Before an insert is repeated that may have been done: look for it (objects without an external ID)."""
        repeatable = self._core.types[kind].spec.external_id is not None
        if not item.pending.unsure or repeatable or not self._core.policy.repeatable_creates:
            return False
        soql = f"SELECT Id FROM {kind} WHERE Name = {quoted(item.record.name)}"
        for page in self._core.crm.pages(soql):
            for row in page:
                if self._core.store.by_crm_id(kind, row["Id"]) is None:
                    self._sent(item, "create", row["Id"])
                    return True
        return False

    def _sent(self, item: _Item, operation: str, crm_id: str | None) -> None:
        record, now = item.record, self._core.clock.wall()
        record.crm_id = record.crm_id or crm_id
        changes = [(name, record.base.get(name), value) for name, value in item.values.items()]
        if operation == "create":
            changes.insert(0, ("Id", None, record.crm_id))
        elif operation in {"delete", "undelete"}:
            gone = operation == "delete"
            changes = [("", record.name, None) if gone else ("", None, record.name)]
        if operation == "create":
            # What was not sent starts empty; anything else that comes back was put there by the CRM.
            record.base = dict.fromkeys(self._core.types[record.kind].spec.fields) | record.base
        record.base |= item.values
        self._core.sent_at[record.prm_id] = now
        self._core.store.save(record)
        self._core.store.drop_pending(record.prm_id)
        self._core.log.solved(record.prm_id)
        self._core.log.wrote(now, record, "to_crm", changes, item.pending.actor)

    # -- failing ------------------------------------------------------------------------------------------------

    def _batch_failed(self, kind: str, operation: str, items: list[_Item], problem: CrmProblem) -> None:
        if self._core.policy.daily_limit(problem) or problem.stops_all:
            raise problem
        if not problem.passing and len(items) > 1:
            middle = len(items) // 2
            self._send(kind, operation, items[:middle])
            self._send(kind, operation, items[middle:])
            return
        for item in items:
            if problem.lost:
                self._unsure(item)
            self._failed(item, problem)

    def _unsure(self, item: _Item) -> None:
        """It may have been done: of a new record, remember what was sent, to tell it from an edit when it comes back."""
        item.pending.unsure = True
        if item.pending.operation == "create":
            item.record.base |= item.values
            self._core.store.save(item.record)

    def _failed(self, item: _Item, problem: CrmProblem) -> None:
        pending, record, policy = item.pending, item.record, self._core.policy
        pending.attempts += 1
        if problem.passing and not policy.gives_up:
            if pending.attempts >= policy.gaps.shown_after:
                self._report(record, problem)
            self._again(pending, record, policy.gaps.passing(pending.attempts), early=True)
            return
        repaired = policy.repair(problem, pending.changes)
        if repaired is not None:
            pending.changes = repaired
            self._again(pending, record, policy.gaps.passing(1), early=True)
            return
        if policy.reports(problem):
            self._report(record, problem)
        if policy.gives_up or not policy.reports(problem):
            self._core.store.drop_pending(record.prm_id)
            return
        if pending.operation == "delete":
            # A refused delete shows the record again, or the two sides would differ for good.
            record.deleted = False
            self._core.store.save(record)
            self._core.store.drop_pending(record.prm_id)
            return
        gap = policy.gaps.refused(pending.attempts) if policy.retries else None
        self._again(pending, record, gap, early=False)

    def _again(self, pending: Pending, record: PortalRecord, gap: float | None, *, early: bool) -> None:
        """Keep it for another attempt after ``gap`` seconds (None: only by hand), ``early``: without a regular sync."""
        now = self._core.clock.mono()
        pending.due = inf if gap is None else now + gap
        self._core.store.put_pending(pending)
        if early and gap:
            self._core.wake(pending.due)
        if gap is None:
            subject = f"{record.kind} {record.name} is held: the last attempt to write it has failed"
            self._core.log.tell(self._core.clock.wall(), "held", subject)

    def _report(self, record: PortalRecord, problem: CrmProblem) -> None:
        if self._core.log.failed(self._core.clock.wall(), record, problem):
            self._news.append(f"{record.kind} {record.name}: {problem.code}: {problem.message}")

    def _tell(self) -> None:
        if self._news:
            subject = f"{len(self._news)} changes could not be written to the CRM"
            self._core.log.tell(self._core.clock.wall(), "writes", subject, "\n".join(self._news))
            self._news = []


def _unknown_to_crm(record: PortalRecord, changes: Values) -> Values:
    base = record.base
    return {name: new for name, new in changes.items() if name not in base or not same_value(base[name], new)}
