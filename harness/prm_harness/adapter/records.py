"""What crosses the line between the harness and a PRM: plain records, values untouched.

Values are keyed by the CRM's field API names (``Name``, ``Region__c``), because the checklist speaks of the CRM's
fields; an adapter translates *names* to its product's own. It never translates *values*: a date handed over a day
late must arrive here a day late. The harness canonicalises (audit/canonical.py).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """A frozen record of the contract; unknown keys are errors, so that typing mistakes are seen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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


class AdapterInfo(Model):
    """Who is being audited, and what it says about itself."""

    contract: str = Field(description="version of this contract, 'major.minor'")
    vendor: str = Field(min_length=1, max_length=120)
    product: str = Field(min_length=1, max_length=120)
    version: str = Field(min_length=1, max_length=60)
    style: Literal[
        "mirror", "native_mapping", "ipaas", "batch_etl", "passthrough", "in_platform", "unknown"
    ] = "unknown"
    capabilities: dict[Capability, Declaration] = Field(default_factory=dict)
    kinds: tuple[str, ...] = Field(description="sObject API names that the portal shows or keeps")
    deal_target: str = Field(default="Opportunity", description="the sObject a registered deal becomes")
    partner_field: str = Field(
        default="Partner_Account__c",
        description="field of the deal's sObject that names the partner's Account",
    )
    cycle_seconds: float = Field(gt=0, description="declared time between two syncs of the same object")
    declared_setup_minutes: float | None = Field(default=None, ge=0)
    unsupported_notes: tuple[str, ...] = ()
    sample: bool = Field(
        default=False, description="a reference or demo product: reports say so on every page"
    )

    def offers(self, capability: Capability) -> bool:
        """Whether the capability is declared, in full or in part."""
        declared = self.capabilities.get(capability)
        return declared is not None and declared.level in {Level.FULL, Level.PARTIAL}


class CrmField(Model):
    """A custom field that the PRM needs in the CRM."""

    sobject: str
    name: str
    type: str
    length: int | None = None
    external_id: bool = False
    values: tuple[str, ...] = ()
    label: str = ""


class Prerequisites(Model):
    """What the PRM needs inside the CRM before it can be connected: its footprint, installed by the harness."""

    fields: tuple[CrmField, ...] = ()
    packages: tuple[str, ...] = ()
    permissions: tuple[str, ...] = Field(
        default=(), description="user permissions asked for, e.g. 'ModifyAllData'"
    )
    objects: tuple[str, ...] = Field(default=(), description="sObjects that the integration user must reach")


class CrmConnection(Model):
    """All that a PRM is told about the CRM: an address and credentials."""

    login_url: str = Field(description="scheme and host for OAuth and SOAP login, no trailing slash")
    username: str
    password: str = Field(repr=False)
    security_token: str = Field(repr=False)
    client_id: str
    client_secret: str = Field(repr=False)
    api_version: str = "60.0"
    run_id: str = Field(description="marks everything that this run creates, for cleanup()")


class Ref(Model):
    """How a record is named: by the PRM's id, the CRM's id, or exact value of its ``Name``."""

    by: Literal["prm_id", "crm_id", "name"]
    value: str


class Record(Model):
    """A record as the portal holds it now."""

    kind: str
    prm_id: str
    crm_id: str | None = None
    fields: dict[str, Any] = Field(
        description="raw values by CRM field API name; absent = the portal has no such field"
    )
    raw: dict[str, Any] = Field(default_factory=dict, description="the portal's own payload, untouched")


class Outcome(Model):
    """What the portal said when something was submitted or changed.

    ``accepted`` it took it · ``rejected`` it refused, with messages · ``held`` it waits for somebody · ``unknown`` it
    did not say. Being refused is a fine answer; being lost is not.
    """

    state: Literal["accepted", "rejected", "held", "unknown"]
    prm_id: str | None = None
    messages: tuple[str, ...] = ()
    raw: dict[str, Any] = Field(default_factory=dict)


class FieldInfo(Model):
    """A field as the portal's admin sees it."""

    name: str = Field(description="CRM field API name it stands for")
    type: str = Field(description="the portal's own word for its type")
    writable: bool = True
    values: tuple[str, ...] = ()


class TypeInfo(Model):
    """An object as the portal's admin sees it."""

    kind: str
    fields: tuple[FieldInfo, ...] = ()
    record_types: tuple[str, ...] = Field(default=(), description="DeveloperNames")


class Step(Model):
    """One step of setting the integration up, or of changing it later."""

    id: str
    title: str
    actor: Literal["automatic", "admin", "vendor"]
    hands_on_minutes: float = Field(default=0, ge=0, description="somebody's time; 0 for an automatic step")
    waiting_minutes: float = Field(
        default=0, ge=0, description="calendar time nobody works, e.g. a ticket's turn"
    )
    instructions: str = ""


class StepLog(Model):
    """What an admin change took: the steps gone through. ``done`` false means it could not be done."""

    done: bool
    steps: tuple[Step, ...] = ()
    message: str = ""


class ErrorEntry(Model):
    """A failed sync, as a portal admin can find it."""

    id: str
    at: datetime
    kind: str | None = None
    prm_id: str | None = None
    crm_id: str | None = None
    name: str | None = Field(default=None, description="the record's name where the entry shows it")
    field: str | None = None
    code: str | None = Field(default=None, description="the CRM's error code, if shown")
    message: str = ""
    direction: Literal["to_crm", "to_prm"] | None = None
    retriable: bool = False


class Notification(Model):
    """A message that the PRM sent on its own accord (mail, webhook, in-app alert)."""

    at: datetime
    channel: str
    subject: str
    body: str = ""


class SyncStatus(Model):
    """Health of the connection as shown to an admin."""

    state: Literal["active", "paused", "error", "disconnected", "reauth_required", "unknown"]
    last_ok: datetime | None = None
    last_error: str = ""
    backlog: int | None = None


class Schedule(Model):
    """The sync interval, and whether the buyer's admin may change it."""

    cycle_seconds: float = Field(gt=0)
    settable: bool


class Filter(Model):
    """A sync filter: only records of ``kind`` for which ``field op value`` holds may cross."""

    kind: str
    field: str
    op: Literal["eq", "ne", "in", "gt", "lt"]
    value: Any


class Rule(Model):
    """A piece of portal logic (segment) on a field: its members are the records that match."""

    kind: str
    field: str
    op: Literal["eq", "ne", "in", "gt", "lt"]
    value: Any


class SyncEntry(Model):
    """One line of the sync history."""

    at: datetime
    kind: str
    prm_id: str | None = None
    crm_id: str | None = None
    direction: Literal["to_crm", "to_prm"]
    field: str | None = None
    old: Any = None
    new: Any = None
    actor: str = ""
