"""Everything that a pack of checks may use, in one place; ``prm_harness`` re-exports it."""

from prm_harness.adapter.records import (
    ErrorEntry,
    FieldInfo,
    Filter,
    Notification,
    Record,
    Ref,
    Rule,
    StepLog,
    SyncEntry,
)
from prm_harness.crm.backend import Exchange, FaultSpec, Row, RowChange

from .barriers import Settled, connected, settled
from .crm_view import Crm, CrmRecord
from .data import Data
from .evidence import Evidence
from .faults import Inconclusive, NotApplicable
from .portal import Portal, Submission
from .registry import Course, check

__all__ = [
    "Course", "Crm", "CrmRecord", "Data", "ErrorEntry", "Evidence", "Exchange", "FaultSpec", "FieldInfo", "Filter",
    "Inconclusive", "NotApplicable", "Notification", "Portal", "Record", "Ref", "Row", "RowChange", "Rule", "Settled", "StepLog",
    "Submission", "SyncEntry", "check", "connected", "settled",
]  # fmt: skip
