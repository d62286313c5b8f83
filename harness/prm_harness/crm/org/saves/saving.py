"""Insert, update and upsert, in the order of a Salesforce save (contract §5.1).

Read the payload → fill in defaults → system validation → what the org derives → before-save flows → validation rules →
duplicate rules → uniqueness → write → assignment, workflow, after-save flows.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext, suppress
from typing import Any

from prm_harness.crm.formula.evaluate import evaluate
from prm_harness.crm.formula.tree import FormulaError
from prm_harness.crm.org.computed import to_wire
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.declared import Timing
from prm_harness.crm.org.effects import addresses, after, duplicates, filters, flows, persons, teams
from prm_harness.crm.org.errors import Fault, MultipleMatchesError, NotFoundError, PayloadError, SaveError
from prm_harness.crm.org.rights import record_types
from prm_harness.crm.org.saves import automation, checks, locks, payload
from prm_harness.crm.org.saves.plan import AUDIT_FIELDS, Plan
from prm_harness.crm.org.saves.rules import apply_rules
from prm_harness.crm.org.scope import RecordScope
from prm_harness.crm.store.store import StoredRow
from prm_harness.crm.store.values import decode, encode

Values = Mapping[str, Any]


def insert(core: Core, sobject: str, values: Values, *, user: str, audit: Values | None = None) -> str:
    """A new record's 18-character id. See Org.insert."""
    plan = core.plan(sobject)
    if not plan.obj.createable:
        raise _not_possible(plan, "inserted")
    given, faults = payload.read(core, plan, values, creating=True)
    row = plan.defaults | given
    if plan.has_owner and row.get("OwnerId") is None:
        row["OwnerId"] = user
    if plan.twins:
        persons.choose(core, plan, row, given, user)
    record_types.settle(core, plan, row, user, creating=True)
    _restore_defaults(plan, row, given)
    compute_defaults(core, plan, row, given, user)
    if plan.coded_addresses:
        faults += addresses.settle(plan, row, given)
    faults = [
        *checks.missing(core, plan, row, refused=faults),
        *faults,
        *_field_faults(core, plan, row, given),
    ]
    if faults:
        raise SaveError(*faults)
    if plan.is_team and (known := teams.existing(core, plan, row)):
        kept = {plan.obj.fields[name].name for name in given if plan.obj.fields[name].updateable}
        update(core, plan.obj.name, known, {name: row[name] for name in kept}, user=user)
        return known
    return write_new(core, plan, row, given, user=user, audit=audit)


def write_new(
    core: Core, plan: Plan, row: StoredRow, given: Values, *, user: str, audit: Values | None = None
) -> str:
    """Stamp, complete, validate by rule and write a row that passed system validation."""
    locks.refuse(core, plan, row)
    at, now = core.journal.moment()
    row |= {"CreatedDate": now, "LastModifiedDate": now, "SystemModstamp": now}
    row |= {"CreatedById": user, "LastModifiedById": user}
    if audit:
        row |= _audit(plan, audit)
    automation.derive(core, plan, row, given, None)
    _decide(core, plan, row, given, None, user)
    checks.refuse_duplicates(core, plan, row, row)
    record_id = row["Id"] = core.mint.next(plan.obj.key_prefix or "000")
    followed = plan.has_effects(row, None)
    with core.journal.transaction() if followed or plan.obj.name in automation.AFTER else nullcontext():
        core.store.insert(plan.obj.name, row)
        core.journal.note(at, user, plan.obj.name, record_id, "create", plan.created(row))
        if plan.obj.name in automation.AFTER:
            automation.AFTER[plan.obj.name](core, row, user)
        if followed:
            after.saved(core, plan, core.store.fetch(plan.obj.name, record_id) or row, None, user)
    return record_id


def _decide(core: Core, plan: Plan, row: StoredRow, given: Values, old: StoredRow | None, user: str) -> None:
    """What admins have declared: before-save flows write, validation and duplicate rules refuse."""
    if not plan.is_ruled:
        return
    if plan.flows[Timing.BEFORE_SAVE]:
        flows.before_save(core, plan, row, given, old, user)
    missed = filters.misses(core, plan, row, old, user) if plan.filters else []
    apply_rules(core, plan, row, old, user, missed)
    duplicates.refuse(core, plan, row, old, user)


