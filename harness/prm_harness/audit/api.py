"""Everything that a pack of checks may use, in one place; ``prm_harness`` re-exports it."""

from prm_harness.adapter.records import (
    ApiUsage,
    BackfillStatus,
    Configuration,
    ErrorEntry,
    FieldInfo,
    FileContent,
    FileInfo,
    Filter,
    MappingRow,
    Notification,
    Outcome,
    Record,
    Ref,
    Rule,
    SourceOfTruth,
    StepLog,
    SyncEntry,
    Workflow,
    WorkflowEffect,
)
from prm_harness.crm.backend import CrmRefusal, Exchange, FaultSpec, Firing, RequestMatch, Row, RowChange
from prm_harness.record.model import Diff

from .barriers import Settled, connected, hours, settled
from .faults import Inconclusive, NotApplicable
from .generated import DrawnField, field_weight, simpler_fields, smaller, weight, worded
from .handed.crm_view import Crm, CrmRecord
from .handed.data import Data
from .handed.evidence import Evidence
from .handed.portal import Portal, Submission
from .registry import Course, check

__all__ = [
    "ApiUsage", "BackfillStatus", "Configuration", "Course", "Crm", "CrmRecord", "CrmRefusal", "Data", "Diff", "DrawnField", "ErrorEntry",
    "Evidence", "Exchange", "FaultSpec", "FieldInfo", "FileContent", "FileInfo", "Filter", "Firing", "Inconclusive",
    "MappingRow", "NotApplicable", "Notification", "Outcome", "Portal", "Record", "Ref", "RequestMatch", "Row",
    "RowChange", "Rule", "Settled", "SourceOfTruth", "StepLog", "Submission", "SyncEntry", "Workflow", "WorkflowEffect",
    "check", "connected", "field_weight", "hours", "settled", "simpler_fields", "smaller", "weight", "worded",
]  # fmt: skip
