"""What admins do to an org while everything is running: the part of ``Org`` that changes what records may be.

Every method raises SaveError for what an org refuses its admins, SandboxGapError for what the sandbox cannot do (and
inside a transaction). What it changes counts from the next describe, query and save on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from prm_harness.crm.org import admin, removal
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.declared import DuplicateRule, Flow
from prm_harness.crm.org.effects import relations
from prm_harness.crm.org.rights.access import Access
from prm_harness.crm.org.schema import Field, PicklistValue, RecordType, Schema, SObjectType, ValidationRule
from prm_harness.crm.org.setup import addresses, currencies, fields, persons, picklists, rules


class Administered:
    """The admin's methods of an org."""

    _core: Core
    access: Access
    connection: sqlite3.Connection
    schema: Schema
    admin_id: str

    def add_object(self, obj: SObjectType) -> None:
        """Create an object; system fields, Name, owner and key prefix are added where ``obj`` has none."""
        admin.add_object(self._core, obj)
        self._trail("createdCO", "Custom Objects", f"Created custom object: {obj.label}")

    def relabel_object(self, name: str, label: str, plural: str) -> None:
        """Give an object other labels, which people and describes see."""
        obj = self._core.object(name)
        obj.label, obj.label_plural = label, plural
        self.schema.version += 1

    def add_field(self, sobject: str, new: Field) -> None:
        """Create a field; properties that follow from its type are completed."""
        admin.add_field(self._core, sobject, new)
        persons.mirror(self._core)
        label = self._core.object(sobject).fields[new.name].label
        self._trail("createdCF", sobject, f"Created custom field: {label} ({new.type.capitalize()})")

    def drop_field(self, sobject: str, name: str) -> None:
        """Delete a custom field that no rule or formula of its object uses."""
        admin.drop_field(self._core, sobject, name)
        self.access.forget(self._core.object(sobject).name, name)
        persons.mirror(self._core, gone=name)
        self._trail("deletedCF", sobject, f"Deleted custom field: {name}")

    def change_field(self, sobject: str, name: str, **changes: object) -> None:
        """Change properties of a field. With another type, values that it cannot hold are lost, and no date moves."""
        admin.change_field(self._core, sobject, name, changes)
        persons.mirror(self._core)
        self._trail("changedCF", sobject, f"Changed {', '.join(sorted(changes))} of field {name}")

    def rename_field(self, sobject: str, name: str, new_name: str) -> None:
        """Give a custom field another API name. Records keep its values; rules, formulas and grants follow."""
        fields.rename_field(self._core, sobject, name, new_name)
        self.access.rename(self._core.object(sobject).name, name, new_name)
        persons.mirror(self._core, gone=name)
        self._trail("changedCFName", sobject, f"Changed API name of field {name} to {new_name}")

    def add_validation_rule(self, sobject: str, rule: ValidationRule) -> None:
        """Create or replace a validation rule; a formula the editor would refuse is refused."""
        admin.add_validation_rule(self._core, sobject, rule)
        self._trail("createdValidationRule", sobject, f"Created validation rule {rule.name}")

    def drop_validation_rule(self, sobject: str, name: str) -> None:
        """Delete a validation rule."""
        admin.drop_validation_rule(self._core, sobject, name)
        self._trail("deletedValidationRule", sobject, f"Deleted validation rule {name}")

    def add_record_type(self, sobject: str, record_type: RecordType) -> None:
        """Create a record type; it gets an id where it has none. A default one takes over from the one before."""
        admin.add_record_type(self._core, sobject, record_type)
        self._trail("createdRecordType", sobject, f"Created record type {record_type.name}")

    def change_record_type(self, sobject: str, record_type: RecordType) -> None:
        """Replace the record type of that id; it may get another developer name."""
        admin.change_record_type(self._core, sobject, record_type)
        self._trail("changedRecordType", sobject, f"Changed record type {record_type.name}")

    def drop_object(self, name: str) -> None:
        """Delete a custom object and all its records; refused while another object has a lookup to it."""
        removal.drop_object(self._core, name)
        self._trail("deletedCO", "Custom Objects", f"Deleted custom object: {name}")

    def drop_record_type(self, sobject: str, developer_name: str) -> None:
        """Delete a record type that no record has any more."""
        removal.drop_record_type(self._core, sobject, developer_name)
        self._trail("deletedRecordType", sobject, f"Deleted record type {developer_name}")

    def enable_currencies(self, rates: Mapping[str, float]) -> None:
        """Switch several currencies on: ISO code → rate, of which the corporate one has 1.

        Every object that people work with gets CurrencyIsoCode, and every record the corporate currency.
        """
        currencies.enable_currencies(self._core, rates)
        self._trail("enabledMultiCurrency", "Company Information", f"Activated currencies {', '.join(rates)}")

    def enable_dated_rates(self, rates: Mapping[str, Mapping[str, float]]) -> None:
        """Switch dated exchange rates on, or add to them: ISO code → day that a rate begins on (``2026-01-01``) → rate.

        The rates of before count until the first of those days. Opportunities, their products and their stage history are
        converted by the rate of the close date.
        """
        currencies.enable_dated_rates(self._core, rates)
        self._trail(
            "enabledDatedRates", "Company Information", f"Set dated exchange rates of {', '.join(rates)}"
        )

    def enable_state_and_country(self, countries: Mapping[str, Mapping[str, Any]]) -> None:
        """Switch state and country picklists on: ISO code → ``name`` and ``states`` (code → name).

        Addresses get codes beside their texts, which have to be those of the list from then on.
        """
        addresses.enable(self._core, countries)
        self._trail(
            "enabledStateCountry", "Address Settings", "Enabled State and Country/Territory Picklists"
        )

    def enable_shared_contacts(self) -> None:
        """Let contacts have several accounts ("Contacts to Multiple Accounts"): AccountContactRelation appears.

        Every contact with an account gets its direct relation at once.
        """
        relations.enable(self._core)
        self._trail("sharedContactsEnabled", "Account Settings", "Enabled Contacts to Multiple Accounts")

    def enable_person_accounts(self) -> None:
        """Let accounts be people: they get the fields of contacts, and a record type of people; there is no way back.

        Contacts are controlled by their accounts from then on, and leads need no company.
        """
        persons.enable(self._core)
        self._trail("personAccountsEnabled", "Account Settings", "Enabled Person Accounts")

    def plant(self, sobject: str, values: Mapping[str, Any]) -> str:
        """Write a row of setup data as the platform itself would: no validation, no change logged; returns its id."""
        return admin.plant(self._core, sobject, values)

    # -- rules

    def add_duplicate_rule(self, sobject: str, rule: DuplicateRule) -> None:
        """Create or replace a duplicate rule."""
        rules.add_duplicate_rule(self._core, sobject, rule)
        self._trail("createdDuplicateRule", sobject, f"Created duplicate rule {rule.name}")

    def drop_duplicate_rule(self, sobject: str, name: str) -> None:
        """Delete a duplicate rule."""
        rules.drop_duplicate_rule(self._core, sobject, name)
        self._trail("deletedDuplicateRule", sobject, f"Deleted duplicate rule {name}")

    def add_flow(self, sobject: str, flow: Flow) -> None:
        """Create or replace automation; formulas and fields the editor would refuse are refused."""
        rules.add_flow(self._core, sobject, flow)
        self._trail("activatedInteractionDefinitionVersion", "Flows", f"Activated flow {flow.title}")

    def drop_flow(self, sobject: str, name: str) -> None:
        """Delete automation."""
        rules.drop_flow(self._core, sobject, name)
        self._trail("deletedInteractionDefinitionVersion", "Flows", f"Deleted flow {name}")

    def track_history(self, sobject: str, names: Sequence[str]) -> None:
        """Keep the history of these fields, and of no others, from now on: at most 20 of an object."""
        fields.track_history(self._core, sobject, names)
        self._trail(
            "historytracking", sobject, f"Changed field history tracking of {sobject}: {', '.join(names)}"
        )

    # -- picklists

    def add_picklist_value(
        self, sobject: str, name: str, value: PicklistValue, *, record_types: Sequence[str] | None = None
    ) -> None:
        """Append a value to a picklist, for some record types (developer names) or all of them."""
        picklists.add_value(self._core, sobject, name, value, record_types)
        persons.mirror(self._core)
        self._trail("addedPicklistValue", sobject, f"Added picklist value {value.value} to {name}")

    def change_picklist_value(
        self,
        sobject: str,
        name: str,
        value: str,
        *,
        label: str | None = None,
        rename: str | None = None,
        active: bool | None = None,
    ) -> None:
        """Relabel, rename, deactivate or reactivate a value.

        Records keep a deactivated value and cannot newly get it where the picklist is restricted. With a new API name,
        records have it at once, though nobody changed them: no date moves.
        """
        picklists.change_value(
            self._core, sobject, name, value, label=label, rename=rename, active=active, user=self.admin_id
        )
        persons.mirror(self._core)
        self._trail("changedPicklistValue", sobject, f"Changed picklist value {value} of {name}")

    def drop_picklist_value(
        self, sobject: str, name: str, value: str, *, replacement: str | None = None
    ) -> None:
        """Delete a value; records that have it get ``replacement``, or lose it. Their SystemModstamp moves."""
        picklists.drop_value(self._core, sobject, name, value, replacement, user=self.admin_id)
        persons.mirror(self._core)
        self._trail("deletedPicklistValue", sobject, f"Deleted picklist value {value} of {name}")

    def offer_picklist_values(
        self, sobject: str, record_type: str, name: str, values: Sequence[str] | None
    ) -> None:
        """Choose the values that a record type (developer name) has of a picklist; None: all of them."""
        picklists.offer(self._core, sobject, record_type, name, values)

    def set_dependency(
        self, sobject: str, name: str, controller: str, valid_for: Mapping[str, Sequence[str]]
    ) -> None:
        """Make a picklist depend on another one or on a checkbox.

        ``valid_for`` maps a controlling value (``"true"``/``"false"`` of a checkbox) to the values it allows. As in
        Salesforce, pages keep to it and the API does not (contract §3.3). An empty ``controller`` ends a dependency.
        """
        picklists.set_dependency(self._core, sobject, name, controller, valid_for)
        persons.mirror(self._core)

    def _trail(self, action: str, section: str, display: str) -> None:
        """A line of the setup audit trail, by the admin."""
        if self.admin_id and "SetupAuditTrail" in self.schema.objects:
            line = {"Action": action, "Section": section, "Display": display, "CreatedById": self.admin_id}
            admin.plant(self._core, "SetupAuditTrail", line)
