"""What an org file says. ``docs/reference/org-file.md`` is written from these models.

Everything is keyed by API name. What is left out keeps the value of the base template, or else the default of a new
custom field, object or rule.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from prm_harness.crm.org.schema import FieldType
from prm_harness.crm.orgfile.entry import Entry
from prm_harness.crm.orgfile.rules import (
    DuplicateRuleEntry,
    FlowEntry,
    LookupFilterEntry,
    RollUpEntry,
    SharingRuleEntry,
    ValidationRuleEntry,
)

FORMAT: Final = "prm-harness.org/1"

Access = Literal["none", "read", "edit"]
ChildAccess = Literal["none", "read", "edit"]
Right = Literal["read", "create", "edit", "delete", "view_all", "modify_all"]


def _plain_value(given: Any) -> Any:
    return {"value": given} if isinstance(given, str) else given


class PicklistValueEntry(Entry):
    """One value of a picklist; a plain text stands for an active value with that label."""

    value: str = Field(description="API value, as records hold it")
    label: str = Field(default="", description="what people see; default: the value")
    active: bool = Field(default=True, description="false: records keep it, nobody can choose it")
    default: bool = Field(default=False, description="chosen when a new record names none")
    valid_for: tuple[str, ...] = Field(
        default=(), description="values of the controlling field that allow it"
    )


ValueEntry = Annotated[PicklistValueEntry, BeforeValidator(_plain_value)]


class FieldEntry(Entry):
    """One field; the words are those of Salesforce's sObject describe, in snake case."""

    type: FieldType | None = Field(default=None, description="type as in a describe; needed for a new field")
    label: str = Field(default="", description="what people see; default: from the API name")
    length: int = Field(default=0, ge=0, description="most characters of a text")
    precision: int = Field(
        default=0, ge=0, description="digits of a number, or lines shown of a multi-select"
    )
    scale: int = Field(default=0, ge=0, description="digits behind the point")
    digits: int = Field(default=0, ge=0, description="digits of an int")
    nillable: bool = Field(default=True, description="false: every record has to have a value")
    createable: bool = Field(default=True, description="whether new records may name it")
    updateable: bool = Field(default=True, description="whether changes may name it")
    defaulted_on_create: bool = Field(default=False, description="the org fills it in for new records")
    default: Any = Field(default=None, description="value of new records that name none")
    unique: bool = Field(default=False, description="no two records have the same value")
    case_sensitive: bool = Field(default=False, description="whether unique tells upper from lower case")
    external_id: bool = Field(default=False, description="records can be upserted by it")
    id_lookup: bool = Field(default=False, description="records can be found by it")
    name_field: bool = Field(default=False, description="it is the record's name")
    auto_number: str = Field(default="", description="pattern such as `D-{0000}`")
    formula: str = Field(default="", description="makes it a formula field")
    blank_as_blank: bool = Field(
        default=False, description="blank numbers in the formula are blank, not zero"
    )
    reference_to: tuple[str, ...] = Field(default=(), description="objects that it may point at")
    relationship_name: str = Field(
        default="", description="name of the parent in SOQL; default: from the API name"
    )
    child_relationship: str = Field(default="", description="name of the children in the parent's SOQL")
    cascade_delete: bool = Field(default=False, description="deleting the parent deletes the record")
    restricted_delete: bool = Field(default=False, description="a parent with children cannot be deleted")
    master_detail: bool = Field(default=False, description="master-detail instead of lookup")
    reparentable: bool = Field(default=False, description="a detail may get another master")
    roll_up: RollUpEntry | None = Field(default=None, description="makes it a roll-up summary")
    default_formula: str = Field(
        default="", description="formula for the value of new records that name none"
    )
    lookup_filter: LookupFilterEntry | None = Field(
        default=None, description="records that a lookup may lead to"
    )
    tracked: bool = Field(default=False, description="whether changes leave a row of field history")
    picklist: tuple[ValueEntry, ...] = Field(
        default=(), description="values in order: texts, or value with properties"
    )
    restricted: bool = Field(default=False, description="only the values listed can be saved")
    controller: str = Field(default="", description="controlling field of a dependent picklist")
    compound: str = Field(default="", description="compound field that it is a part of")
    extra_type_info: str = Field(
        default="", description="such as `plaintextarea`, `richtextarea`, `personname`"
    )
    help_text: str = Field(default="", description="inline help")
    deprecated_and_hidden: bool = Field(default=False, description="not available in this API version")


