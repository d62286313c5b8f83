"""The portal's logic on CRM fields: segments that records belong to, workflows that do something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from prm_harness.adapter.records import Rule, Workflow, WorkflowEffect

from .base import NotSupported


class Logic(Protocol):
    """CRM fields, custom ones too, can be used in the portal's own logic."""

    def create_rule(self, rule: Rule) -> str:
        """Create a segment on a field; returns the rule's id."""
        raise NotSupported("create_rule")

    def rule_members(self, rule_id: str) -> Sequence[str]:
        """CRM ids of the records that are in the segment now."""
        raise NotSupported("rule_members")

    def delete_rule(self, rule_id: str) -> None:
        """Remove a segment."""
        raise NotSupported("delete_rule")

    def create_workflow(self, workflow: Workflow) -> str:
        """Create a workflow on a field; returns its id. Records that match already do not set it off."""
        raise NotSupported("create_workflow")

    def workflow_effects(self, workflow_id: str) -> Sequence[WorkflowEffect]:
        """Everything that the workflow did so far, oldest first: what the product shows, not what is expected."""
        raise NotSupported("workflow_effects")

    def delete_workflow(self, workflow_id: str) -> None:
        """Remove a workflow; its effects stay."""
        raise NotSupported("delete_workflow")
