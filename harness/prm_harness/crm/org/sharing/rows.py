"""Which rows a user may read, change and delete (contract §11), as conditions of SQL.

An object's organization-wide default says what everybody may; on top of that, owners and the people above them in the
role hierarchy, members of queues and groups, and whoever a row was shared with: by hand, by a rule or as a member of a
team. An account and what hangs on it open each other: whoever reads a deal, case or contact reads its account (implicit
parent), and shares of an account, and its owner's role, say how far they open its deals, cases and contacts (implicit
child). As in orgs with faster account sharing, that is worked out when it is asked for, and no share says so. Partner
users have a default of their own, see their own account and its contacts, and what sharing sets give them. Rows without
an owner go with the record that they hang on.

Sources: object reference (AccountShare, ContactShare, UserRole); Salesforce Help, "Built-in Sharing Behavior" and "Sharing
Sets".
"""

from __future__ import annotations

from prm_harness.crm.org.schema import Field, RowAccess, Schema, Sharing, SObjectType, parent_field
from prm_harness.crm.org.sharing.people import Person
from prm_harness.crm.org.sharing.shares import CHILDREN, share_level, share_name
from prm_harness.crm.store.store import quote

_NO_OWN_SHARING = frozenset(
    {"User", "UserRole", "Profile", "Group", "GroupMember", "QueueSobject", "RecordType"}
)


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
        parts = [self._owned(), *self._shared(obj, write=write), *self._by_sets(obj, write=write)]
        if obj.name in CHILDREN:
            parts += self._through_account(obj, write=write)
        if obj.name == "Account" and not write:
            parts += [part for name in CHILDREN for part in self._implied(name)]
        if self._who.account and not write and obj.name in {"Account", "Contact"}:
            column = "Id" if obj.name == "Account" else "AccountId"
            parts.append(f"{{0}}.{quote(column)} = '{self._who.account}'")
        return f"({' OR '.join(parts)})"

    def _shared(self, obj: SObjectType, *, write: bool, key: str = '{0}."Id"') -> list[str]:
        shares = self._schema.objects.get(share_name(obj.name))
        if shares is None:
            return []
        level = f" AND {quote(share_level(obj.name))} IN ('Edit', 'All')" if write else ""
        found = f'"IsDeleted" = 0 AND "UserOrGroupId" IN ({self._principals()}){level}'
        return [f"{key} IN (SELECT {quote(parent_field(obj.name))} FROM {quote(shares.name)} WHERE {found})"]

    def _implied(self, name: str) -> list[str]:
        """Accounts of the deals, cases or contacts that the person owns or that were shared with the person."""
        child = self._schema.objects.get(name)
        if child is None or self._model(child) is Sharing.PARENT:
            return []
        mine = [f'"OwnerId" IN ({self._principals()})', *self._shared(child, write=False, key='"Id"')]
        sql = f'SELECT "AccountId" FROM {quote(name)} WHERE "IsDeleted" = 0 AND ({" OR ".join(mine)})'
        return [f'{{0}}."Id" IN ({sql})']

    def _through_account(self, obj: SObjectType, *, write: bool) -> list[str]:
        """What an account opens of its deals, cases and contacts: by its shares, and by the role of its owner."""
        levels = "('Edit', 'All')" if write else "('Read', 'Edit', 'All')"
        parts = []
        column = f"{obj.name}AccessForAccountOwner"
        if column in self._schema.objects["UserRole"].fields:
            parts.append(
                'SELECT a."Id" FROM "Account" a JOIN "User" u ON u."Id" = a."OwnerId" '
                f'JOIN "UserRole" o ON o."Id" = u."UserRoleId" WHERE a."OwnerId" IN ({self._principals()}) '
                f"AND o.{quote(column)} IN {levels}"
            )
        if share_name("Account") in self._schema.objects:
            parts.append(
                'SELECT "AccountId" FROM "AccountShare" WHERE "IsDeleted" = 0 AND "RowCause" <> \'Owner\' '
                f'AND "UserOrGroupId" IN ({self._principals()}) AND {quote(share_level(obj.name))} IN {levels}'
            )
        return [f'{{0}}."AccountId" IN ({part})' for part in parts]

    def _by_sets(self, obj: SObjectType, *, write: bool) -> list[str]:
        """What sharing sets give partner users: rows that lead to the user's own account or contact."""
        if not self._who.external:
            return []
        own = {"Account": self._who.account, "Contact": self._who.contact}
        return [
            f"{{0}}.{quote(one.field)} = '{own[one.matches]}'"
            for one in self._schema.sharing_sets.values()
            if one.sobject == obj.name and self._who.profile in one.profiles and own[one.matches]
            if one.level == "Edit" or not write
        ]

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
