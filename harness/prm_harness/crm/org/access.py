"""Which fields a user may see and change (contract §11).

A field that a client creates through the API is invisible until someone grants it: by a FieldPermissions row of a
permission set that the user is assigned to, or of the one that belongs to the user's profile. All other fields are open
to everyone, required ones and parents of master-detail too, which field-level security cannot close.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from prm_harness.crm.org import payload
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.schema import Field, Schema

GRANTS = frozenset({"PermissionSet", "PermissionSetAssignment", "FieldPermissions", "User"})
"""Objects whose rows decide who sees what."""

Limits = Mapping[str, Mapping[str, bool]]
"""Object → field → whether it may at least be read."""

_GRANTED = """
SELECT "SobjectType", "Field", max("PermissionsEdit") FROM "FieldPermissions"
WHERE "PermissionsRead" = 1 AND ("ParentId" IN (SELECT "PermissionSetId" FROM "PermissionSetAssignment" WHERE "AssigneeId" = :user)
   OR "ParentId" IN (SELECT p."Id" FROM "PermissionSet" p JOIN "User" u ON u."ProfileId" = p."ProfileId" WHERE u."Id" = :user))
GROUP BY "SobjectType", "Field"
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
        if self._governed:
            saved = self._core.journal.changes.view(first, count)
            if any(map(saved.touches, GRANTS)):
                self._core.schema.version += 1

    def schema_for(self, user: str) -> Schema:
        """The schema as the user sees it: the org's own one when nothing is closed to the user."""
        limits = self._limits_of(user)
        if not limits:
            return self._core.schema
        view = self._views.get(user)
        if view is None:
            view = self._views[user] = _narrowed(self._core.schema, limits)
        return view

    def check(self, sobject: str, names: Iterable[str], user: str) -> None:
        """Refuse a save that names a closed field.

        Raises:
            PayloadError: INVALID_FIELD, as for a field that is not there.
            SaveError: INVALID_FIELD_FOR_INSERT_UPDATE: it may be read only.
        """
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

    def _limits_of(self, user: str) -> Limits:
        if not self._governed or user in self._insiders():
            return {}
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
        return closed


def _narrowed(schema: Schema, limits: Limits) -> Schema:
    objects = dict(schema.objects)
    for sobject, closed in limits.items():
        obj = objects.get(sobject)
        if obj is not None:
            objects[sobject] = replace(obj, fields=_open(obj.fields, closed))
    return Schema(objects, schema.version, whole=schema)


def _open(fields: Mapping[str, Field], closed: Mapping[str, bool]) -> dict[str, Field]:
    kept = {}
    for name, field in fields.items():
        readable = closed.get(field.compound or name, closed.get(name))
        if readable is None:
            kept[name] = field
        elif readable:
            kept[name] = replace(field, createable=False, updateable=False)
    return kept
