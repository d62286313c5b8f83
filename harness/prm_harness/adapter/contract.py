"""The adapter: what a PRM must be able to be asked. A small core; everything else is a declared capability.

A vendor subclasses :class:`PrmAdapter`, implements the core, and overrides the operations of the capabilities that
it declares. An operation that the product lacks raises :class:`NotSupported`. A refusal by the product (a validation
message, a permission) is not an exception: it is an :class:`~prm_harness.adapter.records.Outcome`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, Final

from .operations import (
    ADDED,
    ADDED_ARGUMENTS,
    OPERATIONS,
    Audit,
    Config,
    Errors,
    FieldMapping,
    Files,
    Filters,
    Flows,
    Health,
    History,
    Logic,
    Notify,
    NotReached,
    NotSupported,
    PartnerView,
    Rollback,
    Scheduling,
    Schema,
    Seed,
    Setup,
    SyncControl,
    Usage,
    VirtualTime,
    Write,
)
from .records import AdapterInfo, CrmConnection, Outcome, Prerequisites, Record, Ref

__all__ = [
    "CONTRACT_VERSION", "CORE_OPERATIONS", "OPERATIONS", "NotReached", "NotSupported", "PrmAdapter", "argument_too_new_for", "too_new_for",
    "version",
]  # fmt: skip

CONTRACT_VERSION: Final = "1.2"


class PrmAdapter(
    VirtualTime, Write, Seed, Files, PartnerView, SyncControl, Scheduling, Schema, FieldMapping, History, Filters,
    Errors, Notify, Audit, Rollback, Health, Logic, Usage, Setup, Config, Flows, ABC,
):  # fmt: skip
    """One PRM. Everything is synchronous; whoever needs an event loop keeps it inside.

    An adapter that holds secrets of its own (an API key of the product) may say so with a method ``secrets()`` that
    returns them: they are then taken out of everything that is written down.
    """

    @abstractmethod
    def info(self) -> AdapterInfo:
        """Identity, declared capabilities, declared cycle. Must answer before ``connect``."""

    @abstractmethod
    def prerequisites(self) -> Prerequisites:
        """What the CRM must have before ``connect``; the harness installs it, and scores its size."""

    @abstractmethod
    def connect(self, crm: CrmConnection) -> None:
        """Log in to the CRM. With capability ``setup`` the harness then runs ``setup_steps`` one by one."""

    @abstractmethod
    def disconnect(self) -> None:
        """Stop syncing. Called at the end, also after failures; must not raise when never connected."""

    @abstractmethod
    def submit(self, kind: str, values: Mapping[str, Any], *, as_partner: str | None = None) -> Outcome:
        """A partner submits a new record in the portal; ``as_partner`` is the CRM id of the partner's Account."""

    @abstractmethod
    def read(self, kind: str, ref: Ref) -> Record | None:
        """The record as the portal shows it now to its admin, or None. Never syncs first."""

    @abstractmethod
    def list(self, kind: str) -> Iterable[Record]:
        """Every record of the kind that the portal holds; paging and the product's rate limits are hidden here."""

    @abstractmethod
    def cleanup(self, run_id: str) -> None:
        """Remove what the run left in the portal. Idempotent."""


CORE_OPERATIONS: Final = (
    "info", "prerequisites", "connect", "disconnect", "submit", "read", "list", "cleanup",
)  # fmt: skip


def version(text: str) -> tuple[int, int] | None:
    """A contract version as numbers, or None when it is not of the form ``major.minor``."""
    major, dot, minor = text.partition(".")
    return (int(major), int(minor)) if dot and major.isdecimal() and minor.isdecimal() else None


_SINCE: Final = {operation: since for since, operations in ADDED.items() for operation in operations}

_ARGUMENT_SINCE: Final = {
    (operation, argument): since
    for since, operations in ADDED_ARGUMENTS.items()
    for operation, arguments in operations.items()
    for argument in arguments
}


def too_new_for(contract: str, operation: str) -> str | None:
    """The contract version that the operation came with, when the adapter's is older than that; else None."""
    return _if_newer(_SINCE.get(operation), contract)


def argument_too_new_for(contract: str, operation: str, argument: str) -> str | None:
    """The same of an argument that came later than its operation."""
    return _if_newer(_ARGUMENT_SINCE.get((operation, argument)), contract)


def _if_newer(since: str | None, contract: str) -> str | None:
    theirs = version(contract)
    if since is None or theirs is None:
        return None
    came_with = version(since)
    return since if came_with is not None and theirs < came_with else None