class RecordTypeEntry(Entry):
    """One record type, keyed by developer name."""

    name: str = Field(default="", description="label; default: from the developer name")
    active: bool = Field(default=True, description="whether new records may have it")
    default: bool = Field(default=False, description="new records that name none have it")
    person: bool = Field(default=False, description="accounts of it are people (`switches.person_accounts`)")
    picklists: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="field to the values that it allows; fields left out allow all"
    )


class ObjectEntry(Entry):
    """One object: a new one, or what is different about one of the base template."""

    label: str = Field(default="", description="what people see; needed for a new object")
    label_plural: str = Field(default="", description="default: label and an s")
    key_prefix: str | None = Field(
        default=None,
        pattern="^[0-9A-Za-z]{3}$",
        description="first three characters of ids; default: a free one",
    )
    whole: bool = Field(
        default=False,
        description="`fields` are all that it has, system fields too, as imported from a describe; "
        "otherwise a new object gets system fields, Name and OwnerId by itself",
    )
    fields: dict[str, FieldEntry] = Field(default_factory=dict, description="fields by API name")
    record_types: dict[str, RecordTypeEntry] = Field(default_factory=dict, description="by developer name")
    validation_rules: dict[str, ValidationRuleEntry] = Field(default_factory=dict, description="by name")
    duplicate_rules: dict[str, DuplicateRuleEntry] = Field(default_factory=dict, description="by name")
    flows: dict[str, FlowEntry] = Field(
        default_factory=dict, description="record-triggered automation, by name"
    )
    sharing: str = Field(
        default="", description="org-wide default: private, read, read_write, controlled_by_parent"
    )
    external_sharing: str = Field(
        default="", description="the same for partner users, who otherwise see what is theirs only"
    )
    sharing_rules: dict[str, SharingRuleEntry] = Field(default_factory=dict, description="by name")
    createable: bool | None = Field(default=None, description="whether clients may create records")
    updateable: bool | None = Field(default=None, description="whether clients may change records")
    deletable: bool | None = Field(default=None, description="whether clients may delete records")
    queryable: bool | None = Field(default=None, description="whether it can be queried")
    undeletable: bool | None = Field(default=None, description="whether deleted records can be brought back")
    replicateable: bool | None = Field(default=None, description="whether getUpdated and getDeleted know it")
    layoutable: bool | None = Field(default=None, description="whether it has a page layout")


class Permissions(Entry):
    """What a profile or a permission set grants."""

    label: str = Field(default="", description="what people see; default: from the name")
    fields: dict[str, Access] = Field(
        default_factory=dict,
        description="`Object.Field` to none, read or edit; naming a field closes it to all others",
    )
    objects: dict[str, tuple[Right, ...]] = Field(
        default_factory=dict, description="object to its rights; naming an object closes it to all others"
    )
    permissions: tuple[str, ...] = Field(default=(), description="such as `ModifyAllData`")
    record_types: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="object to record types that it offers, its default first"
    )


class ProfileEntry(Permissions):
    """One profile."""

    user_type: str = Field(default="Standard", description="such as Standard or PowerPartner")


class PermissionSetEntry(Permissions):
    """One permission set."""

    assigned_to: tuple[str, ...] = Field(default=(), description="user names")


