"""Duplicate rules: which records a new or changed one agrees with, and what is done about it (contract §6.2)."""

from __future__ import annotations

import re
from typing import Any

from prm_harness.crm.formula.evaluate import evaluate
from prm_harness.crm.formula.parser import parse
from prm_harness.crm.formula.tree import FormulaError
from prm_harness.crm.formula.values import truth
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.declared import DuplicateRule, Match, OnDuplicate
from prm_harness.crm.org.errors import Fault, SaveError
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.org.schema import FieldType
from prm_harness.crm.org.scope import RecordScope
from prm_harness.crm.store.store import StoredRow, quote
from prm_harness.crm.store.values import decode

_LEGAL_FORMS = frozenset(
    [
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "llc",
        "llp",
        "ltd",
        "limited",
        "plc",
        "gmbh",
        "ag",
        "sa",
        "sas",
        "sarl",
        "bv",
        "nv",
        "ab",
        "oy",
        "srl",
        "pty",
    ]
)
_NOT_WORDS = re.compile(r"[^\w]+")


class DuplicatesError(SaveError):
    """A duplicate rule refuses a save. ``match`` says which rule, and which records agree."""

    def __init__(self, match: Match) -> None:
        self.match = match
        super().__init__(Fault("DUPLICATES_DETECTED", match.rule.message))


def refuse(core: Core, plan: Plan, row: StoredRow, old: StoredRow | None, user: str) -> None:
    """Refuse a save that a duplicate rule blocks, or alerts to and the client has not said to save it all the same.

    Raises:
        DuplicatesError: DUPLICATES_DETECTED.
    """
    for rule in plan.duplicate_rules:
        action = rule.on_create if old is None else rule.on_update
        if action is OnDuplicate.ALLOW or (action is OnDuplicate.ALERT and core.options.allow_duplicates):
            continue
        if old is not None and not any(row.get(name) != old.get(name) for name in rule.fields):
            continue
        if not _applies(core, plan, rule, row, old, user):
            continue
        ids = matches(core, plan, rule, row)
        if ids:
            entity = rule.against or plan.obj.name
            shown = ids if core.options.duplicate_details else ()
            records = tuple(found for i in shown if (found := _details(core, entity, i)))
            raise DuplicatesError(Match(plan.obj.name, rule, action, entity, tuple(ids), records))


def _details(core: Core, entity: str, record_id: str) -> dict[str, Any] | None:
    """A record found, as wire values without what is empty."""
    row = core.store.fetch(entity, record_id)
    fields = core.object(entity).fields
    if row is None:
        return None
    return {n: decode(fields[n], v) for n, v in row.items() if v is not None and n in fields}


def _applies(
    core: Core, plan: Plan, rule: DuplicateRule, row: StoredRow, old: StoredRow | None, user: str
) -> bool:
    if not rule.condition:
        return True
    scope = RecordScope(
        core.schema, plan.obj, row, core.fetch, old=old, is_new=old is None, user_id=user, now=core.now
    )
    try:
        return truth(evaluate(parse(rule.condition), scope))
    except (FormulaError, ArithmeticError):
        return False


def matches(core: Core, plan: Plan, rule: DuplicateRule, row: StoredRow) -> list[str]:
    """Ids of the live records that agree with a row in all of the rule's fields, oldest first."""
    wanted = [row.get(name) for name in rule.fields]
    if any(value is None or value == "" for value in wanted):
        return []
    target = core.object(rule.against or plan.obj.name)
    names = rule.against_fields or rule.fields
    if not rule.fuzzy:
        found = set(core.live_ids(target, names[0], wanted[0]))
        for name, value in zip(names[1:], wanted[1:], strict=True):
            found &= set(core.live_ids(target, name, value))
        return sorted(found - {row.get("Id")})
    kinds = [target.fields[name].type for name in names]
    keys = [likeness(kind, value) for kind, value in zip(kinds, wanted, strict=True)]
    columns = ", ".join(map(quote, names))
    sql = f'SELECT "Id", {columns} FROM {quote(target.name)}'
    if "IsDeleted" in target.fields:
        sql += ' WHERE "IsDeleted" = 0'
    return sorted(
        record_id
        for record_id, *values in core.store.connection.execute(sql)
        if record_id != row.get("Id")
        and all(likeness(k, v) == key for k, v, key in zip(kinds, values, keys, strict=True))
    )


def likeness(kind: FieldType, value: Any) -> Any:
    """What a fuzzy rule compares: a simple stand-in for the real matching engine, which scores likeness."""
    if not isinstance(value, str):
        return value
    if kind is FieldType.PHONE:
        return "".join(filter(str.isdigit, value))[-10:]
    if kind in {FieldType.EMAIL, FieldType.URL}:
        return value.strip().lower().removeprefix("https://").removeprefix("http://").removeprefix("www.")
    words = [word for word in _NOT_WORDS.split(value.lower()) if word]
    kept = [word for word in words if word not in _LEGAL_FORMS]
    return " ".join(kept or words)
