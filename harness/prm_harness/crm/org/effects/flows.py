"""Running the automation that admins declared, at its places in a save (contract §5.1).

A flow starts once for a record in one save. What automation does to the record that set it off is part of that save: it
has the same user and the same moment, and the journal tells it as one change. Texts of failures follow the ones quoted
in restforce/restforce#624 and SFDO-Community/declarative-lookup-rollup-summaries#1035.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from prm_harness.crm.formula.evaluate import evaluate
from prm_harness.crm.formula.tree import FormulaError, Node
from prm_harness.crm.formula.values import truth
from prm_harness.crm.org.computed import to_wire
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.declared import CompiledFlow, Flow, Timing
from prm_harness.crm.org.effects import history
from prm_harness.crm.org.errors import OrgError, SaveError
from prm_harness.crm.org.saves import automation, checks, locks, saving
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.org.schema import Field, SObjectType
from prm_harness.crm.org.scope import RecordScope
from prm_harness.crm.store.store import StoredRow
from prm_harness.crm.store.values import encode

_MOST_DEEP = 16
"""How far automation may set off automation: Salesforce's limit of trigger depth."""


def before_save(
    core: Core, plan: Plan, row: StoredRow, given: Mapping[str, Any], old: StoredRow | None, user: str
) -> Mapping[str, Any]:
    """Let before-save flows write into ``row``; returns ``given`` with what they wrote."""
    for each in plan.flows[Timing.BEFORE_SAVE]:
        if not _starts(core, plan, each, row, old, user):
            continue
        _take(core, plan, [each], row)
        scope = _scope(core, plan, row, old, user)
        written: StoredRow = {}
        with _as_flow(core, each.flow, "update"):
            _fail(each.flow)
            for name, tree in each.updates:
                field = _own(plan, name)
                written[field.name] = encode(field, _value(field, tree, scope))
            row |= written
            faults = [*checks.picklists(plan, row, written), *checks.references(core, plan, written)]
            if faults:
                raise SaveError(*faults)
        given = {**given, **written}
        automation.derive(core, plan, row, given, old)
    return given


def after_save(core: Core, plan: Plan, row: StoredRow, old: StoredRow | None, user: str) -> StoredRow:
    """Let assignment rules, workflow and after-save flows act on a written row; returns the row as it is then."""
    record_id = row["Id"]
    with core.journal.amending(record_id):
        if core.options.assign:
            chosen = (
                each for each in plan.flows[Timing.ASSIGNMENT] if _starts(core, plan, each, row, old, user)
            )
            for each in [*chosen][:1]:
                _take(core, plan, [each], row)
                row = _rewritten(core, plan, [each], row, old, user)
        holding = [e for e in plan.flows[Timing.WORKFLOW] if _starts(core, plan, e, row, old, user)]
        if holding:
            _take(core, plan, holding, row)
            row = _rewritten(core, plan, holding, row, old, user)
        for each in plan.flows[Timing.AFTER_SAVE]:
            if _starts(core, plan, each, row, old, user):
                _take(core, plan, [each], row)
                with _running(core, each.flow, record_id):
                    _act(core, plan, each, row, old, user)
                row = core.store.fetch(plan.obj.name, record_id) or row
    return row


def before_delete(core: Core, plan: Plan, row: StoredRow, user: str) -> None:
    """Let flows act on a record that is about to go."""
    for each in plan.flows[Timing.BEFORE_DELETE]:
        if _holds(core, plan, each.condition, row, row, user):
            _take(core, plan, [each], row)
            with _running(core, each.flow, row["Id"]):
                _act(core, plan, each, row, row, user)


def _take(core: Core, plan: Plan, starting: list[CompiledFlow], row: StoredRow) -> None:
    """The time that automation runs."""
    seconds = sum(each.flow.takes for each in starting)
    if seconds:
        locks.take(core, plan, row, seconds)


# -- whether


def _starts(
    core: Core, plan: Plan, each: CompiledFlow, row: StoredRow, old: StoredRow | None, user: str
) -> bool:
    flow = each.flow
    if not (flow.on_create if old is None else flow.on_update):
        return False
    if (flow.name, row.get("Id")) in core.running:
        return False
    if not _holds(core, plan, each.condition, row, old, user):
        return False
    # "Only when a record is updated to meet the condition": it did not before.
    return not (
        flow.only_when_it_becomes_true
        and old is not None
        and _holds(core, plan, each.condition, old, old, user)
    )


def _holds(
    core: Core, plan: Plan, condition: Node | None, row: StoredRow, old: StoredRow | None, user: str
) -> bool:
    if condition is None:
        return True
    try:
        return truth(evaluate(condition, _scope(core, plan, row, old, user)))
    except (FormulaError, ArithmeticError):
        return False


