"""What a check may ask of a CRM's admins: the schema with its rules, and who works in it with which rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class SchemaChanges(Protocol):
    """What an org admin does while everything is running."""

    @property
    def changes(self) -> int:
        """Grows with every change that was made: one after which it stands still did not come about."""
        ...

    def add_field(self, sobject: str, name: str, type: str, **properties: Any) -> None:  # noqa: A002
        """Create a custom field, visible to the integration user."""
        ...

    def drop_field(self, sobject: str, name: str) -> None:
        """Delete a custom field."""
        ...

    def change_field(self, sobject: str, name: str, **properties: Any) -> None:
        """Change properties (nillable, length, picklist …)."""
        ...

    def add_object(self, name: str, label: str, fields: Sequence[Mapping[str, Any]]) -> None:
        """Create a custom object."""
        ...

    def add_validation_rule(
        self, sobject: str, name: str, formula: str, message: str, display_field: str = ""
    ) -> None:
        """Create and activate a validation rule."""
        ...

    def drop_validation_rule(self, sobject: str, name: str) -> None:
        """Remove a validation rule."""
        ...

    def rename_field(self, sobject: str, name: str, new_name: str) -> None:
        """Give a custom field another API name; records keep their values. ``change_field(type=…)`` retypes."""
        ...

    def enable_currencies(self, rates: Mapping[str, float]) -> None:
        """Switch several currencies on: ISO code -> rate, of which the corporate one has 1."""
        ...

    def enable_dated_rates(self, rates: Mapping[str, Mapping[str, float]]) -> None:
        """Date exchange rates: ISO code -> day that a rate begins on -> rate; deals are converted by their close date."""
        ...

    def enable_state_and_country(self, countries: Mapping[str, Mapping[str, Any]]) -> None:
        """State and country picklists: ISO code -> name and states (code -> name); addresses get codes beside texts."""
        ...

    def enable_shared_contacts(self) -> None:
        """Let contacts have several accounts: AccountContactRelation, with a direct relation for each contact."""
        ...

    def enable_person_accounts(self) -> None:
        """Let accounts be people: fields of contacts, a record type of people, leads without a company; no way back."""
        ...

    def enable_teams(self) -> None:
        """Switch account and opportunity teams on: AccountTeamMember and OpportunityTeamMember, with their shares."""
        ...

    def track_history(self, sobject: str, fields: Sequence[str]) -> None:
        """Keep the history of these fields, and of no others, from now on."""
        ...

    def add_picklist_value(
        self,
        sobject: str,
        field: str,
        value: str,
        *,
        label: str = "",
        record_types: Sequence[str] | None = None,
    ) -> None:
        """Append a value, offered by these record types (developer names) or by all."""
        ...

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
        """Relabel, give another API name (records follow, no date moves), deactivate or reactivate a value."""
        ...

    def drop_picklist_value(
        self, sobject: str, field: str, value: str, *, replacement: str | None = None
    ) -> None:
        """Delete a value; records that have it get the replacement, or lose it."""
        ...

    def add_record_type(self, sobject: str, developer_name: str) -> None:
        """Create an active record type."""
        ...

    def offer_record_types(self, profile: str, sobject: str, record_types: Sequence[str]) -> None:
        """Choose the record types (developer names) that a profile's users may give, its default first; none: all."""
        ...

    def offer_picklist_values(
        self, sobject: str, record_type: str, field: str, values: Sequence[str] | None
    ) -> None:
        """Choose the values that a record type has of a picklist; None: all of them."""
        ...

    def set_dependency(
        self, sobject: str, field: str, controller: str, valid_for: Mapping[str, Sequence[str]]
    ) -> None:
        """Make a picklist depend on another or on a checkbox: controlling value -> values it allows."""
        ...

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
        """Activate a duplicate rule: records that agree in all fields. ``action``: block, alert or allow."""
        ...

    def drop_duplicate_rule(self, sobject: str, name: str) -> None:
        """Remove a duplicate rule."""
        ...

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
        """Activate automation: field -> formula of its new value, or a failure.

        ``timing``: before_save, after_save, workflow, assignment or before_delete.
        """
        ...

    def drop_flow(self, sobject: str, name: str) -> None:
        """Remove automation."""
        ...

    def close_field(self, sobject: str, name: str) -> None:
        """Field-level security: take a field from the integration user; it can be neither seen nor written."""
        ...

    def open_field(self, sobject: str, name: str) -> None:
        """Undo ``close_field``."""
        ...

    def describe(self, sobject: str) -> Mapping[str, Mapping[str, Any]]:
        """Field API name -> {type, length, precision, scale, nillable, values, reference_to …}.

        ``offered`` maps the developer names of record types to the values that they narrow a picklist to.
        """
        ...


