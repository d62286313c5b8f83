"""Which rows a user may read, change and delete (contract §11), as conditions of SQL.

An object's organization-wide default says what everybody may; on top of that, owners and the people above them in the
role hierarchy, members of queues and groups, and whoever a row was shared with. Partner users have a default of their own
and see their own account. Rows without an owner go with the record that they hang on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prm_harness.crm.org.schema import Field, RowAccess, Schema, Sharing, SObjectType, parent_field
from prm_harness.crm.store.store import quote

if TYPE_CHECKING:
    from prm_harness.crm.org.core import Core

_NO_OWN_SHARING = frozenset(
    {"User", "UserRole", "Profile", "Group", "GroupMember", "QueueSobject", "RecordType"}
)
_IMPLICIT = ("Contact", "Opportunity", "Case")
"""Whoever owns one of these reads its account."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user, as far as sharing goes: ``principals`` are the ids of those whose rows and shares count as the user's."""

    id: str
    principals: tuple[str, ...]
    external: bool
    account: str | None
    views_all: bool
    modifies_all: bool


def share_name(sobject: str) -> str:
    """The object that keeps an object's shares."""
    return f"{sobject[:-1]}Share" if sobject.endswith("__c") else f"{sobject}Share"


def share_level(sobject: str) -> str:
    """What a share calls the access it gives."""
    return "AccessLevel" if sobject.endswith("__c") else f"{sobject}AccessLevel"


def person(core: Core, user: str, *, views_all: bool, modifies_all: bool) -> Person:
    """A user with everyone who counts as one: subordinates in the role hierarchy, and the groups of all of them."""
    run = core.store.connection.execute
    row = core.fetch("User", user) or {}
    people = {user}
    role = row.get("UserRoleId")
    if role:
        below = run(
            'WITH RECURSIVE below(id) AS (SELECT "Id" FROM "UserRole" WHERE "ParentRoleId" = ? '
            'UNION SELECT r."Id" FROM "UserRole" r JOIN below ON r."ParentRoleId" = below.id) '
            'SELECT u."Id" FROM "User" u JOIN below ON u."UserRoleId" = below.id',
            (role,),
        )
        people |= {found for (found,) in below}
    return Person(
        user,
        tuple(sorted(people | _groups(core, people))),
        row.get("UserType") in {"PowerPartner", "PowerCustomerSuccess", "CustomerSuccess"},
        row.get("AccountId"),
        views_all or modifies_all,
        modifies_all,
    )


