"""A product with a schema of its own, filled field by field: mapping rows, fixed when it is set up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final

from prm_harness.adapter import FieldInfo, NotSupported, Prerequisites, Step, StepLog, TypeInfo
from prm_harness.reference.declaring import footprint
from prm_harness.reference.entry import offered
from prm_harness.reference.offers.config import HasConfig
from prm_harness.reference.offers.mapping_rows import HasMappingRows
from prm_harness.reference.policy import Policy
from prm_harness.reference.product import Product
from prm_harness.reference.syncing.engine import Carried
from prm_harness.reference.syncing.problems import CrmProblem

from .fields import PARTNER_FIELD, TypeSpec, from_describe
from .schema import announce_lost

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

LEFT_OUT: Final = frozenset({"Internal_Rating__c"})
"""What the admin of our buyer does not map: no portal has business with it."""


class MappingProduct(HasMappingRows, HasConfig, Product):
    """See the module.

    Attributes:
        standard: fields of the product's own objects, by the CRM field that each is meant for.
        custom_types: types of CRM fields that a custom field of the portal can stand for, and what it becomes.
        new_field: the step that adds a custom field later.
    """

    standard: ClassVar[Mapping[str, Sequence[str]]]
    custom_types: ClassVar[Mapping[str, str]]
    new_field: ClassVar[Step]

    def __init__(self, policy: Policy, clock: str, cycle: float) -> None:
        super().__init__(policy, clock, cycle)
        self._mapped: dict[str, TypeSpec] = {}

    def prerequisites(self) -> Prerequisites:
        """See the contract."""
        return footprint(self.standard, self.standard, self._policy.permissions)

    # -- schema -------------------------------------------------------------------------------------------------

    def list_types(self) -> Sequence[str]:
        """See the contract."""
        return tuple(self.standard)

    def describe_type(self, kind: str) -> TypeInfo:
        """See the contract."""
        with self._lock:
            spec = self._mapping().get(kind)
            if spec is None:
                return TypeInfo(kind=kind)
            fields = (
                FieldInfo(name=f.name, type=self.custom_types.get(f.type, "text"), writable=f.updateable)
                for f in spec.fields.values()
            )
            return TypeInfo(kind=kind, fields=tuple(fields))

    def offered_values(self, kind: str, field: str, given: Mapping[str, Any]) -> Sequence[str]:
        """See the contract; the form knows controlling fields, and no record types."""
        with self._lock:
            spec = self._mapping().get(kind)
            if spec is None or field not in spec.fields:
                raise NotSupported("offered_values", f"the portal has no field {field} on {kind}")
            return offered(spec, field, given if self._policy.narrows_offers else {}, None)

    def add_field(self, kind: str, field: FieldInfo) -> StepLog:
        """One more mapping row; only edits made later carry values."""
        with self._lock:
            core, spec = self._connected("add_field"), self._mapping().get(kind)
            if spec is None:
                return StepLog(done=False, message=f"the portal has no {kind}")
            found = from_describe(core.crm.describe(kind)).fields.get(field.name)
            if found is None:
                return StepLog(done=False, message=f"the CRM shows us no field {field.name} on {kind}")
            if found.type not in self.custom_types:
                return StepLog(done=False, message=f"the portal has no field of type {found.type}")
            spec.fields[field.name] = replace(found, later=True)
        return StepLog(done=True, steps=(self.new_field,))

    # -- what a style says and does -----------------------------------------------------------------------------

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

    def _specs_at_setup(self) -> dict[str, TypeSpec]:
        """See HasMappingRows."""
        return self._mapping()

    def _mapping(self) -> dict[str, TypeSpec]:
        """The mapping rows, read off the org once: standard fields and custom fields of a type that fits."""
        if not self._mapped:
            crm = self._connected("setup").crm
            self._mapped = {
                kind: self._mapped_type(from_describe(crm.describe(kind))) for kind in self.standard
            }
        return self._mapped

    def _mapped_type(self, found: TypeSpec) -> TypeSpec:
        standard = [found.fields[name] for name in self.standard[found.kind] if name in found.fields]
        custom = [
            f
            for f in found.fields.values()
            if f.custom and f.type in self.custom_types and f.name not in LEFT_OUT
        ]
        fields = {field.name: field for field in [*standard, *custom] if self._policy.carries(field)}
        return TypeSpec(found.kind, fields, system=found.system)