class People(Protocol):
    """Who works in the org and what they may, as an admin sets it up; ids have 18 characters."""

    def user(self, username: str) -> str:
        """The id of the user with that name."""
        ...

    def create_user(
        self,
        username: str,
        *,
        first_name: str = "",
        last_name: str = "User",
        profile: str = "Standard User",
        contact: str | None = None,
    ) -> str:
        """A new user; with a contact of a partner account, a partner user of that account."""
        ...

    def create_queue(self, name: str, objects: Sequence[str], members: Sequence[str] = ()) -> str:
        """A queue that may own records of these objects."""
        ...

    def create_role(self, name: str, parent: str = "") -> str:
        """A role below another one."""
        ...

    def assign_role(self, user: str, role: str | None) -> None:
        """Put a user into a role: whoever stands above sees what the user owns."""
        ...

    def create_permission_set(
        self, name: str, *, assignees: Sequence[str] = (), permissions: Sequence[str] = ()
    ) -> str:
        """A permission set of these users; ``permissions`` such as ViewAllData and ModifyAllData."""
        ...

    def close_object(self, sobject: str) -> None:
        """Close an object to everyone without a grant."""
        ...

    def grant_object(self, permission_set: str, sobject: str, rights: Sequence[str]) -> None:
        """Set what a permission set allows: Read, Create, Edit, Delete, ViewAllRecords, ModifyAllRecords."""
        ...

    def close_field(self, sobject: str, field: str) -> None:
        """Close a field to everyone without a grant."""
        ...

    def grant_field(self, permission_set: str, sobject: str, field: str, *, edit: bool = False) -> None:
        """Let a permission set read a closed field, or edit it, too."""
        ...

    def set_sharing(self, sobject: str, internal: str, external: str | None = None) -> None:
        """Set who sees and changes records of others: private, read, read_write or controlled_by_parent."""
        ...

    def share(self, sobject: str, record: str, with_whom: str, level: str = "Read") -> str:
        """Share a record with a user or group by hand; returns the share's id."""
        ...

    def create_group(self, name: str, members: Sequence[str] = ()) -> str:
        """A public group of users, groups and roles, named as ``add_sharing_rule`` says."""
        ...

    def add_sharing_rule(
        self,
        sobject: str,
        name: str,
        shared_with: str,
        *,
        level: str = "Read",
        owned_by: str = "",
        condition: str = "",
        children: Mapping[str, str] | None = None,
    ) -> None:
        """Open records that somebody owns, or that meet a formula, to a user, group or role.

        Whom: an id, or ``role:NAME``, ``role_and_subordinates:NAME``, ``role_and_internal_subordinates:NAME``,
        ``group:NAME``, ``queue:NAME``, ``user:USERNAME``, ``all_internal_users``, ``all_partner_users``. ``children``: what
        a rule of Account opens of its Opportunity, Case and Contact records: None, Read or Edit.
        """
        ...

    def drop_sharing_rule(self, sobject: str, name: str) -> None:
        """Delete a sharing rule, and the shares that it made."""
        ...

    def add_sharing_set(
        self, name: str, sobject: str, field: str, level: str, profiles: Sequence[str]
    ) -> None:
        """Let partner users of these profiles read or edit records whose field leads to their own account or contact."""
        ...
