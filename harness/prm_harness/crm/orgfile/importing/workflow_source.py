"""Workflow rules of a source tree as automation of an org file (Metadata API guide: Workflow)."""

from __future__ import annotations

from typing import Any

from prm_harness.crm.orgfile.importing.criteria import CriteriaError, KindOf, combined, literal, term
from prm_harness.crm.salesforce.metadata.fields import flag, many

Meta = dict[str, Any]


def workflow(sobject: str, meta: Meta, kind_of: KindOf) -> tuple[Meta, list[tuple[str, str]]]:
    """An object's workflow rules by name, and what of them cannot be said: name and reason."""
    writes = {str(one.get("fullName")): one for one in many(meta.get("fieldUpdates"))}
    made: Meta = {}
    lost: list[tuple[str, str]] = []
    for rule in many(meta.get("rules")):
        name = str(rule.get("fullName")).replace(" ", "_")
        try:
            said = _workflow_rule(sobject, rule, writes, kind_of, lost)
        except CriteriaError as error:
            lost.append((name, str(error)))
            continue
        if said.get("updates"):
            made[name] = said
    return made, lost


def _workflow_rule(
    sobject: str, rule: Meta, writes: dict[str, Meta], kind_of: KindOf, lost: list[tuple[str, str]]
) -> Meta:
    name = str(rule.get("fullName"))
    said: Meta = {"timing": "workflow"}
    trigger = str(rule.get("triggerType"))
    if trigger == "onCreateOnly":
        said["on_update"] = False
    if trigger == "onCreateOrTriggeringUpdate":
        said["only_when_it_becomes_true"] = True
    if not flag(rule, "active", default=True):
        said["active"] = False
    terms = []
    for one in many(rule.get("criteriaItems")):
        path = str(one.get("field")).removeprefix(f"{sobject}.")
        terms.append(
            term(
                path,
                str(one.get("operation")),
                str(one.get("value") or ""),
                lambda p: kind_of(f"{sobject}.{p}"),
            )
        )
    condition = str(rule.get("formula") or "") or (
        combined(terms, str(rule.get("booleanFilter") or "")) if terms else ""
    )
    if condition:
        said["condition"] = condition
    updates: Meta = {}
    for action in many(rule.get("actions")):
        write = writes.get(str(action.get("name")))
        if action.get("type") != "FieldUpdate" or write is None:
            lost.append((name, f"its action {action.get('name')} ({action.get('type')}) cannot be said"))
            continue
        updates[str(write.get("field"))] = _workflow_value(sobject, write, kind_of)
    if rule.get("workflowTimeTriggers"):
        lost.append((name, "what it does later cannot be said"))
    return said | ({"updates": updates} if updates else {})


def _workflow_value(sobject: str, write: Meta, kind_of: KindOf) -> str:
    operation = str(write.get("operation"))
    if write.get("targetObject"):
        raise CriteriaError(f"its field update {write.get('fullName')} goes to a parent")
    if operation == "Formula":
        return str(write.get("formula") or '""')
    if operation == "Null":
        return '""'
    if operation == "Literal":
        kind = kind_of(f"{sobject}.{write.get('field')}")
        if kind is None:
            raise CriteriaError(f"the field {write.get('field')} is not known")
        return literal(str(write.get("literalValue")), kind)
    raise CriteriaError(f"its field update {write.get('fullName')} ({operation}) cannot be said")
