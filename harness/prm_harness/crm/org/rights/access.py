"""Which objects, fields and rows a user may see and change (contract §11).

A field that a client creates through the API is invisible until someone grants it: by a FieldPermissions row of a
permission set that the user is assigned to, or of the one that belongs to the user's profile. So is an object that an admin
has closed, by ObjectPermissions. All others are open to everyone, required fields and parents of master-detail too, which
field-level security cannot close. Rows are limited where an object's sharing is not public, and for partner users.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.effects import stages
from prm_harness.crm.org.errors import NotFoundError, PayloadError, SaveError
from prm_harness.crm.org.ids import is_id, to15, to18
from prm_harness.crm.org.saves import payload
from prm_harness.crm.org.saves.persons import are_on, twin_of
from prm_harness.crm.org.schema import Field, RowAccess, Schema, SObjectType
from prm_harness.crm.org.sharing.people import person
from prm_harness.crm.org.sharing.rows import Rows
from prm_harness.crm.store.store import quote

GRANTS = frozenset({
    "PermissionSet", "PermissionSetAssignment", "FieldPermissions", "ObjectPermissions", "User", "UserRole", "Group",
    "GroupMember",
})  # fmt: skip
"""Objects whose rows decide who sees what."""

Limits = Mapping[str, Mapping[str, bool]]
"""Object → field → whether it may at least be read."""

_GRANTED = """
SELECT "SobjectType", "Field", max("PermissionsEdit") FROM "FieldPermissions"
WHERE "PermissionsRead" = 1 AND ("ParentId" IN (SELECT "PermissionSetId" FROM "PermissionSetAssignment" WHERE "AssigneeId" = :user)
   OR "ParentId" IN (SELECT p."Id" FROM "PermissionSet" p JOIN "User" u ON u."ProfileId" = p."ProfileId" WHERE u."Id" = :user))
GROUP BY "SobjectType", "Field"
"""


_OBJECTS_GRANTED = """
SELECT "SobjectType", max("PermissionsRead"), max("PermissionsCreate"), max("PermissionsEdit"), max("PermissionsDelete"),
   max("PermissionsViewAllRecords"), max("PermissionsModifyAllRecords") FROM "ObjectPermissions"
WHERE "ParentId" IN (SELECT "PermissionSetId" FROM "PermissionSetAssignment" WHERE "AssigneeId" = :user)
   OR "ParentId" IN (SELECT p."Id" FROM "PermissionSet" p JOIN "User" u ON u."ProfileId" = p."ProfileId" WHERE u."Id" = :user)
GROUP BY "SobjectType"
"""

_PERMITTED = """
SELECT 1 FROM "PermissionSet" WHERE "{}" = 1
AND ("Id" IN (SELECT "PermissionSetId" FROM "PermissionSetAssignment" WHERE "AssigneeId" = :user)
   OR "ProfileId" IN (SELECT "ProfileId" FROM "User" WHERE "Id" = :user)) LIMIT 1
