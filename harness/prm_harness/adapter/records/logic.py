"""The portal's own logic on CRM fields: segments, and workflows whose effects can be looked at."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from .base import Model


class Rule(Model):
    """A piece of portal logic (segment) on a field: its members are the records that match."""

    kind: str
    field: str
    op: Literal["eq", "ne", "in", "gt", "lt"]
    value: Any


class Workflow(Model):
    """A workflow of the portal: when a record comes to match ``when``, it does ``action`` once.

    A record that goes on matching does not set it off again; one that stops matching and matches anew does.
    """

    when: Rule
    action: Literal["task", "notification", "approval"]
    text: str = Field(
        min_length=1, description="what the task, message or request says; names the effect later"
    )


class WorkflowEffect(Model):
    """One thing that a workflow did."""

    at: datetime
    action: Literal["task", "notification", "approval"]
    kind: str
    prm_id: str | None = None
    crm_id: str | None = None
    text: str = ""
