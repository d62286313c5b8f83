"""Duplicate rules and automation as admins make them: checked when they are made, at work from the next save on."""

from __future__ import annotations

from dataclasses import replace

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.declared import DuplicateRule, Flow, NewRecord, Timing
from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.saves.rules import compile_formula
from prm_harness.crm.org.schema import SObjectType


def add_duplicate_rule(core: Core, sobject: str, rule: DuplicateRule) -> None:
    """See Org.add_duplicate_rule."""
    obj = core.object(sobject)
    target = core.object(rule.against) if rule.against else obj
    if not rule.fields or len(rule.against_fields or rule.fields) != len(rule.fields):
        raise SaveError.of("FIELD_INTEGRITY_EXCEPTION", f"Duplicate rule {rule.name}: fields do not pair up")
    if rule.condition:
        compile_formula(core.schema, obj, rule.condition)
    obj.duplicate_rules[rule.name] = replace(
        rule,
        fields=tuple(_stored(obj, name) for name in rule.fields),
        against="" if target is obj else target.name,
        against_fields=tuple(_stored(target, name) for name in rule.against_fields or rule.fields),
        matching_rule=rule.matching_rule or f"{rule.name}_Match",
    )
    core.schema.version += 1


def drop_duplicate_rule(core: Core, sobject: str, name: str) -> None:
    """See Org.drop_duplicate_rule."""
    obj = core.object(sobject)
    if obj.duplicate_rules.pop(name, None) is None:
        raise SaveError.of("INVALID_CROSS_REFERENCE_KEY", f"no DuplicateRule named {obj.name}.{name} found")
    core.schema.version += 1


def add_flow(core: Core, sobject: str, flow: Flow) -> None:
    """See Org.add_flow."""
    obj = core.object(sobject)
    for text in (flow.condition, *flow.updates.values()):
        if text:
            compile_formula(core.schema, obj, text)
    writes_alone = flow.timing in {Timing.BEFORE_SAVE, Timing.ASSIGNMENT, Timing.WORKFLOW}
    for path in flow.updates:
        _target(core, obj, path, own=writes_alone, flow=flow)
    if flow.creates and writes_alone:
        raise SaveError.of(
            "FIELD_INTEGRITY_EXCEPTION",
            f"Flow {flow.name}: records are created after the save, not in {flow.timing}",
        )
    for new in flow.creates:
        _check_new(core, obj, new)
    obj.flows[flow.name] = flow
    core.schema.version += 1


def drop_flow(core: Core, sobject: str, name: str) -> None:
    """See Org.drop_flow."""
    obj = core.object(sobject)
    if obj.flows.pop(name, None) is None:
        raise SaveError.of("INVALID_CROSS_REFERENCE_KEY", f"no Flow named {name} found")
    core.schema.version += 1


def _stored(obj: SObjectType, name: str) -> str:
    field = obj.field(name)
    if field is None or not field.stored:
        raise SaveError.of("INVALID_FIELD", f"No such column '{name}' on sobject of type {obj.name}")
    return field.name


def _target(core: Core, obj: SObjectType, path: str, *, own: bool, flow: Flow) -> None:
    head, _, rest = path.partition(".")
    if not rest:
        _stored(obj, head)
        return
    if own:
        raise SaveError.of(
            "FIELD_INTEGRITY_EXCEPTION",
            f"Flow {flow.name}: {path} is another record's; {flow.timing} writes its own",
        )
    reference = next((f for f in obj.fields.values() if f.relationship_name.lower() == head.lower()), None)
    targets = (
        [core.schema.objects[n] for n in reference.reference_to if n in core.schema.objects]
        if reference
        else []
    )
    if not any(target.field(rest) is not None for target in targets):
        raise SaveError.of("INVALID_FIELD", f"No such column '{path}' on sobject of type {obj.name}")


def _check_new(core: Core, obj: SObjectType, new: NewRecord) -> None:
    target = core.object(new.sobject)
    for name, text in new.values.items():
        _stored(target, name)
        compile_formula(core.schema, obj, text)
