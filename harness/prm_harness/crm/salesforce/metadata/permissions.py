"""Permission sets and profiles: what they grant are rows of FieldPermissions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.salesforce.metadata.components import Kind, missing
from prm_harness.crm.salesforce.metadata.fields import flag, many

Meta = Mapping[str, Any]
_ACTED_ON: Final = frozenset(
    {"custom", "description", "fieldPermissions", "objectPermissions", "hasActivationRequired", "label", "userPermissions", "license",
     "userLicense"}
)  # fmt: skip
_OBJECT_RIGHTS: Final = {
    "allowCreate": "PermissionsCreate",
    "allowDelete": "PermissionsDelete",
    "allowEdit": "PermissionsEdit",
    "allowRead": "PermissionsRead",
    "modifyAllRecords": "PermissionsModifyAllRecords",
    "viewAllRecords": "PermissionsViewAllRecords",
}
_PROFILES: Final = {"System Administrator": "Admin", "Standard User": "Standard"}
"""Metadata calls some standard profiles by another name than people do."""


class Granting(Kind):
    """What permission sets and profiles have in common."""

    def beyond(self, meta: Meta) -> list[str]:
        """See Kind.beyond: few permissions of people decide anything here."""
        asked = [name for name in ("userPermissions",) if self._unknown_permissions(meta)]
        return asked + sorted(set(meta) - _ACTED_ON)

    def permissions(self, meta: Meta) -> dict[str, bool]:
        """``userPermissions`` as columns of the permission set, as far as it has them."""
        known = self.org.schema.objects["PermissionSet"].fields
        wishes = [wish for wish in many(meta.get("userPermissions")) if isinstance(wish, Mapping)]
        named = {f"Permissions{wish.get('name')}": flag(wish, "enabled") for wish in wishes}
        return {column: on for column, on in named.items() if column in known}

    def _unknown_permissions(self, meta: Meta) -> bool:
        return len(self.permissions(meta)) < len(many(meta.get("userPermissions")))

    def row_of(self, full_name: str) -> tuple[str, Mapping[str, Any]] | None:
        """The id of the permission set that holds the grants, and the component's own row."""
        raise NotImplementedError

    def _rows(self, soql: str) -> list[dict[str, Any]]:
        # The admin's eyes: setup is not subject to field-level security.
        return self.org.query(soql, user=self.org.admin_id).records

    def grants(self, parent: str) -> list[dict[str, Any]]:
        """``fieldPermissions`` in order of their fields."""
        rows = self._rows(
            f"SELECT Field, PermissionsRead, PermissionsEdit FROM FieldPermissions WHERE ParentId = '{parent}' ORDER BY Field"
        )
        return [
            {"editable": row["PermissionsEdit"], "field": row["Field"], "readable": row["PermissionsRead"]}
            for row in rows
        ]

    def grant(self, parent: str, meta: Meta) -> None:
        """Save ``fieldPermissions``; those that are not named stay."""
        for wish in many(meta.get("fieldPermissions")):
            if not isinstance(wish, Mapping):
                raise SaveError.of("FIELD_INTEGRITY_EXCEPTION", "fieldPermissions: field, readable, editable")
            path = str(wish.get("field") or "")
            sobject, _, name = path.partition(".")
            obj = (self.org.schema.whole or self.org.schema).get(sobject)
            field = obj.field(name) if obj is not None else None
            if obj is None or field is None:
                raise SaveError.of(
                    "INVALID_CROSS_REFERENCE_KEY", f"In field: field - no CustomField named {path} found"
                )
            if not field.securable:
                raise SaveError.of(
                    "FIELD_INTEGRITY_EXCEPTION", f"You cannot deploy to a required field: {path}"
                )
            full = f"{obj.name}.{field.name}"
            edit = flag(wish, "editable")
            self._save(parent, obj.name, full, read=flag(wish, "readable") or edit, edit=edit)

    def object_grants(self, parent: str) -> list[dict[str, Any]]:
        """``objectPermissions`` in order of their objects."""
        columns = ", ".join(_OBJECT_RIGHTS.values())
        rows = self._rows(
            f"SELECT SobjectType, {columns} FROM ObjectPermissions WHERE ParentId = '{parent}' ORDER BY SobjectType"
        )
        return [
            {"object": row["SobjectType"], **{part: row[column] for part, column in _OBJECT_RIGHTS.items()}}
            for row in rows
        ]

    def grant_objects(self, parent: str, meta: Meta) -> None:
        """Save ``objectPermissions``; those that are not named stay."""
        for wish in many(meta.get("objectPermissions")):
            name = str(wish.get("object") or "") if isinstance(wish, Mapping) else ""
            obj = (self.org.schema.whole or self.org.schema).get(name)
            if obj is None:
                raise SaveError.of(
                    "INVALID_CROSS_REFERENCE_KEY", f"In field: object - no CustomObject named {name} found"
                )
            values = {column: flag(wish, part) for part, column in _OBJECT_RIGHTS.items()}
            found = self._rows(
                f"SELECT Id FROM ObjectPermissions WHERE ParentId = '{parent}' AND SobjectType = '{obj.name}'"
            )
            if found and any(values.values()):
                self.org.update("ObjectPermissions", found[0]["Id"], values, user=self.user)
            elif found:
                self.org.delete("ObjectPermissions", found[0]["Id"], user=self.user)
            elif any(values.values()):
                row = {"ParentId": parent, "SobjectType": obj.name, **values}
                self.org.insert("ObjectPermissions", row, user=self.user)

    def _save(self, parent: str, sobject: str, field: str, *, read: bool, edit: bool) -> None:
        found = self._rows(
            f"SELECT Id FROM FieldPermissions WHERE ParentId = '{parent}' AND Field = '{field}'"
        )
        values = {"PermissionsRead": read, "PermissionsEdit": edit}
        if not found and read:
            row = {"ParentId": parent, "SobjectType": sobject, "Field": field, **values}
            self.org.insert("FieldPermissions", row, user=self.user)
        elif found and read:
            self.org.update("FieldPermissions", found[0]["Id"], values, user=self.user)
        elif found:
            self.org.delete("FieldPermissions", found[0]["Id"], user=self.user)