"""


class Access:
    """Field-level security of one org. While no field is governed, it costs one look at an empty set."""

    def __init__(self, core: Core, insiders: Callable[[], Collection[str]]) -> None:
        """``insiders`` are the users that see everything: the people whose hands the harness acts with."""
        self._core = core
        self._insiders = insiders
        self._governed: set[tuple[str, str]] = set()
        self._closed: set[str] = set()
        self.row_limits = False
        """Whether rows of some object are not everybody's, or partner users are about."""
        self._limits: dict[str, Limits] = {}
        self._views: dict[str, Schema] = {}
        self._version = -1

    def govern(self, sobject: str, field: Field) -> None:
        """Close a field to everyone without a grant, as one is that was created through the API."""
        if field.securable:
            self._governed.add((sobject, field.name))
            self._core.schema.version += 1

    @property
    def governed(self) -> list[list[str]]:
        """The fields that are closed to whoever has no grant: object and field."""
        return sorted(map(list, self._governed))

    @governed.setter
    def governed(self, fields: Iterable[Sequence[str]]) -> None:
        self._governed = {(sobject, name) for sobject, name in fields}

    def release(self, sobject: str, name: str) -> None:
        """Open a field to everyone again."""
        self._governed.discard((sobject, name))
        self._core.schema.version += 1

    @property
    def closed(self) -> list[str]:
        """The objects that are closed to whoever has no grant."""
        return sorted(self._closed)

    @closed.setter
    def closed(self, objects: Iterable[str]) -> None:
        self._closed = set(objects)
        self._core.schema.version += 1

    def close(self, sobject: str) -> None:
        """Close an object to everyone without a grant."""
        self._closed.add(sobject)
        self._core.schema.version += 1

    def open(self, sobject: str) -> None:
        """Open an object to everyone again."""
        self._closed.discard(sobject)
        self._core.schema.version += 1

    def limit_rows(self) -> None:
        """From now on, look at who may see which rows."""
        self.row_limits = True
        self._core.schema.version += 1

    @property
    def is_open(self) -> bool:
        """Whether everyone sees everything."""
        return not (self._governed or self._closed or self.row_limits)

    def permits(self, user: str, permission: str) -> bool:
        """Whether a permission set or the profile of the user has it, such as ``PermissionsBulkApiHardDelete``."""
        known = self._core.schema.objects["PermissionSet"].fields[permission]
        return (
            self._core.store.connection.execute(_PERMITTED.format(known.name), {"user": user}).fetchone()
            is not None
        )

    def forget(self, sobject: str, name: str) -> None:
        """Drop what is known of a deleted field, its grants included."""
        self._governed.discard((sobject, name))
        if "FieldPermissions" in self._core.schema.objects:
            self._core.store.connection.execute(
                'DELETE FROM "FieldPermissions" WHERE "Field" = ?', (f"{sobject}.{name}",)
            )

    @property
    def depends_on_the_record(self) -> bool:
        """Whether a save may be refused for its record's sake, or for being the first: loads then go row by row."""
        return bool(self._closed) or self.row_limits

    def rename(self, sobject: str, name: str, new_name: str) -> None:
        """Let what was granted of a field follow its new name."""
        if (sobject, name) in self._governed:
            self._governed.remove((sobject, name))
            self._governed.add((sobject, new_name))
        if "FieldPermissions" in self._core.schema.objects:
            self._core.store.connection.execute(
                'UPDATE "FieldPermissions" SET "Field" = ? WHERE "Field" = ?',
                (f"{sobject}.{new_name}", f"{sobject}.{name}"),
            )

    def committed(self, first: int, count: int) -> None:
        """Rows were saved: a grant counts from the moment that it is committed."""
        if not self.is_open:
            saved = self._core.journal.changes.view(first, count)
            if any(map(saved.touches, GRANTS)):
                self._core.schema.version += 1

    def schema_for(self, user: str) -> Schema:
        """The schema as the user sees it: the org's own one when nothing is closed to the user."""
        if self.is_open or user in self._insiders():
            return self._core.schema
        limits = self._limits_of(user)
        view = self._views.get(user)
        if view is None:
            view = self._views[user] = self._view(user, limits)
        return view

    def _view(self, user: str, limits: Limits) -> Schema:
        schema = self._core.schema
        everything = self.permits(user, "PermissionsModifyAllData")
        sees = everything or self.permits(user, "PermissionsViewAllData")
        granted = {
            name: tuple(map(bool, given))
            for name, *given in self._core.store.connection.execute(_OBJECTS_GRANTED, {"user": user})
        }
        closed = {name: granted.get(name, _NOTHING) for name in self._closed} if not everything else {}
        rows: dict[str, RowAccess] = {}
        if self.row_limits:
            who = person(self._core, user, views_all=sees, modifies_all=everything)
            viewed = frozenset(name for name, given in granted.items() if given[4])
            changed = frozenset(name for name, given in granted.items() if given[5])
            every = Rows(schema, who, viewed, changed)
            rows = {name: found for name, obj in schema.objects.items() if (found := every.access(obj))}
        if not (limits or closed or rows):
            return schema
        return _narrowed(schema, limits, closed, rows)

    def check(self, sobject: str, names: Iterable[str], user: str, verb: str = "") -> None:
        """Refuse a save of an object or of a field that is closed; ``verb`` is createable, updateable or deletable.

        Raises:
            NotFoundError: an object that the user does not see.
            PayloadError: INVALID_FIELD, as for a field that is not there; an object that the user may only read.
            SaveError: INVALID_FIELD_FOR_INSERT_UPDATE: it may be read only.
        """
        if self.is_open or user in self._insiders():
            return
        if self._closed and verb:
            self._check_object(sobject, user, verb)
        limits = self._limits_of(user)
        obj = self._core.schema.get(sobject) if limits else None
        mine = limits.get(obj.name) if obj is not None else None
        if obj is None or not mine:
            return
        plan = self._core.plan(obj.name)
        read_only = []
        for name in names:
            field = plan.field(name) or plan.reference(name)
            readable = mine.get(field.name) if field is not None else None
            if readable is False:
                raise payload.no_such_column(obj, name)
            if field is not None and readable:
                read_only.append(field.name)
        if read_only:
            raise payload.read_only(read_only)

    def _check_object(self, sobject: str, user: str, verb: str) -> None:
        known = self._core.object(sobject)
        seen = self.schema_for(user).objects.get(known.name)
        if seen is None:
            raise NotFoundError.of("NOT_FOUND", "The requested resource does not exist")
        if getattr(known, verb) and not getattr(seen, verb):
            if verb == "deletable":
                raise SaveError.of(
                    "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id"
                )
            done = "inserted" if verb == "createable" else "updated"
            raise PayloadError.of(
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be {done}: {known.label}"
            )

    def limits_rows(self, user: str) -> bool:
        """Whether there are rows that the user may not see or change: loads take such a user's rows one by one."""
        return self.row_limits and user not in self._insiders() and bool(self.schema_for(user).rows)

    def check_row(self, sobject: str, record_id: str, user: str, *, delete: bool = False) -> None:
        """Refuse to change or delete a row that the user may not.

        Raises:
            SaveError: INSUFFICIENT_ACCESS_OR_READONLY; of a row that the user does not see,
                INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY.
        """
        if not self.row_limits or user in self._insiders() or not is_id(record_id):
            return
        obj = self._core.object(sobject)
        limits = self.schema_for(user).rows.get(obj.name)
        if limits is None or self._core.fetch(obj.name, to18(record_id)) is None:
            return
        if limits.read and not self._meets(obj, record_id, limits.read):
            raise unseen(record_id)
        wanted = limits.delete if delete else limits.edit
        if wanted and not self._meets(obj, record_id, wanted):
            raise SaveError.of("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")

    def sees(self, schema: Schema, obj: SObjectType, record_id: str) -> bool:
        """Whether the user of a view may read a row."""
        limits = schema.rows.get(obj.name)
        return limits is None or not limits.read or self._meets(obj, record_id, limits.read)

    def check_references(self, sobject: str, values: Mapping[str, Any], user: str) -> None:
        """Refuse to point at records that the user does not see.

        Raises:
            SaveError: INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY; INSUFFICIENT_ACCESS_OR_READONLY: a share of a record
                that is not the user's to share.
        """
        if not self.row_limits or user in self._insiders():
            return
        view, plan = self.schema_for(user), self._core.plan(sobject)
        if view is self._core.schema:
            return
        for name, value in values.items():
            field = plan.field(name)
            if field is None or not field.reference_to or not isinstance(value, str) or not is_id(value):
                continue
            target = self._core.target_of(field.reference_to, value)
            if target is not None and not self.sees(view, target, value):
                raise unseen(value)
            if target is not None and field.cascade_delete and (plan.is_share or plan.is_team):
                self.check_row(
                    target.name, value, user, delete=True
                )  # whoever owns it, or stands above, shares it

    def _meets(self, obj: SObjectType, record_id: str, condition: str) -> bool:
        sql = f'SELECT 1 FROM {quote(obj.name)} r WHERE r."Id" = ? AND {condition.format("r")}'
        return self._core.store.connection.execute(sql, (to18(record_id),)).fetchone() is not None

    def _limits_of(self, user: str) -> Limits:
        if self._version != self._core.schema.version:
            self._limits.clear()
            self._views.clear()
            self._version = self._core.schema.version
        if user not in self._limits:
            self._limits[user] = self._closed_to(user)
        return self._limits[user]

    def _closed_to(self, user: str) -> Limits:
        granted: dict[tuple[str, str], bool] = {}
        if self._core.schema.objects.keys() >= GRANTS:
            for sobject, path, edit in self._core.store.connection.execute(_GRANTED, {"user": user}):
                granted[sobject, path.rpartition(".")[2]] = bool(edit)
        closed: dict[str, dict[str, bool]] = {}
        for sobject, name in self._governed:
            edit = granted.get((sobject, name))
            if not edit:
                closed.setdefault(sobject, {})[name] = edit is not None
                if sobject == "Opportunity":
                    for shown in (name, stages.BEFORE.get(name, "")):
                        if shown in stages.COPIED or shown in stages.BEFORE.values():
                            closed.setdefault(stages.NAME, {})[shown] = edit is not None
                if sobject == "Contact" and are_on(
                    self._core.schema
                ):  # closed is closed, seen from the account too
                    closed.setdefault("Account", {})[twin_of(name)] = edit is not None
        return closed


