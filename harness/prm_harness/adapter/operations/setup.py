"""Setting the integration up, and moving what was set up to another org."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from prm_harness.adapter.records import Configuration, Step, StepLog

from .base import NotSupported


class Setup(Protocol):
    """The way from "connected" to "syncing" is a list of steps, each with who does it and how long it takes."""

    def setup_steps(self) -> Sequence[Step]:
        """The steps from "connected" to "syncing", in order, with who does each and the time it takes them."""
        raise NotSupported("setup_steps")

    def run_step(self, step_id: str) -> StepLog:
        """Do one setup step (or confirm that a person did it)."""
        raise NotSupported("run_step")


class Config(Protocol):
    """The configuration can be taken from one org to another, e.g. from a sandbox to production."""

    def export_config(self) -> Configuration:
        """The whole configuration as the product exports it; without credentials."""
        raise NotSupported("export_config")

    def import_config(self, configuration: Configuration) -> StepLog:
        """Apply an exported configuration to this connection; the steps say what had to be done by hand."""
        raise NotSupported("import_config")