def update(
    core: Core, sobject: str, record_id: str, values: Values, *, user: str, quietly: bool = False
) -> None:
    """See Org.update."""
    plan = core.plan(sobject)
    if not plan.obj.updateable:
        raise _not_possible(plan, "updated")
    old = core.fetch_live(plan.obj, record_id)
    if old.get("IsConverted") and plan.obj.name == "Lead":
        raise SaveError.of("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    given, faults = payload.read(core, plan, values, creating=False)
    row = old | given
    if "RecordTypeId" in given:
        record_types.settle(core, plan, row, user, creating=False, before=old["RecordTypeId"])
    if plan.twins:
        persons.admit(core, plan, row, old, given)
    if plan.coded_addresses:
        faults += addresses.settle(plan, row, given)
    touched = {name: value for name, value in given.items() if value != old[name]}
    faults = [
        *checks.missing(core, plan, row, given, faults),
        *faults,
        *_field_faults(core, plan, row, touched),
    ]
    if faults:
        raise SaveError(*faults)
    write_changed(core, plan, row, old, given, user=user, quietly=quietly)


def write_changed(
    core: Core, plan: Plan, row: StoredRow, old: StoredRow, given: Values, *, user: str, quietly: bool = False
) -> None:
    """Stamp, complete, validate by rule and write a changed row that passed system validation."""
    locks.refuse(core, plan, row)
    at, stamp = core.journal.moment()
    if not quietly:
        row |= {"LastModifiedDate": stamp, "LastModifiedById": user, "SystemModstamp": stamp}
    automation.derive(core, plan, row, given, old)
    _decide(core, plan, row, given, old, user)
    changed = {name: value for name, value in row.items() if name in old and value != old[name]}
    checks.refuse_duplicates(core, plan, row, changed)
    followed = plan.has_effects(row, old)
    with core.journal.transaction() if followed else nullcontext():
        core.rewrite(plan, old, changed, at=at, user=user)
        if followed:
            after.saved(core, plan, row, old, user)


def upsert(
    core: Core, sobject: str, key_field: str, key_value: Any, values: Values, *, user: str
) -> tuple[str, bool]:
    """See Org.upsert."""
    plan = core.plan(sobject)
    field = payload.key_of(plan, key_field)
    if not payload.is_key(field):
        raise payload.no_such_key(key_field)
    if any(plan.field(name) is field for name in values):
        raise PayloadError.of(
            "INVALID_FIELD", f"The {field.name} field should not be specified in the sobject data."
        )
    if key_value is None or key_value == "":
        raise SaveError.of("MISSING_ARGUMENT", f"{field.name} not specified")
    found = payload.find(core, plan.obj, field, key_value)
    if len(found) > 1:
        raise MultipleMatchesError(found)
    if found:
        update(core, sobject, found[0], values, user=user)
        return found[0], False
    if field.name == "Id":
        raise NotFoundError.of("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    return insert(core, sobject, {**values, field.name: key_value}, user=user), True


def _field_faults(core: Core, plan: Plan, row: StoredRow, touched: Values) -> list[Fault]:
    return [*checks.picklists(plan, row, touched), *checks.references(core, plan, touched)]


def _restore_defaults(plan: Plan, row: StoredRow, given: Values) -> None:
    """An explicit null for a field that the org defaults on creation counts as leaving it out."""
    for name, value in given.items():
        if value is None and plan.obj.fields[name].defaulted_on_create and name in plan.defaults:
            row[name] = plan.defaults[name]


def starting_values(core: Core, sobject: str, *, user: str, record_type: str | None) -> dict[str, Any]:
    """See Org.starting_values."""
    plan = core.plan(sobject)
    row: StoredRow = dict(plan.defaults)
    if plan.has_owner:
        row["OwnerId"] = user
    if record_type is not None:
        row["RecordTypeId"] = record_type
    record_types.settle(core, plan, row, user, creating=True)
    compute_defaults(core, plan, row, {}, user)
    return {name: decode(plan.obj.fields[name], value) for name, value in row.items()}


def compute_defaults(core: Core, plan: Plan, row: StoredRow, given: Values, user: str) -> None:
    """Default values that are formulas, for fields that the client leaves out; they see no other field."""
    if not plan.default_formulas:
        return
    scope = RecordScope(core.schema, plan.obj, row, core.fetch, is_new=True, user_id=user, now=core.now)
    for field, tree in plan.default_formulas:
        if field.name not in given:
            with suppress(FormulaError, ArithmeticError):
                row[field.name] = encode(field, to_wire(field, evaluate(tree, scope)))


def _audit(plan: Plan, audit: Values) -> StoredRow:
    stamps: StoredRow = {}
    for name, value in audit.items():
        field = plan.field(name)
        if field is None or field.name not in AUDIT_FIELDS:
            raise (
                payload.no_such_column(plan.obj, name)
                if field is None
                else SaveError.of(
                    "INVALID_FIELD_FOR_INSERT_UPDATE", f"{field.name} is no audit field", field.name
                )
            )
        stamps[field.name] = encode(field, value)
    return stamps


def _not_possible(plan: Plan, done: str) -> SaveError:
    return PayloadError.of(
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be {done}: {plan.obj.label}"
    )
