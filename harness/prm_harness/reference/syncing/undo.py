"""Rollback: take back what the integration wrote to the CRM since a point in time, and nothing that people wrote after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from prm_harness.reference.shape.fields import same_value
from prm_harness.reference.shape.segments import quoted
from prm_harness.reference.store import PortalRecord

from .engine import Core

_IDS_IN_A_QUERY: Final = 200


@dataclass(slots=True)
class _Written:
    """What was done to one record: each field's value before the first write and after the last."""

    record: PortalRecord
    created: bool = False
    fields: dict[str, tuple[Any, Any]] = field(default_factory=dict)


def roll_back(core: Core, position: int) -> tuple[int, int]:
    """Undo the writes logged since ``position``.

    Returns:
        records put back, and records left alone because somebody has edited them since.

    Raises:
        CrmProblem: the CRM could not be asked.
    """
    restored = kept = 0
    by_kind: dict[str, list[_Written]] = {}
    for written in _written_since(core, position):
        by_kind.setdefault(written.record.kind, []).append(written)
    for kind, records in by_kind.items():
        current = _current(core, kind, records)
        plans = [(w, _to_restore(core, w, current.get(str(w.record.crm_id)))) for w in records]
        updates = [(w.record, values) for w, values in plans if values]
        deletes = [w.record for w, values in plans if values is None]
        kept += sum(1 for _, values in plans if values == {})
        restored += _update(core, kind, updates) + _delete(core, deletes)
    return restored, kept


def _written_since(core: Core, position: int) -> list[_Written]:
    found: dict[str, _Written] = {}
    for entry in core.log.after(position):
        record = core.store.get(entry.prm_id or "")
        if entry.direction != "to_crm" or record is None or record.crm_id is None or entry.field is None:
            continue
        written = found.setdefault(record.prm_id, _Written(record))
        if entry.field == "Id":
            written.created = True
            continue
        first = written.fields.get(entry.field, (entry.old, None))[0]
        written.fields[entry.field] = (first, entry.new)
    return list(found.values())


def _current(core: Core, kind: str, records: Sequence[_Written]) -> dict[str, dict[str, Any]]:
    names = sorted({"Id", "LastModifiedById", "CreatedById"}.union(*(w.fields for w in records)))
    rows: dict[str, dict[str, Any]] = {}
    for chunk in _chunks([str(w.record.crm_id) for w in records]):
        ids = ", ".join(quoted(one) for one in chunk)
        for page in core.crm.pages(f"SELECT {', '.join(names)} FROM {kind} WHERE Id IN ({ids})"):
            rows |= {row["Id"]: row for row in page}
    return rows


def _to_restore(core: Core, written: _Written, now: dict[str, Any] | None) -> dict[str, Any] | None:
    """Field values to write; empty: leave the record alone; None: it was created since, delete it."""
    if now is None:
        return {}
    untouched = not core.policy.undo_looks_first or now["LastModifiedById"] == now["CreatedById"]
    if written.created:
        return None if untouched else {}
    return {
        name: before
        for name, (before, after) in written.fields.items()
        if not core.policy.undo_looks_first or same_value(now.get(name), after)
    }


def _update(core: Core, kind: str, updates: Sequence[tuple[PortalRecord, dict[str, Any]]]) -> int:
    done = 0
    for chunk in _chunks(updates):
        results = core.crm.update(kind, [{"id": record.crm_id, **values} for record, values in chunk])
        for (record, values), result in zip(chunk, results, strict=True):
            if result.problem is not None:
                core.log.failed(core.clock.wall(), record, result.problem, retriable=False)
                continue
            done += 1
            old = [(name, record.shown.get(name), value) for name, value in values.items()]
            record.shown |= values
            record.base |= values
            core.store.save(record)
            core.store.drop_pending(record.prm_id)
            core.log.wrote(core.clock.wall(), record, "to_crm", old, "rollback")
    return done


def _delete(core: Core, records: Sequence[PortalRecord]) -> int:
    done = 0
    for chunk in _chunks(records):
        for record, result in zip(chunk, core.crm.delete([str(r.crm_id) for r in chunk]), strict=True):
            if result.problem is None:
                done += 1
                record.deleted = True
                core.store.save(record)
                core.log.wrote(core.clock.wall(), record, "to_crm", [("", record.name, None)], "rollback")
    return done


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + _IDS_IN_A_QUERY] for start in range(0, len(items), _IDS_IN_A_QUERY))
