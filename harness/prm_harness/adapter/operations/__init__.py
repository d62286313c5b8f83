"""The optional operations of the contract: one small protocol for each capability."""

from collections.abc import Mapping
from inspect import isfunction
from typing import Final

from prm_harness.adapter.records import Capability

from .base import NotReached, NotSupported
from .flows import Flows
from .logic import Logic
from .records import Files, PartnerView, Seed, Write
from .schema import FieldMapping, Schema
from .setup import Config, Setup
from .syncing import Filters, History, Scheduling, SyncControl, VirtualTime
from .watching import Audit, Errors, Health, Notify, Rollback, Usage

PROTOCOLS: Final[Mapping[Capability, type]] = {
    Capability.VIRTUAL_TIME: VirtualTime,
    Capability.WRITE: Write,
    Capability.SEED: Seed,
    Capability.FILES: Files,
    Capability.PARTNER_VIEW: PartnerView,
    Capability.SYNC_CONTROL: SyncControl,
    Capability.SCHEDULE: Scheduling,
    Capability.SCHEMA: Schema,
    Capability.MAPPING: FieldMapping,
    Capability.HISTORY: History,
    Capability.FILTERS: Filters,
    Capability.ERRORS: Errors,
    Capability.NOTIFY: Notify,
    Capability.AUDIT: Audit,
    Capability.ROLLBACK: Rollback,
    Capability.HEALTH: Health,
    Capability.LOGIC: Logic,
    Capability.USAGE: Usage,
    Capability.SETUP: Setup,
    Capability.CONFIG: Config,
    Capability.FLOWS: Flows,
}
"""Every capability and the operations that come with it."""

OPERATIONS: Final[Mapping[str, Capability]] = {
    name: capability
    for capability, protocol in PROTOCOLS.items()
    for name, member in vars(protocol).items()
    if isfunction(member) and not name.startswith("_")
}
"""Every optional operation and the capability that it belongs to."""

ADDED: Final[Mapping[str, tuple[str, ...]]] = {
    "1.1": (
        "undelete", "seed", "attach", "list_files", "fetch_file", "pause", "resume", "offered_values", "get_mapping",
        "set_mapping", "source_of_truth", "set_source_of_truth", "backfill_status", "acknowledge", "create_workflow",
        "workflow_effects", "delete_workflow", "api_usage", "set_ceiling", "export_config", "import_config", "assign_lead",
        "answer_lead", "submit_mdf", "claim_mdf", "approve",
    ),
    "1.2": ("notification_sink",),
}  # fmt: skip
"""Operations that came with a later version of the contract; an older adapter is never asked for them."""

ADDED_ARGUMENTS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "1.2": {"backfill": ("since",), "list_sync_history": ("ref",)},
}
"""Arguments, by operation, that came later than the operation; an older adapter is never given one."""

__all__ = [
    "ADDED", "ADDED_ARGUMENTS", "OPERATIONS", "PROTOCOLS", "Audit", "Config", "Errors", "FieldMapping", "Files", "Filters", "Flows", "Health",
    "History", "Logic", "NotReached", "NotSupported", "Notify", "PartnerView", "Rollback", "Scheduling", "Schema", "Seed",
    "Setup", "SyncControl", "Usage", "VirtualTime", "Write",
]  # fmt: skip
