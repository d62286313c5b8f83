"""Lookup filters: which records a lookup may lead to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prm_harness.crm.formula.check import check
from prm_harness.crm.formula.evaluate import evaluate
from prm_harness.crm.formula.parser import parse
from prm_harness.crm.formula.tree import FormulaError, Path, Value, references
from prm_harness.crm.formula.values import truth
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.errors import Fault, SaveError
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.org.schema import Field, Schema, SObjectType
from prm_harness.crm.org.scope import RecordScope, type_of
from prm_harness.crm.store.store import StoredRow

_SOURCE = "$source"


class _FilterScope(RecordScope):
    """The target's fields by name, the source's as ``$Source.X``."""

    source: RecordScope

    def value(self, path: Path) -> Value:
        if path[0].lower() == _SOURCE:
            return self.source.value(path[1:])
        return super().value(path)


def misses(core: Core, plan: Plan, row: StoredRow, old: StoredRow | None, user: str) -> list[Fault]:
    """A fault for each lookup that leads to a record its filter does not let through."""
    faults = []
    for field, rule, tree in plan.filters:
        target_id = row.get(field.name)
        if target_id is None or (old is not None and not _moved(field, tree, row, old)):
            continue
        target = core.target_of(field.reference_to, target_id)
        found = core.fetch(target.name, target_id) if target is not None else None
        if target is None or found is None:
            continue
        scope = _FilterScope(core.schema, target, found, core.fetch, user_id=user, now=core.now)
        scope.source = RecordScope(core.schema, plan.obj, row, core.fetch, user_id=user, now=core.now)
        try:
            passes = truth(evaluate(tree, scope))
        except (FormulaError, ArithmeticError):
            passes = False
        if not passes:
            faults.append(Fault("FIELD_FILTER_VALIDATION_EXCEPTION", rule.message, (field.name,)))
    return faults


def _moved(field: Field, tree: Any, row: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    if row.get(field.name) != old.get(field.name):
        return True
    named = {path[1].lower() for path in references(tree) if path[0].lower() == _SOURCE}
    return any(row[name] != old.get(name) for name in row if name.lower() in named)


def compile_filter(schema: Schema, obj: SObjectType, field: Field) -> None:
    """Refuse a filter that names fields which are not there.

    Raises:
        SaveError: FIELD_INTEGRITY_EXCEPTION.
    """
    if field.lookup_filter is None:
        return
    targets = [schema.objects[name] for name in field.reference_to if name in schema.objects]

    def kind(path: Path) -> str | None:
        if path[0].lower() == _SOURCE:
            return type_of(schema, obj, path[1:]) if len(path) > 1 else None
        return next((word for target in targets if (word := type_of(schema, target, path))), None)

    try:
        check(parse(field.lookup_filter.formula), kind)
    except FormulaError as problem:
        raise SaveError.of("FIELD_INTEGRITY_EXCEPTION", str(problem)) from None


def controlling_fields(field: Field) -> list[str]:
    """The source's fields that a filter looks at, as describe names them."""
    if field.lookup_filter is None:
        return []
    paths = references(parse(field.lookup_filter.formula))
    return sorted(path[1] for path in paths if path[0].lower() == _SOURCE and len(path) > 1)
