"""The mapping PRM: a schema of its own, filled field by field. ``python:prm_harness.reference.mapper:create``."""

from __future__ import annotations

from typing import ClassVar, Final

from prm_harness.adapter import (
    CONTRACT_VERSION,
    AdapterInfo,
    Capability,
    NotSupported,
    PrmAdapter,
    Rule,
    Step,
    Workflow,
)

from .declaring import declared
from .defects import policy_with
from .installation import version_of
from .offers.files import HasFiles
from .options import clock_option, seconds_option
from .policy import Policy
from .shape.mapping import STANDARD, MappingProduct

CYCLE_SECONDS: Final = 1200.0
HISTORY: Final = "SystemModstamp = LAST_N_DAYS:730"
"""The vendor imports two years."""

TYPES: Final = {
    "string": "text", "int": "number", "double": "number", "date": "date", "boolean": "checkbox", "picklist": "choice",
    "multipicklist": "text",
}  # fmt: skip
"""Types of CRM fields that a custom field of the portal can be mapped to, and what it becomes."""

_FULL: Final = (
    Capability.PARTNER_VIEW, Capability.SYNC_CONTROL, Capability.FILTERS, Capability.ERRORS, Capability.NOTIFY,
    Capability.SETUP, Capability.MAPPING, Capability.SEED,
)  # fmt: skip
_PARTIAL: Final = {
    Capability.WRITE: "what was deleted is entered again",
    Capability.FILES: "attachments of deals only",
    Capability.USAGE: "counts its own calls; keeps to no ceiling",
    Capability.CONFIG: "exported by the admin, imported by the vendor",
    Capability.SCHEDULE: "the vendor sets the interval",
    Capability.SCHEMA: "new fields by ticket; no new objects",
    Capability.AUDIT: "only what was written to the CRM",
    Capability.LOGIC: "segments and workflows on standard fields only",
}

_TICKET: Final = Step(
    id="ticket",
    title="Vendor adds a field",
    actor="vendor",
    hands_on_minutes=20,
    waiting_minutes=2880,
    instructions="Open a ticket with the vendor; two working days.",
)


def create(defect: str | None = None, cycle: str | None = None, clock: str = "virtual") -> Mapper:
    """The mapping PRM.

    Args:
        defect: name of a planted defect (defects/).
        cycle: seconds between syncs.
        clock: "virtual" (driven by elapse) or "real" (works by itself).

    Raises:
        ValueError: an option makes no sense; the message says which and what would.
    """
    policy = policy_with(
        defect,
        "native_mapping",
        history=HISTORY,
        follows_schema=False,
        backfills=False,
        keeps_history=lambda entry: entry.direction == "to_crm",
    )
    return Mapper(policy, clock_option(clock), seconds_option(cycle, CYCLE_SECONDS), defect)


class Mapper(HasFiles, MappingProduct):
    """See the module."""

    standard: ClassVar = STANDARD
    custom_types: ClassVar = TYPES
    new_field: ClassVar = _TICKET
    settable: ClassVar = False
    file_kinds: ClassVar = frozenset({"Opportunity"})
    map_step: ClassVar = Step(id="map", title="Change a mapping row", actor="admin", hands_on_minutes=3)
    move_step: ClassVar = Step(
        id="import",
        title="Vendor imports the configuration",
        actor="vendor",
        hands_on_minutes=30,
        waiting_minutes=2880,
    )

    def __init__(self, policy: Policy, clock: str, cycle: float, defect: str | None) -> None:
        super().__init__(policy, clock, cycle)
        self._defect = defect

    def info(self) -> AdapterInfo:
        """See the contract."""
        return AdapterInfo(
            contract=CONTRACT_VERSION,
            vendor="Reference",
            product="Mapping reference PRM",
            version=version_of("1.0", self._defect),
            style="native_mapping",
            capabilities=declared(
                full=_FULL,
                partial=_PARTIAL,
                virtual=self._virtual,
            ),
            kinds=tuple(STANDARD),
            cycle_seconds=self._declared_cycle,
            declared_setup_minutes=240,
            unsupported_notes=(
                "record types: deals are created with the default one",
                "account hierarchies and other relationships beyond a record's own account",
                "history older than two years",
                "custom fields of other types than text, number, date, checkbox and choice",
            ),
            sample=True,
        )

    def create_rule(self, rule: Rule) -> str:
        """See the contract; standard fields only."""
        if rule.field not in STANDARD.get(rule.kind, ()):
            raise NotSupported("create_rule", "segments work on the product's own standard fields only")
        return super().create_rule(rule)

    def create_workflow(self, workflow: Workflow) -> str:
        """See the contract; standard fields only."""
        if workflow.when.field not in STANDARD.get(workflow.when.kind, ()):
            raise NotSupported("create_workflow", "workflows work on the product's own standard fields only")
        return super().create_workflow(workflow)

    # What the product does not do is refused in the contract's own words.
    undelete = PrmAdapter.undelete
    set_ceiling = PrmAdapter.set_ceiling

    # -- what a style says and does -----------------------------------------------------------------------------

    def _steps(self) -> tuple[Step, ...]:
        rows = [(kind, name) for kind, spec in self._mapping().items() for name in spec.fields]
        mapping = tuple(
            Step(id=f"map-{kind}-{name}", title=f"Map {kind}.{name}", actor="admin", hands_on_minutes=3)
            for kind, name in rows
        )
        return (
            Step(
                id="authorise",
                title="Enter the integration user's credentials",
                actor="admin",
                hands_on_minutes=5,
            ),
            *mapping,
            Step(
                id="rules",
                title="Vendor activates the sync rules",
                actor="vendor",
                hands_on_minutes=60,
                waiting_minutes=1440,
            ),
            Step(
                id="import",
                title="Vendor opens the history import",
                actor="vendor",
                hands_on_minutes=15,
                waiting_minutes=480,
            ),
        )