def _groups(core: Core, members: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = set(members)
    while waiting:
        marks = ", ".join("?" * len(waiting))
        sql = f'SELECT "GroupId" FROM "GroupMember" WHERE "UserOrGroupId" IN ({marks})'
        waiting = {group for (group,) in core.store.connection.execute(sql, tuple(waiting))} - found
        found |= waiting
    return found


class Rows:
    """Works out conditions for one person."""

    def __init__(self, schema: Schema, who: Person, views: frozenset[str], modifies: frozenset[str]) -> None:
        """``views`` and ``modifies`` are objects of which the person sees, or changes, all records."""
        self._schema = schema
        self._who = who
        self._views = views | modifies
        self._modifies = modifies

    def access(self, obj: SObjectType) -> RowAccess | None:
        """The limits of an object; None when there are none."""
        if obj.name in _NO_OWN_SHARING or self._who.modifies_all or obj.name in self._modifies:
            return None
        read = "" if self._sees_all(obj) else self._mine(obj, write=False, seen=frozenset())
        edit = self._mine(obj, write=True, seen=frozenset())
        if self._model(obj) is Sharing.READ_WRITE:
            return None
        delete = self._owned() if "OwnerId" in obj.fields else edit
        return RowAccess(read, edit, delete) if read or edit else None

    def _model(self, obj: SObjectType) -> Sharing:
        if "OwnerId" not in obj.fields and _parent(obj) is not None:
            return Sharing.PARENT
        if "OwnerId" not in obj.fields:
            return Sharing.READ_WRITE
        return obj.external_sharing if self._who.external else obj.sharing

    def _sees_all(self, obj: SObjectType) -> bool:
        return self._who.views_all or obj.name in self._views

    def _owned(self) -> str:
        return f'{{0}}."OwnerId" IN ({self._principals()})'

    def _principals(self) -> str:
        return ", ".join(f"'{one}'" for one in self._who.principals)

    def _mine(self, obj: SObjectType, *, write: bool, seen: frozenset[str]) -> str:
        """The condition of rows that the person reads or changes; empty for all."""
        model = self._model(obj)
        if model is Sharing.READ_WRITE or (model is Sharing.READ and not write) or obj.name in seen:
            return ""
        if obj.name in self._modifies or self._who.modifies_all:
            return ""
        if not write and self._sees_all(obj):
            return ""
        if model is Sharing.PARENT:
            return self._through_parent(obj, write=write, seen=seen | {obj.name})
        parts = [self._owned(), *self._shared(obj, write=write)]
        if obj.name == "Account" and not write:
            parts += [self._implied(name) for name in _IMPLICIT if name in self._schema.objects]
            if self._who.account:
                parts.append(f"{{0}}.\"Id\" = '{self._who.account}'")
        return f"({' OR '.join(parts)})"

    def _shared(self, obj: SObjectType, *, write: bool) -> list[str]:
        shares = self._schema.objects.get(share_name(obj.name))
        if shares is None:
            return []
        level = f" AND {quote(share_level(obj.name))} IN ('Edit', 'All')" if write else ""
        found = f'"IsDeleted" = 0 AND "UserOrGroupId" IN ({self._principals()}){level}'
        return [
            f'{{0}}."Id" IN (SELECT {quote(parent_field(obj.name))} FROM {quote(shares.name)} WHERE {found})'
        ]

    def _implied(self, child: str) -> str:
        return (
            f'{{0}}."Id" IN (SELECT "AccountId" FROM {quote(child)} WHERE "IsDeleted" = 0 '
            f'AND "OwnerId" IN ({self._principals()}))'
        )

    def _through_parent(self, obj: SObjectType, *, write: bool, seen: frozenset[str]) -> str:
        field = _parent(obj)
        parent = self._schema.objects.get(field.reference_to[0]) if field is not None else None
        if field is None or parent is None:
            return ""
        inner = self._mine(parent, write=write, seen=seen)
        if not inner:
            return ""
        alias = f"s{len(seen)}"
        through = (
            f'{{0}}.{quote(field.name)} IN (SELECT {alias}."Id" FROM {quote(parent.name)} {alias} '
            f"WHERE {inner.replace('{0}', alias)})"
        )
        return f"({through} OR {self._owned()})" if "OwnerId" in obj.fields else f"({through})"


def _parent(obj: SObjectType) -> Field | None:
    """The reference that a row without an owner hangs on."""
    if obj.name == "Contact":
        return obj.fields.get("AccountId")
    hanging = [f for f in obj.fields.values() if f.master_detail or f.cascade_delete]
    return next((f for f in hanging if not f.nillable), hanging[0] if len(hanging) == 1 else None)


def share_object(parent: SObjectType) -> SObjectType:
    """The share object of an object, with the fields that it has in Salesforce."""
    from prm_harness.crm.org.schema import FieldType, PicklistValue

    def levels(name: str, label: str) -> Field:
        values = tuple(PicklistValue(value) for value in ("None", "Read", "Edit", "All"))
        return Field(name, FieldType.PICKLIST, label=label, length=40, picklist=values, restricted=True)

    always = {"nillable": False, "defaulted_on_create": True, "createable": False, "updateable": False}
    causes = (
        "Owner",
        "Manual",
        "Rule",
        "ImplicitChild",
        "ImplicitParent",
        "ImplicitPerson",
        "Team",
        "PortalImplicit",
    )
    name = parent_field(parent.name)
    fields = [
        Field("Id", FieldType.ID, label=f"{parent.label} Share ID", length=18, id_lookup=True, **always),  # type: ignore[arg-type]
        Field(
            name,
            FieldType.REFERENCE,
            label=f"{parent.label} ID",
            length=18,
            nillable=False,
            updateable=False,
            reference_to=(parent.name,),
            relationship_name="Parent" if name == "ParentId" else parent.name,
            child_relationship="Shares",
            cascade_delete=True,
        ),
        Field(
            "UserOrGroupId",
            FieldType.REFERENCE,
            label="User/Group ID",
            length=18,
            nillable=False,
            updateable=False,
            reference_to=("Group", "User"),
            relationship_name="UserOrGroup",
        ),
        levels(share_level(parent.name), f"{parent.label} Access"),
    ]
    if parent.name == "Account":
        fields += [levels(f"{one}AccessLevel", f"{one} Access") for one in ("Opportunity", "Case", "Contact")]
    fields += [
        Field(
            "RowCause",
            FieldType.PICKLIST,
            label="Row Cause",
            length=40,
            updateable=False,
            picklist=tuple(PicklistValue(cause) for cause in causes),
            restricted=True,
            defaulted_on_create=True,
            default="Manual",
        ),
        Field("LastModifiedDate", FieldType.DATETIME, label="Last Modified Date", **always),  # type: ignore[arg-type]
        Field(
            "LastModifiedById",
            FieldType.REFERENCE,
            label="Last Modified By ID",
            length=18,
            reference_to=("User",),
            relationship_name="LastModifiedBy",
            **always,  # type: ignore[arg-type]
        ),
        Field("IsDeleted", FieldType.BOOLEAN, label="Deleted", default=False, **always),  # type: ignore[arg-type]
    ]
    prefixes = {
        "Account": "00r",
        "Opportunity": "00t",
        "Lead": "01o",
        "Contact": "03s",
        "Case": "01n",
        "Campaign": "08s",
    }
    return SObjectType(
        share_name(parent.name),
        f"{parent.label} Share",
        f"{parent.label} Share",
        prefixes.get(parent.name),
        fields={field.name: field for field in fields},
        undeletable=False,
        replicateable=False,
        layoutable=False,
    )
