"""What an org admin does to the schema while everything is running."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import fields
from enum import StrEnum
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, TypeVar

from prm_harness.crm.backend import CrmRefusal
from prm_harness.crm.org.declared import DuplicateRule, Flow, NewRecord, OnDuplicate, Timing
from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.schema import (
    Field,
    FieldType,
    LookupFilter,
    PicklistValue,
    RecordType,
    RollUp,
    SObjectType,
    Summary,
    ValidationRule,
)
from prm_harness.crm.sandbox.asking import asking

if TYPE_CHECKING:
    from prm_harness.crm.org.org import Org

_Word = TypeVar("_Word", bound=StrEnum)
_PROPERTIES: Final = frozenset(field.name for field in fields(Field)) - {"name", "picklist"}


class SandboxSchema:
    """Schema changes and descriptions. Every change is visible to the integration user at once.

    Field properties are those of :class:`~prm_harness.crm.org.schema.Field`, and two short forms: ``values`` (texts
    of a picklist) and ``required`` (the opposite of ``nillable``); ``roll_up`` and ``lookup_filter`` are mappings. What
    is left out, the org fills in by type. Whatever the org refuses, or does not know, raises CrmRefusal.
    """

    def __init__(self, org: Org, lock: RLock, keep: Callable[[], None]) -> None:
        self._org = org
        self._keep = keep
        self._lock = lock

    @property
    def changes(self) -> int:
        """Grows with every change of the org's schema, its rules and rights among it."""
        with self._lock:
            return self._org.schema.version

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

    def rename_field(self, sobject: str, name: str, new_name: str) -> None:
        """Give a custom field another API name; records keep their values, rules and formulas follow."""
        with self._asking(f"rename field {sobject}.{name}"):
            self._org.rename_field(sobject, name, new_name)

    def enable_currencies(self, rates: Mapping[str, float]) -> None:
        """Switch several currencies on: ISO code → rate, of which the corporate one has 1."""
        with self._asking("enable currencies"):
            self._org.enable_currencies(rates)

    def enable_teams(self) -> None:
        """Switch account and opportunity teams on."""
        with self._asking("enable account and opportunity teams"):
            self._org.enable_teams()

    def enable_dated_rates(self, rates: Mapping[str, Mapping[str, float]]) -> None:
        """Date exchange rates: ISO code -> day that a rate begins on -> rate; deals are converted by their close date."""
        with self._asking("date exchange rates"):
            self._org.enable_dated_rates(rates)

    def enable_state_and_country(self, countries: Mapping[str, Mapping[str, Any]]) -> None:
        """State and country picklists: ISO code -> name and states (code -> name); addresses get codes beside texts."""
        with self._asking("enable state and country picklists"):
            self._org.enable_state_and_country(countries)

    def enable_shared_contacts(self) -> None:
        """Let contacts have several accounts: AccountContactRelation, with a direct relation for each contact."""
        with self._asking("enable contacts of several accounts"):
            self._org.enable_shared_contacts()

    def enable_person_accounts(self) -> None:
        """Let accounts be people: fields of contacts, a record type of people, leads without a company; no way back."""
        with self._asking("enable person accounts"):
            self._org.enable_person_accounts()

    def track_history(self, sobject: str, fields: Sequence[str]) -> None:
        """Keep the history of these fields, and of no others, from now on."""
        with self._asking(f"track the history of {sobject}"):
            self._org.track_history(sobject, fields)

    def add_picklist_value(
        self,
        sobject: str,
        field: str,
        value: str,
        *,
        label: str = "",
        record_types: Sequence[str] | None = None,
    ) -> None:
        """Append a value, offered by these record types (developer names) or by all that there are."""
        with self._asking(f"add value {value} to {sobject}.{field}"):
            self._org.add_picklist_value(
                sobject, field, PicklistValue(value, label), record_types=record_types
            )

    def change_picklist_value(
        self,
        sobject: str,
        field: str,
        value: str,
        *,
        label: str | None = None,
        rename: str | None = None,
        active: bool | None = None,
    ) -> None:
        """Relabel, rename, deactivate or reactivate a value.

        Records that have a renamed value show its new API name at once; no date moves, and no event tells of it.
        """
        with self._asking(f"change value {value} of {sobject}.{field}"):
            self._org.change_picklist_value(sobject, field, value, label=label, rename=rename, active=active)

    def drop_picklist_value(
        self, sobject: str, field: str, value: str, *, replacement: str | None = None
    ) -> None:
        """Delete a value; records that have it get the replacement or lose it, and their SystemModstamp moves."""
        with self._asking(f"drop value {value} of {sobject}.{field}"):
            self._org.drop_picklist_value(sobject, field, value, replacement=replacement)

    def add_record_type(self, sobject: str, developer_name: str) -> None:
        """Create an active record type."""
        with self._asking(f"add record type {sobject}.{developer_name}"):
            self._org.add_record_type(
                sobject, RecordType("", developer_name, developer_name.replace("_", " "))
            )

    def offer_record_types(self, profile: str, sobject: str, record_types: Sequence[str]) -> None:
        """Choose the record types (developer names) that a profile's users may give, its default first; none: all."""
        with self._asking(f"offer record types of {sobject}"):
            found = self._org.find("Profile", "Name", profile)
            if not found:
                raise SaveError.of("INVALID_CROSS_REFERENCE_KEY", f"there is no profile {profile!r}")
            (own,) = self._org.find("PermissionSet", "ProfileId", found[0])
            self._org.offer_record_types(own, sobject, record_types)

    def offer_picklist_values(
        self, sobject: str, record_type: str, field: str, values: Sequence[str] | None
    ) -> None:
        """Choose the values that a record type (developer name) has of a picklist; None: all of them."""
        with self._asking(f"offer values of {sobject}.{field}"):
            self._org.offer_picklist_values(sobject, record_type, field, values)

    def set_dependency(
        self, sobject: str, field: str, controller: str, valid_for: Mapping[str, Sequence[str]]
    ) -> None:
        """Make a picklist depend on another or on a checkbox: controlling value → values it allows.

        Describes tell it as ``validFor`` bitmaps. As in Salesforce, the API does not enforce it on save.
        """
        with self._asking(f"make {sobject}.{field} depend on {controller}"):
            self._org.set_dependency(sobject, field, controller, valid_for)

    def add_duplicate_rule(
        self,
        sobject: str,
        name: str,
        fields: Sequence[str],
        *,
        action: str = "block",
        message: str | None = None,
        **properties: Any,
    ) -> None:
        """Activate a duplicate rule: live records that agree in all ``fields``, none of which is empty.

        ``action`` is ``block``, ``alert`` (saved when the client sends allowSave) or ``allow``, for new and changed
        records alike; ``on_create`` and ``on_update`` set them apart. More properties: those of
        :class:`~prm_harness.crm.org.declared.DuplicateRule`.
        """
        with self._asking(f"add duplicate rule {sobject}.{name}"):
            given = {"on_create": action, "on_update": action, **properties}
            if message is not None:
                given["message"] = message
            self._org.add_duplicate_rule(sobject, duplicate_rule(name, fields, given))

    def drop_duplicate_rule(self, sobject: str, name: str) -> None:
        """Remove a duplicate rule."""
        with self._asking(f"drop duplicate rule {sobject}.{name}"):
            self._org.drop_duplicate_rule(sobject, name)

    def add_flow(
        self,
        sobject: str,
        name: str,
        *,
        timing: str = "after_save",
        condition: str = "",
        updates: Mapping[str, str] | None = None,
        fails: str = "",
        **properties: Any,
    ) -> None:
        """Activate automation. ``updates``: field → formula of its new value (``'"Closed Won"'``, ``Amount * 2``).

        ``timing`` is a word of :class:`~prm_harness.crm.org.declared.Timing`; ``fails`` makes every save that sets it
        off fail with that text. More properties: those of :class:`~prm_harness.crm.org.declared.Flow`; ``creates``
        maps an object to the formulas of a new record's fields.
        """
        with self._asking(f"add flow {sobject}.{name}"):
            given = {"timing": timing, "condition": condition, "updates": dict(updates or {}), "fails": fails}
            self._org.add_flow(sobject, flow(name, given | properties))

    def drop_flow(self, sobject: str, name: str) -> None:
        """Remove automation."""
        with self._asking(f"drop flow {sobject}.{name}"):
            self._org.drop_flow(sobject, name)

    def close_field(self, sobject: str, name: str) -> None:
        """Field-level security: nobody but the org's own people has the field until it is granted or opened again."""
        with self._asking(f"close field {sobject}.{name}"):
            found = self._org.schema.objects[sobject].fields.get(name)
            if found is None or not found.securable:
                raise CrmRefusal(f"{sobject} has no field {name} that field-level security covers")
            self._org.access.govern(sobject, found)

    def open_field(self, sobject: str, name: str) -> None:
        """Undo ``close_field``."""
        with self._asking(f"open field {sobject}.{name}"):
            self._org.access.release(sobject, name)

    def describe(self, sobject: str) -> Mapping[str, Mapping[str, Any]]:
        """Field API name -> its properties; ``values`` are a picklist's active values in order.

        ``offered`` narrows them by record type, where one does: developer name -> values.
        """
        with self._lock:
            found = self._org.schema.get(sobject)
            if found is None:
                raise CrmRefusal(f"the org has no object {sobject}")
            described = {field.name: _described(field) for field in found.fields.values()}
            for record_type in found.record_types.values():
                for name, values in record_type.picklists.items():
                    if name in described and record_type.active:
                        described[name].setdefault("offered", {})[record_type.developer_name] = list(values)
            return described

    def _asking(self, what: str) -> AbstractContextManager[None]:
        return asking(self._lock, self._keep, what)


