"""Soft delete with its cascade, and undelete (contract §5.1).

The recycle bin remembers, for each record deleted by a client, what went with it and which lookups it emptied, so that
an undelete brings back exactly that. A lookup emptied by a delete moves the child's SystemModstamp only: nobody edited it.
"""

from __future__ import annotations

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.declared import Timing
from prm_harness.crm.org.effects import after, flows, partners, persons, relations, rollups, stages
from prm_harness.crm.org.errors import NotFoundError, PayloadError, SaveError
from prm_harness.crm.org.ids import is_id, to18
from prm_harness.crm.org.saves import locks
from prm_harness.crm.org.saves.checks import refuse_duplicates
from prm_harness.crm.org.saves.plan import AUDIT_FIELDS, Plan
from prm_harness.crm.org.schema import Field, FieldType, SObjectType
from prm_harness.crm.store.store import StoredRow

BIN_TABLE = 'CREATE TABLE IF NOT EXISTS "$bin" ("Root" TEXT, "SObject" TEXT, "Id" TEXT, "Field" TEXT)'
BIN_INDEX = 'CREATE INDEX IF NOT EXISTS "$bin.Root" ON "$bin" ("Root")'


def delete(core: Core, sobject: str, record_id: str, *, user: str) -> None:
    """See Org.delete."""
    plan = core.plan(sobject)
    if not plan.obj.deletable:
        raise PayloadError.of(
            "INVALID_TYPE_FOR_OPERATION", f"entity type {plan.obj.label} does not support delete"
        )
    row = core.fetch_live(plan.obj, record_id)
    if plan.obj.name == relations.NAME:
        relations.refuse_removal(row)
    if plan.twins:
        persons.refuse_contact(row)
    with core.journal.transaction():
        _delete(core, plan, row, root=row["Id"], user=user)


def purge(core: Core, sobject: str, record_id: str, *, user: str) -> None:
    """See Org.purge."""
    root = to18(record_id) if is_id(record_id) else record_id
    run = core.store.connection.execute
    with core.journal.transaction():
        delete(core, sobject, record_id, user=user)
        gone = run('SELECT "SObject", "Id" FROM "$bin" WHERE "Root" = ? AND "Field" IS NULL', (root,))
        for name, child_id in gone.fetchall():
            core.store.remove(name, child_id)
        run('DELETE FROM "$bin" WHERE "Root" = ?', (root,))


def _delete(core: Core, plan: Plan, row: StoredRow, *, root: str, user: str) -> None:
    obj, record_id = plan.obj, row["Id"]
    locks.refuse(core, plan, row)
    if plan.flows[Timing.BEFORE_DELETE]:
        flows.before_delete(core, plan, row, user)
    children = [
        (child, field, ids)
        for child, field in plan.children
        if not core.store.is_empty(child.name) and (ids := core.live_ids(child, field.name, record_id))
    ]
    for child, field, ids in children:
        if _restricts(field):
            raise _still_used(core, obj, row, child, ids)
    if plan.soft_delete:
        _mark(core, plan, row, user=user, deleted=True)
        _remember(core, root, obj, record_id, None)
    else:
        core.store.remove(obj.name, record_id)
        core.journal.note(core.journal.moment()[0], user, obj.name, record_id, "delete", {})
    for companion, companion_id in partners.deleted(core, plan, row):
        gone = core.store.fetch(companion.obj.name, companion_id)
        if gone is not None and not gone.get("IsDeleted"):
            _delete(core, companion, gone, root=root, user=user)
    for child, field, ids in children:
        inner = core.plan(child.name)
        for child_id in ids:
            current = core.store.fetch(child.name, child_id)
            # A record can hang on the deleted one twice, and be gone by the first.
            if current is None or current.get("IsDeleted"):
                continue
            if field.cascade_delete or field.master_detail:
                _delete(core, inner, current, root=root, user=user)
            else:
                set_lookup(core, inner, current, field, None, user=user)
                _remember(core, root, child, child_id, field.name)
    after.removed(core, plan, row, user)


def _restricts(field: Field) -> bool:
    return field.restricted_delete or not (field.nillable or field.cascade_delete or field.master_detail)


def _still_used(
    core: Core, obj: SObjectType, row: StoredRow, child: SObjectType, ids: list[str]
) -> SaveError:
    names = (core.record_name(child, core.store.fetch(child.name, i) or {"Id": i}) for i in ids)
    return SaveError.of(
        "DELETE_FAILED",
        f"Your attempt to delete {core.record_name(obj, row)} could not be completed because it is associated with "
        f"the following {child.label_plural.lower()}.: {', '.join(names)}\n",
    )


