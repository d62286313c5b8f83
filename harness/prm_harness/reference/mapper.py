"""The mapping PRM: a schema of its own, filled field by field. ``python:prm_harness.reference.mapper:create``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from prm_harness.adapter import (
    CONTRACT_VERSION,
    AdapterInfo,
    Capability,
    CrmField,
    Declaration,
    FieldInfo,
    Level,
    NotSupported,
    Prerequisites,
    Rule,
    Step,
    StepLog,
    TypeInfo,
)

from .defects import policy_with
from .engine import Carried
from .fields import EXTERNAL_ID, PARTNER_FIELD, FieldSpec, TypeSpec, from_describe
from .options import clock_option, seconds_option
from .policy import Policy
from .problems import CrmProblem
from .product import Product, version_of
from .schema import announce_lost

CYCLE_SECONDS: Final = 1200.0
HISTORY: Final = "SystemModstamp = LAST_N_DAYS:730"
"""The vendor imports two years."""

STANDARD: Final = {
    "Account": ("Name", "Website", "Phone", "Industry", "BillingCity", "BillingCountry", "Description"),
    "Contact": ("FirstName", "LastName", "Email", "Phone", "Title", "AccountId"),
    "Lead": ("FirstName", "LastName", "Company", "Email", "Phone", "Title", "Status", "LeadSource", "Description", PARTNER_FIELD),
    "Opportunity": (
        "Name", "AccountId", "StageName", "Amount", "CloseDate", "Probability", "NextStep", "LeadSource", "Type",
        "Description", PARTNER_FIELD,
    ),
}  # fmt: skip
"""Fields of the product's own objects, by the CRM field that each is meant for."""

TYPES: Final = {
    "string": "text", "int": "number", "double": "number", "date": "date", "boolean": "checkbox", "picklist": "choice",
    "multipicklist": "text",
}  # fmt: skip
"""Types of CRM fields that a custom field of the portal can be mapped to, and what it becomes."""

LEFT_OUT: Final = frozenset({"Internal_Rating__c"})
"""What the admin of our buyer does not map: no portal has business with it."""

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
    policy = replace(
        policy_with(defect, "native_mapping"),
        history=HISTORY,
        follows_schema=False,
        backfills=False,
        keeps_history=lambda entry: entry.direction == "to_crm",
    )
    return Mapper(policy, clock_option(clock), seconds_option(cycle, CYCLE_SECONDS), defect)


