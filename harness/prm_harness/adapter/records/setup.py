"""What it takes to set an integration up or change it: steps, their actors, and configurations that can be moved."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import Model


class Step(Model):
    """One step of setting the integration up, or of changing it later."""

    id: str
    title: str
    actor: Literal["automatic", "admin", "vendor"]
    automatable: bool = Field(
        default=True,
        description="the adapter does it in run_step; false: a person does it and run_step confirms",
    )
    hands_on_minutes: float = Field(default=0, ge=0, description="somebody's time; 0 for an automatic step")
    waiting_minutes: float = Field(
        default=0, ge=0, description="calendar time nobody works, e.g. a ticket's turn"
    )
    instructions: str = ""


class StepLog(Model):
    """What an admin change took: the steps gone through. ``done`` false means it could not be done."""

    done: bool
    steps: tuple[Step, ...] = ()
    message: str = ""


class Configuration(Model):
    """The integration's whole configuration (mapping, filters, schedule), as the product exports it."""

    format: str = Field(min_length=1, description="the product's own name of it, e.g. 'mapping-xml-2'")
    content: str = Field(repr=False, description="the export as text, untouched")
