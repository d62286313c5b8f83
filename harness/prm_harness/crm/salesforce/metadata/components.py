"""The kinds of component that the sandbox knows, each as: names, read, create, change, delete."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from prm_harness.crm.org.errors import SandboxGapError, SaveError
from prm_harness.crm.org.ids import to18
from prm_harness.crm.org.schema import Field, FieldType, RecordType, SObjectType, ValidationRule
from prm_harness.crm.salesforce.metadata.fields import field_of, flag, many, metadata_of, refuse

if TYPE_CHECKING:
    from prm_harness.crm.org.org import Org

Meta = Mapping[str, Any]
_READ_OVER: Final = frozenset(
    {"businessProcesses", "compactLayouts", "fieldSets", "indexes", "listViews", "sharingReasons", "webLinks",
     "summaryFilterItems", "lookupFilter", "encryptionScheme", "businessProcess"}
)  # fmt: skip
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def missing(what: str) -> SaveError:
    """The refusal of a component that is not there (recording soap_metadata-006)."""
    return SaveError.of("INVALID_CROSS_REFERENCE_KEY", f"This {what} does not exist or is not accessible")


def component_id(prefix: str, full_name: str) -> str:
    """The id of a component that is no row: made from its name, so that it is the same wherever it is asked for."""
    number = int.from_bytes(hashlib.sha256(full_name.encode()).digest()[:8], "big")
    digits = ""
    for _ in range(9):
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return to18(f"{prefix}000{digits}")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of component. Full names are ``Object.Name`` for parts of an object."""

    org: Org
    user: str
    name: ClassVar[str] = ""
    prefix: ClassVar[str] = ""
    words: ClassVar[str] = ""

    def names(self) -> Iterator[str]:
        """Full names of all components of the kind."""
        raise NotImplementedError

    def read(self, full_name: str) -> dict[str, Any] | None:
        """A component's metadata, or None."""
        raise NotImplementedError

    def create(self, full_name: str, meta: Meta) -> None:
        """Make it; SaveError when it is refused."""
        raise NotImplementedError

    def change(self, full_name: str, meta: Meta) -> None:
        """Make it as described; SaveError when it is refused or not there."""
        raise NotImplementedError

    def delete(self, full_name: str) -> None:
        """Remove it; SaveError when it is refused or not there."""
        raise NotImplementedError

    def rename(self, full_name: str, new_name: str) -> None:  # noqa: ARG002 - what some kinds can
        """Give it another full name, of the same object; what uses it follows."""
        raise SandboxGapError(f"renaming a {self.words}")

    def take_back(self, full_name: str) -> None:
        """Undo its creation."""
        self.delete(full_name)

    def beyond(self, meta: Meta) -> list[str]:
        """Parts of its metadata that the sandbox reads over; whoever deploys them is told."""
        return sorted(set(meta) & _READ_OVER)

    def id_of(self, full_name: str) -> str:
        """Its id."""
        return component_id(self.prefix, full_name)

    def canonical(self, full_name: str) -> str | None:
        """The full name as the org spells it, or None when there is no such component."""
        low = full_name.lower()
        return next((name for name in self.names() if name.lower() == low), None)

    def _split(self, full_name: str) -> tuple[SObjectType, str]:
        sobject, _, part = full_name.partition(".")
        # The whole schema: administrators see what field-level security hides.
        found = (self.org.schema.whole or self.org.schema).get(sobject)
        if found is None or not part:
            raise SaveError.of(
                "INVALID_CROSS_REFERENCE_KEY",
                f"Entity of type '{self.name}' named '{full_name}' cannot be found",
            )
        return found, part

    def _renamed(self, full_name: str, new_name: str) -> str:
        """The last part of a new name, which stays with the object and is free."""
        (sobject, _, _), (target, _, part) = full_name.partition("."), new_name.partition(".")
        if sobject.lower() != target.lower() or not part:
            raise SaveError.of("INVALID_FULL_NAME", f"{full_name} cannot be renamed to {new_name}")
        own = self.canonical(new_name)
        if own is not None and own.lower() != full_name.lower():
            raise SaveError.of(
                "DUPLICATE_DEVELOPER_NAME", f"The name {part} is already used by a {self.words}"
            )
        return part

    def _objects(self) -> Iterator[SObjectType]:
        yield from (self.org.schema.whole or self.org.schema).objects.values()


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
            str(v.get("fullName") or v.get("valueName")) for v in many(entry.get("values"))
        )
        for entry in many(meta.get("picklistValues"))
    }


