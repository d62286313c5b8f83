"""What an org admin does to the schema while everything is running."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

from prm_harness.crm.backend import CrmRefusal
from prm_harness.crm.org.errors import OrgError, SandboxGapError
from prm_harness.crm.org.schema import Field, FieldType, PicklistValue, SObjectType, ValidationRule

if TYPE_CHECKING:
    from prm_harness.crm.org.org import Org

_PROPERTIES: Final = frozenset(field.name for field in fields(Field)) - {"name", "picklist"}


class SandboxSchema:
    """Schema changes and descriptions. Every change is visible to the integration user at once.

    Field properties are those of :class:`~prm_harness.crm.org.schema.Field`, and two short forms: ``values`` (texts
    of a picklist) and ``required`` (the opposite of ``nillable``). What is left out, the org fills in by type.
    Whatever the org refuses, or does not know, raises CrmRefusal.
    """

    def __init__(self, org: Org, lock: RLock) -> None:
        self._org = org
        self._lock = lock

    def add_field(self, sobject: str, name: str, type: str, **properties: Any) -> None:  # noqa: A002
        """Create a custom field."""
        with self._asking(f"add field {sobject}.{name}"):
            self._org.add_field(sobject, custom_field(name, type, properties))

    def drop_field(self, sobject: str, name: str) -> None:
        """Delete a custom field."""
        with self._asking(f"drop field {sobject}.{name}"):
            self._org.drop_field(sobject, name)

    def change_field(self, sobject: str, name: str, **properties: Any) -> None:
        """Change properties of a field."""
        with self._asking(f"change field {sobject}.{name}"):
            self._org.change_field(sobject, name, **_field_properties(properties))

    def add_object(self, name: str, label: str, fields: Sequence[Mapping[str, Any]]) -> None:
        """Create a custom object; each of ``fields`` has ``name``, ``type`` and properties as in ``add_field``."""
        with self._asking(f"add object {name}"):
            own = [
                custom_field(
                    given["name"], given["type"], {k: given[k] for k in given if k not in {"name", "type"}}
                )
                for given in fields
            ]
            self._org.add_object(
                SObjectType(
                    name, label, f"{label}s", key_prefix=None, fields={field.name: field for field in own}
                )
            )

    def add_validation_rule(
        self, sobject: str, name: str, formula: str, message: str, display_field: str = ""
    ) -> None:
        """Create and activate a validation rule."""
        with self._asking(f"add validation rule {sobject}.{name}"):
            self._org.add_validation_rule(sobject, ValidationRule(name, formula, message, display_field))

    def drop_validation_rule(self, sobject: str, name: str) -> None:
        """Remove a validation rule."""
        with self._asking(f"drop validation rule {sobject}.{name}"):
            self._org.drop_validation_rule(sobject, name)

    def describe(self, sobject: str) -> Mapping[str, Mapping[str, Any]]:
        """Field API name -> its properties; ``values`` are a picklist's active values in order."""
        with self._lock:
            found = self._org.schema.get(sobject)
            if found is None:
                raise CrmRefusal(f"the org has no object {sobject}")
            return {field.name: _described(field) for field in found.fields.values()}

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except (OrgError, SandboxGapError) as error:
                raise CrmRefusal(f"{what}: {error}") from error


def custom_field(name: str, type_name: str, properties: Mapping[str, Any]) -> Field:
    """A custom field from an admin's words.

    Raises:
        CrmRefusal: the name does not end in ``__c``, or a type or property is unknown.
    """
    if not name.endswith("__c"):
        raise CrmRefusal(f"a custom field's API name ends in __c; {name!r} does not")
    return Field(name, _field_type(type_name), **_field_properties(properties))


def _field_type(name: str) -> FieldType:
    try:
        return FieldType(name.lower())
    except ValueError:
        raise CrmRefusal(f"unknown field type {name!r}; known: {', '.join(sorted(FieldType))}") from None


def _field_properties(properties: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(properties)
    values = given.pop("values", given.pop("picklist", None))
    if "required" in given:
        given["nillable"] = not given.pop("required")
    unknown = sorted(given.keys() - _PROPERTIES)
    if unknown:
        raise CrmRefusal(
            f"unknown field properties: {', '.join(unknown)}; known: {', '.join(sorted(_PROPERTIES))}"
        )
    if "type" in given:
        given["type"] = _field_type(given["type"])
    if "reference_to" in given:
        target = given["reference_to"]
        given["reference_to"] = (target,) if isinstance(target, str) else tuple(target)
    if values is not None:
        given["picklist"] = tuple(
            v if isinstance(v, PicklistValue) else PicklistValue(str(v)) for v in values
        )
    return given


def _described(field: Field) -> dict[str, Any]:
    return {
        "type": field.type.value,
        "label": field.label or field.name,
        "length": field.length,
        "precision": field.precision,
        "scale": field.scale,
        "digits": field.digits,
        "nillable": field.nillable,
        "createable": field.createable and not field.calculated,
        "updateable": field.updateable and not field.calculated,
        "calculated": field.calculated,
        "formula": field.formula,
        "unique": field.unique,
        "external_id": field.external_id,
        "custom": field.custom,
        "default": field.default,
        "restricted": field.restricted,
        "values": [value.value for value in field.picklist if value.active],
        "reference_to": list(field.reference_to),
        "controller": field.controller,
    }
