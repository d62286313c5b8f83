"""The batch PRM: nightly or hourly loads through staging tables. ``python:prm_harness.reference.etl:create``."""

from __future__ import annotations

from typing import Final

from prm_harness.adapter import CONTRACT_VERSION, AdapterInfo, Capability, PrmAdapter, Step

from .copying import CHOOSE_OBJECTS, FUNDS, KINDS, CopyingProduct
from .declaring import declared
from .defects import policy_with
from .installation import version_of
from .offers.config import HasConfig
from .offers.flows import HasFlows
from .options import clock_option, seconds_option
from .policy import Policy
from .staging import StagedReader
from .syncing.engine import Core
from .syncing.gaps import LOAD_GAPS
from .syncing.reader import Reader

CYCLE_SECONDS: Final = 3600.0

_FULL: Final = (
    Capability.USAGE, Capability.CONFIG, Capability.SEED, Capability.PARTNER_VIEW, Capability.SYNC_CONTROL, Capability.SCHEDULE, Capability.SCHEMA,
    Capability.HISTORY, Capability.FILTERS, Capability.HEALTH, Capability.LOGIC, Capability.SETUP,
)  # fmt: skip
_REPORT: Final = "load report"
_TOLD: Final = frozenset({_REPORT, "quota", "login", "connection", "schema"})

_STEPS: Final = (
    Step(
        id="authorise", title="Give the loader the CRM's credentials", actor="admin", hands_on_minutes=5
    ),
    CHOOSE_OBJECTS,
    Step(id="schedule", title="Schedule the loads", actor="admin", hands_on_minutes=5),
    Step(
        id="recipients", title="Say who gets the load report", actor="admin", hands_on_minutes=2
    ),
)  # fmt: skip


def create(cycle: str | None = None, clock: str = "virtual", defect: str | None = None) -> Batch:
    """The batch PRM.

    Args:
        cycle: seconds between loads: 3600 (hourly) unless said, 86400 for nightly ones.
        clock: "virtual" (driven by elapse) or "real" (works by itself).
        defect: name of a planted defect (defects/).

    Raises:
        ValueError: an option makes no sense; the message says which and what would.
    """
    policy = policy_with(defect, "batch_etl", gaps=LOAD_GAPS, tells=_TOLD.__contains__, logs_conflicts=False)
    return Batch(policy, clock_option(clock), seconds_option(cycle, CYCLE_SECONDS), defect)


class Batch(HasConfig, HasFlows, CopyingProduct):
    """See the module."""

    def __init__(self, policy: Policy, clock: str, cycle: float, defect: str | None) -> None:
        super().__init__(policy, clock, cycle)
        self._defect = defect

    def info(self) -> AdapterInfo:
        """See the contract."""
        return AdapterInfo(
            contract=CONTRACT_VERSION,
            vendor="Reference",
            product="Batch reference PRM",
            version=version_of("1.0", self._defect),
            style="batch_etl",
            capabilities=declared(
                full=_FULL,
                partial={
                    Capability.WRITE: "loads insert, update and delete; nothing is brought back",
                    Capability.FLOWS: "deals need no approval in the portal",
                    Capability.NOTIFY: "a load report by mail after each load that rejected rows",
                },
                absent={
                    Capability.MAPPING: "there is nothing to map: same schema",
                    Capability.ERRORS: "rejected rows are in the load report, and part of the next load",
                },
                virtual=self._virtual,
            ),
            kinds=KINDS,
            fund_target=FUNDS,
            cycle_seconds=self._declared_cycle,
            declared_setup_minutes=15,
            unsupported_notes=(
                "anything sooner than the next load",
                "a trace of the edit that lost, when both sides changed a field between two loads: the CRM's stays",
            ),
            sample=True,
        )

    # What a load does not keep is refused in the contract's own words.
    list_errors = PrmAdapter.list_errors
    retry = PrmAdapter.retry
    acknowledge = PrmAdapter.acknowledge
    undelete = PrmAdapter.undelete
    list_sync_history = PrmAdapter.list_sync_history

    # -- what a style says and does -----------------------------------------------------------------------------

    def _reader(self, core: Core) -> Reader:
        return StagedReader(core)

    def _steps(self) -> tuple[Step, ...]:
        return _STEPS

    def _locked_sync(self, regular: bool) -> None:
        with self._lock:
            super()._locked_sync(regular)
            if self._core is not None:
                _report(self._core)


def _report(core: Core) -> None:
    """Mail what this load rejected: every row, each time, until it gets through."""
    rejected = core.log.errors()
    if rejected:
        rows = (f"{e.direction or ''} {e.kind or ''} {e.name or ''}: {e.code}: {e.message}" for e in rejected)
        core.log.tell(core.clock.wall(), _REPORT, f"Load report: {len(rejected)} rejected", "\n".join(rows))
