"""Everything that a pack of checks may use, in one place; ``prm_harness`` re-exports it."""

from .barriers import connected, settled
from .crm_view import Crm, CrmRecord
from .data import Data
from .evidence import Evidence
from .faults import Inconclusive, NotApplicable
from .portal import Portal, Submission
from .registry import check

__all__ = [
    "Crm", "CrmRecord", "Data", "Evidence", "Inconclusive", "NotApplicable", "Portal", "Submission", "check",
    "connected", "settled",
]  # fmt: skip