def custom_field(name: str, type_name: str, properties: Mapping[str, Any]) -> Field:
    """A custom field from an admin's words.

    Raises:
        CrmRefusal: the name does not end in ``__c``, or a type or property is unknown.
    """
    if not name.endswith("__c"):
        raise CrmRefusal(f"a custom field's API name ends in __c; {name!r} does not")
    return Field(name, _field_type(type_name), **_field_properties(properties))


def duplicate_rule(name: str, compared: Sequence[str], given: Mapping[str, Any]) -> DuplicateRule:
    """A duplicate rule from its properties.

    Raises:
        CrmRefusal: a property or an action is unknown.
    """
    _refuse_unknown("duplicate rule", given, DuplicateRule, {"name", "fields"})
    more: dict[str, Any] = dict(given)
    for key in {"on_create", "on_update"} & more.keys():
        more[key] = _word(OnDuplicate, more[key], "action")
    if "against_fields" in more:
        more["against_fields"] = tuple(more["against_fields"])
    return DuplicateRule(name, tuple(compared), **more)


def flow(name: str, given: Mapping[str, Any]) -> Flow:
    """Automation from its properties.

    Raises:
        CrmRefusal: a property or a timing is unknown.
    """
    _refuse_unknown("flow", given, Flow, {"name"})
    more = dict(given)
    made = more.pop("creates", {})
    pairs = made.items() if isinstance(made, Mapping) else made
    more["creates"] = tuple(NewRecord(sobject, dict(values)) for sobject, values in pairs)
    return Flow(name, **{**more, "timing": _word(Timing, given.get("timing", "after_save"), "timing")})


