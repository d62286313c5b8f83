"""Who a PRM is and what it declares of itself."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypeAlias

from pydantic import Field

from .base import Model


class Capability(StrEnum):
    """Everything a PRM may offer beyond the core."""

    WRITE = "write"
    FILES = "files"
    PARTNER_VIEW = "partner_view"
    SYNC_CONTROL = "sync_control"
    SCHEDULE = "schedule"
    SCHEMA = "schema"
    MAPPING = "mapping"
    FILTERS = "filters"
    HISTORY = "history"
    ERRORS = "errors"
    NOTIFY = "notify"
    AUDIT = "audit"
    ROLLBACK = "rollback"
    HEALTH = "health"
    LOGIC = "logic"
    USAGE = "usage"
    SETUP = "setup"
    CONFIG = "config"
    FLOWS = "flows"
    SEED = "seed"
    VIRTUAL_TIME = "virtual_time"


class Level(StrEnum):
    """How far a capability goes.

    ``full`` and ``partial`` are tried; ``unsupported`` means the product does not have it (and is probed for a clean
    refusal); ``not_implemented`` means the adapter does not reach it, so nothing can be said about the product.
    """

    FULL = "full"
    PARTIAL = "partial"
    NOT_IMPLEMENTED = "not_implemented"
    UNSUPPORTED = "unsupported"


class Declaration(Model):
    """One capability as declared; ``note`` is mandatory in spirit for ``partial`` and shown to the buyer."""

    level: Level
    note: str = ""


Style: TypeAlias = Literal[
    "mirror", "native_mapping", "ipaas", "batch_etl", "passthrough", "in_platform", "unknown"
]
"""How a product is integrated, as it says itself."""


class AdapterInfo(Model):
    """Who is being audited, and what it says about itself."""

    contract: str = Field(description="version of this contract, 'major.minor'")
    vendor: str = Field(min_length=1, max_length=120)
    product: str = Field(min_length=1, max_length=120)
    version: str = Field(min_length=1, max_length=60)
    style: Style = "unknown"
    capabilities: dict[Capability, Declaration] = Field(default_factory=dict)
    kinds: tuple[str, ...] = Field(description="sObject API names that the portal shows or keeps")
    deal_target: str = Field(default="Opportunity", description="the sObject a registered deal becomes")
    partner_field: str = Field(
        default="Partner_Account__c",
        description="field of the deal's sObject that names the partner's Account",
    )
    fund_target: str = Field(
        default="", description="the sObject a request for market development funds becomes; empty: none"
    )
    cycle_seconds: float = Field(gt=0, description="declared time between two syncs of the same object")
    declared_setup_minutes: float | None = Field(default=None, ge=0)
    unsupported_notes: tuple[str, ...] = ()
    sample: bool = Field(
        default=False, description="a reference or demo product: reports say so on every page"
    )
    unverified: bool = Field(
        default=False,
        description="never run against a live tenant of the product, only against a double: reports say so",
    )
    operated_by: Literal["software", "person"] = Field(
        default="software",
        description="person: what the portal shows is what somebody typed in or imported (evidence of grade C)",
    )

    def offers(self, capability: Capability) -> bool:
        """Whether the capability is declared, in full or in part."""
        declared = self.capabilities.get(capability)
        return declared is not None and declared.level in {Level.FULL, Level.PARTIAL}
