"""Who the product is: the part that every file which declares an adapter starts with."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from prm_harness.adapter.contract import CONTRACT_VERSION
from prm_harness.adapter.operations import OPERATIONS
from prm_harness.adapter.records import AdapterInfo, Capability, Declaration, Level, Prerequisites, Step
from prm_harness.adapter.records.declaring import Style


class Part(BaseModel):
    """A part of such a file; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SetupStep(Step):
    """A setup step as the file declares it: a person does it, unless a request is given beside it."""

    automatable: bool = Field(default=False, description="follows from whether there is a request")


class Declares(Part):
    """How far a capability goes, where more is to be said than that its operations are there."""

    level: Level
    note: str = ""


class Identity(Part):
    """The head of the file. What stands here the buyer reads; what cannot be known is left out, not guessed."""

    contract: str = CONTRACT_VERSION
    vendor: str = Field(min_length=1, max_length=120)
    product: str = Field(min_length=1, max_length=120)
    version: str = Field(min_length=1, max_length=60)
    style: Style = "unknown"
    unverified: bool = Field(
        default=False, description="true until the file was run against a live tenant of the product"
    )
    sample: bool = Field(default=False, description="a demo product")
    sources: tuple[str, ...] = Field(
        default=(), description="addresses of the documentation the file follows"
    )
    deal_target: str = "Opportunity"
    partner_field: str = "Partner_Account__c"
    fund_target: str = ""
    cycle_seconds: float = Field(gt=0)
    declared_setup_minutes: float | None = Field(default=None, ge=0)
    unsupported_notes: tuple[str, ...] = ()
    capabilities: dict[Capability, Declares | Level] = Field(
        default_factory=dict,
        description="levels; what is not named is `partial` where operations are declared, else `not_implemented`",
    )
    prerequisites: Prerequisites = Prerequisites()
    setup: tuple[SetupStep, ...] = Field(default=(), description="from connected to syncing, in order")

    def info(
        self, kinds: Collection[str], operations: Collection[str], operated_by: Literal["software", "person"]
    ) -> AdapterInfo:
        """What the adapter says of itself.

        Args:
            kinds: sObjects that the file describes.
            operations: optional operations that the file makes possible.
            operated_by: who answers.
        """
        return AdapterInfo(
            contract=self.contract,
            vendor=self.vendor,
            product=self.product,
            version=self.version,
            style=self.style,
            capabilities={one: self._declared(one, operations) for one in Capability},
            kinds=tuple(kinds),
            deal_target=self.deal_target,
            partner_field=self.partner_field,
            fund_target=self.fund_target,
            cycle_seconds=self.cycle_seconds,
            declared_setup_minutes=self.declared_setup_minutes,
            unsupported_notes=self.unsupported_notes,
            sample=self.sample,
            unverified=self.unverified,
            operated_by=operated_by,
        )

    def _declared(self, capability: Capability, operations: Collection[str]) -> Declaration:
        given = self.capabilities.get(capability)
        if isinstance(given, Declares):
            return Declaration(level=given.level, note=given.note)
        if given is not None:
            return Declaration(level=given)
        of_it = [name for name, owner in OPERATIONS.items() if owner is capability]
        reached = [name for name in of_it if name in operations]
        if not reached:
            return Declaration(level=Level.NOT_IMPLEMENTED)
        if len(reached) == len(of_it):
            return Declaration(level=Level.FULL)
        return Declaration(level=Level.PARTIAL, note=f"this adapter reaches {', '.join(reached)}")
