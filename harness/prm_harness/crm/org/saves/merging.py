"""Merging duplicates into one record, and emptying the recycle bin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.effects import persons, relations
from prm_harness.crm.org.effects.history import history_name
from prm_harness.crm.org.errors import NotFoundError, PayloadError, SaveError
from prm_harness.crm.org.ids import to18
from prm_harness.crm.org.saves import deletion, locks, saving
from prm_harness.crm.org.saves.persons import CONTACT
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.org.sharing.shares import share_name

MERGEABLE = frozenset({"Account", "Contact", "Lead", "Case"})
_MOST = 2


def merge(
    core: Core, sobject: str, master_id: str, others: Sequence[str], values: Mapping[str, Any], *, user: str
) -> list[str]:
    """See Org.merge."""
    plan = core.plan(sobject)
    if plan.obj.name not in MERGEABLE:
        raise PayloadError.of(
            "INVALID_TYPE_FOR_OPERATION", f"entity type {plan.obj.label} does not support merge"
        )
    survivor = core.fetch_live(plan.obj, master_id)
    master = survivor["Id"]
    if not 1 <= len(others) <= _MOST:
        raise SaveError.of("INVALID_ARGUMENT_TYPE", f"merge takes one to {_MOST} records besides the master")
    locks.refuse(core, plan, {"Id": master})
    persons.refuse_contact(survivor)
    moved: list[str] = []
    with core.journal.transaction():
        for other in others:
            row = core.fetch_live(plan.obj, other)
            persons.refuse_contact(row)
            if row["Id"] == master:
                raise SaveError.of("INVALID_CROSS_REFERENCE_KEY", "cannot merge a record with itself")
            relations.merge(core, plan.obj.name, master, row["Id"], user)
            contacts = persons.pair(core, survivor, row) if plan.obj.name == "Account" else None
            if contacts is not None:
                moved += _move(core, core.plan("Contact"), contacts[1], contacts[0], user)
            moved += _move(core, plan, row["Id"], master, user, but=contacts[1] if contacts else "")
            deletion.delete(core, plan.obj.name, row["Id"], user=user)
            if "MasterRecordId" in plan.obj.fields:
                _mark(core, plan.obj.name, row["Id"], master, user)
            if contacts is not None:
                _mark(core, "Contact", contacts[1], contacts[0], user)
        if values:
            saving.update(core, plan.obj.name, master, values, user=user)
    return list(dict.fromkeys(moved))


def _mark(core: Core, sobject: str, record_id: str, master: str, user: str) -> None:
    """A record that was merged away names the one that it is part of: told with its deletion."""
    core.store.update(sobject, record_id, {"MasterRecordId": master})
    with core.journal.amending(record_id):
        change = {"MasterRecordId": (None, master)}
        core.journal.note(core.journal.moment()[0], user, sobject, record_id, "update", change)


def _move(core: Core, plan: Plan, old: str, new: str, user: str, *, but: str = "") -> list[str]:
    """Let what hangs on one record hang on another one, except for the record ``but``; returns the ids."""
    moved = []
    own = {history_name(plan.obj.name), share_name(plan.obj.name)}
    for child, field in plan.children:
        if field.name in {"MasterRecordId", CONTACT} or child.name in own:
            continue
        inner = core.plan(child.name)
        for child_id in core.live_ids(child, field.name, old):
            current = core.store.fetch(child.name, child_id)
            if current is not None and child_id != but:
                deletion.set_lookup(core, inner, current, field, new, user=user)
                moved.append(child_id)
    return moved


def empty_bin(core: Core, sobject: str, record_id: str) -> None:
    """See Org.empty_bin."""
    obj = core.object(sobject)
    root = to18(record_id)
    run = core.store.connection.execute
    entries = run('SELECT "SObject", "Id", "Field" FROM "$bin" WHERE "Root" = ?', (root,)).fetchall()
    if not entries:
        raise NotFoundError.of("INVALID_ID_FIELD", f"{obj.label} {root} is not in the recycle bin")
    with core.journal.transaction():
        for name, gone, field in entries:
            if field is None:
                core.store.remove(name, gone)
        run('DELETE FROM "$bin" WHERE "Root" = ?', (root,))
