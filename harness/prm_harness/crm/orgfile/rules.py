"""The rules of an object in an org file: validation, duplicates, automation."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from prm_harness.crm.org.declared import DUPLICATE_MESSAGE, OnDuplicate, Timing
from prm_harness.crm.org.schema import LookupFilter, Summary
from prm_harness.crm.orgfile.entry import Entry


class ValidationRuleEntry(Entry):
    """One validation rule, keyed by its name."""

    formula: str = Field(description="true means: refuse the record")
    message: str = Field(description="what the refusal says")
    display_field: str = Field(
        default="", description="field that the message belongs to; default: the record"
    )
    active: bool = Field(default=True, description="whether it is switched on")


class DuplicateRuleEntry(Entry):
    """One duplicate rule, keyed by its name: records that agree in all ``fields`` are duplicates."""

    fields: tuple[str, ...] = Field(description="fields that have to agree; empty ones agree with nothing")
    on_create: OnDuplicate = Field(default=OnDuplicate.BLOCK, description="what a new record meets")
    on_update: OnDuplicate = Field(default=OnDuplicate.BLOCK, description="what a changed record meets")
    message: str = Field(default=DUPLICATE_MESSAGE, description="what the refusal says")
    against: str = Field(default="", description="object whose records are looked at; default: its own")
    against_fields: tuple[str, ...] = Field(
        default=(), description="their fields, where they are called otherwise"
    )
    fuzzy: bool = Field(default=False, description="compare without case, punctuation and legal forms")
    matching_rule: str = Field(default="", description="what the matching rule is called")
    condition: str = Field(default="", description="formula: the rule holds for records of which it is true")
    active: bool = Field(default=True, description="whether it is switched on")


class RollUpEntry(Entry):
    """A roll-up summary: over records of ``child`` whose master-detail field ``via`` leads to the record."""

    child: str = Field(description="object whose records are summed up")
    via: str = Field(description="its master-detail field")
    operation: Summary = Field(default=Summary.COUNT, description="count, sum, min or max")
    field: str = Field(default="", description="field that is summed up; a count counts those with a value")
    where: str = Field(default="", description="formula: only records of which it is true")


class LookupFilterEntry(Entry):
    """Which records a lookup may lead to."""

    formula: str = Field(
        description="over the record that it leads to; `$Source.X` is a field of the one it is in"
    )
    message: str = Field(default=LookupFilter("").message, description="what the refusal says")
    optional: bool = Field(default=False, description="only narrows what pages offer")


class NewRecordEntry(Entry):
    """A record that automation creates."""

    sobject: str = Field(description="its object")
    values: dict[str, str] = Field(description="field to a formula over the record that set it off")


class FlowEntry(Entry):
    """Automation that a save of a record sets off, keyed by its name."""

    timing: Timing = Field(default=Timing.AFTER_SAVE, description="when it runs in a save")
    label: str = Field(default="", description="what refusals call it; default: from the name")
    on_create: bool = Field(default=True, description="whether new records set it off")
    on_update: bool = Field(default=True, description="whether changed records do")
    condition: str = Field(
        default="", description="formula, with ISCHANGED, PRIORVALUE and ISNEW; default: always"
    )
    only_when_it_becomes_true: bool = Field(
        default=False, description="on update, not for records that met the condition before"
    )
    updates: dict[str, str] = Field(
        default_factory=dict,
        description="field to a formula for its new value; `Account.Rating` reaches a parent's",
    )
    creates: tuple[NewRecordEntry, ...] = Field(default=(), description="records to create, after the save")
    fails: str = Field(default="", description="what goes wrong in it: the save is refused with this text")
    takes: float = Field(
        default=0.0, ge=0, description="seconds that it runs: so long the save holds the rows that it locks"
    )
    active: bool = Field(default=True, description="whether it runs at all")


class SharingRuleEntry(Entry):
    """A sharing rule, keyed by its name: it opens records that somebody owns, or that meet a formula, to a group."""

    shared_with: str = Field(
        description="`role:NAME`, `role_and_subordinates:NAME`, `role_and_internal_subordinates:NAME`, `group:NAME`, "
        "`all_internal_users` or `all_partner_users`"
    )
    level: Literal["read", "edit"] = Field(default="read", description="what it allows")
    owned_by: str = Field(default="", description="whose records are shared: as above, or `queue:NAME`")
    condition: str = Field(default="", description="formula: records of which it is true are shared")
    children: dict[Literal["Opportunity", "Case", "Contact"], Literal["none", "read", "edit"]] = Field(
        default_factory=dict, description="what a rule of Account opens of what hangs on it; default: nothing"
    )
    active: bool = Field(default=True, description="whether it is switched on")