def _refuse_unknown(what: str, given: Mapping[str, Any], kind: type[Any], own: set[str]) -> None:
    known = {f.name for f in fields(kind)} - own
    unknown = sorted(given.keys() - known)
    if unknown:
        raise CrmRefusal(
            f"unknown {what} properties: {', '.join(unknown)}; known: {', '.join(sorted(known))}"
        )


def _word(words: type[_Word], given: str, what: str) -> _Word:
    try:
        return words(given)
    except ValueError:
        raise CrmRefusal(f"unknown {what} {given!r}; known: {', '.join(words)}") from None


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
    if isinstance(given.get("roll_up"), Mapping):
        summary = dict(given["roll_up"])
        _refuse_unknown("roll-up", summary, RollUp, set())
        given["roll_up"] = RollUp(
            **{**summary, "operation": _word(Summary, summary.get("operation", "count"), "roll-up")}
        )
    if isinstance(given.get("lookup_filter"), Mapping | str):
        told = given["lookup_filter"]
        kept = {"formula": told} if isinstance(told, str) else dict(told)
        _refuse_unknown("lookup filter", kept, LookupFilter, set())
        given["lookup_filter"] = LookupFilter(**kept)
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
        "blank_as_blank": field.blank_as_blank,
        "unique": field.unique,
        "external_id": field.external_id,
        "custom": field.custom,
        "default": field.default,
        "restricted": field.restricted,
        "values": [value.value for value in field.picklist if value.active],
        "reference_to": list(field.reference_to),
        "controller": field.controller,
    }
