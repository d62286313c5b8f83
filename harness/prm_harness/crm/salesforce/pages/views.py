"""The list views that every object has from the start: all its records, and the caller's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from prm_harness.crm.org.schema import Field, FieldType, SObjectType
from prm_harness.crm.salesforce.metadata.components import component_id

_SHOWN: Final = (
    *("Name", "CaseNumber", "Subject", "Title", "Company", "Email", "Phone", "Status", "StageName", "Amount"),
    *("CloseDate", "Type", "Industry", "BillingState"),
)
"""What views show of an object, as far as it has them."""
_HIDDEN: Final = ("Id", "CreatedDate", "LastModifiedDate", "SystemModstamp")
_MOST: Final = 6


@dataclass(frozen=True, slots=True)
class View:
    """One view; ``scope`` is SOQL's word for whose records it shows."""

    id: str
    name: str
    label: str
    scope: str
    shown: tuple[Field, ...]
    hidden: tuple[Field, ...]

    @property
    def columns(self) -> tuple[Field, ...]:
        """Shown columns first."""
        return self.shown + self.hidden

    @property
    def sorted_by(self) -> Field:
        """The column that rows are sorted by."""
        return self.shown[0]

    def soql(self, sobject: str) -> str:
        """The statement behind it."""
        names = ", ".join(field.name for field in self.columns)
        scope = " USING SCOPE mine" if self.scope == "mine" else ""
        order = f"{self.sorted_by.name} ASC NULLS FIRST, Id ASC NULLS FIRST"
        return f"SELECT {names} FROM {sobject}{scope} ORDER BY {order}"


def views_of(obj: SObjectType) -> Iterator[View]:
    """An object's views; none of an object without a page or without anything to sort by."""
    fields = [f for name in _SHOWN if (f := obj.fields.get(name)) is not None]
    if obj.name_field is not None:
        fields.insert(0, obj.name_field)
    shown = tuple(dict.fromkeys(f for f in fields if f.type is not FieldType.TEXTAREA))[:_MOST]
    if not obj.layoutable or not obj.queryable or not shown:
        return
    hidden = tuple(f for name in _HIDDEN if (f := obj.fields.get(name)) is not None and f not in shown)
    plural = re.sub(r"\W", "", obj.label_plural)
    for scope, word in (("everything", "All"), ("mine", "My")):
        if scope == "mine" and "OwnerId" not in obj.fields:
            continue
        name = f"{word}{plural}" if not obj.custom or word == "My" else "All"
        label = f"{word} {obj.label_plural}" if name != "All" else "All"
        yield View(component_id("00B", f"{obj.name}.{name}"), name, label, scope, shown, hidden)