class CustomObjects(Kind):
    """An object with what belongs to it. Standard ones are read and extended, never made."""

    name, prefix, words = "CustomObject", "01I", "object"

    def names(self) -> Iterator[str]:
        """See Kind.names."""
        for obj in self._objects():
            if obj.custom or obj.layoutable:
                yield obj.name

    def read(self, full_name: str) -> dict[str, Any] | None:
        """See Kind.read."""
        obj = (self.org.schema.whole or self.org.schema).get(full_name)
        if obj is None:
            return None
        own = {
            part: [
                {"fullName": short, **(kind.read(f"{obj.name}.{short}") or {})}
                for short in (n.partition(".")[2] for n in kind.names() if n.startswith(f"{obj.name}."))
            ]
            for part, kind in self._parts()
        }
        head: dict[str, Any] = {"label": obj.label, "pluralLabel": obj.label_plural}
        if obj.custom:
            name = obj.name_field
            head |= {
                "deploymentStatus": "Deployed",
                "nameField": {
                    "label": name.label if name else "Name",
                    "type": "AutoNumber" if name and name.auto_number else "Text",
                },
                "sharingModel": "ReadWrite",
            }
        return {**head, **{part: found for part, found in own.items() if found}}

    def _parts(self) -> tuple[tuple[str, Kind], ...]:
        return (
            ("fields", CustomField(self.org, self.user)),
            ("recordTypes", RecordTypes(self.org, self.user)),
            ("validationRules", ValidationRules(self.org, self.user)),
        )

    def create(self, full_name: str, meta: Meta) -> None:
        """See Kind.create."""
        if not full_name.endswith("__c"):
            raise refuse("The name of a custom object has to end in __c")
        for part in ("label", "pluralLabel"):
            if not meta.get(part):
                raise SaveError.of(
                    "REQUIRED_FIELD_MISSING", "Must specify a non-empty label for the CustomObject", part
                )
        name = meta.get("nameField")
        named: dict[str, Field] = {}
        if isinstance(name, Mapping) and name.get("type") == "AutoNumber":
            number = Field(
                "Name", FieldType.STRING, label=str(name.get("label") or "Name"), length=80, name_field=True,
                nillable=False, id_lookup=True, auto_number=str(name.get("displayFormat") or "{0}"),
            )  # fmt: skip
            named = {"Name": number}
        self.org.add_object(
            SObjectType(full_name, str(meta["label"]), str(meta["pluralLabel"]), None, fields=named)
        )
        self.extend(full_name, meta)

    def extend(self, full_name: str, meta: Meta) -> None:
        """Make or change the parts of an object that its metadata brings along."""
        for part, kind in self._parts():
            for own in many(meta.get(part)):
                put(kind, f"{full_name}.{own.get('fullName') or ''}", own)

    def change(self, full_name: str, meta: Meta) -> None:
        """See Kind.change."""
        obj = (self.org.schema.whole or self.org.schema).get(full_name)
        if obj is None:
            raise missing(self.words)
        self.extend(obj.name, meta)

    def delete(self, full_name: str) -> None:
        """See Kind.delete."""
        if (self.org.schema.whole or self.org.schema).get(full_name) is None:
            raise missing(self.words)
        self.org.drop_object(full_name)


def put(kind: Kind, full_name: str, meta: Meta) -> bool:
    """Create or change; whether it was created."""
    if kind.canonical(full_name) is None:
        kind.create(full_name, meta)
        return True
    kind.change(full_name, meta)
    return False
