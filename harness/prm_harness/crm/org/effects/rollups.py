"""Roll-up summaries: recomputed when a child is saved, moved, deleted or restored (contract §5.1).

The parent goes through its own save: its rules may refuse it, and with it the child's. Nobody edited the parent, so only its
SystemModstamp moves.
"""

from __future__ import annotations

from typing import Any

from prm_harness.crm.formula.evaluate import evaluate
from prm_harness.crm.formula.parser import parse
from prm_harness.crm.formula.tree import FormulaError, references
from prm_harness.crm.formula.values import truth
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.org.saves.rules import apply_rules
from prm_harness.crm.org.schema import Field, FieldType, RollUp, SObjectType, Summary
from prm_harness.crm.org.scope import RecordScope
from prm_harness.crm.store.store import StoredRow, quote

_SQL = {Summary.COUNT: "count(*)", Summary.SUM: "total({})", Summary.MIN: "min({})", Summary.MAX: "max({})"}


def refresh(core: Core, plan: Plan, old: StoredRow | None, new: StoredRow | None, user: str) -> None:
    """Recompute the parents of a child that was ``old`` (None: was not there) and is ``new`` (None: is gone)."""
    touched: dict[tuple[str, str], list[Field]] = {}
    for parent, field, summary in plan.roll_ups:
        if old is not None and new is not None and not _matters(summary, old, new):
            continue
        for row in (old, new):
            parent_id = row.get(summary.via) if row else None
            if parent_id is not None:
                fields = touched.setdefault((parent.name, parent_id), [])
                if field not in fields:
                    fields.append(field)
    for (name, parent_id), fields in touched.items():
        _save(core, core.plan(name), parent_id, fields, user)


def fill(core: Core, parent: SObjectType, field: Field) -> None:
    """Compute a new roll-up for every record: an admin's change, so no date moves."""
    assert field.roll_up is not None
    ids = [
        record_id for (record_id,) in core.store.connection.execute(f'SELECT "Id" FROM {quote(parent.name)}')
    ]
    if not ids:
        return
    values = [value_of(core, field, field.roll_up, record_id) for record_id in ids]
    with core.journal.transaction():
        core.store.update_many(parent.name, (field.name,), list(zip(values, ids, strict=True)))
        account = [{field.name: (None, value)} for value in values]
        core.journal.note_many(core.journal.moment()[0], "", parent.name, ids, "setup", account)


def empty(field: Field) -> Any:
    """What a record without children has."""
    summary = field.roll_up
    return 0 if summary is not None and summary.operation in {Summary.COUNT, Summary.SUM} else None


def value_of(core: Core, field: Field, summary: RollUp, parent_id: str) -> Any:
    """The summary of one parent's children."""
    child = core.object(summary.child)
    core.store.ensure_index(child.name, summary.via)
    live = ' AND "IsDeleted" = 0' if "IsDeleted" in child.fields else ""
    if not summary.where:
        counted = summary.operation is Summary.COUNT and summary.field
        summed = _amount(child, summary)
        what = f"count({quote(summary.field)})" if counted else _SQL[summary.operation].format(summed)
        sql = f"SELECT {what} FROM {quote(child.name)} WHERE {quote(summary.via)} = ?{live}"
        (found,) = core.store.connection.execute(sql, (parent_id,)).fetchone()
        return _stored(field, _in_currency_of(core, child, summary, parent_id, found))
    ids = core.live_ids(child, summary.via, parent_id)
    rows = [
        row for i in ids if (row := core.store.fetch(child.name, i)) and _counts(core, child, summary, row)
    ]
    if summary.operation is Summary.COUNT:
        return _stored(field, len(rows))
    amounts = _is_money(child, summary)
    values = [
        row[summary.field] / _rate(core, row) if amounts else row[summary.field]
        for row in rows
        if row[summary.field] is not None
    ]
    if summary.operation is Summary.SUM:
        found = sum(values)
    else:
        extreme = min if summary.operation is Summary.MIN else max
        found = extreme(values) if values else None
    return _stored(field, _in_currency_of(core, child, summary, parent_id, found))


# -- amounts in several currencies: compared and added by what they are worth, told in the parent's currency. Dated rates are
# not asked (Salesforce Help, "Advanced Currency Management").


def _is_money(child: SObjectType, summary: RollUp) -> bool:
    field = child.fields.get(summary.field)
    return field is not None and field.type is FieldType.CURRENCY and "CurrencyIsoCode" in child.fields


def _amount(child: SObjectType, summary: RollUp) -> str:
    sql = quote(summary.field)
    if not _is_money(child, summary):
        return sql
    code = f'{quote(child.name)}."CurrencyIsoCode"'
    return f'({sql} / (SELECT c."ConversionRate" FROM "CurrencyType" c WHERE c."IsoCode" = {code}))'


def _rate(core: Core, row: StoredRow) -> float:
    currency = core.fetch("CurrencyType", row.get("CurrencyIsoCode") or "")
    return float(currency["ConversionRate"]) if currency else 1.0


def _in_currency_of(core: Core, child: SObjectType, summary: RollUp, parent_id: str, found: Any) -> Any:
    if found is None or not _is_money(child, summary) or summary.operation is Summary.COUNT:
        return found
    reference = child.fields[summary.via]
    target = core.target_of(reference.reference_to, parent_id)
    parent = core.fetch(target.name, parent_id) if target is not None else None
    return found * _rate(core, parent or {})


def _stored(field: Field, value: Any) -> Any:
    if value is None or field.type in {FieldType.DATE, FieldType.DATETIME}:
        return value
    return int(value) if field.type is FieldType.INT else round(float(value), field.scale)


def _counts(core: Core, child: SObjectType, summary: RollUp, row: StoredRow) -> bool:
    try:
        return truth(
            evaluate(parse(summary.where), RecordScope(core.schema, child, row, core.fetch, now=core.now))
        )
    except (FormulaError, ArithmeticError):
        return False


def _matters(summary: RollUp, old: StoredRow, new: StoredRow) -> bool:
    names = {summary.via, summary.field, "IsDeleted", "CurrencyIsoCode"}
    if summary.where:
        paths = references(parse(summary.where))
        if any(len(path) > 1 for path in paths):
            return True
        known = {name.lower(): name for name in old}
        names |= {known.get(path[0].lower(), "") for path in paths}
        # A formula inside the condition may look at anything.
        if any(path[0].lower() not in known for path in paths):
            return True
    return any(old.get(name) != new.get(name) for name in names)


def _save(core: Core, plan: Plan, parent_id: str, fields: list[Field], user: str) -> None:
    old = core.store.fetch(plan.obj.name, parent_id)
    if old is None or old.get("IsDeleted"):
        return
    values = {f.name: value_of(core, f, f.roll_up, parent_id) for f in fields if f.roll_up is not None}
    changed: StoredRow = {name: value for name, value in values.items() if value != old[name]}
    if not changed:
        return
    at, stamp = core.journal.moment()
    if "SystemModstamp" in old:
        changed["SystemModstamp"] = stamp
    row = old | changed
    apply_rules(core, plan, row, old, user)
    core.rewrite(plan, old, changed, at=at, user=user)
    # Flows of the parent run, and its own parents are summed up.
    from prm_harness.crm.org.effects.after import saved

    if plan.has_effects(row, old):
        saved(core, plan, row, old, user)
