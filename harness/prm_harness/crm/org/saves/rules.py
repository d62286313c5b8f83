"""Validation rules: run on save, and refused at creation when the formula editor would refuse them (contract §6.1)."""

from __future__ import annotations

from collections.abc import Sequence

from prm_harness.crm.formula.check import check
from prm_harness.crm.formula.evaluate import evaluate
from prm_harness.crm.formula.parser import parse
from prm_harness.crm.formula.tree import FormulaError
from prm_harness.crm.formula.values import truth
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.errors import Fault, SaveError
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.org.schema import Schema, SObjectType
from prm_harness.crm.org.scope import RecordScope, type_of
from prm_harness.crm.store.store import StoredRow


def apply_rules(
    core: Core, plan: Plan, row: StoredRow, old: StoredRow | None, user: str, faults: Sequence[Fault] = ()
) -> None:
    """Refuse the save with every rule it breaks, after the ``faults`` found before.

    Raises:
        SaveError: FIELD_CUSTOM_VALIDATION_EXCEPTION once for each rule that holds; FIELD_INTEGRITY_EXCEPTION for
            a rule that has no value for this record.
    """
    if not (plan.rules or faults):
        return
    scope = RecordScope(
        core.schema,
        plan.obj,
        row,
        core.fetch,
        old=old,
        is_new=old is None,
        user_id=user,
        now=core.now,
        search=core.first,
    )
    faults = list(faults)
    for rule, tree in plan.rules:
        try:
            broken = truth(evaluate(tree, scope))
        except (FormulaError, ArithmeticError) as problem:
            faults.append(Fault("FIELD_INTEGRITY_EXCEPTION", f"Validation rule {rule.name}: {problem}"))
            continue
        if broken:
            shown = (rule.display_field,) if rule.display_field else ()
            faults.append(Fault("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, shown))
    if faults:
        raise SaveError(*faults)


def compile_formula(schema: Schema, obj: SObjectType, formula: str, *, in_rule: bool = False) -> None:
    """Refuse what the formula editor would refuse; ``in_rule`` for a validation rule.

    Raises:
        SaveError: FIELD_INTEGRITY_EXCEPTION, in the editor's words.
        SandboxGapError: a function or global that the sandbox does not have.
    """
    try:
        check(parse(formula), lambda path: type_of(schema, obj, path), in_rule=in_rule)
    except FormulaError as problem:
        raise SaveError.of("FIELD_INTEGRITY_EXCEPTION", str(problem)) from None