class Mapper(Product):
    """See the module."""

    def __init__(self, policy: Policy, clock: str, cycle: float, defect: str | None) -> None:
        super().__init__(policy, clock, cycle)
        self._defect = defect
        self._virtual = clock == "virtual"
        self._mapped: dict[str, TypeSpec] = {}

    def info(self) -> AdapterInfo:
        """See the contract."""
        return AdapterInfo(
            contract=CONTRACT_VERSION,
            vendor="Reference",
            product="Mapping reference PRM",
            version=version_of("1.0", self._defect),
            style="native_mapping",
            capabilities=_capabilities(virtual=self._virtual),
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

    def prerequisites(self) -> Prerequisites:
        """See the contract."""
        return Prerequisites(
            fields=tuple(
                CrmField(
                    sobject=kind,
                    name=EXTERNAL_ID,
                    type="string",
                    length=80,
                    external_id=True,
                    label="External Id",
                )
                for kind in STANDARD
            ),
            permissions=("ApiEnabled", *self._policy.permissions),
            objects=tuple(STANDARD),
        )

    # -- schema -------------------------------------------------------------------------------------------------

    def list_types(self) -> Sequence[str]:
        """See the contract."""
        return tuple(STANDARD)

    def describe_type(self, kind: str) -> TypeInfo:
        """See the contract."""
        with self._lock:
            spec = self._mapping().get(kind)
            if spec is None:
                return TypeInfo(kind=kind)
            fields = (
                FieldInfo(name=f.name, type=_portal_type(f), writable=f.updateable)
                for f in spec.fields.values()
            )
            return TypeInfo(kind=kind, fields=tuple(fields))

    def add_field(self, kind: str, field: FieldInfo) -> StepLog:
        """A ticket with the vendor; only edits made later carry values."""
        with self._lock:
            core, spec = self._connected("add_field"), self._mapping().get(kind)
            if spec is None:
                return StepLog(done=False, message=f"the portal has no {kind}")
            found = from_describe(core.crm.describe(kind)).fields.get(field.name)
            if found is None:
                return StepLog(done=False, message=f"the CRM shows us no field {field.name} on {kind}")
            if found.type not in TYPES:
                return StepLog(done=False, message=f"the portal has no field of type {found.type}")
            spec.fields[field.name] = found
        return StepLog(done=True, steps=(_TICKET,))

    def create_rule(self, rule: Rule) -> str:
        """See the contract; standard fields only."""
        if rule.field not in STANDARD.get(rule.kind, ()):
            raise NotSupported("create_rule", "segments work on the product's own standard fields only")
        return super().create_rule(rule)

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

    def _look(self) -> None:
        """The schema is the product's own; it does not look at the CRM's unless a query fails."""

    def _refresh(self, kind: str) -> None:
        core = self._connected("sync")
        carried = core.types[kind]
        there = from_describe(core.crm.describe(kind))
        for name in [name for name in carried.spec.fields if name not in there.fields]:
            del carried.spec.fields[name]
            problem = CrmProblem(
                "INVALID_FIELD", f"{name} no longer exists on {kind}; its mapping is switched off", [name]
            )
            announce_lost(core, kind, problem, name)
        carried.spec.system = there.system

    def _prepare_types(self) -> None:
        core = self._connected("setup")
        for kind, spec in self._mapping().items():
            core.types.setdefault(kind, Carried(spec))

    def _mapping(self) -> dict[str, TypeSpec]:
        """The mapping rows, read off the org once: standard fields and custom fields of a type that fits."""
        if not self._mapped:
            crm = self._connected("setup").crm
            self._mapped = {kind: self._mapped_type(from_describe(crm.describe(kind))) for kind in STANDARD}
        return self._mapped

    def _mapped_type(self, found: TypeSpec) -> TypeSpec:
        standard = [found.fields[name] for name in STANDARD[found.kind] if name in found.fields]
        custom = [f for f in found.fields.values() if f.custom and f.type in TYPES and f.name not in LEFT_OUT]
        fields = {field.name: field for field in [*standard, *custom] if self._policy.carries(field)}
        return TypeSpec(found.kind, fields, system=found.system)


def _portal_type(field: FieldSpec) -> str:
    return TYPES.get(field.type, "text")


def _capabilities(*, virtual: bool) -> dict[Capability, Declaration]:
    full = Declaration(level=Level.FULL)
    missing = Declaration(level=Level.UNSUPPORTED)
    levels = dict.fromkeys(Capability, missing)
    levels |= dict.fromkeys(
        (
            Capability.WRITE, Capability.PARTNER_VIEW, Capability.SYNC_CONTROL, Capability.FILTERS, Capability.ERRORS,
            Capability.NOTIFY, Capability.SETUP,
        ),
        full,
    )  # fmt: skip
    levels[Capability.MAPPING] = Declaration(
        level=Level.NOT_IMPLEMENTED, note="mapping rows are made during setup"
    )
    levels[Capability.SCHEDULE] = Declaration(level=Level.PARTIAL, note="the vendor sets the interval")
    levels[Capability.SCHEMA] = Declaration(level=Level.PARTIAL, note="new fields by ticket; no new objects")
    levels[Capability.AUDIT] = Declaration(level=Level.PARTIAL, note="only what was written to the CRM")
    levels[Capability.LOGIC] = Declaration(level=Level.PARTIAL, note="segments on standard fields only")
    if virtual:
        levels[Capability.VIRTUAL_TIME] = full
    return levels
