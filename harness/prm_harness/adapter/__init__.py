"""The contract between the harness and any PRM, and its transports."""

from .connect import open_adapter
from .contract import CONTRACT_VERSION, CORE_OPERATIONS, OPERATIONS, NotReached, NotSupported, PrmAdapter
from .faults import AdapterFault, ConnectError
from .records import (
    AdapterInfo,
    ApiUsage,
    BackfillStatus,
    Capability,
    Configuration,
    CrmConnection,
    CrmField,
    Declaration,
    Direction,
    ErrorEntry,
    FieldInfo,
    FileContent,
    FileInfo,
    Filter,
    Level,
    MappingRow,
    Notification,
    NotificationSink,
    Outcome,
    Prerequisites,
    Record,
    Ref,
    Rule,
    Schedule,
    SourceOfTruth,
    Step,
    StepLog,
    SyncEntry,
    SyncStatus,
    TypeInfo,
    Workflow,
    WorkflowEffect,
)
from .session import Session

__all__ = [  # noqa: RUF022 - grouped by what they are for
    # the contract, and what crosses the line
    "CONTRACT_VERSION", "CORE_OPERATIONS", "OPERATIONS", "NotReached", "NotSupported", "PrmAdapter",
    "AdapterInfo", "ApiUsage", "BackfillStatus", "Capability", "Configuration", "CrmConnection", "CrmField", "Declaration",
    "Direction", "ErrorEntry", "FieldInfo", "FileContent", "FileInfo", "Filter", "Level", "MappingRow", "Notification", "NotificationSink",
    "Outcome", "Prerequisites", "Record", "Ref", "Rule", "Schedule", "SourceOfTruth", "Step", "StepLog", "SyncEntry",
    "SyncStatus", "TypeInfo", "Workflow", "WorkflowEffect",
    # opening and calling an adapter
    "AdapterFault", "ConnectError", "Session", "open_adapter",
]  # fmt: skip
