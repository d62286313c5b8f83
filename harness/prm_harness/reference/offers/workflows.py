"""Workflows: when a record comes to match, something happens once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from prm_harness.adapter import NotSupported, Workflow, WorkflowEffect
from prm_harness.reference.installation import Installation
from prm_harness.reference.shape.segments import holds
from prm_harness.reference.store import PortalRecord
from prm_harness.reference.syncing.engine import Core


@dataclass(slots=True)
class _Active:
    """One workflow: the records that match it now, and what it did."""

    workflow: Workflow
    matching: set[str] = field(default_factory=set)
    ended: bool = False
    effects: list[tuple[datetime, str]] = field(default_factory=list)


class Workflows:
    """Looks at every record that is saved, wherever the change came from."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._active: dict[str, _Active] = {}
        self._made = 0
        core.store.watch(self._saved)

    def create(self, workflow: Workflow) -> str:
        """Records that match already do not set it off."""
        self._made += 1
        name = f"workflow-{self._made}"
        active = self._active[name] = _Active(workflow)
        active.matching = {
            one.prm_id
            for one in self._core.store.alive(workflow.when.kind)
            if holds(workflow.when, one.shown)
        }
        return name

    def effects(self, name: str) -> list[WorkflowEffect]:
        """Oldest first; each names its record by the ids that it has now."""
        active = self._active[name]
        found = []
        for at, prm_id in active.effects:
            record = self._core.store.get(prm_id)
            found.append(
                WorkflowEffect(
                    at=at,
                    action=active.workflow.action,
                    kind=active.workflow.when.kind,
                    prm_id=prm_id,
                    crm_id=record.crm_id if record else None,
                    text=active.workflow.text,
                )
            )
        return found

    def delete(self, name: str) -> None:
        """What it did stays."""
        if name in self._active:
            self._active[name].ended = True

    def _saved(self, record: PortalRecord) -> None:
        for active in self._active.values():
            rule = active.workflow.when
            if rule.kind != record.kind or active.ended:
                continue
            matches = (
                not record.deleted and self._core.policy.segments_on(rule.field) and holds(rule, record.shown)
            )
            if not matches:
                active.matching.discard(record.prm_id)
            elif record.prm_id not in active.matching or not self._core.policy.fires_once:
                active.matching.add(record.prm_id)
                active.effects.append((self._core.clock.wall(), record.prm_id))


class HasWorkflows(Installation):
    """The operations."""

    _workflows: Workflows | None = None

    def create_workflow(self, workflow: Workflow) -> str:
        """See the contract."""
        with self._lock:
            core = self._connected("create_workflow")
            carried = core.types.get(workflow.when.kind)
            if carried is None or workflow.when.field not in carried.spec.fields:
                note = f"the portal has no field {workflow.when.field} on {workflow.when.kind}"
                raise NotSupported("create_workflow", note)
            self._workflows = self._workflows or Workflows(core)
            return self._workflows.create(workflow)

    def workflow_effects(self, workflow_id: str) -> Sequence[WorkflowEffect]:
        """See the contract."""
        with self._lock:
            return self._workflows.effects(workflow_id) if self._workflows else ()

    def delete_workflow(self, workflow_id: str) -> None:
        """See the contract."""
        with self._lock:
            if self._workflows is not None:
                self._workflows.delete(workflow_id)
