"""What crosses the line between the harness and a PRM: plain records, values untouched.

Values are keyed by the CRM's field API names (``Name``, ``Region__c``), because the checklist speaks of the CRM's
fields; an adapter translates *names* to its product's own. It never translates *values*: a date handed over a day
late must arrive here a day late. The harness canonicalises (audit/canonical.py).
"""

from .base import Bytes, Model
from .crm import CrmConnection, CrmField, Prerequisites
from .declaring import AdapterInfo, Capability, Declaration, Level
from .logic import Rule, Workflow, WorkflowEffect
from .portal import FileContent, FileInfo, Outcome, Record, Ref
from .schema import Direction, FieldInfo, MappingRow, SourceOfTruth, TypeInfo
from .setup import Configuration, Step, StepLog
from .syncing import (
    ApiUsage,
    BackfillStatus,
    ErrorEntry,
    Filter,
    Notification,
    NotificationSink,
    Schedule,
    SyncEntry,
    SyncStatus,
)

__all__ = [
    "AdapterInfo", "ApiUsage", "BackfillStatus", "Bytes", "Capability", "Configuration", "CrmConnection", "CrmField",
    "Declaration", "Direction", "ErrorEntry", "FieldInfo", "FileContent", "FileInfo", "Filter", "Level", "MappingRow",
    "Model", "Notification", "NotificationSink", "Outcome", "Prerequisites", "Record", "Ref", "Rule", "Schedule", "SourceOfTruth", "Step",
    "StepLog", "SyncEntry", "SyncStatus", "TypeInfo", "Workflow", "WorkflowEffect",
]  # fmt: skip