def undelete(core: Core, sobject: str, record_id: str, *, user: str) -> None:
    """See Org.undelete."""
    plan = core.plan(sobject)
    if not is_id(record_id):
        raise SaveError.of("MALFORMED_ID", f"malformed id {record_id}")
    root = to18(record_id)
    row = core.store.fetch(plan.obj.name, root)
    if row is None:
        raise NotFoundError.of("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    locks.refuse(core, plan, row)
    run = core.store.connection.execute
    with core.journal.transaction():
        entries = run('SELECT "SObject", "Id", "Field" FROM "$bin" WHERE "Root" = ?', (root,)).fetchall()
        if not entries:
            raise SaveError.of("UNDELETE_FAILED", "Entity is not in the recycle bin")
        back = [(core.plan(name), i) for name, i, field in entries if field is None]
        for inner, i in back:
            _mark(core, inner, core.store.fetch(inner.obj.name, i) or {}, user=user, deleted=False)
        for name, i, field_name in entries:
            if field_name is not None:
                _relink(core, core.plan(name), i, field_name, root, user)
        for inner, i in back:
            _untangle(core, inner, i, user)
        for inner, i in back:
            after.restored(core, inner, core.store.fetch(inner.obj.name, i) or {}, user)
        run('DELETE FROM "$bin" WHERE "Root" = ?', (root,))


def _relink(core: Core, plan: Plan, record_id: str, field_name: str, target: str, user: str) -> None:
    """Point an emptied lookup at its record again, unless someone has filled or removed it since."""
    field = plan.obj.fields.get(field_name)
    row = core.store.fetch(plan.obj.name, record_id)
    if field is not None and row is not None and row[field_name] is None:
        set_lookup(core, plan, row, field, target, user=user)


def _untangle(core: Core, plan: Plan, record_id: str, user: str) -> None:
    """A record that comes back must not break what was decided while it was away."""
    row = core.store.fetch(plan.obj.name, record_id)
    assert row is not None
    refuse_duplicates(core, plan, row, row)
    for field in plan.obj.fields.values():
        target_id = row.get(field.name)
        if field.type is not FieldType.REFERENCE or field.name in AUDIT_FIELDS or target_id is None:
            continue
        target = core.target_of(field.reference_to, target_id)
        parent = None if target is None else core.store.fetch(target.name, target_id)
        if target is None or (parent is not None and not parent.get("IsDeleted")):
            continue
        if plan.obj.name == relations.NAME:  # its account went meanwhile, and so did the relation
            _mark(core, plan, row, user=user, deleted=True)
            return
        if not field.nillable:
            raise SaveError.of("UNDELETE_FAILED", "Undelete the parent record first", field.name)
        set_lookup(core, plan, row, field, None, user=user)


def _mark(core: Core, plan: Plan, row: StoredRow, *, user: str, deleted: bool) -> None:
    at, stamp = core.journal.moment()
    changes = {
        "IsDeleted": int(deleted),
        "LastModifiedDate": stamp,
        "LastModifiedById": user,
        "SystemModstamp": stamp,
    }
    core.store.update(plan.obj.name, row["Id"], {c: v for c, v in changes.items() if c in row})
    operation = "delete" if deleted else "undelete"
    who = "" if plan.obj.name == stages.NAME else user
    core.journal.note(
        at, who, plan.obj.name, row["Id"], operation, plan.differences(row, {"IsDeleted": int(deleted)})
    )


def set_lookup(
    core: Core, plan: Plan, row: StoredRow, field: Field, target: str | None, *, user: str
) -> None:
    """Point a lookup elsewhere without it counting as an edit of the record: only SystemModstamp moves."""
    at, stamp = core.journal.moment()
    changes: StoredRow = {field.name: target}
    if "SystemModstamp" in row:
        changes["SystemModstamp"] = stamp
    core.rewrite(plan, row, changes, at=at, user=user)
    before = dict(row)
    row |= changes
    if plan.roll_ups:
        rollups.refresh(core, plan, before, row, user)


def _remember(core: Core, root: str, obj: SObjectType, record_id: str, field: str | None) -> None:
    core.store.connection.execute(
        'INSERT INTO "$bin" VALUES (?, ?, ?, ?)', (root, obj.name, record_id, field)
    )
