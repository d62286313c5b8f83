"""The contract between the harness and any PRM, and its transports."""

from .connect import open_adapter
from .contract import CONTRACT_VERSION, CORE_OPERATIONS, OPERATIONS, NotSupported, PrmAdapter
from .faults import AdapterFault, ConnectError
from .records import (
    AdapterInfo,
    Capability,
    CrmConnection,
    CrmField,
    Declaration,
    ErrorEntry,
    FieldInfo,
    Filter,
    Level,
    Notification,
    Outcome,
    Prerequisites,
    Record,
    Ref,
    Rule,
    Schedule,
    Step,
    StepLog,
    SyncEntry,
    SyncStatus,
    TypeInfo,
)
from .session import Session

__all__ = [  # noqa: RUF022 - grouped by what they are for
    # the contract, and what crosses the line
    "CONTRACT_VERSION", "CORE_OPERATIONS", "OPERATIONS", "NotSupported", "PrmAdapter",
    "AdapterInfo", "Capability", "CrmConnection", "CrmField", "Declaration", "ErrorEntry", "FieldInfo", "Filter",
    "Level", "Notification", "Outcome", "Prerequisites", "Record", "Ref", "Rule", "Schedule", "Step", "StepLog",
    "SyncEntry", "SyncStatus", "TypeInfo",
    # opening and calling an adapter
    "AdapterFault", "ConnectError", "Session", "open_adapter",
]  # fmt: skip
