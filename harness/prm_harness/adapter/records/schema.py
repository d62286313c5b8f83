"""Objects and fields as the portal's admin sees them, and how they are mapped to the CRM's."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .base import Model


class FieldInfo(Model):
    """A field as the portal's admin sees it."""

    name: str = Field(description="CRM field API name it stands for")
    type: str = Field(description="the portal's own word for its type")
    writable: bool = True
    values: tuple[str, ...] = Field(
        default=(), description="choices of a picklist, whatever the record type; see offered_values"
    )


class TypeInfo(Model):
    """An object as the portal's admin sees it."""

    kind: str
    fields: tuple[FieldInfo, ...] = ()
    record_types: tuple[str, ...] = Field(default=(), description="DeveloperNames")


Direction = Literal["both", "to_crm", "to_prm", "none"]
"""Which way a value crosses; from the mapping's point of view, not the admin's."""


class MappingRow(Model):
    """One row of the field mapping. Create and update have directions of their own, as mapping screens do.

    A field that the CRM owns is ``to_prm`` for both. A field that the portal fills once and never touches again is
    ``to_crm`` on create and ``to_prm`` or ``none`` on update.
    """

    field: str = Field(description="CRM field API name")
    prm_field: str = Field(default="", description="the portal's own name of it, where it has one")
    on_create: Direction = "both"
    on_update: Direction = "both"
    values: dict[str, str] = Field(
        default_factory=dict,
        description="value map: CRM value → portal value; values not named cross as they are",
    )
    when_empty: Literal["clear", "keep"] = Field(
        default="clear",
        description="an emptied value on one side: clear it on the other, or keep what is there",
    )
    fixed: Any = Field(default=None, description="a constant that is sent instead of the portal's value")


class SourceOfTruth(Model):
    """Whose value stands when both sides changed the same field."""

    winner: Literal["crm", "prm", "newest", "per_field", "unknown"]
    settable: bool = Field(description="whether the buyer's admin may change it after the first setup")
