"""The contract between the harness and any PRM, and its transports."""

from .contract import CONTRACT_VERSION, CORE_OPERATIONS, OPERATIONS, NotSupported, PrmAdapter
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

__all__ = [
    "CONTRACT_VERSION", "CORE_OPERATIONS", "OPERATIONS", "AdapterInfo", "Capability", "CrmConnection", "CrmField",
    "Declaration", "ErrorEntry", "FieldInfo", "Filter", "Level", "NotSupported", "Notification", "Outcome",
    "Prerequisites", "PrmAdapter", "Record", "Ref", "Rule", "Schedule", "Step", "StepLog", "SyncEntry", "SyncStatus",
    "TypeInfo",
]  # fmt: skip