def _scope(core: Core, plan: Plan, row: StoredRow, old: StoredRow | None, user: str) -> RecordScope:
    return RecordScope(
        core.schema, plan.obj, row, core.fetch, old=old, is_new=old is None, user_id=user, now=core.now
    )


# -- what


def _rewritten(
    core: Core, plan: Plan, holding: list[CompiledFlow], row: StoredRow, old: StoredRow | None, user: str
) -> StoredRow:
    """Field updates after the save: written without asking validation rules again."""
    changed = dict(row)
    for each in holding:
        scope = _scope(core, plan, changed, old, user)
        with _as_flow(core, each.flow, "update"):
            _fail(each.flow)
            written = {
                field.name: encode(field, _value(field, tree, scope))
                for field, tree in ((_own(plan, name), tree) for name, tree in each.updates)
            }
            faults = checks.references(core, plan, written)
            if faults:
                raise SaveError(*faults)
        changed |= written
        automation.derive(core, plan, changed, written, row)
    different = {name: value for name, value in changed.items() if value != row.get(name)}
    if different:
        core.rewrite(plan, row, different, at=core.journal.moment()[0], user=user)
        if plan.tracked:
            history.track(core, plan, changed, row, user)
    return changed


def _act(
    core: Core, plan: Plan, each: CompiledFlow, row: StoredRow, old: StoredRow | None, user: str
) -> None:
    """What an after-save flow does: update the record or its parents, create others, or fail."""
    scope = _scope(core, plan, row, old, user)
    targets: dict[tuple[str, str], dict[str, Any]] = {}
    with _as_flow(core, each.flow, "update"):
        _fail(each.flow)
        for path, tree in each.updates:
            obj, record_id, name = _target(core, plan, row, path)
            if record_id is not None:
                field = _own(core.plan(obj.name), name)
                targets.setdefault((obj.name, record_id), {})[field.name] = _value(field, tree, scope)
        for (sobject, record_id), values in targets.items():
            saving.update(core, sobject, record_id, values, user=user)
    with _as_flow(core, each.flow, "create"):
        for sobject, given in each.creates:
            fields = core.plan(sobject)
            made = {name: _value(_own(fields, name), tree, scope) for name, tree in given}
            saving.insert(core, sobject, made, user=user)


def _target(core: Core, plan: Plan, row: StoredRow, path: str) -> tuple[SObjectType, str | None, str]:
    head, _, rest = path.partition(".")
    if not rest:
        return plan.obj, row["Id"], head
    reference = plan.reference(head)
    if reference is None:
        raise SaveError.of("INVALID_FIELD", f"No such relation '{head}' on {plan.obj.name}")
    parent_id = row.get(reference.name)
    target = core.target_of(reference.reference_to, parent_id or "")
    if parent_id is None or target is None:
        return plan.obj, None, rest
    return target, parent_id, rest


def _own(plan: Plan, name: str) -> Field:
    field = plan.field(name)
    if field is None:
        raise SaveError.of("INVALID_FIELD", f"No such column '{name}' on sobject of type {plan.obj.name}")
    return field


def _value(field: Field, tree: Node, scope: RecordScope) -> Any:
    try:
        return to_wire(field, evaluate(tree, scope))
    except (FormulaError, ArithmeticError) as problem:
        raise SaveError.of("INVALID_FORMULA", str(problem)) from None


# -- going wrong


def _fail(flow: Flow) -> None:
    if flow.fails:
        raise _Fault(flow.fails)


class _Fault(Exception):  # noqa: N818 - an unhandled fault of a flow
    """What a flow was declared to fail with."""


@contextmanager
def _as_flow(core: Core, flow: Flow, doing: str) -> Iterator[None]:
    try:
        yield
    except _Fault as fault:
        details = str(fault)
    except OrgError as error:
        first = error.faults[0]
        details = (
            f"This error occurred when the flow tried to {doing} records: {first.code}: {first.message}. "
            "You can look up ExceptionCode values in the SOAP API Developer Guide."
        )
    else:
        return
    number = core.mint.count("flow error")
    raise SaveError.of(
        "CANNOT_EXECUTE_FLOW_TRIGGER",
        f"We can't save this record because the “{flow.title}” process failed. "
        f"Give your Salesforce admin these details. {details} Error ID: {number}-{2 * number} ({number})",
    )


@contextmanager
def _running(core: Core, flow: Flow, record_id: str) -> Iterator[None]:
    if len(core.running) >= _MOST_DEEP:
        raise SaveError.of(
            "CANNOT_EXECUTE_FLOW_TRIGGER", f"{flow.name}: Maximum stack depth has been reached"
        )
    core.running.add((flow.name, record_id))
    try:
        yield
    finally:
        core.running.discard((flow.name, record_id))
