"""What belongs to an object: fields, record types and validation rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.schema import Field, FieldType, RecordType, SObjectType, ValidationRule
from prm_harness.crm.salesforce.metadata.components import Kind, Meta, missing
from prm_harness.crm.salesforce.metadata.fields import field_of, flag, many, metadata_of


class CustomField(Kind):
    """A custom field; a new one is closed to everyone until it is granted (contract §11)."""

    name, prefix, words = "CustomField", "00N", "custom field"

    def names(self) -> Iterator[str]:
        """See Kind.names."""
        for obj in self._objects():
            yield from (f"{obj.name}.{f.name}" for f in obj.fields.values() if f.name.endswith("__c"))

    def _find(self, full_name: str) -> tuple[SObjectType, Field]:
        try:
            obj, part = self._split(full_name)
        except SaveError:
            raise missing(self.words) from None
        field = obj.field(part)
        if field is None or not field.name.endswith("__c"):
            raise missing(self.words)
        return obj, field

    def read(self, full_name: str) -> dict[str, Any] | None:
        """See Kind.read."""
        try:
            return metadata_of(self._find(full_name)[1])
        except SaveError:
            return None

    def create(self, full_name: str, meta: Meta) -> None:
        """See Kind.create."""
        obj, part = self._split(full_name)
        new = field_of(part, meta, self.org.schema.whole or self.org.schema)
        self.org.add_field(obj.name, new)
        made = obj.fields[new.name]
        self.org.access.govern(obj.name, made)

    def change(self, full_name: str, meta: Meta) -> None:
        """See Kind.change."""
        obj, old = self._find(full_name)
        new = field_of(old.name, {**metadata_of(old), **meta}, self.org.schema.whole or self.org.schema)
        kept = {
            "createable",
            "updateable",
            "defaulted_on_create",
            "id_lookup",
            "relationship_name",
            "label",
            "length",
        }
        changes = {
            f.name: getattr(new, f.name)
            for f in fields(Field)
            if getattr(new, f.name) != getattr(old, f.name) and (f.name not in kept or getattr(new, f.name))
        }
        for implied in ("createable", "updateable", "nillable" if new.type is FieldType.BOOLEAN else ""):
            changes.pop(implied, None)
        if changes:
            self.org.change_field(obj.name, old.name, **changes)

    def delete(self, full_name: str) -> None:
        """See Kind.delete."""
        obj, field = self._find(full_name)
        self.org.drop_field(obj.name, field.name)

    def rename(self, full_name: str, new_name: str) -> None:
        """See Kind.rename."""
        obj, field = self._find(full_name)
        self.org.rename_field(obj.name, field.name, self._renamed(full_name, new_name))


class ValidationRules(Kind):
    """A validation rule."""

    name, prefix, words = "ValidationRule", "03d", "validation rule"

    def names(self) -> Iterator[str]:
        """See Kind.names."""
        for obj in self._objects():
            yield from (f"{obj.name}.{rule}" for rule in obj.validation_rules)

    def _rule(self, full_name: str) -> tuple[SObjectType, ValidationRule | None]:
        obj, part = self._split(full_name)
        return obj, next((r for r in obj.validation_rules.values() if r.name.lower() == part.lower()), None)

    def read(self, full_name: str) -> dict[str, Any] | None:
        """See Kind.read."""
        try:
            rule = self._rule(full_name)[1]
        except SaveError:
            return None
        if rule is None:
            return None
        found = {
            "active": rule.active,
            "errorConditionFormula": rule.formula,
            "errorDisplayField": rule.display_field or None,
            "errorMessage": rule.message,
        }
        return {name: value for name, value in found.items() if value is not None}

    def create(self, full_name: str, meta: Meta) -> None:
        """See Kind.create."""
        obj, rule = self._rule(full_name)
        if rule is not None:
            raise SaveError.of(
                "DUPLICATE_DEVELOPER_NAME", f"The name {rule.name} is already used by a validation rule"
            )
        self._put(obj, full_name.partition(".")[2], meta)

    def change(self, full_name: str, meta: Meta) -> None:
        """See Kind.change."""
        obj, rule = self._rule(full_name)
        if rule is None:
            raise missing(self.words)
        self._put(obj, rule.name, {**(self.read(full_name) or {}), **meta})

    def _put(self, obj: SObjectType, name: str, meta: Meta) -> None:
        for part in ("errorConditionFormula", "errorMessage"):
            if not meta.get(part):
                raise SaveError.of("REQUIRED_FIELD_MISSING", f"Required field is missing: {part}", part)
        formula, message = str(meta["errorConditionFormula"]), str(meta["errorMessage"])
        shown = str(meta.get("errorDisplayField") or "")
        self.org.add_validation_rule(
            obj.name, ValidationRule(name, formula, message, shown, flag(meta, "active"))
        )

    def delete(self, full_name: str) -> None:
        """See Kind.delete."""
        obj, rule = self._rule(full_name)
        if rule is None:
            raise missing(self.words)
        self.org.drop_validation_rule(obj.name, rule.name)

    def rename(self, full_name: str, new_name: str) -> None:
        """See Kind.rename."""
        obj, rule = self._rule(full_name)
        if rule is None:
            raise missing(self.words)
        part = self._renamed(full_name, new_name)
        self.org.drop_validation_rule(obj.name, rule.name)
        self.org.add_validation_rule(obj.name, replace(rule, name=part))


class RecordTypes(Kind):
    """A record type."""

    name, prefix, words = "RecordType", "012", "record type"

    def names(self) -> Iterator[str]:
        """See Kind.names."""
        for obj in self._objects():
            yield from (f"{obj.name}.{r.developer_name}" for r in obj.record_types.values())

    def _type(self, full_name: str) -> tuple[SObjectType, RecordType | None]:
        obj, part = self._split(full_name)
        return obj, next(
            (r for r in obj.record_types.values() if r.developer_name.lower() == part.lower()), None
        )

    def id_of(self, full_name: str) -> str:
        """See Kind.id_of."""
        found = self._type(full_name)[1]
        return found.id if found is not None else super().id_of(full_name)

    def read(self, full_name: str) -> dict[str, Any] | None:
        """See Kind.read."""
        try:
            found = self._type(full_name)[1]
        except SaveError:
            return None
        if found is None:
            return None
        narrowed = [
            {"picklist": name, "values": [{"fullName": v, "default": False} for v in values]}
            for name, values in found.picklists.items()
        ]
        return {
            "active": found.active,
            "label": found.name,
            **({"picklistValues": narrowed} if narrowed else {}),
        }

    def create(self, full_name: str, meta: Meta) -> None:
        """See Kind.create."""
        obj, found = self._type(full_name)
        if found is not None:
            raise SaveError.of(
                "DUPLICATE_DEVELOPER_NAME",
                f"The name {found.developer_name} is already used by a record type",
            )
        if not meta.get("label"):
            raise SaveError.of("REQUIRED_FIELD_MISSING", "Required field is missing: label", "label")
        name = full_name.partition(".")[2]
        new = RecordType(
            "", name, str(meta["label"]), flag(meta, "active", default=True), picklists=_narrowed(meta)
        )
        self.org.add_record_type(obj.name, new)

    def change(self, full_name: str, meta: Meta) -> None:
        """See Kind.change."""
        obj, found = self._type(full_name)
        if found is None:
            raise missing(self.words)
        new = replace(
            found,
            name=str(meta.get("label") or found.name),
            active=flag(meta, "active", default=found.active),
            picklists={**found.picklists, **_narrowed(meta)},
        )
        self.org.change_record_type(obj.name, new)

    def delete(self, full_name: str) -> None:
        """See Kind.delete."""
        if self._type(full_name)[1] is None:
            raise missing(self.words)
        raise SaveError.of("INSUFFICIENT_ACCESS_OR_READONLY", "Cannot delete record type through API")

    def rename(self, full_name: str, new_name: str) -> None:
        """See Kind.rename."""
        obj, found = self._type(full_name)
        if found is None:
            raise missing(self.words)
        part = self._renamed(full_name, new_name)
        self.org.change_record_type(obj.name, replace(found, developer_name=part))

    def take_back(self, full_name: str) -> None:
        """See Kind.take_back."""
        obj, found = self._type(full_name)
        if found is not None:
            self.org.drop_record_type(obj.name, found.developer_name)


def _narrowed(meta: Meta) -> dict[str, tuple[str, ...]]:
    return {
        str(entry.get("picklist")): tuple(
            str(v.get("fullName") or v.get("valueName"))
            for v in many(entry.get("values"))
            if isinstance(v, Mapping)
        )
        for entry in many(meta.get("picklistValues"))
        if isinstance(entry, Mapping)
    }