class UserEntry(Entry):
    """One user, keyed by user name."""

    first_name: str = Field(default="", description="given name")
    last_name: str = Field(description="family name")
    email: str = Field(default="", description="default: the user name")
    profile: str = Field(default="Standard User", description="name of the profile")
    role: str = Field(default="", description="developer name of the role")
    active: bool = Field(default=True, description="whether the user may log in and own new records")


class RoleEntry(Entry):
    """One role, keyed by developer name."""

    name: str = Field(default="", description="label; default: from the developer name")
    parent: str = Field(default="", description="developer name of the role above")
    opportunities: ChildAccess = Field(
        default="none", description="what owners of accounts in this role may do with others' deals on them"
    )
    cases: ChildAccess = Field(default="none", description="the same for cases")
    contacts: ChildAccess = Field(default="none", description="the same for contacts")


class GroupEntry(Entry):
    """One public group, keyed by developer name."""

    members: tuple[str, ...] = Field(
        default=(), description="`user:USERNAME`, `role:NAME`, `role_and_subordinates:NAME`, `group:NAME`"
    )


class QueueEntry(Entry):
    """One queue, keyed by developer name."""

    objects: tuple[str, ...] = Field(description="objects whose records it may own")
    members: tuple[str, ...] = Field(default=(), description="as of a group")


class SharingSetEntry(Entry):
    """What partner users may do with records that lead to their own account or contact, keyed by name."""

    profiles: tuple[str, ...] = Field(description="profiles of the partner users")
    fields: dict[str, Literal["read", "edit"]] = Field(
        description="`Object.Field` that leads to an account or contact, to what it allows"
    )


class Switches(Entry):
    """Features that change what an org looks like. What this version cannot switch is told when the file is loaded."""

    prm: bool | None = Field(
        default=None, description="partner relationship management: partner accounts and users"
    )
    multi_currency: dict[str, float] = Field(
        default_factory=dict, description="ISO code to rate; the first has rate 1 and is the corporate one"
    )
    teams: bool = Field(default=False, description="account teams and opportunity teams")
    dated_rates: dict[str, dict[str, float]] = Field(
        default_factory=dict, description="ISO code to days that rates begin on, and the rates"
    )
    state_and_country: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="state and country picklists: ISO code to `name` and `states` (code to name)",
    )
    shared_contacts: bool = Field(default=False, description="contacts may have several accounts")
    person_accounts: bool | None = Field(default=None, description="accounts that are people")


class OrgFile(Entry):
    """The whole file."""

    format: Literal["prm-harness.org/1"] = Field(description=f"`{FORMAT}`")
    name: str = Field(default="", description="the organization's name")
    base: str = Field(
        default="bare", description="template to start from; `bare` has the standard objects only"
    )
    time_zone: str = Field(
        default="", description="of the organization, such as `Europe/Berlin`; default: GMT"
    )
    switches: Switches = Field(default_factory=Switches, description="features")
    setup: dict[Literal["OpportunityStage", "LeadStatus"], tuple[dict[str, Any], ...]] = Field(
        default_factory=dict, description="rows of the process settings, which replace those of the base"
    )
    objects: dict[str, ObjectEntry] = Field(default_factory=dict, description="objects by API name")
    roles: dict[str, RoleEntry] = Field(default_factory=dict, description="role hierarchy, by developer name")
    groups: dict[str, GroupEntry] = Field(
        default_factory=dict, description="public groups, by developer name"
    )
    queues: dict[str, QueueEntry] = Field(default_factory=dict, description="by developer name")
    sharing_sets: dict[str, SharingSetEntry] = Field(
        default_factory=dict, description="for partner users, by name"
    )
    profiles: dict[str, ProfileEntry] = Field(default_factory=dict, description="by name")
    permission_sets: dict[str, PermissionSetEntry] = Field(default_factory=dict, description="by API name")
    users: dict[str, UserEntry] = Field(
        default_factory=dict, description="beside the base's admin, sales and integration user"
    )
    integration_profile: str = Field(
        default="", description="profile of the user that the portal connects as"
    )
