"""The mirror: copies the CRM's own schema and keeps both sides alike. ``python:prm_harness.reference.mirror:create``."""

from __future__ import annotations

from typing import ClassVar, Final

from prm_harness.adapter import CONTRACT_VERSION, AdapterInfo, Capability, Step, StepLog

from .copying import CHOOSE_OBJECTS, FUNDS, KINDS, CopyingProduct
from .declaring import declared
from .defects import policy_with
from .installation import version_of
from .offers.config import HasConfig
from .offers.files import HasFiles
from .offers.flows import HasFlows
from .offers.mapping_rows import HasMappingRows
from .options import clock_option, seconds_option
from .policy import Policy
from .syncing.problems import CrmProblem
from .syncing.undo import roll_back

CYCLE_SECONDS: Final = 300.0

_FULL: Final = (
    Capability.WRITE, Capability.PARTNER_VIEW, Capability.SYNC_CONTROL, Capability.SCHEDULE, Capability.SCHEMA,
    Capability.HISTORY, Capability.FILTERS, Capability.ERRORS, Capability.NOTIFY, Capability.AUDIT, Capability.ROLLBACK,
    Capability.HEALTH, Capability.LOGIC, Capability.SETUP, Capability.FILES, Capability.USAGE, Capability.CONFIG,
    Capability.SEED, Capability.MAPPING,
)  # fmt: skip

_STEPS: Final = (
    Step(
        id="authorise",
        title="Authorise the portal in the CRM",
        actor="admin",
        hands_on_minutes=2,
        instructions="Log in as the integration user and allow access.",
    ),
    CHOOSE_OBJECTS,
)


def create(defect: str | None = None, cycle: str | None = None, clock: str = "virtual") -> Mirror:
    """The mirror.

    Args:
        defect: name of a planted defect (defects/).
        cycle: seconds between syncs.
        clock: "virtual" (driven by elapse) or "real" (works by itself).

    Raises:
        ValueError: an option makes no sense; the message says which and what would.
    """
    policy = policy_with(defect, "mirror")
    return Mirror(policy, clock_option(clock), seconds_option(cycle, CYCLE_SECONDS), defect)


class Mirror(HasFiles, HasMappingRows, HasConfig, HasFlows, CopyingProduct):
    """See the module."""

    map_step: ClassVar = Step(
        id="direction", title="Set a field's direction", actor="admin", hands_on_minutes=1
    )

    def __init__(self, policy: Policy, clock: str, cycle: float, defect: str | None) -> None:
        super().__init__(policy, clock, cycle)
        self._defect = defect
        self._marks: dict[str, int] = {}

    def info(self) -> AdapterInfo:
        """See the contract."""
        return AdapterInfo(
            contract=CONTRACT_VERSION,
            vendor="Reference",
            product="Mirror reference PRM",
            version=version_of("1.0", self._defect),
            style="mirror",
            capabilities=declared(
                full=_FULL,
                partial={Capability.FLOWS: "deals need no approval in the portal"},
                virtual=self._virtual,
            ),
            kinds=KINDS,
            fund_target=FUNDS,
            cycle_seconds=self._declared_cycle,
            declared_setup_minutes=10,
            sample=True,
        )

    # -- rollback -----------------------------------------------------------------------------------------------

    def checkpoint(self) -> str:
        """See the contract."""
        with self._lock:
            name = f"checkpoint-{len(self._marks) + 1}"
            self._marks[name] = self._connected("checkpoint").log.length()
            return name

    def rollback(self, checkpoint: str) -> StepLog:
        """See the contract."""
        with self._lock:
            core = self._connected("rollback")
            if checkpoint not in self._marks:
                return StepLog(done=False, message=f"there is no checkpoint {checkpoint!r}")
            try:
                restored, kept = roll_back(core, self._marks[checkpoint])
            except CrmProblem as problem:
                return StepLog(done=False, message=str(problem))
        step = Step(id="rollback", title="Roll back", actor="admin", hands_on_minutes=2)
        message = f"{restored} records put back, {kept} left alone because they were edited since"
        return StepLog(done=True, steps=(step,), message=message)

    # -- what a style says and does -----------------------------------------------------------------------------

    def _steps(self) -> tuple[Step, ...]:
        return _STEPS