def unseen(record_id: str) -> SaveError:
    """The refusal of a record that the user does not see (recording create-019)."""
    return SaveError.of(
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        f"insufficient access rights on cross-reference id: {to15(record_id)}",
    )


_NOTHING = (False,) * 6


def _narrowed(
    schema: Schema, limits: Limits, closed: Mapping[str, tuple[bool, ...]], rows: dict[str, RowAccess]
) -> Schema:
    objects = dict(schema.objects)
    for sobject, (read, create, edit, delete, *_) in closed.items():
        obj = objects.get(sobject)
        if obj is None:
            continue
        if not read:
            del objects[sobject]
            continue
        objects[sobject] = replace(
            obj,
            createable=obj.createable and create,
            updateable=obj.updateable and edit,
            deletable=obj.deletable and delete,
        )
    for sobject, hidden in limits.items():
        obj = objects.get(sobject)
        if obj is not None:
            objects[sobject] = replace(obj, fields=_open(obj.fields, hidden))
    return Schema(objects, schema.version, whole=schema, rows=rows)


def _open(fields: Mapping[str, Field], closed: Mapping[str, bool]) -> dict[str, Field]:
    kept = {}
    for name, field in fields.items():
        readable = closed.get(field.compound or name, closed.get(name))
        if readable is None:
            kept[name] = field
        elif readable:
            kept[name] = replace(field, createable=False, updateable=False)
    return kept
