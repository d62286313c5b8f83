"""Custom objects as components, with the fields, record types and rules that belong to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.schema import Field, FieldType, SObjectType
from prm_harness.crm.salesforce.metadata.components import Kind, Meta, missing, put
from prm_harness.crm.salesforce.metadata.fields import many, refuse
from prm_harness.crm.salesforce.metadata.parts import CustomField, RecordTypes, ValidationRules


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
                if not isinstance(own, Mapping):
                    raise refuse(f"{part}: each has a fullName and more")
                put(kind, f"{full_name}.{own.get('fullName') or ''}", own)

    def change(self, full_name: str, meta: Meta) -> None:
        """See Kind.change."""
        obj = (self.org.schema.whole or self.org.schema).get(full_name)
        if obj is None:
            raise missing(self.words)
        if obj.custom and (meta.get("label") or meta.get("pluralLabel")):
            label, plural = (meta.get("label") or obj.label), (meta.get("pluralLabel") or obj.label_plural)
            self.org.relabel_object(obj.name, str(label), str(plural))
        self.extend(obj.name, meta)

    def delete(self, full_name: str) -> None:
        """See Kind.delete."""
        if (self.org.schema.whole or self.org.schema).get(full_name) is None:
            raise missing(self.words)
        self.org.drop_object(full_name)