class PermissionSets(Granting):
    """A permission set."""

    name, prefix, words = "PermissionSet", "0PS", "permission set"

    def _all(self) -> list[dict[str, Any]]:
        fields = "Id, Name, Label, Description, HasActivationRequired, PermissionsBulkApiHardDelete"
        return self._rows(f"SELECT {fields} FROM PermissionSet WHERE IsOwnedByProfile = false ORDER BY Name")

    def names(self) -> Iterator[str]:
        """See Kind.names."""
        return (row["Name"] for row in self._all())

    def row_of(self, full_name: str) -> tuple[str, Mapping[str, Any]] | None:
        """See Granting.row_of."""
        return next(((r["Id"], r) for r in self._all() if r["Name"].lower() == full_name.lower()), None)

    def id_of(self, full_name: str) -> str:
        """See Kind.id_of."""
        found = self.row_of(full_name)
        return found[0] if found else ""

    def read(self, full_name: str) -> dict[str, Any] | None:
        """See Kind.read."""
        found = self.row_of(full_name)
        if found is None:
            return None
        parent, row = found
        meta = {
            "description": row["Description"],
            "fieldPermissions": self.grants(parent),
            "hasActivationRequired": row["HasActivationRequired"],
            "label": row["Label"],
            "objectPermissions": self.object_grants(parent),
            "userPermissions": [{"enabled": True, "name": "BulkApiHardDelete"}]
            if row["PermissionsBulkApiHardDelete"]
            else [],
        }
        return {name: value for name, value in meta.items() if value not in (None, [])}

    def create(self, full_name: str, meta: Meta) -> None:
        """See Kind.create."""
        if not meta.get("label"):
            raise SaveError.of("REQUIRED_FIELD_MISSING", "Required field is missing: label", "label")
        with self.org.transaction():
            row = {"Name": full_name, "Label": str(meta["label"]), **self.permissions(meta)}
            if meta.get("description"):
                row["Description"] = str(meta["description"]).strip()
            parent = self.org.insert("PermissionSet", row, user=self.user)
            self.grant_objects(parent, meta)
            self.grant(parent, meta)

    def change(self, full_name: str, meta: Meta) -> None:
        """See Kind.change."""
        found = self.row_of(full_name)
        if found is None:
            raise missing(self.words)
        given = {"label": "Label", "description": "Description"}
        values: dict[str, Any] = {c: str(meta[part]).strip() for part, c in given.items() if meta.get(part)}
        values |= self.permissions(meta)
        with self.org.transaction():
            if values:
                self.org.update("PermissionSet", found[0], values, user=self.user)
            self.grant_objects(found[0], meta)
            self.grant(found[0], meta)

    def rename(self, full_name: str, new_name: str) -> None:
        """See Kind.rename."""
        found = self.row_of(full_name)
        if found is None:
            raise missing(self.words)
        self.org.update("PermissionSet", found[0], {"Name": new_name}, user=self.user)

    def delete(self, full_name: str) -> None:
        """See Kind.delete."""
        found = self.row_of(full_name)
        if found is None:
            raise missing(self.words)
        self.org.delete("PermissionSet", found[0], user=self.user)


class Profiles(Granting):
    """A profile, as far as it grants access to fields."""

    name, prefix, words = "Profile", "00e", "profile"

    def _all(self) -> list[dict[str, Any]]:
        return self._rows(
            "SELECT Id, Profile.Name FROM PermissionSet WHERE IsOwnedByProfile = true ORDER BY Profile.Name"
        )

    def names(self) -> Iterator[str]:
        """See Kind.names."""
        return (_PROFILES.get(row["Profile"]["Name"], row["Profile"]["Name"]) for row in self._all())

    def row_of(self, full_name: str) -> tuple[str, Mapping[str, Any]] | None:
        """See Granting.row_of."""
        for row in self._all():
            name = row["Profile"]["Name"]
            if full_name.lower() in {name.lower(), _PROFILES.get(name, name).lower()}:
                return row["Id"], row
        return None

    def read(self, full_name: str) -> dict[str, Any] | None:
        """See Kind.read."""
        found = self.row_of(full_name)
        if found is None:
            return None
        granted = {
            "fieldPermissions": self.grants(found[0]),
            "objectPermissions": self.object_grants(found[0]),
        }
        custom = full_name not in _PROFILES.values()
        return {"custom": custom, **{part: grants for part, grants in granted.items() if grants}}

    def create(self, full_name: str, meta: Meta) -> None:  # noqa: ARG002 - none will do
        """See Kind.create."""
        raise SaveError.of("INSUFFICIENT_ACCESS_OR_READONLY", f"Profiles are not made here: {full_name}")

    def change(self, full_name: str, meta: Meta) -> None:
        """See Kind.change."""
        found = self.row_of(full_name)
        if found is None:
            raise missing(self.words)
        permissions = self.permissions(meta)
        with self.org.transaction():
            if permissions:
                self.org.update("PermissionSet", found[0], permissions, user=self.user)
            self.grant_objects(found[0], meta)
            self.grant(found[0], meta)

    def delete(self, full_name: str) -> None:
        """See Kind.delete."""
        raise SaveError.of("INSUFFICIENT_ACCESS_OR_READONLY", f"Profiles are not deleted here: {full_name}")
