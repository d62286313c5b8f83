"""prm-harness: does this partner portal really integrate with your CRM?

What a pack of checks may use is grouped below and loaded on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .audit.api import (
        ApiUsage,
        BackfillStatus,
        Configuration,
        Course,
        Crm,
        CrmRecord,
        CrmRefusal,
        Data,
        Diff,
        DrawnField,
        ErrorEntry,
        Evidence,
        Exchange,
        FaultSpec,
        FieldInfo,
        FileContent,
        FileInfo,
        Filter,
        Firing,
        Inconclusive,
        MappingRow,
        NotApplicable,
        Notification,
        Outcome,
        Portal,
        Record,
        Ref,
        RequestMatch,
        Row,
        RowChange,
        Rule,
        Settled,
        SourceOfTruth,
        StepLog,
        Submission,
        SyncEntry,
        Workflow,
        WorkflowEffect,
        check,
        connected,
        field_weight,
        hours,
        settled,
        simpler_fields,
        smaller,
        weight,
        worded,
    )

__all__ = [  # noqa: RUF022 - grouped by what it is for
    # writing a check
    "check", "connected", "settled", "hours", "Course", "Settled",
    # what a check is handed
    "Crm", "Portal", "Evidence", "Data", "Diff",
    # what the CRM's side hands out, and what it can be made to do
    "CrmRecord", "CrmRefusal", "Row", "RowChange", "Exchange", "FaultSpec", "Firing", "RequestMatch",
    # what the portal's side hands out and takes
    "Submission", "Record", "Ref", "FieldInfo", "Filter", "Rule", "StepLog", "ErrorEntry", "Notification",
    "SyncEntry", "Outcome", "FileContent", "FileInfo", "MappingRow", "SourceOfTruth", "Configuration", "ApiUsage",
    "BackfillStatus", "Workflow", "WorkflowEffect",
    # values drawn from a schema (Data.records), made simpler and told; fields that are drawn themselves (Data.fields)
    "smaller", "weight", "worded", "DrawnField", "simpler_fields", "field_weight",
    # how a check ends early
    "Inconclusive", "NotApplicable",
    # about us
    "__version__",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load the checks' API on first use (PEP 562)."""
    if name in __all__:
        return getattr(import_module("prm_harness.audit.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
